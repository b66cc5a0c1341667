//! The passes of memopt, and the whole planner as one call: [`Planner::plan`], or [`plan`] for those who choose functions and
//! watch passes run.
//!
//! ```
//! use memopt::text::{ParseLimits, parse};
//! use memopt_passes::Planner;
//!
//! let source = r#"
//!     "func.func"() <{function_type = (tensor<256xf32>) -> tensor<256xf32>, sym_name = "main"}> ({
//!     ^bb0(%x: tensor<256xf32>):
//!       %0 = "stablehlo.exponential"(%x) : (tensor<256xf32>) -> tensor<256xf32>
//!       %1 = "stablehlo.sine"(%0) : (tensor<256xf32>) -> tensor<256xf32>
//!       %2 = "stablehlo.add"(%x, %1) : (tensor<256xf32>, tensor<256xf32>) -> tensor<256xf32>
//!       "func.return"(%2) : (tensor<256xf32>) -> ()
//!     }) : () -> ()"#;
//! let module = parse(source, &ParseLimits::default()).expect("a module");
//! let planned = Planner::new("default").expect("a preset").plan(&module).expect("a plan");
//! let proof = planned.functions[0].certificate.expect("a whole pipeline ends in a plan that is proven");
//! // The sum computes the exponential and its sine on the fly, and is the caller's.
//! assert_eq!((proof.arena.0, proof.results.0), (0, 1024));
//! ```

mod attributes;
mod budget;
pub mod cse;
mod driver;
mod figures;
pub mod fuse;
mod ilp;
pub mod indexing;
pub mod inplace;
pub mod liveness;
pub mod place;
mod planner;
pub mod recompute;
pub mod schedule;

pub use memopt::checker::{Certificate, CheckerErrors};
pub use memopt::pass::ResultsIn;

pub use driver::{PlanError, PlanOptions, Planned, PlannedFunction, check, plan};
pub use figures::{Bounds, Recomputation, RecomputedGroup, SourceFigures};
pub use planner::Planner;

use memopt::pass::{PassRegistry, Preset};

/// The named pipelines. Their passes stand in the order in which they can work: what there is to compute, then which bytes
/// may be shared, then when, then where.
const PRESETS: [Preset; 3] = [
    Preset {
        name: "fast",
        help: "greedy order, best-fit offsets: milliseconds",
        pipeline: "inplace,schedule{algorithm=greedy},place{algorithm=best-fit}",
    },
    Preset {
        name: "default",
        help: "the best that each pass does without being asked",
        pipeline: "fuse,inplace,schedule,fuse,schedule,recompute,schedule,place",
    },
    Preset {
        name: "exact",
        help: "the order by integer programming, on from what search finds: proven where it ends; minutes on large graphs",
        pipeline: "inplace,schedule{algorithm=ilp},place{effort=3}",
    },
];

/// Adds all passes and presets to a registry.
pub fn register_all(passes: &mut PassRegistry) {
    passes.register(&liveness::INFO, liveness::build);
    passes.register(&indexing::INFO, indexing::build);
    passes.register(&cse::INFO, cse::build);
    passes.register(&inplace::INFO, inplace::build);
    passes.register(&fuse::INFO, fuse::build);
    passes.register(&recompute::INFO, recompute::build);
    passes.register(&schedule::INFO, schedule::build);
    passes.register(&place::INFO, place::build);
    for preset in PRESETS {
        passes.register_preset(preset);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use memopt::pass::Pipeline;

    #[test]
    fn every_preset_is_a_pipeline_in_canonical_form() {
        let mut passes = PassRegistry::new();
        register_all(&mut passes);
        for preset in passes.presets() {
            let pipeline = Pipeline::parse(preset.pipeline, &passes).expect(preset.name);
            assert_eq!(pipeline.to_string(), preset.pipeline);
        }
    }
}

//! The passes of memopt, and [`plan`]: the whole planner as one call, which the command line and other compilers share.

mod driver;
pub mod place;
pub mod schedule;
mod stubs;

pub use driver::{PlanError, PlanOptions, Planned, PlannedFunction, ResultsIn, SourceFigures, check, plan};
pub use stubs::{Bounds, Certificate, CheckerErrors, Recomputation};

use memopt::pass::{PassRegistry, Preset};

/// The named pipelines. Their passes stand in the order in which they can work: what there is to compute, then which bytes
/// may be shared, then when, then where.
const PRESETS: [Preset; 3] = [
    Preset {
        name: "fast",
        help: "greedy order, best-fit offsets: milliseconds",
        pipeline: "inplace,schedule{algorithm=greedy},place{algorithm=best-fit}",
    },
    Preset { name: "default", help: "searched order and offsets: seconds", pipeline: "inplace,schedule,place" },
    Preset {
        name: "exact",
        help: "more search until a proof or the limit of work: minutes",
        pipeline: "inplace,schedule{effort=9},place{effort=9}",
    },
];

/// Adds all passes and presets to a registry.
pub fn register_all(passes: &mut PassRegistry) {
    stubs::register(passes);
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

//! Prints, for MLIR files (plain or gzip), the certified arena of a pipeline without its `fuse` stages and with them, the
//! floating-point operations that fused kernels repeat, and the seconds that `fuse` and the whole planner took. `PIPELINE` says
//! which pipeline.
//!
//! ```text
//! cargo run --release -p memopt-passes --example fuse_table -- ../shared/data/stablehlo/*.train.*.generic.mlir.gz
//! ```
#![expect(clippy::print_stdout, reason = "it is what this program is for")]

mod common;

use std::error::Error;

use memopt::dialect::Registry;
use memopt::ir::Module;
use memopt::pass::{PassRegistry, Pipeline, Uninstrumented};
use memopt::target::Target;
use memopt_passes::{PlanOptions, PlannedFunction, plan};

const PIPELINE: &str = "inplace,schedule,fuse,schedule,place";

fn main() -> Result<(), Box<dyn Error>> {
    let mut passes = PassRegistry::new();
    memopt_passes::register_all(&mut passes);
    let text = std::env::var("PIPELINE").unwrap_or_else(|_| PIPELINE.to_owned());
    let pipeline = |text: &str| Pipeline::parse(text, &passes).map_err(|errors| errors[0].message.clone());
    let fused = pipeline(&text)?;
    let others = fused.stages().iter().filter(|stage| stage.info().name != "fuse");
    let mut others: Vec<String> = others.map(|stage| format!("{}{}", stage.info().name, stage.options())).collect();
    others.dedup();
    let plain = pipeline(&others.join(","))?;
    let (file, ops) = ("file", "ops");
    println!(
        "{file:<44} {ops:>6} {:>13} {:>13} {:>6} {:>7} {:>7} {:>7}",
        "plain", "fused", "ratio", "flops", "fuse s", "all s"
    );
    for path in std::env::args().skip(1) {
        let module = common::read(&path)?;
        let [(plain, _), (fused, added)] = [&plain, &fused].map(|pipeline| planned(&module, pipeline));
        let name = path.rsplit('/').next().unwrap_or(&path).split(".mlir").next().unwrap_or(&path);
        let arena = |function: &PlannedFunction| function.certificate.as_ref().map_or(0, |proof| proof.arena.0);
        let seconds = fused.run.passes.iter().filter(|pass| pass.name == "fuse").map(|pass| pass.seconds);
        println!(
            "{name:<44} {:>6} {:>13} {:>13} {:>6.3} {:>6.2}% {:>7.3} {:>7.3}",
            fused.source.ops,
            arena(&plain),
            arena(&fused),
            arena(&fused) as f64 / arena(&plain).max(1) as f64,
            100.0 * added,
            seconds.sum::<f64>(),
            fused.seconds,
        );
    }
    Ok(())
}

/// The plan of the first function, and the flops that it adds, as a share of those of the function as read.
fn planned(module: &Module, pipeline: &Pipeline) -> (PlannedFunction, f64) {
    let (registry, target) = (Registry::new(), Target::default());
    let options = PlanOptions { pipeline, registry: &registry, target: &target, results: None, verify_each: false };
    let functions = module.functions();
    let mut planned = plan(module, &functions[..1], &options, &mut Uninstrumented).unwrap_or_else(|e| panic!("{e}"));
    let function = planned.functions.remove(0);
    let added = function.recompute.flops_added as f64 / function.recompute.flops_total.max(1) as f64;
    (function, added)
}

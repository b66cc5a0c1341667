//! Planned programs in native code, against stored outputs. One binary: LLVM makes each of them large.

mod data;
mod externs;
mod golden;
mod linalg;
mod module;
mod object;

use memopt::diag::Diagnostic;
use memopt::ir::Module;
use memopt::pass::{ResultsIn, Uninstrumented};
use memopt_mlir::jit::{Buffer, Compiled, Memory, compile};
use memopt_mlir::{LowerOptions, Lowered, lower};
use memopt_passes::{Planner, plan};

/// Every value in bytes of its own, in the order of the text: a run without a plan.
const UNPLANNED: &str = "schedule{algorithm=program},place{algorithm=no-reuse}";

/// Plans `main` of a module for the native target by a preset or a pipeline, with the checker's proof, and lowers it.
fn plan_and_lower(module: &Module, preset: &str, results: ResultsIn) -> Lowered {
    lower_with(module, preset, results, &LowerOptions::default()).unwrap_or_else(|errors| panic!("{}", lines(&errors)))
}

fn lines(errors: &[Diagnostic]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn lower_with(
    module: &Module,
    preset: &str,
    results: ResultsIn,
    lowering: &LowerOptions,
) -> Result<Lowered, Vec<Diagnostic>> {
    let planner = Planner { results: Some(results), ..native_planner(preset) };
    let planned = plan(module, &module.functions()[..1], &planner.options(), &mut Uninstrumented).unwrap();
    assert!(planned.functions[0].certificate.is_some(), "the plan is proven");
    let function = planned.module.functions()[0];
    lower(&planned.module, function, &planner.registry, &planner.target, lowering)
}

/// A planner for the native target, by a preset or a pipeline.
fn native_planner(pipeline: &str) -> Planner {
    let (registry, target) = (memopt_mlir::registry(), memopt_mlir::target());
    Planner { registry, target, ..Planner::new(pipeline).unwrap() }
}

/// Runs a compiled function once, in a poisoned arena.
fn run(compiled: &Compiled, arguments: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let arguments = arguments.iter().map(|bytes| Buffer::from_bytes(bytes)).collect();
    let mut memory = Memory::new(&compiled.signature, arguments).unwrap();
    compiled.call(&mut memory);
    (0..compiled.signature.results.len()).map(|k| memory.result(&compiled.signature, k).to_vec()).collect()
}

fn compiled(lowered: &Lowered) -> Compiled {
    compile(lowered, &[]).unwrap_or_else(|error| panic!("{error}\n{}", lowered.text))
}

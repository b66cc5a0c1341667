//! The figures beside a plan: what the program needs as read, and what any plan needs.

use memopt::analysis::{Analysis, LowerBound, lower_bound, program_order_peak, result_homes};
use memopt::cost;
use memopt::diag::Diagnostic;
use memopt::dialect::{Facts, Registry, Workspace};
use memopt::ir::{Bytes, Function, Module};
use memopt::pass::ResultsIn;
use memopt::target::Target;

/// The figures of a function as read.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct SourceFigures {
    /// Operations at top level, the terminator left out.
    pub ops: usize,
    /// The reference: peak in program order, every value in a buffer of its own.
    pub program_order: Bytes,
    /// Floating-point operations, those at top level with what their regions hold.
    pub flops: u64,
    /// Whether nobody knows the workspace of some operation, so that a plan needs at least what it says.
    pub unknown_workspace: bool,
}

/// Lower bounds on `planned`. They cover the donations that the plan has, and the temporaries that it puts into donated
/// arguments.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Bounds {
    /// For any order of the operations as read, without clones or fusion.
    pub any_order: Bytes,
    /// For all that the passes of the pipeline may do.
    pub any_plan: Bytes,
}

/// What recomputation adds.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Recomputation {
    /// Operations that run again.
    pub ops: usize,
    /// Floating-point operations added.
    pub flops_added: u64,
    /// Floating-point operations of the program as read.
    pub flops_total: u64,
    /// Added time over all time.
    pub overhead_time: f64,
    /// Least added time over all time with which the budget can be met, as far as is known.
    pub bound_time: f64,
}

/// The figures of a function as read.
pub(crate) fn measure_source(
    module: &Module,
    function: Function,
    registry: &Registry,
) -> Result<SourceFigures, Vec<Diagnostic>> {
    let facts = Facts::of(module, function.op, registry)?;
    let ops = module.block(function.body).ops();
    Ok(SourceFigures {
        ops: ops.len().saturating_sub(1),
        program_order: program_order_peak(module, function),
        flops: ops.iter().map(|&op| cost::flops(module, &facts, op)).fold(0, u64::saturating_add),
        unknown_workspace: ops.iter().any(|&op| facts.op(op).workspace == Workspace::Unknown),
    })
}

/// Who owns the results, as the function says; the caller where it says nothing.
pub(crate) fn results_as_written(module: &Module, function: Function) -> ResultsIn {
    if function.results_in_arena(module) { ResultsIn::Arena } else { ResultsIn::Caller }
}

/// The bounds of a prepared function, with what they rest on. What the passes do, ordering and placing, is all that the bound
/// for any order covers, so both are the same.
pub(crate) fn lower_bounds(
    module: &Module,
    function: Function,
    registry: &Registry,
    target: &Target,
) -> Result<(Bounds, LowerBound), Vec<Diagnostic>> {
    let analysis = Analysis::of(module, function, registry, target)?;
    let witness = lower_bound(module, &analysis);
    let homes = result_homes(module, function);
    let results = function.results(module).iter().zip(&homes.donor);
    let callers = results.filter(|(_, donor)| donor.is_none() && !homes.in_arena);
    let bound = witness.arena + callers.map(|(&value, _)| analysis.facts.bytes(value)).sum::<Bytes>();
    Ok((Bounds { any_order: bound, any_plan: bound }, witness))
}

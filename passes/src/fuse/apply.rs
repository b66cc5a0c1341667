//! From a choice of virtual values to the function: `memopt.virtual` on their operations.

use std::convert::Infallible;

use memopt::analysis::{Analysis, ScopeOrder, TieSource, inner_first};
use memopt::diag::Diagnostic;
use memopt::ir::{Attr, Bytes, Module, OpId};
use memopt::pass::PassContext;
use memopt::plan::ValueStorage;
use rustc_hash::FxHashSet;

use super::extract::Extracted;
use super::problem::Fusible;
use super::solve::FuseSolution;

/// The attribute of operations whose readers compute their result.
const MARK: &str = "memopt.virtual";

/// Removes the marks of operations; which of them had one.
pub(super) fn take_marks(module: &mut Module, ops: &[OpId]) -> FxHashSet<OpId> {
    let marked: FxHashSet<OpId> = ops.iter().copied().filter(|&op| module.find_attr(op, MARK).is_some()).collect();
    marked.iter().for_each(|&op| module.remove_attr(op, MARK));
    marked
}

/// Marks the operations of what a solution makes virtual. What has no bytes lies in nobody's.
pub(super) fn apply(module: &mut Module, chosen: &[OpId]) {
    for &op in chosen {
        ["memopt.may_reuse", "memopt.reuse"].iter().for_each(|name| module.remove_attr(op, name));
        module.set_attr(op, MARK, Attr::Unit);
    }
}

/// The operations of the values that a solution makes virtual.
pub(super) fn chosen(extracted: &Extracted, solution: &FuseSolution) -> Vec<OpId> {
    let values = extracted.problem.values.iter().zip(&solution.is_virtual);
    let chosen = values.filter(|(value, is_virtual)| **is_virtual && matches!(value.fusible, Fusible::May(_)));
    chosen.filter_map(|(value, _)| Some(extracted.ops[value.writer? as usize])).collect()
}

/// Takes marks back that cannot stay, and returns the analysis of what is left: those of values that have bytes all the same,
/// since some reader cannot compute them, and those through which a kernel reads what is overwritten before it runs. The problem
/// of a block knows what its own operations read and overwrite, and regions may read and overwrite more.
pub(super) fn take_back(context: &mut PassContext<'_>, mut chosen: Vec<OpId>) -> Result<Analysis, Vec<Diagnostic>> {
    loop {
        let analysis = context.analysis()?;
        let has_bytes = |op: &OpId| {
            let result = context.module.op(*op).result(0);
            !matches!(analysis.aliases.value(result), ValueStorage::Virtual { .. })
        };
        let mut wrong: FxHashSet<OpId> = chosen.iter().copied().filter(has_bytes).collect();
        if let Some(late) = too_late(context.module, &analysis) {
            wrong.extend(trees_of(context.module, &analysis, late));
        }
        let before = chosen.len();
        chosen.retain(|op| !wrong.contains(op));
        if chosen.len() == before {
            return Ok(analysis);
        }
        wrong.iter().for_each(|&op| context.module.remove_attr(op, MARK));
    }
}

/// A kernel that would have to run before one that stands before it.
fn too_late(module: &Module, analysis: &Analysis) -> Option<OpId> {
    let mut late = None;
    let done = inner_first(&analysis.scopes.scopes, |scope, inner| {
        let order = ScopeOrder::extract(module, analysis, scope, inner, TieSource::Legal);
        let before =
            |kernel: usize| order.problem.predecessors.row(kernel).iter().find(|&&other| other as usize > kernel);
        let found = (0..order.kernels.len()).find_map(before);
        late = late.or(found.map(|&kernel| order.kernels[kernel as usize]));
        Ok::<_, Infallible>(Bytes::ZERO)
    });
    let Ok(_) = done;
    late
}

/// The virtual operations that an operation, or its regions, compute.
fn trees_of(module: &Module, analysis: &Analysis, reader: OpId) -> FxHashSet<OpId> {
    let mut seen = FxHashSet::default();
    let mut work = vec![reader];
    while let Some(op) = work.pop() {
        let blocks = module.op(op).regions().iter().flat_map(|&region| module.region(region).blocks());
        work.extend(blocks.flat_map(|&block| module.block(block).ops()).copied());
        for &operand in module.op(op).operands() {
            if let ValueStorage::Virtual { source, .. } = analysis.aliases.value(operand) {
                let source = module.defining_op(source);
                work.extend(seen.insert(source).then_some(source));
            }
        }
    }
    seen
}

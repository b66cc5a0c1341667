//! From a choice of virtual values to the function: `memopt.virtual` on their operations.

use memopt::ir::{Attr, Module, OpId};
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

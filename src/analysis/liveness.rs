//! Liveness in both directions: the window of steps in which each kernel can run.
//!
//! Forward from the arguments: a kernel runs no earlier than after all its ancestors. Backward from the results: it runs no
//! later than before all its descendants. In a schedule of one kernel at a time these counts are exact per kernel, and
//! sharper than the lengths of longest paths.

use super::reach::{ReachBlocks, stable_order};
use crate::ir::Step;
use crate::plan::OrderProblem;

/// Earliest and latest steps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Windows {
    /// As soon as possible: the number of ancestors of each kernel.
    pub earliest: Vec<Step>,
    /// As late as possible: the last step, less the number of descendants.
    pub latest: Vec<Step>,
}

/// The windows of all kernels.
pub fn windows(problem: &OrderProblem) -> Windows {
    let kernels = problem.kernels();
    let order = stable_order(&problem.predecessors, &problem.successors);
    let (mut ancestors, mut descendants) = (vec![0usize; kernels], vec![0usize; kernels]);
    let count = |row: &[u64]| row.iter().map(|word| word.count_ones() as usize).sum::<usize>();
    for block in ReachBlocks::new(&problem.predecessors, &problem.successors, &order).blocks() {
        for kernel in 0..kernels {
            ancestors[kernel] += count(block.ancestors(kernel as u32));
            descendants[kernel] += count(block.descendants(kernel as u32));
        }
    }
    // Both counts include the kernel itself.
    Windows {
        earliest: ancestors.into_iter().map(|n| Step::new(n - 1)).collect(),
        latest: descendants.into_iter().map(|n| Step::new(kernels - n)).collect(),
    }
}

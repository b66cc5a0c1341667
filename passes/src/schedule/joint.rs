//! Order and offsets as one integer program: the least arena.
//!
//! Phases:
//! 1. the order with the least peak, by [`ilp`](super::ilp). No arena is smaller than the least peak, whatever the order;
//! 2. offsets for that order, by first fit in a few sequences, then by an integer program of the pairs that live together.
//!    If the arena is the least peak, it is the least arena of all orders: order and offsets are proven together;
//! 3. otherwise both at once, if the problem is small: binaries for the order of each open pair of kernels, for each tie, and
//!    for each pair of blocks that may live together, which says whether one is dead before the other is born, or which of
//!    them lies above.
//!
//! *Block*: a buffer, or the scratch bytes of a kernel. This is MODeL's joint problem ("MODeL: Memory Optimizations for Deep
//! Learning", ICML 2023) with sequential steps and in-place ties, on pairs instead of steps.

mod offsets;
mod program;

use memopt::ir::Bytes;
use memopt::plan::{OrderProblem, OrderTie, OrderValue, StopReason, validate_layout};

use super::ilp::{IlpEffort, IlpOptions, IlpOutcome, ilp};
use offsets::{Blocks, place};

/// An order with offsets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JointOutcome {
    /// The kernels, first to last.
    pub order: Vec<u32>,
    /// What the order is worth with the ties that are taken.
    pub value: OrderValue,
    /// Offset of each buffer; of buffers without bytes it means nothing.
    pub buffers: Vec<Bytes>,
    /// Offset of each kernel's scratch bytes.
    pub workspaces: Vec<Bytes>,
    /// The arena.
    pub height: Bytes,
    /// No order and no offsets need a smaller one.
    pub lower_bound: Bytes,
    /// [`StopReason::Proven`] if nothing is better by the solver's verdict, [`StopReason::BoundMet`] if only the bound by
    /// cuts says so, else the limit that was reached.
    pub stop: StopReason,
    /// What it took.
    pub effort: IlpEffort,
}

/// The least arena that the limits allow to find. `incumbent` must be an order.
pub fn joint(problem: &OrderProblem, incumbent: &[u32], options: &IlpOptions) -> JointOutcome {
    let sequential = ilp(problem, incumbent, options);
    let mut outcome = with_offsets(problem, sequential, options);
    if outcome.height > outcome.lower_bound
        && let Some(better) = program::solve(problem, &outcome, options)
    {
        outcome = better;
    }
    outcome
}

/// The offsets of an order, one after the other.
fn with_offsets(problem: &OrderProblem, found: IlpOutcome, options: &IlpOptions) -> JointOutcome {
    let blocks = Blocks::new(problem, &found.order, &found.value.ties);
    let mut effort = found.effort;
    let solution = place(&blocks.layout, found.lower_bound, options, &mut effort);
    debug_assert_eq!(validate_layout(&blocks.layout, &solution), Ok(()));
    let IlpOutcome { order, value, lower_bound, .. } = found;
    let stop = match found.stop {
        stop if solution.height == lower_bound => stop,
        StopReason::TimeLimit => StopReason::TimeLimit,
        _ => StopReason::WorkLimit,
    };
    let (buffers, workspaces) = blocks.offsets(problem, &solution.offsets);
    JointOutcome { order, value, buffers, workspaces, height: solution.height, lower_bound, stop, effort }
}

/// Live bytes of an order with the ties that are given, which must be legal in it.
fn value_of(problem: &OrderProblem, order: &[u32], mut ties: Vec<OrderTie>) -> OrderValue {
    let blocks = Blocks::new(problem, order, &ties);
    let mut live = vec![Bytes::ZERO; order.len()];
    for block in &blocks.layout.buffers {
        live[block.start.0 as usize..block.end.0 as usize].iter_mut().for_each(|sum| *sum += block.size);
    }
    let mut step = vec![0; problem.kernels()];
    order.iter().enumerate().for_each(|(at, &kernel)| step[kernel as usize] = at);
    ties.sort_by_key(|tie| step[tie.kernel as usize]);
    OrderValue { peak: live.iter().copied().max().unwrap_or_default(), live, ties }
}

#[cfg(test)]
#[path = "../../tests/problems/mod.rs"]
mod problems;

#[cfg(test)]
mod tests {
    use memopt::plan::evaluate;
    use rand::rngs::SmallRng;
    use rand::{Rng, SeedableRng};

    use super::*;

    /// Phases 1 and 2 settle nearly every small problem, so the joint program is asked from a bad start without a bound.
    #[test]
    fn the_joint_program_proves_by_itself_what_the_phases_find() {
        let mut rng = SmallRng::seed_from_u64(16);
        for _ in 0..40 {
            let kernels = rng.random_range(2..=6);
            let problem = problems::random_problem(&mut rng, kernels);
            let order: Vec<u32> = (0..kernels).collect();
            let options = IlpOptions::default();
            let settled = joint(&problem, &order, &options);
            let value = evaluate(&problem, &order);
            // Every block in bytes of its own.
            let sizes = problem.buffers.iter().map(|buffer| buffer.size).chain(problem.workspace.iter().copied());
            let bad = JointOutcome { height: sizes.sum(), lower_bound: Bytes::ZERO, order, value, ..settled.clone() };
            let found = program::solve(&problem, &bad, &options).expect("small enough, and solved");
            assert_eq!((settled.stop, found.stop), (StopReason::Proven, StopReason::Proven));
            assert_eq!(found.height, settled.height, "{problem:?}");
        }
    }
}

//! Greedy orders: list scheduling forward and backward, the better one, or program order.
//!
//! Notation: an order is the kernels from first to last; its *peak* is the most bytes live at a step, ties taken; its
//! *area* is the sum of live bytes over the steps.
//!
//! The answer is the order with the least peak, of these the one with the least area. An order that does not lower the
//! peak of the program is not worth the change: then program order is the answer. Orders that come from orders, by turns in
//! the two directions, belong to the [`search`](super::search).

use memopt::analysis::step_bound;
use memopt::ir::Bytes;
use memopt::plan::{OrderProblem, OrderValue, StopReason, evaluate, peak_and_area};

use super::frontier::Rule;
use super::list::{backward, forward};

/// An order, and why the search for it ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GreedyOutcome {
    /// The kernels, first to last.
    pub order: Vec<u32>,
    /// What the order is worth.
    pub value: OrderValue,
    /// [`StopReason::BoundMet`] if no order can be better, else [`StopReason::Saturated`].
    pub stop: StopReason,
}

/// The better of a forward and a backward run; never a higher peak than program order, and program order itself at an equal
/// one. O((kernels + edges) log kernels).
pub fn greedy(problem: &OrderProblem) -> GreedyOutcome {
    let mut best = Leader::new(problem);
    let program = best.order.clone();
    for run in [backward, forward] {
        if !best.is_at_bound() {
            best.offer(problem, &run(problem, &program, Rule::Shrinking));
        }
    }
    best.outcome(problem)
}

/// The best order so far.
pub(super) struct Leader {
    order: Vec<u32>,
    peak: Bytes,
    area: u128,
    /// Whether it is program order, which gives way to lower peaks only.
    is_program: bool,
    lower_bound: Bytes,
}

impl Leader {
    /// Program order.
    pub(super) fn new(problem: &OrderProblem) -> Leader {
        let order: Vec<u32> = (0..problem.kernels() as u32).collect();
        let (peak, area) = peak_and_area(problem, &order);
        Leader { order, peak, area, is_program: true, lower_bound: step_bound(problem).0 }
    }

    pub(super) fn is_at_bound(&self) -> bool {
        self.peak == self.lower_bound
    }

    /// Takes the order if it is better, and says what it is worth.
    pub(super) fn offer(&mut self, problem: &OrderProblem, order: &[u32]) -> (Bytes, u128) {
        debug_assert_eq!(order.len(), problem.kernels(), "the edges of the problem form a cycle");
        let worth = peak_and_area(problem, order);
        let better = if self.is_program { worth.0 < self.peak } else { worth < (self.peak, self.area) };
        if better {
            (self.peak, self.area) = worth;
            (self.order, self.is_program) = (order.to_vec(), false);
        }
        worth
    }

    pub(super) fn outcome(self, problem: &OrderProblem) -> GreedyOutcome {
        let stop = if self.is_at_bound() { StopReason::BoundMet } else { StopReason::Saturated };
        GreedyOutcome { value: evaluate(problem, &self.order), order: self.order, stop }
    }
}

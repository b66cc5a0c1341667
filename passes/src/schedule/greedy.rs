//! Greedy orders, forward and backward in turn.
//!
//! Notation: an order is the kernels from first to last; its *peak* is the most bytes live at a step, ties taken; its
//! *area* is the sum of live bytes over the steps.
//!
//! Phases:
//! 1. the order of the program is the first answer, and a trivial lower bound may show that it cannot be beaten;
//! 2. *seeds*: from program order, list scheduling forward and backward, by the two rules of `frontier.rs`;
//! 3. *alternation*: from each seed, best first, the positions in the order become the priorities of a run in the other
//!    direction, [`ROUNDS`] times or until nothing changes.
//!
//! The answer is the order with the least peak, of these the one with the least area. An order that does not lower the
//! peak of the program is not worth the change: then program order is the answer.
//!
//! Measured on one core, on a synthetic training step of 25,000 kernels and 90,000 edges (`benches/kernels.rs`): 45 ms in
//! all. The seeds are four runs, and the alternations at most 24; each is valued by a walk of 1.2 ms.

use memopt::analysis::step_bound;
use memopt::ir::Bytes;
use memopt::plan::{OrderProblem, OrderValue, StopReason, evaluate, peak_and_area};

use super::frontier::Rule;
use super::list::{backward, forward};

/// Runs after each seed.
const ROUNDS: usize = 6;

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

/// The best of many greedy orders; never a higher peak than program order, and program order itself at an equal one.
pub fn greedy(problem: &OrderProblem) -> GreedyOutcome {
    let mut best = Incumbent::new(problem);
    if !best.is_at_bound() {
        let seeds = seeds(problem, &mut best);
        for seed in seeds {
            alternate(problem, seed, &mut best);
        }
    }
    let stop = if best.is_at_bound() { StopReason::BoundMet } else { StopReason::Saturated };
    GreedyOutcome { value: evaluate(problem, &best.order), order: best.order, stop }
}

/// Which end of the order is made first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Direction {
    Forward,
    Backward,
}

/// An order to start from.
struct Seed {
    order: Vec<u32>,
    made: Direction,
}

/// The four greedy orders that follow from program order, the best one first.
fn seeds(problem: &OrderProblem, best: &mut Incumbent) -> Vec<Seed> {
    let program: Vec<u32> = (0..problem.kernels() as u32).collect();
    let mut seeds = Vec::new();
    for rule in [Rule::Shrinking, Rule::All] {
        for made in [Direction::Backward, Direction::Forward] {
            let order = run(problem, &program, made, rule);
            seeds.push((best.offer(problem, &order), Seed { order, made }));
        }
    }
    // Stable: of equal ones the earlier, which is the better rule, stays first.
    seeds.sort_by_key(|&(worth, _)| worth);
    seeds.into_iter().map(|(_, seed)| seed).collect()
}

/// Runs in the two directions by turns, each with the order of the one before as its priorities.
fn alternate(problem: &OrderProblem, seed: Seed, best: &mut Incumbent) {
    let Seed { mut order, mut made } = seed;
    let mut before = Vec::new();
    for _ in 0..ROUNDS {
        if best.is_at_bound() {
            return;
        }
        made = if made == Direction::Forward { Direction::Backward } else { Direction::Forward };
        let next = run(problem, &order, made, Rule::Shrinking);
        // The same order as two runs ago, made in the same direction: from here on it repeats itself.
        if next == before {
            return;
        }
        best.offer(problem, &next);
        before = std::mem::replace(&mut order, next);
    }
}

fn run(problem: &OrderProblem, preferred: &[u32], direction: Direction, rule: Rule) -> Vec<u32> {
    match direction {
        Direction::Forward => forward(problem, preferred, rule),
        Direction::Backward => backward(problem, preferred, rule),
    }
}

/// The best order so far.
struct Incumbent {
    order: Vec<u32>,
    peak: Bytes,
    area: u128,
    /// Whether it is program order, which gives way to lower peaks only.
    is_program: bool,
    lower_bound: Bytes,
}

impl Incumbent {
    /// Program order.
    fn new(problem: &OrderProblem) -> Incumbent {
        let order: Vec<u32> = (0..problem.kernels() as u32).collect();
        let (peak, area) = peak_and_area(problem, &order);
        Incumbent { order, peak, area, is_program: true, lower_bound: step_bound(problem).0 }
    }

    fn is_at_bound(&self) -> bool {
        self.peak == self.lower_bound
    }

    /// Takes the order if it is better, and says what it is worth.
    fn offer(&mut self, problem: &OrderProblem, order: &[u32]) -> (Bytes, u128) {
        debug_assert_eq!(order.len(), problem.kernels(), "the edges of the problem form a cycle");
        let worth = peak_and_area(problem, order);
        let better = if self.is_program { worth.0 < self.peak } else { worth < (self.peak, self.area) };
        if better {
            (self.peak, self.area) = worth;
            (self.order, self.is_program) = (order.to_vec(), false);
        }
        worth
    }
}

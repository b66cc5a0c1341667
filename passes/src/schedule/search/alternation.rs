//! Greedy orders, forward and backward by turns.
//!
//! 1. *Seeds*: from program order, list scheduling in both directions, by the two rules of `frontier.rs`;
//! 2. *alternation*: from each seed, best first, the positions in the order become the priorities of a run in the other
//!    direction, [`ROUNDS`] times or until nothing changes.

use memopt::ir::Bytes;
use memopt::plan::OrderProblem;

use crate::schedule::frontier::Rule;
use crate::schedule::greedy::{GreedyOutcome, Leader};
use crate::schedule::list::{backward, forward};

/// Runs after each seed.
const ROUNDS: usize = 6;

/// The best of all these orders; never a higher peak than program order, and program order itself at an equal one.
pub(super) fn alternation(problem: &OrderProblem) -> GreedyOutcome {
    let mut best = Leader::new(problem);
    if !best.is_at_bound() {
        for seed in seeds(problem, &mut best) {
            alternate(problem, seed, &mut best);
        }
    }
    best.outcome(problem)
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
fn seeds(problem: &OrderProblem, best: &mut Leader) -> Vec<Seed> {
    let program: Vec<u32> = (0..problem.kernels() as u32).collect();
    let mut seeds: Vec<((Bytes, u128), Seed)> = Vec::new();
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
fn alternate(problem: &OrderProblem, seed: Seed, best: &mut Leader) {
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

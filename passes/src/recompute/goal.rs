//! What recomputation is for: a budget, the least memory, or the least memory for so much added cost.

use memopt::ir::Bytes;
use memopt::plan::StopReason;

use super::algorithm::{RecomputeAlgorithm, Wanted, baseline};
use super::bound::{RecomputeBound, bound};
use super::problem::RecomputeProblem;
use super::runs::Runs;
use super::solution::RecomputeSolution;
use super::solve::{bytes_of, cheapest};

/// What recomputation is for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum RecomputeGoal {
    /// The least added cost for so many bytes.
    Budget(Bytes),
    /// The least bytes, then the least cost.
    Least,
    /// The least bytes for so much added cost, as a share of all cost.
    Overhead(f64),
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecomputeOutcome {
    /// The runs.
    pub solution: RecomputeSolution,
    /// What cannot be better, for the peak of the solution, or for the budget where that is not met.
    pub bound: RecomputeBound,
    /// Whether the goal is reached.
    pub is_met: bool,
    /// Why the search stopped.
    pub stop: StopReason,
}

/// Units of work for a problem of so many kernels, at effort 1: each about a tenth of a microsecond.
fn work_for(kernels: usize, effort: u32) -> u64 {
    (4_000_000 + 2_000 * kernels as u64) << effort >> 1
}

/// Bisection ends where the budgets differ by less than one part in so many.
const CLOSE: u64 = 500;

/// Chooses which kernels run again.
pub fn recompute(
    problem: &RecomputeProblem,
    algorithm: RecomputeAlgorithm,
    goal: RecomputeGoal,
    effort: u32,
) -> RecomputeOutcome {
    let mut work = work_for(problem.kernels.len(), effort);
    let plain = Runs::new(problem);
    let mut stopped = StopReason::Saturated;
    let (runs, is_met) = match goal {
        goal if algorithm != RecomputeAlgorithm::MinCut => {
            let (runs, stop) = baseline(problem, algorithm, goal, &mut work);
            stopped = stop;
            let is_met = runs.peak() <= Wanted::of(problem, goal).enough || !matches!(goal, RecomputeGoal::Budget(_));
            (runs, is_met)
        }
        RecomputeGoal::Budget(budget) => match cheapest(problem, budget, &[], &mut work) {
            Some(runs) => (runs, true),
            None => (least(plain.clone(), budget, |_| true, &mut work), false),
        },
        RecomputeGoal::Least => (least(plain.clone(), Bytes::ZERO, |_| true, &mut work), true),
        RecomputeGoal::Overhead(share) => {
            let most = (problem.total_cost() as f64 * share.max(0.0)) as u64;
            (least(plain.clone(), Bytes::ZERO, |runs| runs.cost <= most, &mut work), true)
        }
    };
    let solution = RecomputeSolution::of(&runs);
    let budget = match goal {
        RecomputeGoal::Budget(budget) if !is_met => budget,
        _ => solution.peak,
    };
    let mut work = work_for(problem.kernels.len(), effort);
    let bound = bound(problem, &plain.live(), budget, &mut work);
    let is_least = goal == RecomputeGoal::Least && solution.peak == bound.memory;
    let is_cheapest = matches!(goal, RecomputeGoal::Budget(_)) && is_met && bound.cost == Some(solution.cost);
    let stop = match () {
        () if stopped == StopReason::Proven => stopped,
        () if is_least || is_cheapest => StopReason::BoundMet,
        () if work == 0 => StopReason::WorkLimit,
        () => stopped,
    };
    RecomputeOutcome { solution, bound, is_met, stop }
}

/// The schedule with the least peak that is `good`, by bisection between a budget that cannot be met, or will not do, and
/// `start`.
fn least<'p>(start: Runs<'p>, too_little: Bytes, good: impl Fn(&Runs<'p>) -> bool, work: &mut u64) -> Runs<'p> {
    let problem = start.problem;
    let mut low = too_little.max(bound(problem, &start.live(), Bytes::ZERO, &mut (*work / 8)).memory).0;
    let mut best = start;
    // Each try has a share of the work; what is left goes to the last.
    let share = *work / 12;
    while best.peak() as u64 > low + best.peak() as u64 / CLOSE {
        let high = best.peak() as u64;
        let budget = low + (high - low) / 2;
        let mut now = share.min(*work);
        *work -= now;
        match cheapest(problem, Bytes(budget), std::slice::from_ref(&best), &mut now).filter(&good) {
            Some(runs) => best = runs,
            None => low = budget,
        }
        if *work == 0 {
            break;
        }
    }
    let last = bytes_of(Bytes(best.peak() as u64));
    super::neighbourhood::search(best, last, &super::solve::TASTES, work)
}

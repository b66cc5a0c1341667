//! What recomputation is for: a budget, the least memory, or the least memory for so much added cost.

use memopt::ir::Bytes;
use memopt::plan::StopReason;

use super::algorithm::{RecomputeAlgorithm, baseline};
use super::bound::{RecomputeBound, bound, memory_for};
use super::problem::RecomputeProblem;
use super::runs::Runs;
use super::solution::RecomputeSolution;
use super::solve::{ARCS, bytes_of, cheapest, portfolio};

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

impl RecomputeOutcome {
    /// Whether there may be something much better: the goal is missed, but not proven to be out of reach, or the cost is far
    /// from the bound.
    pub fn is_far(&self) -> bool {
        self.bound.cost.is_some_and(|least| !self.is_met || is_far(self.solution.cost, least))
    }
}

fn is_far(cost: u64, least: u64) -> bool {
    cost as f64 > FAR * least as f64
}

/// Units of work for a problem of so many kernels, at effort 1: each about a tenth of a microsecond.
fn work_for(kernels: usize, effort: u32) -> u64 {
    (4_000_000 + 2_000 * kernels as u64) << effort >> 1
}

/// How many times the usual work a budget may take that is hard to meet.
const PATIENCE: u64 = 12;

/// Costs above so many times the bound are worth more work.
const FAR: f64 = 1.1;

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
    let bound_for = |budget: Bytes| {
        let mut work = ARCS * work_for(problem.kernels.len(), effort);
        bound(problem, &plain.live(), budget, &mut work)
    };
    let (runs, bound) = match goal {
        goal if algorithm != RecomputeAlgorithm::MinCut => {
            let (runs, stop) = baseline(problem, algorithm, goal, &mut work);
            stopped = stop;
            let bound = bound_for(peak_or_budget(&runs, goal));
            (runs, bound)
        }
        RecomputeGoal::Budget(budget) => {
            let bound = bound_for(budget);
            (for_budget(&plain, budget, bound, effort, &mut work), bound)
        }
        RecomputeGoal::Least | RecomputeGoal::Overhead(_) => {
            let most = match goal {
                RecomputeGoal::Overhead(share) => (problem.total_cost() as f64 * share.max(0.0)) as u64,
                _ => u64::MAX,
            };
            let memory = memory_for(problem, &plain.live(), most, &mut (ARCS * work));
            let runs = least(plain.clone(), memory, most, &mut work);
            let bound = bound_for(peak_or_budget(&runs, goal));
            (runs, RecomputeBound { memory: bound.memory.max(memory), ..bound })
        }
    };
    let is_met = runs.peak() <= bytes_of(peak_or_budget(&runs, goal));
    let solution = RecomputeSolution::of(&runs);
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

/// The bytes that bounds are for: the budget, or where there is none what the schedule needs.
fn peak_or_budget(runs: &Runs<'_>, goal: RecomputeGoal) -> Bytes {
    match goal {
        RecomputeGoal::Budget(budget) => budget,
        _ => Bytes(u64::try_from(runs.peak()).unwrap_or_default()),
    }
}

/// The cheapest schedule found for a budget; where there is none, the one found with the least peak. A budget that is hard to
/// meet, or met at a cost far from the bound, gets more work than usual.
fn for_budget<'p>(plain: &Runs<'p>, budget: Bytes, bound: RecomputeBound, effort: u32, work: &mut u64) -> Runs<'p> {
    let usual = *work;
    let found = cheapest(plain.problem, budget, &[], work);
    let Some(least_cost) = bound.cost else {
        return found.unwrap_or_else(|| least(plain.clone(), budget, u64::MAX, work));
    };
    let runs = match found.or_else(|| cheapest(plain.problem, budget, &[], &mut (PATIENCE * usual))) {
        Some(runs) => runs,
        None => least(plain.clone(), budget, u64::MAX, &mut (PATIENCE * usual)),
    };
    if !is_far(runs.cost, least_cost) || runs.peak() > bytes_of(budget) {
        return runs;
    }
    // A few rounds of a large problem take as long as many of a small one, and many are what it takes.
    *work = (PATIENCE / 4 * usual).max(PATIENCE * work_for(0, effort));
    cheapest(plain.problem, budget, std::slice::from_ref(&runs), work).unwrap_or(runs)
}

/// The schedule with the least peak that is found for at most so much added cost: down from `start` step by step, each from
/// the schedule before it or from scratch, in ever smaller steps where one fails. So more cost never leads to more memory, as
/// long as there is work. No schedule needs less than `memory`.
fn least<'p>(start: Runs<'p>, memory: Bytes, most: u64, work: &mut u64) -> Runs<'p> {
    let mut best = start;
    let mut part = FIRST_STEP;
    while part <= LAST_STEP && *work > 0 {
        let peak = best.peak() as u64;
        let budget = (peak - peak / part).max(memory.0);
        if budget >= peak {
            break;
        }
        let mut now = (*work).div_ceil(4);
        *work -= now;
        let runs = portfolio(best.problem, Bytes(budget), std::slice::from_ref(&best), Some(most), &mut now);
        *work += now;
        if runs.peak() <= budget as i64 && runs.cost <= most {
            best = runs;
        } else {
            part *= 4;
        }
    }
    best
}

/// Steps down are one part of the peak in so many: the first, and the last.
const FIRST_STEP: u64 = 16;
const LAST_STEP: u64 = 256;

//! The search: greedy placements, canonical branch and bound at many capacities, local search over orders.
//!
//! Notation: an *item* is an outermost buffer with what lies inside it, its offset counted in *units* (`items.rs`); the
//! *bound* is the largest live total, or more where a search has shown that nothing fits; a *step* is an elementary
//! operation, about 8 ns on one core.
//!
//! Phases:
//! 1. the greedy portfolio (`best_fit.rs`) and two descents over valleys (`valley`), one of them of the coarsest problem
//!    (`coarse.rs`), or, where buffers have rules, greedy orders that obey them (`greedy.rs`);
//! 2. if these do not meet the bound, in turns of which each is twice as long as the one before: windows around the peaks
//!    are placed anew (`windows.rs`); probes at the bound and on a ladder above it (`ladder.rs`), over valleys of coarse
//!    problems and of the problem itself or in canonical order (`branch`); local search over orders (`local.rs`). Windows and
//!    local search are for many items.
//!
//! Measured on one core: the eleven problems that MiniMalloc was made for at their bound, nine of them in up to 0.01 s, the
//! other two (I and J) in 0.2 and 2 s; 1,000 random buffers at the bound in 2.5 s, a million in 15 s, training steps of
//! 18,692 to 100,000 in 0.6 to 4 s; perfect packings of 100 to 1,000 rectangles solved in up to 0.02 s. Not good yet: perfect
//! packings of 10,000 rectangles and more, and of sizes rounded up so coarsely that many are equal, end 8 to 17 % above the
//! bound. Bounds are better than the largest live total only where a search to the end shows that, and windows are for plain
//! buffers only.
//!
//! The answer is never higher than that of phase 1. Everything is counted in steps: the same problem and effort give the
//! same answer, unless a time limit is given.

mod branch;
mod coarse;
mod conflict;
mod greedy;
mod items;
mod ladder;
mod local;
mod ranking;
mod slots;
mod state;
mod valley;
mod windows;

use std::ops::Range;
use std::time::{Duration, Instant};

use memopt::ir::Bytes;
use memopt::plan::{LayoutProblem, LayoutProblemError, LayoutSolution, StopReason};

use super::best_fit::best_fit;
use branch::Verdict;
use coarse::Coarse;
pub use conflict::{Conflict, conflict};
use items::Items;
use ladder::Ladder;
use local::Local;
use state::State;
use valley::{Elastic, Valley};
use windows::Windows;

/// Numbers of items with which local search over orders, and over windows, takes turns with branch and bound.
const LOCAL: Range<usize> = 500..200_000;
const WINDOWS_FROM: usize = 500;

/// Items beyond which there is no descent before the greedy placements.
const DESCENT_ITEMS: usize = 3000;

/// Steps for each item that a descent may take.
const DESCENT_STEPS: u64 = 2000;

/// Steps of the first turn.
const FIRST_TURN: u64 = 10_000_000;

/// How hard to search.
#[derive(Clone, Debug)]
pub struct SearchOptions {
    /// Steps: 5 million times four to this power, about 0.2 s at effort 1, 10 s at effort 4. At most 12.
    pub effort: u32,
    /// Ends the search whatever the effort; answers then depend on the machine.
    pub time_limit: Option<Duration>,
    /// Number of probes that run at once.
    pub threads: usize,
    /// Ends the search as soon as the capacity of the problem is met.
    pub fit_only: bool,
    /// An offset for each buffer to begin with; one that is no placement is not used.
    pub hint: Option<Vec<Bytes>>,
}

impl Default for SearchOptions {
    fn default() -> SearchOptions {
        SearchOptions { effort: 1, time_limit: None, threads: 1, fit_only: false, hint: None }
    }
}

/// Why there is no placement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SearchError {
    /// The problem makes no sense.
    Problem(LayoutProblemError),
    /// The sizes add up to more than 2^61 bytes.
    TooLarge,
    /// Pins, windows and lifetimes contradict each other.
    NoPlacement {
        /// Whether that is proven, or the search ended without finding one.
        proven: bool,
    },
}

/// Places the buffers as low as the effort allows. The height may be above the capacity: then the lower bound says
/// whether that is proven.
///
/// # Errors
/// If there is no placement, whatever its height, or none was found.
pub fn search(problem: &LayoutProblem, options: &SearchOptions) -> Result<LayoutSolution, SearchError> {
    problem.check().map_err(SearchError::Problem)?;
    let items = Items::new(problem).ok_or(SearchError::TooLarge)?;
    let mut state = begin(problem, &items, options);
    first_placements(problem, &mut state, options);
    let stop = refine(&mut state);
    if !state.has_placement() {
        return Err(SearchError::NoPlacement { proven: state.bound == u64::MAX });
    }
    Ok(conclude(&state, stop))
}

/// A first placement, in less than a millisecond for hundreds of buffers: one descent of [`search`] that gives way where it
/// gets stuck, for plain buffers that are not too many; else [`best_fit`].
pub fn quick(problem: &LayoutProblem) -> LayoutSolution {
    let options = SearchOptions::default();
    let items = if problem.check().is_ok() { Items::new(problem) } else { None };
    let Some(items) = items.filter(|items| items.plain && items.all.len() <= DESCENT_ITEMS) else {
        return best_fit(problem);
    };
    let mut state = begin(problem, &items, &options);
    descend(&mut state, true);
    if !state.has_placement() {
        return best_fit(problem);
    }
    conclude(&state, StopReason::Saturated)
}

/// The answer.
fn conclude(state: &State<'_>, stop: StopReason) -> LayoutSolution {
    let unit = state.items.unit;
    let (height, lower_bound) = (Bytes(state.height * unit), Bytes(state.bound * unit));
    let stop = if height == lower_bound && stop == StopReason::Saturated { StopReason::BoundMet } else { stop };
    LayoutSolution { offsets: state.items.to_bytes(&state.best), height, lower_bound, stop }
}

/// The state before anything is placed.
fn begin<'a>(problem: &LayoutProblem, items: &'a Items, options: &SearchOptions) -> State<'a> {
    let live = items.totals.iter().copied().max().unwrap_or(0);
    let reach = items.all.iter().map(|i| i.least + i.size).max().unwrap_or(0);
    let impossible = items.all.iter().any(|i| i.least > i.most);
    let capacity = problem.capacity.filter(|_| options.fit_only);
    State {
        items,
        bound: if impossible { u64::MAX } else { live.max(reach) },
        refuted: false,
        best: Vec::new(),
        // Higher than that, everything could be stacked above all windows.
        height: items.all.iter().map(|i| i.size + i.align + i.least).fold(reach, u64::saturating_add),
        goal: capacity.map_or(0, |capacity| capacity.0 / items.unit),
        fit_only: capacity.is_some(),
        steps: 0,
        limit: 5_000_000_u64.saturating_mul(4_u64.pow(options.effort.min(12))),
        deadline: options.time_limit.and_then(|limit| Instant::now().checked_add(limit)),
        threads: options.threads.max(1),
        windows: items.plain,
    }
}

/// Phase 1.
fn first_placements(problem: &LayoutProblem, state: &mut State<'_>, options: &SearchOptions) {
    let items = state.items;
    if let Some(hint) = options.hint.as_ref().and_then(|hint| from_hint(problem, items, hint)) {
        state.offer(hint);
    }
    if items.plain {
        // The portfolio first: where it meets the bound, its placements stay what they are.
        if !state.is_settled() {
            let solution = best_fit(problem);
            state.offer(items.all.iter().map(|i| solution.offsets[i.root as usize].0 / items.unit).collect());
        }
        for coarsely in [true, false] {
            if items.all.len() <= DESCENT_ITEMS && !state.is_settled() {
                descend(state, coarsely);
            }
        }
        return;
    }
    let mut greedy = greedy::Greedy::new(items);
    for mut order in greedy::orders(items) {
        // An item that finds no place in its window goes to the front, a few times.
        for _ in 0..50 {
            if state.is_settled() || state.is_late() {
                return;
            }
            match greedy.place(&order, u64::MAX / 4) {
                Ok(offsets) => {
                    state.offer(offsets);
                    break;
                }
                Err(item) => {
                    order.retain(|&i| i != item);
                    order.insert(0, item);
                }
            }
        }
    }
}

/// A descent over the valleys of the coarsest problem, or over those of the problem itself.
fn descend(state: &mut State<'_>, coarsely: bool) {
    if coarsely {
        let coarse = Coarse::numbered(0, state.items);
        state.steps += coarse.steps();
        descent(&coarse.items, state).into_iter().for_each(|offsets| state.offer(coarse.spread(&offsets)));
    } else {
        descent(state.items, state).into_iter().for_each(|offsets| state.offer(offsets));
    }
}

/// One descent from the bound on, with hardly any way back: a few failures, and the capacity grows.
fn descent(items: &Items, state: &mut State<'_>) -> Option<Vec<u64>> {
    let mut valley = Valley::new(items, 0, state.bound);
    let elastic = Elastic::new(state.bound.saturating_mul(2), 3);
    let verdict = valley.probe(DESCENT_STEPS * items.all.len() as u64, Some(elastic), &|| false);
    state.steps += valley.steps;
    (verdict == Verdict::Fits).then(|| valley.offsets())
}

/// Phase 2, and why it ended.
fn refine(state: &mut State<'_>) -> StopReason {
    let (mut ladder, mut local) = (Ladder::new(state.items.all.len()), Local::new());
    let mut windows = Windows::new(state.items);
    let branches = state.items.all.len() <= if state.items.plain { valley::MOST_ITEMS } else { branch::MOST_ITEMS };
    let mut turn = FIRST_TURN;
    while !state.is_done() {
        let before = state.steps;
        if state.windows && state.items.all.len() >= WINDOWS_FROM && state.has_placement() {
            windows.improve(state, turn / 4);
        }
        if branches {
            ladder.climb(state, turn);
        }
        if LOCAL.contains(&state.items.all.len()) && state.has_placement() {
            local.improve(state, turn / 4);
        }
        if state.steps == before {
            return StopReason::Saturated;
        }
        turn = turn.saturating_mul(2);
    }
    match () {
        () if state.height == state.bound && state.refuted => StopReason::Proven,
        () if state.height == state.bound => StopReason::BoundMet,
        () if state.is_settled() => StopReason::Saturated,
        () if state.is_late() => StopReason::TimeLimit,
        () => StopReason::WorkLimit,
    }
}

/// The offsets of a hint by item, if they are a placement.
fn from_hint(problem: &LayoutProblem, items: &Items, hint: &[Bytes]) -> Option<Vec<u64>> {
    let end =
        |(offset, buffer): (&Bytes, &memopt::plan::LayoutBuffer)| *offset + buffer.size.align_to(problem.alignment);
    let sized = hint.iter().zip(&problem.buffers).filter(|(_, buffer)| !buffer.size.is_zero());
    let height = sized.map(end).max().unwrap_or(Bytes::ZERO);
    let claim = LayoutSolution { offsets: hint.to_vec(), height, lower_bound: height, stop: StopReason::Saturated };
    let unbounded = LayoutProblem { capacity: None, ..problem.clone() };
    memopt::plan::validate_layout(&unbounded, &claim).ok()?;
    let offsets = items.all.iter().map(|i| hint[i.root as usize].0);
    // Where offsets are no multiples of the unit, rounding them down keeps them apart: all sizes are multiples.
    Some(offsets.map(|offset| offset / items.unit).collect())
}

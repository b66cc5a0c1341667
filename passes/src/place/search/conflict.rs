//! Why buffers do not fit: a set of them that does not fit either, and of which none can be left out.
//!
//! A deletion filter: parts of the set are left out, large ones first, as long as it is still proven that the rest does
//! not fit. The proof is the largest live sum where that is above the capacity, else a search.

use memopt::ir::{Bytes, Step};
use memopt::plan::LayoutProblem;

use super::{SearchError, SearchOptions, search};

/// Searches after which a set is not made smaller any more.
const SEARCHES: usize = 300;

/// Buffers that are in each other's way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// The buffers.
    pub buffers: Vec<usize>,
    /// It is proven that they do not fit; else they are those that live when most bytes do.
    pub proven: bool,
    /// Without any one of them it would not be proven any more.
    pub irreducible: bool,
}

/// What stands against a capacity that a search did not meet.
pub fn conflict(problem: &LayoutProblem, capacity: Bytes) -> Conflict {
    let (peak, total) = peak(problem);
    if total > capacity {
        return Conflict { buffers: reduce_sum(problem, peak, total, capacity), proven: true, irreducible: true };
    }
    let all: Vec<usize> = (0..problem.buffers.len()).filter(|&i| !problem.buffers[i].size.is_zero()).collect();
    // Leaving out a parent would leave its children without a place.
    let families = problem.buffers.iter().any(|b| b.within.is_some());
    if families || !is_refuted(problem, &all, capacity, 2) {
        return Conflict { buffers: peak, proven: false, irreducible: false };
    }
    let (buffers, irreducible) = reduce(problem, all, capacity);
    Conflict { buffers, proven: true, irreducible }
}

/// The buffers that live when most bytes do, and their bytes: families count once, as their outermost buffer.
fn peak(problem: &LayoutProblem) -> (Vec<usize>, Bytes) {
    let roots = problem.buffers.iter().enumerate().filter(|(_, b)| b.within.is_none());
    let pieces = roots.flat_map(|(i, b)| b.pieces(problem.alignment).into_iter().map(move |p| (i, p)));
    let pieces: Vec<_> = pieces.collect();
    let mut events: Vec<(Step, bool, Bytes)> =
        pieces.iter().flat_map(|(_, p)| [(p.start, true, p.high - p.low), (p.end, false, p.high - p.low)]).collect();
    events.sort_unstable();
    let (mut live, mut most, mut at) = (Bytes::ZERO, Bytes::ZERO, Step(0));
    for (step, starts, size) in events {
        live = if starts { live + size } else { live - size };
        if live > most {
            (most, at) = (live, step);
        }
    }
    let alive = pieces.iter().filter(|(_, p)| p.start <= at && at < p.end).map(|&(i, _)| i);
    (alive.collect(), most)
}

/// Leaves out the smallest buffers of a sum that stays above the capacity.
fn reduce_sum(problem: &LayoutProblem, mut buffers: Vec<usize>, total: Bytes, capacity: Bytes) -> Vec<usize> {
    let size = |i: usize| problem.buffers[i].size.align_to(problem.alignment);
    buffers.sort_by_key(|&i| (size(i), i));
    let mut spare = total - capacity;
    buffers.retain(|&i| {
        let goes = size(i) < spare;
        spare = if goes { spare - size(i) } else { spare };
        !goes
    });
    buffers.sort_unstable();
    buffers
}

/// Leaves out what the proof does not need; also says whether it got to the end.
fn reduce(problem: &LayoutProblem, mut buffers: Vec<usize>, capacity: Bytes) -> (Vec<usize>, bool) {
    let (mut chunk, mut searches) = (buffers.len().div_ceil(2), 0);
    loop {
        let (mut at, before) = (0, buffers.len());
        while at < buffers.len() {
            if searches == SEARCHES {
                return (buffers, false);
            }
            searches += 1;
            let to = (at + chunk).min(buffers.len());
            let rest = [&buffers[..at], &buffers[to..]].concat();
            if is_refuted(problem, &rest, capacity, 0) {
                buffers = rest;
            } else {
                at = to;
            }
        }
        if chunk == 1 && buffers.len() == before {
            return (buffers, true);
        }
        chunk = chunk.div_ceil(2).min(buffers.len().max(1));
    }
}

/// Whether it is proven that these buffers do not fit.
fn is_refuted(problem: &LayoutProblem, buffers: &[usize], capacity: Bytes, effort: u32) -> bool {
    let buffers = buffers.iter().map(|&i| problem.buffers[i].clone()).collect();
    let part = LayoutProblem { buffers, alignment: problem.alignment, capacity: Some(capacity) };
    let options = SearchOptions { effort, fit_only: true, ..SearchOptions::default() };
    match search(&part, &options) {
        Ok(solution) => solution.lower_bound > capacity,
        Err(error) => error == SearchError::NoPlacement { proven: true },
    }
}

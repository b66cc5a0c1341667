//! Re-optimising around the peak: what lives in a window of time is placed anew, all else stays where it is.
//!
//! The window begins as the lifetime of the item with the highest top. Items that live inside it are free, those that stick
//! out of it are pinned, and a search places the free ones as low as it can. Where that takes the peak down, the next peak
//! has its turn; where it does not, the window grows, until it has too many free items or holds everything.
//!
//! This is for large problems that a greedy placement has almost solved: the last few items too high are no business of the
//! other hundred thousand. Pinned items of one clipped lifetime that lie on each other are one, so that nested lifetimes,
//! as training steps have them, leave a few dozen of thousands.

use std::collections::{BTreeMap, BinaryHeap};

use memopt::ir::{Align, Bytes, Step};
use memopt::plan::{LayoutBuffer, LayoutProblem};

use super::items::Items;
use super::state::State;
use super::{SearchOptions, begin, first_placements, refine};

/// Most free items of a window.
const MOST_FREE: usize = 5000;

/// Steps for each item of a window, at first.
const STEPS: u64 = 1000;

/// The work on windows.
pub(super) struct Windows {
    /// Steps for each item of a window.
    steps: u64,
    /// First slot of each item and one past its last, close together: all are looked at for each window.
    spans: Vec<(u32, u32)>,
}

/// A stretch of slots as a problem of its own, in units.
struct Window {
    /// Free items, the first buffers of the problem.
    free: Vec<u32>,
    problem: LayoutProblem,
    /// Where everything lies now.
    hint: Vec<Bytes>,
}

impl Windows {
    pub(super) fn new(items: &Items) -> Windows {
        Windows { steps: STEPS, spans: items.all.iter().map(|i| (i.start, i.end)).collect() }
    }

    /// Takes peaks down for about `budget` steps, or until one withstands.
    pub(super) fn improve(&mut self, state: &mut State<'_>, budget: u64) {
        let until = state.steps.saturating_add(budget).min(state.limit);
        let target = state.goal.max(state.bound);
        let top = |state: &State<'_>, i: u32| state.best[i as usize] + state.items.all[i as usize].size;
        // Tops above the target; some of them were true once.
        let mut peaks: BinaryHeap<(u64, u32)> = (0..self.spans.len() as u32).map(|i| (top(state, i), i)).collect();
        peaks.retain(|&(height, _)| height > target);
        let mut margin = 0;
        while let Some(&(height, peak)) = peaks.peek() {
            if top(state, peak) != height {
                peaks.pop();
                continue;
            }
            state.height = height;
            if state.is_done() || state.steps >= until {
                break;
            }
            let Some(window) = self.around(state, peak as usize, margin) else { break };
            state.steps += (self.spans.len() / 8 + window.hint.len()) as u64;
            let limit = self.steps.saturating_mul(window.hint.len() as u64).min(until - state.steps.min(until));
            if let Some(offsets) = window.lower(state, limit) {
                for (&i, offset) in window.free.iter().zip(offsets) {
                    state.best[i as usize] = offset;
                    peaks.extend(Some((top(state, i), i)).filter(|&(height, _)| height > target));
                }
                margin = 0;
            } else {
                margin = 4 * margin.max(state.items.all[peak as usize].length());
            }
        }
        state.height = state.items.height(&state.best);
        self.steps = self.steps.saturating_mul(2);
    }

    /// The window around an item; none if it would hold everything, or too much.
    fn around(&self, state: &State<'_>, item: usize, margin: u32) -> Option<Window> {
        let all = &state.items.all;
        let (start, end) = (all[item].start.saturating_sub(margin), all[item].end.saturating_add(margin));
        if start == 0 && end as usize >= state.items.slots() {
            return None;
        }
        let (mut free, mut pinned) = (Vec::new(), BTreeMap::new());
        for (i, &(from, to)) in self.spans.iter().enumerate().filter(|(_, span)| span.0 < end && start < span.1) {
            let low = state.best[i];
            if start <= from && to <= end {
                free.push(i as u32);
            } else {
                let ranges: &mut Vec<(u64, u64)> = pinned.entry((from.max(start), to.min(end))).or_default();
                ranges.push((low, low + all[i].size));
            }
        }
        (free.len() <= MOST_FREE).then(|| Window::new(state, free, pinned))
    }
}

impl Window {
    /// Free items, and by lifetime the ranges of units that others take.
    fn new(state: &State<'_>, free: Vec<u32>, pinned: BTreeMap<(u32, u32), Vec<(u64, u64)>>) -> Window {
        let buffer = |start: u32, end: u32, size: u64| LayoutBuffer::new(Bytes(size), Step(start), Step(end));
        let mut buffers: Vec<LayoutBuffer> = Vec::new();
        let mut hint = Vec::new();
        for &i in &free {
            let item = &state.items.all[i as usize];
            buffers.push(buffer(item.start, item.end, item.size));
            hint.push(Bytes(state.best[i as usize]));
        }
        for ((start, end), mut ranges) in pinned {
            ranges.sort_unstable();
            for run in ranges.chunk_by(|below, above| below.1 == above.0) {
                let (low, high) = (run[0].0, run[run.len() - 1].1);
                buffers.push(LayoutBuffer { pinned: Some(Bytes(low)), ..buffer(start, end, high - low) });
                hint.push(Bytes(low));
            }
        }
        Window { free, problem: LayoutProblem::new(buffers, Align::ONE), hint }
    }

    /// Lower offsets for the free items, if there are any within `limit` steps.
    fn lower(&self, state: &mut State<'_>, limit: u64) -> Option<Vec<u64>> {
        let items = Items::new(&self.problem)?;
        let options = SearchOptions { hint: Some(self.hint.clone()), ..SearchOptions::default() };
        let mut part =
            State { limit, deadline: state.deadline, windows: false, ..begin(&self.problem, &items, &options) };
        part.goal = state.goal.max(state.bound) / items.unit;
        first_placements(&self.problem, &mut part, &options);
        refine(&mut part);
        state.steps += part.steps;
        let lower = part.height * items.unit < state.height;
        let offsets = items.to_bytes(&part.best);
        lower.then(|| offsets[..self.free.len()].iter().map(|offset| offset.0).collect())
    }
}

#[cfg(test)]
mod tests {
    use memopt::ir::{Align, Bytes, Step};
    use memopt::plan::{LayoutBuffer, LayoutProblem, StopReason, validate_layout};
    use rand::rngs::SmallRng;
    use rand::{Rng, SeedableRng};

    use super::super::{SearchOptions, begin, conclude};
    use super::{Items, Windows};
    use crate::place::best_fit::best_fit;

    /// Some items are lifted above all others: only what lives near them has to move to bring them down again.
    #[test]
    fn peaks_come_down() {
        let mut rng = SmallRng::seed_from_u64(1);
        let buffer = |_| {
            let start = rng.random_range(0..2000);
            LayoutBuffer::new(Bytes(rng.random_range(1..100)), Step(start), Step(start + rng.random_range(1..60)))
        };
        let problem = LayoutProblem::new((0..2000).map(buffer).collect(), Align::ONE);
        let good = best_fit(&problem);
        let items = Items::new(&problem).unwrap();
        let mut state = begin(&problem, &items, &SearchOptions::default());
        let mut offsets: Vec<u64> = good.offsets.iter().map(|offset| offset.0 / items.unit).collect();
        for i in [10, 700, 1400] {
            offsets[i] = good.height.0 / items.unit + i as u64;
        }
        state.offer(offsets);
        let before = state.height;
        Windows::new(&items).improve(&mut state, 20_000_000);
        let solution = conclude(&state, StopReason::Saturated);
        validate_layout(&problem, &solution).unwrap();
        assert!(before * items.unit > good.height.0 && solution.height <= good.height, "{}", solution.height);
    }
}

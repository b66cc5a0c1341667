//! A portfolio of greedy placements: the first that meets the lower bound ends it, else the best of them is the answer.
//!
//! Notation: a *rectangle* is a buffer over *slots* of time (`rects.rs`); the *lower bound* is the largest sum of sizes
//! that live in one slot; *area* is size times width.
//!
//! Phases, the cheap ones first:
//! 1. two sweeps through time with a free list, forward and backward (`sweep.rs`);
//! 2. best fit by falling size (`occupied.rs`);
//! 3. lowest-skyline dives by three rankings (`dive.rs`);
//! 4. best fit by area and by lifetime, first fit by size.
use memopt::ir::Bytes;
use memopt::plan::{LayoutProblem, LayoutSolution, StopReason};

use super::dive::{LifetimeTree, dive};
use super::no_reuse::no_reuse;
use super::occupied::{Fit, Occupied};
use super::rects::{Rect, Rects};
use super::sweep::by_birth;

/// Elementary steps (runs merged, tree nodes visited) after which no further order is tried; about 0.3 s.
pub const WORK_LIMIT: u64 = 30_000_000;

/// Places the buffers low, and says how far above the lower bound. Never higher than [`no_reuse`].
pub fn best_fit(problem: &LayoutProblem) -> LayoutSolution {
    let mut search = Search::new(problem);
    let stop = search.run();
    let mut solution = no_reuse(problem);
    if search.height < solution.height {
        (solution.height, solution.offsets) = (search.height, vec![Bytes::ZERO; problem.buffers.len()]);
        for (rect, &offset) in search.rects.all.iter().zip(&search.offsets) {
            solution.offsets[rect.buffer as usize] = offset;
        }
    }
    solution.stop = if solution.height == solution.lower_bound { StopReason::BoundMet } else { stop };
    solution
}

/// A number by which rectangles are sorted, the largest first.
#[derive(Clone, Copy, Debug)]
enum Key {
    Size,
    Area,
    /// Steps of its lifetime.
    Width,
    /// The largest live sum in its lifetime.
    Total,
}

/// One way to place all rectangles.
#[derive(Clone, Copy, Debug)]
enum Attempt {
    /// In the order of birth, or of death backwards in time.
    Sweep { backward: bool },
    /// By falling keys, each where it fits.
    Greedy(Fit, [Key; 3]),
    /// Lowest first, ties by falling keys.
    Dive([Key; 3]),
}

/// In the order in which they are tried: the cheap ones first, then those that most often meet the bound.
const PORTFOLIO: [Attempt; 11] = [
    Attempt::Sweep { backward: false },
    Attempt::Sweep { backward: true },
    Attempt::Dive([Key::Total, Key::Width, Key::Area]),
    Attempt::Greedy(Fit::Best, [Key::Size, Key::Width, Key::Area]),
    Attempt::Greedy(Fit::Best, [Key::Area, Key::Size, Key::Width]),
    Attempt::Greedy(Fit::First, [Key::Size, Key::Width, Key::Area]),
    Attempt::Dive([Key::Total, Key::Area, Key::Width]),
    Attempt::Dive([Key::Width, Key::Area, Key::Total]),
    Attempt::Greedy(Fit::Best, [Key::Width, Key::Size, Key::Area]),
    Attempt::Greedy(Fit::First, [Key::Size, Key::Size, Key::Size]),
    Attempt::Greedy(Fit::Best, [Key::Size, Key::Size, Key::Size]),
];

/// The portfolio at work.
struct Search {
    rects: Rects,
    /// The best placement so far.
    offsets: Vec<Bytes>,
    height: Bytes,
    /// Steps done, see [`WORK_LIMIT`].
    work: u64,
    occupied: Option<Occupied>,
    tree: Option<LifetimeTree>,
    totals: Vec<Bytes>,
}

impl Search {
    fn new(problem: &LayoutProblem) -> Search {
        let rects = Rects::new(problem);
        let totals = largest_totals(&rects);
        Search { rects, offsets: Vec::new(), height: Bytes(u64::MAX), work: 0, occupied: None, tree: None, totals }
    }

    fn run(&mut self) -> StopReason {
        let debug = std::env::var("DBG").is_ok();
        for attempt in PORTFOLIO {
            let t = std::time::Instant::now();
            let w = self.work;
            let offsets = self.attempt(attempt);
            if debug {
                eprintln!(
                    "  {attempt:?} {:?} work {} {:?}",
                    offsets.as_ref().map(|o| self.rects.height(o).0 as f64 / self.rects.lower_bound.0 as f64),
                    self.work - w,
                    t.elapsed()
                );
            }
            if let Some(offsets) = offsets {
                let height = self.rects.height(&offsets);
                if height < self.height {
                    (self.offsets, self.height) = (offsets, height);
                }
            }
            if self.height == self.rects.lower_bound {
                return StopReason::BoundMet;
            }
            if self.work > WORK_LIMIT {
                return StopReason::WorkLimit;
            }
        }
        StopReason::Saturated
    }

    /// The placement of one attempt; `None` if it gave up, being no better than the best so far.
    fn attempt(&mut self, attempt: Attempt) -> Option<Vec<Bytes>> {
        match attempt {
            Attempt::Sweep { backward: false } => Some(by_birth(&self.rects.all)),
            Attempt::Sweep { backward: true } => Some(by_birth(&self.rects.mirrored())),
            Attempt::Greedy(fit, keys) => {
                let order = self.ranking(keys);
                let occupied = self.occupied.get_or_insert_with(|| Occupied::new(self.rects.slots()));
                let before = occupied.work;
                let offsets = greedy(&self.rects.all, &order, fit, occupied, self.height, WORK_LIMIT - self.work);
                self.work += occupied.work - before;
                offsets
            }
            Attempt::Dive(keys) => {
                let ranking = self.ranking(keys);
                let tree = self.tree.get_or_insert_with(|| LifetimeTree::new(&self.rects.all));
                Some(dive(tree, &self.rects.all, self.rects.slots(), &ranking, &mut self.work))
            }
        }
    }

    /// Indices of the rectangles by falling keys, ties by index.
    fn ranking(&self, keys: [Key; 3]) -> Vec<u32> {
        let key = |i: usize, key: Key| -> u64 {
            let rect = &self.rects.all[i];
            match key {
                Key::Size => rect.size.0,
                Key::Area => rect.size.0.saturating_mul(u64::from(rect.steps)),
                Key::Width => u64::from(rect.steps),
                Key::Total => self.totals[i].0,
            }
        };
        let mut keyed: Vec<_> = (0..self.rects.all.len()).map(|i| (keys.map(|k| !key(i, k)), i as u32)).collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, i)| i).collect()
    }
}

/// Places rectangles in the given order; gives up when one ends at `limit` or above, or after `work` steps.
fn greedy(rects: &[Rect], order: &[u32], fit: Fit, occupied: &mut Occupied, limit: Bytes, work: u64) -> Option<Vec<Bytes>> {
    occupied.clear();
    let work = occupied.work + work;
    let mut offsets = vec![Bytes::ZERO; rects.len()];
    for &i in order {
        let rect = &rects[i as usize];
        let offset = occupied.find(rect, fit);
        if offset + rect.size >= limit || occupied.work > work {
            return None;
        }
        occupied.take(rect, offset);
        offsets[i as usize] = offset;
    }
    Some(offsets)
}

/// For each rectangle, the largest live sum in its lifetime.
fn largest_totals(rects: &Rects) -> Vec<Bytes> {
    let leaves = rects.totals.len();
    let mut largest = vec![Bytes::ZERO; leaves];
    largest.extend_from_slice(&rects.totals);
    for i in (1..leaves).rev() {
        largest[i] = largest[2 * i].max(largest[2 * i + 1]);
    }
    let query = |rect: &Rect| {
        let (mut low, mut high) = (leaves + rect.start as usize, leaves + rect.end as usize);
        let mut total = Bytes::ZERO;
        while low < high {
            if low % 2 == 1 {
                total = total.max(largest[low]);
                low += 1;
            }
            if high % 2 == 1 {
                high -= 1;
                total = total.max(largest[high]);
            }
            (low, high) = (low / 2, high / 2);
        }
        total
    };
    rects.all.iter().map(query).collect()
}

//! A portfolio of greedy placements: the first that meets the lower bound ends it, else the best of them is the answer.
//!
//! Notation: a *rectangle* is a buffer over *slots* of time (`rects.rs`); the *lower bound* is the largest sum of sizes
//! that live in one slot; *area* is size times width.
//!
//! Phases, the cheap ones first:
//! 1. two sweeps through time with a free list, forward and backward (`sweep.rs`);
//! 2. lowest-skyline dives (`dive.rs`) and placement by falling keys into gaps (`occupied.rs`), in the order of
//!    [`PORTFOLIO`]: the dive that meets the bound most often is the first;
//! 3. the baseline, should all of them be worse.
//!
//! An attempt ends as soon as a rectangle reaches the height of the best placement so far, and all attempts end when
//! [`WORK_LIMIT`] steps are done, or more for more than 100,000 rectangles.
//!
//! Measured on one core: 58 of 58 plans of convolution nets, transformers and LSTMs (8 to 4,861 buffers) at the lower
//! bound, in 40 ms together; a training graph of 18,692 buffers, 1,104 of them live at a time, at 1.0076 of it in 0.2 s;
//! 100,000 buffers in 0.2 to 0.35 s. Packings without slack, as accelerators with small scratchpads need them, are not
//! what this is for: there it ends 12 to 26 % above the bound, and a search has to take over.

use memopt::ir::Bytes;
use memopt::plan::{LayoutProblem, LayoutSolution, StopReason};

use super::dive::{LifetimeTree, dive};
use super::no_reuse::no_reuse;
use super::occupied::{Fit, Occupied};
use super::rects::{Rect, Rects, Work};
use super::sweep::by_birth;

/// Elementary steps (tree nodes visited, runs of addresses looked at or moved) after which no further order is tried; on
/// one core about 0.2 s. The sweeps are not counted: they are O(n log n).
pub const WORK_LIMIT: u64 = 10_000_000;

/// Steps for each rectangle that are allowed where that is more: enough for one dive.
const WORK_PER_RECT: u64 = 150;

/// Places the buffers low, and says how far above the lower bound. Never higher than [`no_reuse`].
pub fn best_fit(problem: &LayoutProblem) -> LayoutSolution {
    let mut search = Search::new(Rects::new(problem));
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
    Attempt::Greedy(Fit::First, [Key::Size, Key::Size, Key::Size]),
    Attempt::Greedy(Fit::Best, [Key::Size, Key::Width, Key::Area]),
    Attempt::Dive([Key::Total, Key::Area, Key::Width]),
    Attempt::Greedy(Fit::First, [Key::Size, Key::Width, Key::Area]),
    Attempt::Greedy(Fit::Best, [Key::Area, Key::Size, Key::Width]),
    Attempt::Dive([Key::Width, Key::Area, Key::Total]),
    Attempt::Greedy(Fit::Best, [Key::Width, Key::Size, Key::Area]),
    Attempt::Greedy(Fit::Best, [Key::Size, Key::Size, Key::Size]),
];

/// The portfolio at work.
struct Search {
    rects: Rects,
    /// For each rectangle, the largest live sum in its lifetime.
    totals: Vec<Bytes>,
    /// The best placement so far, and its height.
    offsets: Vec<Bytes>,
    height: Bytes,
    work: Work,
    /// Built when first needed.
    occupied: Option<Occupied>,
    /// Built when first needed.
    tree: Option<LifetimeTree>,
}

impl Search {
    fn new(rects: Rects) -> Search {
        let limit = WORK_LIMIT.max(WORK_PER_RECT * rects.all.len() as u64);
        let (totals, work) = (largest_totals(&rects), Work { done: 0, limit });
        Search { rects, totals, offsets: Vec::new(), height: Bytes(u64::MAX), work, occupied: None, tree: None }
    }

    /// Tries the portfolio until the bound is met.
    fn run(&mut self) -> StopReason {
        for attempt in PORTFOLIO {
            if let Some(offsets) = self.attempt(attempt) {
                let height = self.rects.height(&offsets);
                if height < self.height {
                    (self.offsets, self.height) = (offsets, height);
                }
            }
            if self.height == self.rects.lower_bound {
                return StopReason::BoundMet;
            }
            if self.work.is_done() {
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
                greedy(&self.rects.all, &order, fit, occupied, self.height, &mut self.work)
            }
            Attempt::Dive(keys) => {
                let ranking = self.ranking(keys);
                let tree = self.tree.get_or_insert_with(|| LifetimeTree::new(&self.rects.all));
                dive(&self.rects, tree, &ranking, self.height, &mut self.work)
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

/// Places rectangles in the given order; gives up when one ends at `limit` or above, or when the work is done.
fn greedy(
    rects: &[Rect],
    order: &[u32],
    fit: Fit,
    occupied: &mut Occupied,
    limit: Bytes,
    work: &mut Work,
) -> Option<Vec<Bytes>> {
    occupied.clear();
    let mut offsets = vec![Bytes::ZERO; rects.len()];
    for &i in order {
        let rect = &rects[i as usize];
        let offset = occupied.find(rect, fit, work);
        if offset + rect.size >= limit || work.is_done() {
            return None;
        }
        occupied.take(rect, offset, work);
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

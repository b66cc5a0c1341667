//! Which addresses are taken during a stretch of time: a segment tree over slots, without a list of conflicts.
//!
//! *Run*: a maximal range of taken addresses. Every node of the tree stands for an aligned stretch of slots and holds two
//! sorted lists of runs:
//! - `across`: of the rectangles stored at this very node, which live through the whole stretch;
//! - `within`: of the rectangles stored at this node or below it, which live in some of it.
//!
//! A rectangle is stored at the O(log slots) nodes that make up its lifetime. The addresses taken at some time in a
//! lifetime are the `within` runs of the nodes that make it up, and the `across` runs of the nodes above these.
//! Rectangles that lie on each other merge into one run, which is why this is several times faster than looking at every
//! conflicting pair: good placements have few holes. Memory is O(n log n) at worst, and near n in practice.

use memopt::ir::Bytes;

use super::rects::{Rect, Work};

/// Addresses `[low, high)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Run {
    low: Bytes,
    high: Bytes,
}

/// How a gap is chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fit {
    /// The smallest gap that is large enough, the lowest of these.
    Best,
    /// The lowest gap that is large enough.
    First,
}

/// Taken addresses over time.
pub(super) struct Occupied {
    /// Number of leaves, a power of two: the root is node 1, node `i` has the children `2i` and `2i + 1`.
    leaves: u32,
    across: Vec<Vec<Run>>,
    within: Vec<Vec<Run>>,
    /// Runs met by the current query.
    met: Vec<Run>,
    /// Nodes that still have to be visited: node, its first slot, number of its slots.
    stack: Vec<(u32, u32, u32)>,
}

impl Occupied {
    /// Nothing taken in `slots` slots.
    pub(super) fn new(slots: u32) -> Occupied {
        let leaves = slots.max(1).next_power_of_two();
        let nodes = || vec![Vec::new(); 2 * leaves as usize];
        Occupied { leaves, across: nodes(), within: nodes(), met: Vec::new(), stack: Vec::new() }
    }

    /// Forgets all rectangles.
    pub(super) fn clear(&mut self) {
        self.across.iter_mut().chain(&mut self.within).for_each(Vec::clear);
    }

    /// Takes `[offset, offset + size)` in the slots of the rectangle.
    pub(super) fn take(&mut self, rect: &Rect, offset: Bytes, work: &mut Work) {
        let run = Run { low: offset, high: offset + rect.size };
        self.stack.push((1, 0, self.leaves));
        while let Some((node, first, slots)) = self.stack.pop() {
            work.done += 1;
            add(&mut self.within[node as usize], run, work);
            if rect.start <= first && first + slots <= rect.end {
                add(&mut self.across[node as usize], run, work);
            } else {
                self.push_children(node, first, slots, rect);
            }
        }
    }

    /// The lowest offset, or that of the tightest gap, at which nothing is taken in the slots of the rectangle.
    pub(super) fn find(&mut self, rect: &Rect, fit: Fit, work: &mut Work) -> Bytes {
        self.gather(rect, work);
        choose_gap(&self.met, rect.size, fit)
    }

    /// Low and high ends of what is taken in the slots of the rectangle, sorted; some of it may overlap.
    pub(super) fn runs(&mut self, rect: &Rect, work: &mut Work) -> impl Iterator<Item = (Bytes, Bytes)> {
        self.gather(rect, work);
        self.met.iter().map(|run| (run.low, run.high))
    }

    /// Fills `met`.
    fn gather(&mut self, rect: &Rect, work: &mut Work) {
        self.met.clear();
        self.stack.push((1, 0, self.leaves));
        while let Some((node, first, slots)) = self.stack.pop() {
            work.done += 1;
            if rect.start <= first && first + slots <= rect.end {
                self.met.extend_from_slice(&self.within[node as usize]);
            } else {
                self.met.extend_from_slice(&self.across[node as usize]);
                self.push_children(node, first, slots, rect);
            }
        }
        // Sorting costs about as much again as gathering.
        work.done += 2 * self.met.len() as u64;
        // Stable, because that sort recognises the sorted lists that these are made of and merges them.
        self.met.sort();
    }

    /// Visits next those children that share a slot with the rectangle.
    fn push_children(&mut self, node: u32, first: u32, slots: u32, rect: &Rect) {
        let (half, middle) = (slots / 2, first + slots / 2);
        if middle < rect.end {
            self.stack.push((2 * node + 1, middle, half));
        }
        if rect.start < middle {
            self.stack.push((2 * node, first, half));
        }
    }
}

/// Where between sorted runs to put `size` bytes; above them all if no gap is large enough.
fn choose_gap(runs: &[Run], size: Bytes, fit: Fit) -> Bytes {
    let mut top = Bytes::ZERO;
    let mut best: Option<(Bytes, Bytes)> = None;
    for run in runs {
        let gap = run.low.saturating_sub(top);
        if gap >= size && best.is_none_or(|(smallest, _)| gap < smallest) {
            best = Some((gap, top));
            if fit == Fit::First || gap == size {
                break;
            }
        }
        top = top.max(run.high);
    }
    best.map_or(top, |(_, offset)| offset)
}

/// Adds a range to sorted runs and joins what touches.
fn add(runs: &mut Vec<Run>, run: Run, work: &mut Work) {
    let from = runs.partition_point(|known| known.high < run.low);
    // Moving a run is far cheaper than looking at it.
    work.done += (runs.len() - from) as u64 / 16;
    let joined = runs[from..].iter().take_while(|known| known.low <= run.high).count();
    if joined == 0 {
        runs.insert(from, run);
        return;
    }
    let last = runs[from + joined - 1];
    runs[from] = Run { low: runs[from].low.min(run.low), high: last.high.max(run.high) };
    runs.drain(from + 1..from + joined);
}

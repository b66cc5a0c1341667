//! The problem as the placers see it: rectangles over slots of time.
//!
//! *Slot*: a maximal stretch of steps in which buffers only begin to live, after which at least one ends. Two buffers meet
//! in some step if and only if they meet in some slot, and there are at most as many slots as buffers, however long the
//! schedule is. *Size*: bytes, rounded up to the alignment; buffers of no bytes are no rectangles.
//!
//! ```text
//!   step     0  1  2  3  4  5             a: 0..2   b: 1..4   c: 2..5   d: 5..6
//!   a        ######
//!   b           #########                 a ends before c begins, and b and c before d, so
//!   c              #########              slot 0 = steps 0 1    slot 1 = steps 2 3 4    slot 2 = step 5
//!   d                       ###
//! ```

use memopt::ir::Bytes;
use memopt::plan::{LayoutBuffer, LayoutProblem};

/// A buffer that has bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rect {
    /// Rounded bytes, not zero.
    pub(super) size: Bytes,
    /// First slot.
    pub(super) start: u32,
    /// One past the last slot.
    pub(super) end: u32,
    /// Number of steps of its lifetime: how long it is, where slots only say what it meets.
    pub(super) steps: u32,
    /// Index of the buffer in the problem.
    pub(super) buffer: u32,
}

/// All rectangles of a problem, in the order of its buffers.
pub(super) struct Rects {
    /// The rectangles.
    pub(super) all: Vec<Rect>,
    /// Live bytes in each slot.
    pub(super) totals: Vec<Bytes>,
    /// The largest of them: no placement can be lower.
    pub(super) lower_bound: Bytes,
}

impl Rects {
    /// Rounds the sizes, finds the slots and the live bytes in each.
    pub(super) fn new(problem: &LayoutProblem) -> Rects {
        let sized = problem.buffers.iter().enumerate().filter(|(_, b)| !b.size.is_zero());
        let rect = |(i, b): (usize, &LayoutBuffer)| {
            // An empty lifetime breaks the contract; it is taken as its first step, the safe reading.
            let steps = b.end.0.saturating_sub(b.start.0).max(1);
            Rect { size: b.size.align_to(problem.alignment), start: 0, end: 0, steps, buffer: i as u32 }
        };
        let mut all: Vec<Rect> = sized.map(rect).collect();
        let totals = find_slots(problem, &mut all);
        let lower_bound = totals.iter().copied().max().unwrap_or(Bytes::ZERO);
        Rects { all, totals, lower_bound }
    }

    /// The same rectangles with time running backwards.
    pub(super) fn mirrored(&self) -> Vec<Rect> {
        let slots = self.slots();
        self.all.iter().map(|r| Rect { start: slots - r.end, end: slots - r.start, ..*r }).collect()
    }

    /// Number of slots.
    pub(super) fn slots(&self) -> u32 {
        self.totals.len() as u32
    }

    /// The largest end of a rectangle.
    pub(super) fn height(&self, offsets: &[Bytes]) -> Bytes {
        self.all.iter().zip(offsets).map(|(rect, &offset)| offset + rect.size).max().unwrap_or(Bytes::ZERO)
    }
}

/// Gives every rectangle its slots, and says how many bytes live in each slot.
fn find_slots(problem: &LayoutProblem, rects: &mut [Rect]) -> Vec<Bytes> {
    let mut events = Vec::with_capacity(2 * rects.len());
    for (i, rect) in rects.iter().enumerate() {
        let start = u64::from(problem.buffers[rect.buffer as usize].start.0);
        events.push((start, true, i as u32));
        events.push((start + u64::from(rect.steps), false, i as u32));
    }
    // Lifetimes are half-open: at one step, ends (false) come before starts.
    events.sort_unstable();
    let mut totals = Vec::new();
    let (mut live, mut ended) = (Bytes::ZERO, false);
    for (_, starts, i) in events {
        let rect = &mut rects[i as usize];
        if starts {
            if ended || totals.is_empty() {
                totals.push(Bytes::ZERO);
                ended = false;
            }
            rect.start = totals.len() as u32 - 1;
            live += rect.size;
            *totals.last_mut().expect("a slot was opened") = live;
        } else {
            rect.end = totals.len() as u32;
            live = live.saturating_sub(rect.size);
            ended = true;
        }
    }
    totals
}

/// Elementary steps, counted so that no input takes forever, and the same input always gets the same answer.
pub(super) struct Work {
    /// Steps done.
    pub(super) done: u64,
    /// Steps allowed.
    pub(super) limit: u64,
}

impl Work {
    /// Whether there are no steps left.
    pub(super) fn is_done(&self) -> bool {
        self.done >= self.limit
    }
}

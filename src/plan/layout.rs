//! The placement problem as plain data, its answer, and its naive validator.
//!
//! Offset assignment, or dynamic storage allocation: rectangles with a fixed extent in time, to be given offsets so that no
//! two that live at the same time overlap, and the height is least.

use super::StopReason;
use crate::ir::{Align, Bytes, Step};

/// One buffer to place: what [`LayoutBuffer::new`] asks for is what most have; the other fields are rules that few need.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LayoutBuffer {
    /// Bytes, occupied up to the next multiple of the problem's alignment; zero-sized buffers conflict with nothing.
    pub size: Bytes,
    /// First step in which it lives.
    pub start: Step,
    /// One past the last; later than `start`.
    pub end: Step,
    /// Its offset is a multiple of this, besides the alignment of the problem.
    pub alignment: Align,
    /// The only offset it may have.
    pub pinned: Option<Bytes>,
    /// Addresses `[low, high)` that it may not leave.
    pub window: Option<(Bytes, Bytes)>,
    /// Parts of its lifetime in which others may use its bytes; disjoint, in the order of time.
    pub gaps: Vec<LayoutGap>,
    /// It lies inside another buffer, and moves with it. All that lies inside one outermost buffer may share bytes.
    pub within: Option<LayoutWithin>,
}

impl LayoutBuffer {
    /// A buffer that may lie anywhere.
    pub fn new(size: Bytes, start: Step, end: Step) -> LayoutBuffer {
        let (alignment, gaps) = (Align::ONE, Vec::new());
        LayoutBuffer { size, start, end, alignment, pinned: None, window: None, gaps, within: None }
    }

    /// The stretches of time in which it occupies bytes, each with these bytes, counted from its own offset.
    pub fn pieces(&self, alignment: Align) -> Vec<LayoutPiece> {
        let (mut pieces, mut from) = (Vec::new(), self.start);
        let (low, high) = (Bytes::ZERO, self.size.align_to(alignment));
        for gap in &self.gaps {
            pieces.push(LayoutPiece { start: from, end: gap.start, low, high });
            if let Some((low, high)) = gap.keeps {
                pieces.push(LayoutPiece { start: gap.start, end: gap.end, low, high });
            }
            from = gap.end;
        }
        pieces.push(LayoutPiece { start: from, end: self.end, low, high });
        pieces.retain(|piece| piece.start < piece.end && piece.low < piece.high);
        pieces
    }

    /// Whether it is no more than a size and a lifetime.
    pub fn is_plain(&self) -> bool {
        let anywhere = self.pinned.is_none() && self.window.is_none() && self.within.is_none();
        anywhere && self.alignment == Align::ONE && self.gaps.is_empty()
    }
}

/// Steps of a lifetime in which a buffer is not needed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LayoutGap {
    /// The first of them.
    pub start: Step,
    /// One past the last.
    pub end: Step,
    /// Bytes `[low, high)` of the buffer that stay occupied all the same.
    pub keeps: Option<(Bytes, Bytes)>,
}

/// A place inside another buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LayoutWithin {
    /// Index of the other buffer.
    pub parent: usize,
    /// The byte of it at which this one begins.
    pub at: Bytes,
}

/// Bytes that are occupied from one step to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LayoutPiece {
    /// First step.
    pub start: Step,
    /// One past the last.
    pub end: Step,
    /// First byte.
    pub low: Bytes,
    /// One past the last.
    pub high: Bytes,
}

/// Buffers to place in one arena.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LayoutProblem {
    /// The buffers.
    pub buffers: Vec<LayoutBuffer>,
    /// Every offset is a multiple of this.
    pub alignment: Align,
    /// Bytes that the arena has, where that is known.
    pub capacity: Option<Bytes>,
}

impl LayoutProblem {
    /// Buffers in an arena that may be as large as they need.
    pub fn new(buffers: Vec<LayoutBuffer>, alignment: Align) -> LayoutProblem {
        LayoutProblem { buffers, alignment, capacity: None }
    }

    /// Whether every buffer is no more than a size and a lifetime.
    pub fn is_plain(&self) -> bool {
        self.buffers.iter().all(LayoutBuffer::is_plain)
    }

    /// Looks for buffers that contradict the contract of their fields.
    ///
    /// # Errors
    /// The first of them.
    pub fn check(&self) -> Result<(), LayoutProblemError> {
        for (buffer, b) in self.buffers.iter().enumerate() {
            if b.start >= b.end {
                return Err(LayoutProblemError::Lifetime { buffer });
            }
            let mut from = b.start;
            for gap in &b.gaps {
                let keeps_inside = gap.keeps.is_none_or(|(low, high)| low < high && high <= b.size);
                if gap.start < from || gap.start >= gap.end || gap.end > b.end || !keeps_inside {
                    return Err(LayoutProblemError::Gap { buffer });
                }
                from = gap.end;
            }
        }
        self.roots().map(|_| ())
    }

    /// For each buffer the outermost buffer that it lies in, itself if there is none, and where it begins there.
    ///
    /// # Errors
    /// If a buffer sticks out of the one that it lies in, or lies in itself.
    pub fn roots(&self) -> Result<Vec<(usize, Bytes)>, LayoutProblemError> {
        const UNKNOWN: usize = usize::MAX;
        let mut roots = vec![(UNKNOWN, Bytes::ZERO); self.buffers.len()];
        let mut path = Vec::new();
        for first in 0..self.buffers.len() {
            let mut at = first;
            while roots[at].0 == UNKNOWN {
                let Some(within) = self.buffers[at].within else {
                    roots[at] = (at, Bytes::ZERO);
                    break;
                };
                let inside = |parent: &LayoutBuffer| within.at + self.buffers[at].size <= parent.size;
                if path.len() > self.buffers.len() || !self.buffers.get(within.parent).is_some_and(inside) {
                    return Err(LayoutProblemError::Within { buffer: at });
                }
                path.push(at);
                at = within.parent;
            }
            while let Some(child) = path.pop() {
                let within = self.buffers[child].within.expect("only children are on the path");
                let (root, at) = roots[within.parent];
                roots[child] = (root, at + within.at);
            }
        }
        Ok(roots)
    }
}

/// Why a problem makes no sense.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LayoutProblemError {
    /// A lifetime is empty.
    Lifetime {
        /// The buffer.
        buffer: usize,
    },
    /// Gaps overlap, leave the lifetime, are out of order, or keep bytes that the buffer has not.
    Gap {
        /// The buffer.
        buffer: usize,
    },
    /// It sticks out of the buffer that it lies in, or lies in itself.
    Within {
        /// The buffer.
        buffer: usize,
    },
}

/// Where the buffers lie.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LayoutSolution {
    /// Offset of each buffer.
    pub offsets: Vec<Bytes>,
    /// Largest end of a buffer, its size rounded up to the alignment.
    pub height: Bytes,
    /// No placement can be lower.
    pub lower_bound: Bytes,
    /// Why the search stopped.
    pub stop: StopReason,
}

/// What is wrong with a placement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LayoutError {
    /// There are not as many offsets as buffers.
    Count {
        /// Number of buffers.
        expected: usize,
        /// Number of offsets.
        found: usize,
    },
    /// The problem itself makes no sense.
    Problem(LayoutProblemError),
    /// An offset is no multiple of the alignment, or of its own.
    Misaligned {
        /// The buffer.
        buffer: usize,
    },
    /// A buffer does not lie at its pinned offset, in its window, or where its parent says.
    Misplaced {
        /// The buffer.
        buffer: usize,
    },
    /// The height is above the capacity.
    Capacity {
        /// What the arena has.
        expected: Bytes,
        /// What the placement needs.
        found: Bytes,
    },
    /// Two buffers share a byte in some step.
    Overlap {
        /// One buffer.
        first: usize,
        /// The other.
        second: usize,
    },
    /// The height is not the largest end of a buffer.
    Height {
        /// The largest end.
        expected: Bytes,
        /// What the solution says.
        found: Bytes,
    },
}

/// Checks a placement: every rule buffer by buffer, then overlaps by walking through time with the live address ranges.
///
/// # Errors
/// The first violation.
pub fn validate_layout(problem: &LayoutProblem, solution: &LayoutSolution) -> Result<(), LayoutError> {
    let (buffers, offsets) = (&problem.buffers, &solution.offsets);
    let end = |i: usize| offsets[i] + buffers[i].size.align_to(problem.alignment);
    if offsets.len() != buffers.len() {
        return Err(LayoutError::Count { expected: buffers.len(), found: offsets.len() });
    }
    let roots = problem.roots().map_err(LayoutError::Problem)?;
    for (buffer, b) in buffers.iter().enumerate().filter(|(_, b)| !b.size.is_zero()) {
        let offset = offsets[buffer];
        // Inside a parent, the offset is the parent's affair, but for an alignment that the buffer itself asks for.
        let shared = if b.within.is_none() { problem.alignment } else { Align::ONE };
        if offset.align_to(shared) != offset || offset.align_to(b.alignment) != offset {
            return Err(LayoutError::Misaligned { buffer });
        }
        let pinned = b.pinned.is_none_or(|pin| pin == offset);
        let inside = b.window.is_none_or(|(low, high)| low <= offset && offset + b.size <= high);
        if !pinned || !inside || b.within.is_some_and(|w| offsets[w.parent] + w.at != offset) {
            return Err(LayoutError::Misplaced { buffer });
        }
    }
    no_overlap(problem, offsets, &roots)?;
    let expected = (0..buffers.len()).filter(|&i| !buffers[i].size.is_zero()).map(end).max().unwrap_or(Bytes::ZERO);
    if expected != solution.height {
        return Err(LayoutError::Height { expected, found: solution.height });
    }
    match problem.capacity {
        Some(capacity) if expected > capacity => Err(LayoutError::Capacity { expected: capacity, found: expected }),
        _ => Ok(()),
    }
}

/// Walks through time. Ranges of buffers without a family are disjoint, so that a sorted map finds what a new one hits;
/// ranges of families may share bytes with their own, and are looked at one by one.
fn no_overlap(problem: &LayoutProblem, offsets: &[Bytes], roots: &[(usize, Bytes)]) -> Result<(), LayoutError> {
    let mut has_family = vec![false; roots.len()];
    for (i, &(root, _)) in roots.iter().enumerate().filter(|(i, root)| root.0 != *i) {
        (has_family[i], has_family[root]) = (true, true);
    }
    // At one step ends come before starts: lifetimes are half-open.
    let mut events: Vec<(Step, bool, usize, Bytes, Bytes)> = Vec::with_capacity(2 * roots.len());
    for (i, buffer) in problem.buffers.iter().enumerate().filter(|(_, b)| !b.size.is_zero()) {
        // Inside a parent, a buffer occupies its own bytes and no more.
        let alignment = if buffer.within.is_none() { problem.alignment } else { Align::ONE };
        for piece in buffer.pieces(alignment) {
            let (low, high) = (offsets[i] + piece.low, offsets[i] + piece.high);
            events.extend([(piece.start, true, i, low, high), (piece.end, false, i, low, high)]);
        }
    }
    events.sort_unstable();
    let mut alone = std::collections::BTreeMap::<Bytes, (Bytes, usize)>::new();
    let mut families: Vec<(Bytes, Bytes, usize)> = Vec::new();
    for (_, starts, second, low, high) in events {
        if !starts {
            if has_family[second] {
                families.retain(|&range| range != (low, high, second));
            } else {
                alone.remove(&low);
            }
            continue;
        }
        if let Some((_, &(end, first))) = alone.range(..high).next_back()
            && end > low
        {
            return Err(LayoutError::Overlap { first, second });
        }
        let hits =
            |&&(from, to, first): &&(Bytes, Bytes, usize)| from < high && low < to && roots[first].0 != roots[second].0;
        if let Some(&(_, _, first)) = families.iter().find(hits) {
            return Err(LayoutError::Overlap { first, second });
        }
        if has_family[second] {
            families.push((low, high, second));
        } else {
            alone.insert(low, (high, second));
        }
    }
    Ok(())
}

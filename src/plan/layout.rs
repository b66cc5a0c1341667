//! The placement problem as plain data, its answer, and its naive validator.
//!
//! Offset assignment, or dynamic storage allocation: rectangles with a fixed extent in time, to be given offsets so that no
//! two that live at the same time overlap, and the height is least.

use super::StopReason;
use crate::ir::{Align, Bytes, Step};

/// One buffer to place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LayoutBuffer {
    /// Bytes, occupied up to the next multiple of the alignment; zero-sized buffers conflict with nothing.
    pub size: Bytes,
    /// First step in which it lives.
    pub start: Step,
    /// One past the last; later than `start`.
    pub end: Step,
}

/// Buffers to place in one arena.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LayoutProblem {
    /// The buffers.
    pub buffers: Vec<LayoutBuffer>,
    /// Every offset is a multiple of this.
    pub alignment: Align,
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
    /// An offset is no multiple of the alignment.
    Misaligned {
        /// The buffer.
        buffer: usize,
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

/// Checks a placement by walking through time with the set of live address ranges.
///
/// # Errors
/// The first violation.
pub fn validate_layout(problem: &LayoutProblem, solution: &LayoutSolution) -> Result<(), LayoutError> {
    let (buffers, offsets) = (&problem.buffers, &solution.offsets);
    let end = |i: usize| offsets[i] + buffers[i].size.align_to(problem.alignment);
    if offsets.len() != buffers.len() {
        return Err(LayoutError::Count { expected: buffers.len(), found: offsets.len() });
    }
    if let Some(buffer) = offsets.iter().position(|offset| offset.align_to(problem.alignment) != *offset) {
        return Err(LayoutError::Misaligned { buffer });
    }
    // At one step ends come before starts: lifetimes are half-open.
    let mut events: Vec<(Step, bool, usize)> = Vec::with_capacity(2 * buffers.len());
    for (i, buffer) in buffers.iter().enumerate().filter(|(_, b)| !b.size.is_zero()) {
        events.push((buffer.start, true, i));
        events.push((buffer.end, false, i));
    }
    events.sort_unstable();
    let mut live = std::collections::BTreeMap::<Bytes, usize>::new();
    for (_, starts, i) in events {
        if !starts {
            live.remove(&offsets[i]);
            continue;
        }
        let (low, high) = (offsets[i], end(i));
        // Live ranges are disjoint so far, so only the last one that starts below `high` can overlap.
        if let Some((_, &other)) = live.range(..high).next_back()
            && end(other) > low
        {
            return Err(LayoutError::Overlap { first: other, second: i });
        }
        live.insert(low, i);
    }
    let expected = (0..buffers.len()).map(end).max().unwrap_or(Bytes::ZERO);
    if expected != solution.height {
        return Err(LayoutError::Height { expected, found: solution.height });
    }
    Ok(())
}

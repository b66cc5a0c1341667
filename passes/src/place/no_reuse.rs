//! The baseline: every buffer in bytes of its own, one after the other.

use memopt::ir::Bytes;
use memopt::plan::{LayoutProblem, LayoutSolution, StopReason};

use super::rects::Rects;

/// Places every buffer above the one before it. Buffers of no bytes lie at offset zero.
pub fn no_reuse(problem: &LayoutProblem) -> LayoutSolution {
    let lower_bound = Rects::new(problem).lower_bound;
    let mut height = Bytes::ZERO;
    let mut offsets = Vec::with_capacity(problem.buffers.len());
    for buffer in &problem.buffers {
        offsets.push(if buffer.size.is_zero() { Bytes::ZERO } else { height.align_to(problem.alignment) });
        height += buffer.size.align_to(problem.alignment);
    }
    let stop = if height == lower_bound { StopReason::BoundMet } else { StopReason::Saturated };
    LayoutSolution { offsets, height, lower_bound, stop }
}

//! Placement: the offset of every buffer in the arena.
//!
//! Kernels, on plain numbers ([`memopt::plan::LayoutProblem`]); anybody can call them:
//! - [`best_fit`]: a portfolio of greedy placements, near-linear in the number of buffers;
//! - [`no_reuse`]: the baseline, every buffer in bytes of its own.
//!
//! All of them round sizes up to the alignment themselves. [`memopt::plan::validate_layout`] checks an answer.

mod best_fit;
mod dive;
mod no_reuse;
mod occupied;
mod rects;
mod sweep;

pub use best_fit::{WORK_LIMIT, best_fit};
pub use no_reuse::no_reuse;

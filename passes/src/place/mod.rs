//! Placement: the offset of every buffer in the arena.
mod best_fit;
mod dive;
mod no_reuse;
mod occupied;
mod rects;
mod sweep;

pub use best_fit::{WORK_LIMIT, best_fit};
pub use no_reuse::no_reuse;

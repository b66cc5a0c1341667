//! The plan: an order, the storage of every value, and the layout of the arena.

mod csr;
mod layout;
mod schedule;
mod storage;

pub use csr::Csr;
pub use layout::{
    LayoutBuffer, LayoutError, LayoutGap, LayoutPiece, LayoutProblem, LayoutProblemError, LayoutSolution, LayoutWithin,
    validate_layout,
};
pub use schedule::{
    MATCHED_TIES, OrderBuffer, OrderError, OrderProblem, OrderProfile, OrderTie, OrderValue, TieIndex, evaluate,
    order_profile, peak_and_area, take_ties, validate_order,
};
pub use storage::{Home, Part, Storage, StorageId, ValueStorage};

use std::fmt;

/// Why a search stopped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum StopReason {
    /// The search closed the gap itself: there is nothing better.
    Proven,
    /// The answer equals a lower bound.
    BoundMet,
    /// The algorithm ran to its end, without a proof.
    Saturated,
    /// The allowed amount of work was done.
    WorkLimit,
    /// The allowed time had passed.
    TimeLimit,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StopReason::Proven => "proven",
            StopReason::BoundMet => "bound-met",
            StopReason::Saturated => "saturated",
            StopReason::WorkLimit => "work-limit",
            StopReason::TimeLimit => "time-limit",
        })
    }
}

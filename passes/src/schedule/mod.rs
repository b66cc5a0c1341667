//! Scheduling: the order of kernels, and with it the lifetimes.
//!
//! Kernels, on plain numbers ([`memopt::plan::OrderProblem`]); anybody can call them:
//! - [`greedy`]: list scheduling in both directions; near-linear;
//! - [`merged`]: series-parallel parts, each in its optimal sequence; near-linear;
//! - [`search`]: from greedy orders to what the lower bound leads to, then windows around the peak ordered anew, by the exact
//!   search over downsets; anytime;
//! - [`ilp`]: the optimum by integer programming, for up to a few thousand kernels, or how far it came;
//! - [`joint`]: order and offsets together, the least arena;
//! - [`ilp_window`]: the same for a stretch of an order, the rest as it is;
//! - [`exhaustive`]: the optimum, for a few dozen kernels at most; the oracle of the tests.
//!
//! [`memopt::plan::validate_order`] checks an order, [`memopt::plan::evaluate`] says what it is worth.

mod cutter;
mod exhaustive;
mod frontier;
mod greedy;
mod ilp;
mod joint;
mod list;
mod merge;
mod pass;
mod search;
mod window;

pub use exhaustive::{ExhaustiveOutcome, exhaustive};
pub use greedy::{GreedyOutcome, greedy};
pub use ilp::{IlpEffort, IlpOptions, IlpOutcome, ilp};
pub use joint::{JointOutcome, joint};
pub use merge::{MergeOutcome, merged};
pub use pass::{INFO, build};
pub use search::{SearchOptions, SearchOutcome, search};
pub use window::{Window, ilp_window};

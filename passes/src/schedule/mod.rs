//! Scheduling: the order of kernels, and with it the lifetimes.
//!
//! Kernels, on plain numbers ([`memopt::plan::OrderProblem`]); anybody can call them:
//! - [`greedy`]: list scheduling in both directions, alternating; near-linear;
//! - [`search`]: greedy, then windows around the peak ordered anew, by the exact search over downsets; anytime;
//! - [`exhaustive`]: the optimum, for a few dozen kernels at most; the oracle of the tests.
//!
//! [`memopt::plan::validate_order`] checks an order, [`memopt::plan::evaluate`] says what it is worth.

mod exhaustive;
mod frontier;
mod greedy;
mod list;
mod pass;
mod search;

pub use exhaustive::{ExhaustiveOutcome, exhaustive};
pub use greedy::{GreedyOutcome, greedy};
pub use pass::{INFO, build};
pub use search::{SearchOptions, SearchOutcome, search};

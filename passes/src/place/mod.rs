//! Placement: the offset of every buffer in the arena.
//!
//! Kernels, on plain numbers ([`memopt::plan::LayoutProblem`]); anybody can call them:
//! - [`best_fit`]: a portfolio of greedy placements, near-linear in the number of buffers;
//! - [`search`]: the same, then branch and bound and local search, with a proof where it can;
//! - [`quick`]: one descent of that search;
//! - [`no_reuse`]: the baseline, every buffer in bytes of its own.
//! - [`host`]: which buffers lie in donated arguments instead.
//!
//! All of them round sizes up to the alignment themselves. [`memopt::plan::validate_layout`] checks an answer.

mod best_fit;
mod chosen;
mod dive;
mod donated;
mod extract;
mod host;
mod no_reuse;
mod occupied;
mod pass;
mod rects;
mod rigid;
mod search;
mod sweep;
mod write;

pub use best_fit::{WORK_LIMIT, best_fit};
pub use host::{Guest, Host, host};
pub use no_reuse::no_reuse;
pub use pass::{INFO, build};
pub use search::{Conflict, SearchError, SearchOptions, conflict, quick, search};

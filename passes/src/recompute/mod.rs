//! Recomputation: which kernels run again, so that what they make need not be kept.
//!
//! Kernels, on plain numbers ([`RecomputeProblem`]); anybody can call them:
//! - [`recompute`]: the least added cost for so many bytes, the least bytes, or the least bytes for so much added cost. By
//!   minimum cuts with a price for memory (`cut`), made real by chains of clones right before who reads them (`chain`, `moves`,
//!   `runs`), repaired and cleaned up on the true profile (`repair`), and searched around (`neighbourhood`);
//! - [`RecomputeBound`]: what no plan for the order can do better, by the same cuts (`bound`);
//! - [`RecomputeAlgorithm`]: what other systems do, to compare with, and integer programming for small problems.
//!
//! [`validate_recompute`] checks a solution naively. Only the function's body is looked at; regions are planned as they are.

mod across;
mod algorithm;
mod apply;
mod bound;
mod chain;
mod chen;
mod cut;
mod dtr;
mod echo;
mod extract;
mod goal;
mod ilp;
mod mirror;
mod moves;
mod need;
mod neighbourhood;
#[cfg(test)]
mod oracles;
mod pass;
mod problem;
mod profile;
mod pytorch;
mod repair;
mod replay;
mod runs;
mod solution;
mod solve;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use algorithm::RecomputeAlgorithm;
pub use bound::RecomputeBound;
pub use goal::{RecomputeGoal, RecomputeOutcome, recompute};
pub use pass::{INFO, build};
pub use problem::{Keeper, RecomputeKernel, RecomputeProblem, RecomputeTie, RecomputeValue};
pub use solution::{RecomputeSolution, SolutionError, SolutionRun, validate_recompute};

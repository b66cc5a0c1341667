//! Recomputation.

mod apply;
mod bound;
mod chain;
mod cut;
mod extract;
mod goal;
mod moves;
mod neighbourhood;
mod pass;
mod problem;
mod profile;
mod repair;
mod runs;
mod solution;
mod solve;

pub use problem::{Keeper, RecomputeKernel, RecomputeProblem, RecomputeTie, RecomputeValue};
pub use bound::RecomputeBound;
pub use goal::{RecomputeGoal, RecomputeOutcome, recompute};
pub use pass::{INFO, build};
pub use solution::{RecomputeSolution, SolutionError, SolutionRun, validate_recompute};

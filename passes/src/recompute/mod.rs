//! Recomputation.

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

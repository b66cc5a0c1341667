//! Fusion: which values are computed in the kernels that read them, and have no bytes.

#[cfg(test)]
mod agreement;
mod apply;
mod clean;
mod descend;
mod extract;
mod pass;
mod problem;
mod profile;
mod round;
mod solve;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tree;
mod validate;

pub use pass::{INFO, build};
pub use problem::{FuseBuffer, FuseOp, FuseProblem, FuseRead, FuseValue, Fusible};
pub use solve::{FuseOptions, FuseSolution, fuse};
pub use validate::{FuseError, validate_fuse};

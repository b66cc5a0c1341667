//! Fusion: which values are computed in the kernels that read them, and have no bytes.

mod apply;
mod clean;
mod extract;
mod pass;
mod problem;
mod profile;
mod round;
mod solve;
mod tree;
mod validate;

pub use pass::{INFO, build};
pub use problem::{FuseBuffer, FuseOp, FuseProblem, FuseRead, FuseValue, Fusible};
pub use solve::{FuseOptions, FuseSolution, fuse};
pub use validate::{FuseError, validate_fuse};

/// The problem of each function's body, for experiments.
pub fn body_problem(
    module: &memopt::ir::Module,
    analysis: &memopt::analysis::Analysis,
    target: &memopt::target::Target,
    scope: memopt::analysis::Scope,
    inner: &rustc_hash::FxHashMap<memopt::ir::OpId, memopt::ir::Bytes>,
) -> FuseProblem {
    extract::extract(module, analysis, target, scope, inner).problem
}

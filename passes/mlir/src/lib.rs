//! From a plan to machine code.
//!
//! [`lower()`] turns a planned function into an MLIR module: a kernel for each operation, and a main function that is nothing
//! but views of one arena and calls. With the cargo feature `mlir`, `jit` compiles that module and runs it, or writes
//! it as an object file for a C program, and `import` reads whatever MLIR's own parser reads.
//!
//! The native backend is a [`target()`] with a [`registry()`]: before planning they say how much scratch memory each kernel
//! wants, so that it is planned like everything else, and a plan made for another target is refused.

#[cfg(feature = "mlir")]
mod context;
mod header;
#[cfg(feature = "mlir")]
pub mod import;
#[cfg(feature = "mlir")]
pub mod jit;
mod lower;

pub use lower::{LowerOptions, Lowered, ResultPlace, Signature, lower};

use memopt::dialect::Registry;
use memopt::target::Target;

/// The name of the native target, as plans record it.
pub const TARGET: &str = "native";

/// The machine that this program runs on. Its roofline is that of one core of a current server: 100 GFLOP/s in `f32`, and
/// 10 GB/s of memory.
pub fn target() -> Target {
    Target { name: TARGET.to_owned(), flops_per_second: 100e9, bytes_per_second: 10e9, ..Target::default() }
}

/// What operations mean, with the scratch memory that the kernels of this crate need.
pub fn registry() -> Registry {
    Registry::new().with_workspace(lower::workspace)
}

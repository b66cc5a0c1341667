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
use memopt::target::{Machine, Target};

/// The name of the native target, as plans record it.
pub const TARGET: &str = "native";

/// Code for the machine that this program runs on, taken to be as fast as the machine `cpu`.
pub fn target() -> Target {
    let cpu = Machine::by_name("cpu").expect("it stands in the table");
    Target { name: TARGET.to_owned(), ..Target::generic_on(Machine { name: TARGET.to_owned(), ..cpu }) }
}

/// What operations mean, with the scratch memory that the kernels of this crate need.
pub fn registry() -> Registry {
    Registry::new().with_workspace(lower::workspace)
}

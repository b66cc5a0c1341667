//! memopt-run: runs tensor programs and their plans, and compares what they compute.
//!
//! - [`tensor`]: element types, shapes, bytes; [`ops`]: what each operation computes; [`machine`]: the reference
//!   interpreter, which runs a function on values, or in the arena of its plan.
//! - [`backend`]: the ways to run a function; [`archive`]: inputs and outputs as safetensors; [`compare`]: how far two
//!   outputs are apart; [`sample`]: random inputs.
//!
//! Exit codes: see [`Exit`].

pub mod archive;
pub mod args;
pub mod backend;
pub mod compare;
pub mod driver;
pub mod machine;
mod native;
pub mod ops;
pub mod sample;
pub mod tensor;

use std::ffi::OsString;
use std::process::ExitCode;

use args::Args;

/// How the tool ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Exit {
    /// It ran, and what was compared is equal.
    Fine = 0,
    /// The program or its plan has errors, or outputs differ.
    Diagnostics = 1,
    /// The command line is wrong, or a file cannot be read or written.
    Usage = 2,
}

/// Runs the tool with these arguments, the first of which is its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    memopt_opt::start(arguments, |args: &Args| driver::run(args) as u8)
}

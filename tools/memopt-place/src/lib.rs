//! memopt-place: reads buffers with fixed lifetimes, packs them into one arena, writes their offsets.
//!
//! The files are those of MiniMalloc, and so are the flags, so that it can replace it. The table goes to standard output
//! or a file, everything else to standard error. Exit codes: see [`Exit`].

pub mod args;
pub mod driver;
pub mod report;
pub mod svg;
pub mod table;

use std::ffi::OsString;
use std::process::ExitCode;

use args::Args;

/// How the tool ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Exit {
    /// All buffers have their offsets.
    Fine = 0,
    /// The table has errors, or the buffers do not fit.
    Diagnostics = 1,
    /// The command line is wrong, or a file cannot be read or written.
    Usage = 2,
}

/// Runs the tool with these arguments, the first of which is its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    memopt_opt::start(arguments, |args: &Args| driver::run(args) as u8)
}

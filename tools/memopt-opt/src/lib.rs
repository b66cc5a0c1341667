//! memopt-opt: reads IR, plans the memory of its functions, has the plans checked, writes IR.
//!
//! IR goes to standard output, everything else to standard error. Exit codes: see [`Exit`].

pub mod args;
pub mod driver;
mod emit;
pub mod explain;
pub mod input;
pub mod instruments;
pub mod machine;
pub mod output;
pub mod pareto;
pub mod pipeline;
pub mod render;
pub mod report;
pub mod reproducer;
pub mod summary;
pub mod verify_diagnostics;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use args::Args;

/// How the tool ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Exit {
    /// All is well.
    Fine = 0,
    /// The input has errors, or cannot be planned as asked.
    Diagnostics = 1,
    /// The command line is wrong, or a file cannot be read or written.
    Usage = 2,
    /// The checker refused a plan, or a pass left an invalid module: an error in memopt.
    Refused = 3,
}

/// Runs the tool with these arguments, the first of which is its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    start(arguments, |args: &Args| driver::run(args) as u8)
}

/// Reads the command line of a tool, whose name is the first argument, and runs it; `run` returns the exit code.
pub fn start<A: Parser>(arguments: impl IntoIterator<Item = OsString>, run: impl FnOnce(&A) -> u8) -> ExitCode {
    match A::try_parse_from(arguments) {
        Ok(args) => ExitCode::from(run(&args)),
        Err(error) => {
            // Help and version come here too; when nobody listens any more, there is nobody to tell.
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage as u8))
        }
    }
}

//! The command line of the interpreter. Everything stands in the library, which tests can call.

use std::process::ExitCode;

fn main() -> ExitCode {
    memopt_run::run(std::env::args_os())
}

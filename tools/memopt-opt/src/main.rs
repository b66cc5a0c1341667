//! The command line of memopt. Everything stands in the library, which tests can call.

use std::process::ExitCode;

fn main() -> ExitCode {
    memopt_opt::run(std::env::args_os())
}

//! The command line of the packer. Everything stands in the library, which tests can call.

use std::process::ExitCode;

fn main() -> ExitCode {
    memopt_place::run(std::env::args_os())
}

//! The chores of the repository: `cargo xtask <command>`.
//!
//! [`COMMANDS`] is the one table of what can be asked for; help is printed from it.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks on its streams")]

mod bless;
mod corpus;
mod demo;
mod fuzz;
mod process;
mod report;
mod setup;
mod test;
mod tidy;

use std::process::ExitCode;

/// What a command returns: success, or what went wrong in one or more lines.
type Outcome = Result<(), String>;

/// One row of the table of commands.
struct Command {
    name: &'static str,
    /// What may follow the name.
    arguments: &'static str,
    help: &'static str,
    run: fn(&[String]) -> Outcome,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "demo",
        arguments: "[FILE]",
        help: "build memopt-opt and plan a real model (needs Rust and a C compiler, nothing else)",
        run: demo::run,
    },
    Command {
        name: "test",
        arguments: "",
        help: "everything that must hold: tidy, format, lints, tests",
        run: test::run,
    },
    Command {
        name: "bless",
        arguments: "[GLOB]",
        help: "run the IR tests and accept their snapshots, e.g. bless 'inplace/*'",
        run: bless::run,
    },
    Command { name: "tidy", arguments: "", help: "the rules of the house, each with its reason", run: tidy::run },
    Command {
        name: "corpus",
        arguments: "[--check] [--all] [NAME...]",
        help: "plan all models; write ir-tests/corpus/PEAKS.md, or check that it is up to date",
        run: corpus::run,
    },
    Command {
        name: "setup",
        arguments: "[demo|test]",
        help: "install what is missing for a command (default: test)",
        run: setup::run,
    },
    Command {
        name: "fuzz",
        arguments: "[TARGET] [RUNS]",
        help: "run the fuzzer (targets: parser, plan_then_check)",
        run: fuzz::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        print_help();
        return ExitCode::from(2);
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        print_help();
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprintln!("xtask: there is no command `{name}`\n");
        print_help();
        return ExitCode::from(2);
    };
    match (command.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask {name}: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn print_help() {
    println!("usage: cargo xtask <command>\n");
    for command in COMMANDS {
        let usage = format!("{} {}", command.name, command.arguments);
        println!("  {usage:<36} {}", command.help);
    }
}

//! `test`: everything that must hold before a change goes in. Runs all steps whatever fails, and says what did.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::{Outcome, corpus, process, setup, tidy};

/// A step: its name, and what it does.
type Step = (&'static str, fn() -> Outcome);

/// Cheap steps first, so that a slip shows at once; the tests last, so that their results stand at the end.
const STEPS: &[Step] = &[
    ("setup", setup::for_test),
    ("tidy", || tidy::run(&[])),
    ("format", || process::run(process::cargo().args(["fmt", "--all", "--check"]))),
    ("clippy", || process::run(cargo_on_all("clippy").args(["--all-targets", "--", "-D", "warnings"]))),
    ("corpus", || corpus::run(&["--check".to_owned()])),
    ("tests", || process::run(cargo_on_all("test").arg("--no-fail-fast"))),
];

/// A cargo command on all packages, with what links with MLIR where MLIR is installed. One choice of features for all steps:
/// another one would build HiGHS again, which takes minutes.
fn cargo_on_all(command: &str) -> Command {
    let mut cargo = process::cargo();
    cargo.args([command, "--workspace"]);
    if setup::has_mlir() {
        cargo.args(["--features", "memopt-mlir/mlir,memopt-opt/mlir,memopt-run/mlir"]);
    } else {
        println!(
            "without native code: LLVM and MLIR 22 are not installed (apt-get install libmlir-22-dev and what it needs)"
        );
    }
    cargo
}

pub(crate) fn run(arguments: &[String]) -> Outcome {
    if !arguments.is_empty() {
        return Err("takes no arguments; for some of the tests use cargo test".to_owned());
    }
    let mut summary = Vec::new();
    for &(name, step) in STEPS {
        println!("\n==> {name}");
        let start = Instant::now();
        let outcome = step();
        if let Err(problem) = &outcome {
            println!("{name}: {problem}");
        }
        summary.push((name, start.elapsed(), outcome));
    }
    print_summary(&summary)
}

fn print_summary(summary: &[(&str, Duration, Outcome)]) -> Outcome {
    println!("\n==> summary");
    for (name, time, outcome) in summary {
        let verdict = if outcome.is_ok() { "ok" } else { "FAILED" };
        println!("  {name:<8} {verdict:<7} {:>6.1} s", time.as_secs_f64());
    }
    let failed: Vec<&str> =
        summary.iter().filter(|(_, _, outcome)| outcome.is_err()).map(|&(name, _, _)| name).collect();
    match failed[..] {
        [] => Ok(()),
        _ => Err(format!("failed: {}", failed.join(", "))),
    }
}

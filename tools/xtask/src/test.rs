//! `test`: everything that must hold before a change goes in. Runs all steps whatever fails, and says what did.

use std::time::{Duration, Instant};

use crate::{Outcome, corpus, process, setup, tidy};

/// A step: its name, and what it does.
type Step = (&'static str, fn() -> Outcome);

/// Cheap steps first, so that a slip shows at once; the tests last, so that their results stand at the end.
const STEPS: &[Step] = &[
    ("setup", setup::for_test),
    ("tidy", || tidy::run(&[])),
    ("format", || process::run(process::cargo().args(["fmt", "--all", "--check"]))),
    ("clippy", || {
        let lints = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
        process::run(process::cargo().args(lints))
    }),
    ("corpus", || corpus::run(&["--check".to_owned()])),
    ("tests", || process::run(process::cargo().args(["test", "--workspace", "--no-fail-fast"]))),
    ("native", native),
];

/// Lints and tests of what links with MLIR.
fn native() -> Outcome {
    if !setup::has_mlir() {
        println!(
            "left out: LLVM and MLIR 22 are not installed (apt-get install libmlir-22-dev and what comes with it)"
        );
        return Ok(());
    }
    let packages = ["-p", "memopt-mlir", "-p", "memopt-opt", "-p", "memopt-run", "--features"];
    let features = "memopt-mlir/mlir,memopt-opt/mlir,memopt-run/mlir";
    process::run(process::cargo().arg("clippy").args(packages).args([
        features,
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    process::run(process::cargo().arg("test").args(packages).args([features, "--no-fail-fast"]))
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

//! `demo`: from a fresh clone to the plan of a real model on one screen.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::report::{Report, grouped, size};
use crate::{Outcome, process, setup};

/// A training step of GPT-2 XL as JAX exports it: 48,789 operations.
const MODEL: &str = "ir-tests/corpus/gpt2_xl.train.b1.generic.mlir.gz";

pub(crate) fn run(arguments: &[String]) -> Outcome {
    let model = arguments.first().map_or(MODEL, String::as_str);
    setup::for_demo()?;
    println!("building memopt-opt ...");
    let binary = process::build_memopt_opt()?;
    let input = process::root().join(model);
    let planned = planned_path(&process::scratch()?, model);
    let report_path = planned.with_extension("report.json");
    println!("planning {model} ...");
    plan(&binary, &input, &planned, &report_path)?;
    let report = Report::read(&report_path)?;
    let check = check(&binary, &input, &planned);
    print!("{}", screen(model, &report, check.as_ref(), &planned));
    check.map(|_| ())
}

fn planned_path(folder: &Path, model: &str) -> PathBuf {
    let file = Path::new(model).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stem = file.split(".mlir").next().unwrap_or(&file).trim_end_matches(".generic");
    folder.join(format!("{stem}.planned.mlir"))
}

fn plan(binary: &Path, input: &Path, planned: &Path, report: &Path) -> Outcome {
    let mut command = Command::new(binary);
    command.arg(input).arg("-o").arg(planned).arg(format!("--report={}", report.display()));
    process::run(&mut command)
}

/// Runs the checker again, in a process of its own that has nothing but the two files; seconds.
fn check(binary: &Path, before: &Path, after: &Path) -> Result<f64, String> {
    let start = Instant::now();
    let mut command = Command::new(binary);
    command.arg("--check").arg(before).arg(after).stdout(std::process::Stdio::null());
    process::run(&mut command)?;
    Ok(start.elapsed().as_secs_f64())
}

/// What the demo shows.
fn screen(model: &str, report: &Report, check: Result<&f64, &String>, planned: &Path) -> String {
    let mut out = String::new();
    let mut line = |text: String| writeln!(out, "{}", text.trim_end()).expect("writing to a string cannot fail");
    line(format!("\n{model}"));
    line(format!("{} operations, {} of arguments", grouped(report.ops), size(report.arguments)));
    line(String::new());
    let rows = [
        ("program order", report.program_order, "as the file stands, a buffer for each result"),
        ("planned", report.planned, "what memopt needs besides the arguments"),
        ("lower bound", report.lower_bound, "no order needs less that runs nothing twice and stores every value"),
    ];
    let most = rows.iter().map(|&(_, bytes, _)| bytes).max().unwrap_or(0);
    for (name, bytes, what) in rows {
        line(format!("  {name:<14} {:<30} {:>11}   {what}", bar(bytes, most, 30), size(bytes)));
    }
    line(format!("\n  saved        {:.1} % of program order", saved(report)));
    line(match report.run_again {
        0 => format!("  gap          {:.2} % above the lower bound", report.gap()),
        ops => format!(
            "  added time   {:.2} %: {ops} operations run again instead of being kept",
            100.0 * report.added_time
        ),
    });
    line(format!("  certificate  {}", certificate(report, check)));
    let passes = report.passes.iter().map(|(name, seconds, stop)| format!("{name} {seconds:.2} s ({stop})"));
    line(format!("  time         {:.2} s: {}", report.seconds, passes.collect::<Vec<_>>().join(", ")));
    line(format!("\nThe planned file: {}", planned.display()));
    line("\nTry next:".to_owned());
    for other in ["resnet50.train.b1.generic.mlir.gz", "torch_bert.train.b32.mlir.gz"] {
        line(format!("  cargo xtask demo ir-tests/corpus/{other}"));
    }
    line(format!(
        "  cargo run --release -p memopt-opt -- {model} -p 'schedule{{algorithm=greedy}},place' --stats -o /dev/null"
    ));
    line("  cargo run --release -p memopt-opt -- --list-passes".to_owned());
    line("  cargo xtask test".to_owned());
    out
}

/// A bar of at most `width` columns.
fn bar(bytes: u64, most: u64, width: u64) -> String {
    let columns = (u128::from(bytes) * u128::from(width)).div_ceil(u128::from(most.max(1)));
    "█".repeat(usize::try_from(columns).unwrap_or(0))
}

fn saved(report: &Report) -> f64 {
    let whole = report.program_order.max(1) as f64;
    100.0 * (whole - report.planned as f64) / whole
}

fn certificate(report: &Report, check: Result<&f64, &String>) -> String {
    match (report.certified, check) {
        (true, Ok(seconds)) => format!(
            "accepted, and again by a second process from the two files alone in {seconds:.2} s: every\n               \
             operand holds the right value in every step, and nothing is overwritten too early"
        ),
        (false, Ok(_)) => "NOT in the report, yet the checker accepts the file".to_owned(),
        (_, Err(problem)) => format!("REFUSED: {problem}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_proportional_and_never_vanish() {
        assert_eq!(bar(10, 10, 30).chars().count(), 30);
        assert_eq!(bar(5, 10, 30).chars().count(), 15);
        assert_eq!(bar(1, 1_000_000, 30).chars().count(), 1);
        assert_eq!(bar(0, 0, 30), "");
    }

    #[test]
    fn the_screen_fits_a_terminal_and_hides_no_refusal() {
        let report =
            Report { program_order: 200, planned: 110, lower_bound: 100, certified: true, ..Report::default() };
        let shown = screen("m.mlir", &report, Err(&"exit 3".to_owned()), Path::new("m.planned.mlir"));
        assert!(shown.contains("REFUSED"));
        assert!(shown.lines().count() <= 24);
        let shown = screen("m.mlir", &report, Ok(&0.5), Path::new("m.planned.mlir"));
        assert!(shown.contains("45.0 % of program order") && shown.contains("10.00 % above"));
    }

    #[test]
    fn names_the_planned_file_after_the_model() {
        let path = planned_path(Path::new("t"), MODEL);
        assert_eq!(path, Path::new("t/gpt2_xl.train.b1.planned.mlir"));
    }
}

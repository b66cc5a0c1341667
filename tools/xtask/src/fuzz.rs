//! `fuzz`: the cargo-fuzz project in tools/fuzz. One second of the same functions runs in every `cargo test`.

use crate::{Outcome, process};

const TARGETS: [&str; 2] = ["parser", "plan_then_check"];

pub(crate) fn run(arguments: &[String]) -> Outcome {
    let target = arguments.first().map_or("plan_then_check", String::as_str);
    if !TARGETS.contains(&target) {
        return Err(format!("there is no target `{target}`; there are: {}", TARGETS.join(", ")));
    }
    let runs = arguments.get(1).map_or("20000", String::as_str);
    runs.parse::<u64>().map_err(|_| format!("the number of runs is no number: {runs}"))?;
    install()?;
    let mut fuzz = process::cargo();
    // cargo-fuzz asks for -Z flags, which the stable compiler takes when it is told that it builds itself. Without a
    // sanitizer, because there is no unsafe code to find fault with, and because it is twice as fast.
    fuzz.env("RUSTC_BOOTSTRAP", "1");
    fuzz.args(["fuzz", "run", "--fuzz-dir", "tools/fuzz", "--sanitizer", "none", target, "--"]);
    // A small program needs milliseconds and a few megabytes: more of either is a bug to be reported.
    fuzz.arg(format!("-runs={runs}")).args(["-max_len=4096", "-rss_limit_mb=2048", "-timeout=20"]);
    process::run(&mut fuzz)
}

fn install() -> Outcome {
    if process::succeeds("cargo", &["fuzz", "--version"]) {
        return Ok(());
    }
    println!("cargo-fuzz is missing; installing it with `cargo install --locked cargo-fuzz`");
    process::run(process::cargo().args(["install", "--locked", "cargo-fuzz"]))
}

//! Prints, for MLIR files (plain or gzip), what the integer program makes of the order of each function's body: the peak in
//! program order, greedy and optimal, the bound by cuts, the solver's verdict, and what it took.
//!
//! `FULL=1` leaves out the reductions: the solver then sees every pair of kernels. `TIME=60` sets a limit in seconds.
//!
//! ```text
//! cargo run --release -p memopt-passes --example ilp_table -- models/*.mlir.gz
//! ```
#![expect(clippy::print_stdout, reason = "it is what this program is for")]

use std::error::Error;
use std::io::Read;
use std::time::{Duration, Instant};

use memopt::analysis::{Analysis, ScopeOrder, TieSource, inner_first, problem_bound};
use memopt::dialect::Registry;
use memopt::ir::{Bytes, Function, Module, verify};
use memopt::pass::{ResultsIn, prepare};
use memopt::plan::{OrderProblem, evaluate};
use memopt::target::Target;
use memopt::text::{self, ParseLimits};
use memopt_passes::schedule::{IlpOptions, greedy, ilp};

fn main() -> Result<(), Box<dyn Error>> {
    let options = IlpOptions {
        reduce: std::env::var("FULL").is_err(),
        time_limit: std::env::var("TIME").ok().map(|text| text.parse().map(Duration::from_secs_f64)).transpose()?,
        ..IlpOptions::default()
    };
    let head = ["file", "kernels", "program", "greedy", "ilp", "cuts", "stop", "groups", "programs", "vars", "rows"];
    println!("{} nodes seconds", head.join(" "));
    for path in std::env::args().skip(1) {
        let (mut module, function) = read(&path)?;
        let (registry, target) = (Registry::new(), Target::default());
        let fail = |errors: Vec<memopt::diag::Diagnostic>| format!("{path}: {errors:?}");
        prepare(&mut module, function, &registry, &target, ResultsIn::Caller).map_err(fail)?;
        let problem = body(&module, function, &registry, &target).map_err(fail)?;
        let program: Vec<u32> = (0..problem.kernels() as u32).collect();
        let start = greedy(&problem);
        let started = Instant::now();
        let found = ilp(&problem, &start.order, &options);
        let seconds = started.elapsed().as_secs_f64();
        let name = path.rsplit('/').next().unwrap_or(&path).trim_end_matches(".mlir.gz");
        let peaks = [
            evaluate(&problem, &program).peak,
            start.value.peak,
            found.value.peak,
            problem_bound(&problem, &found.order).peak,
        ];
        let peaks = peaks.map(|peak| peak.0.to_string()).join(" ");
        let e = found.effort;
        let (stop, groups, programs) = (found.stop, e.groups, e.programs);
        println!(
            "{name} {} {peaks} {stop} {groups} {programs} {} {} {} {seconds:.2}",
            e.kernels, e.variables, e.rows, e.nodes
        );
    }
    Ok(())
}

fn read(path: &str) -> Result<(Module, Function), Box<dyn Error>> {
    let mut text = String::new();
    let file = std::fs::File::open(path)?;
    if path.ends_with(".gz") {
        flate2::read::GzDecoder::new(file).read_to_string(&mut text)?;
    } else {
        std::io::BufReader::new(file).read_to_string(&mut text)?;
    }
    let module = text::parse(&text, &ParseLimits::default()).map_err(|errors| format!("{path}: {errors:?}"))?;
    verify(&module).map_err(|errors| format!("{path}: {errors:?}"))?;
    let function = *module.functions().first().ok_or("a file without functions")?;
    Ok((module, function))
}

/// The problem of the function's body, with every legal tie.
fn body(
    module: &Module,
    function: Function,
    registry: &Registry,
    target: &Target,
) -> Result<OrderProblem, Vec<memopt::diag::Diagnostic>> {
    let analysis = Analysis::of(module, function, registry, target)?;
    let mut problem = OrderProblem::default();
    let done = inner_first(&analysis.scopes.scopes, |scope, inner| {
        problem = ScopeOrder::extract(module, &analysis, scope, inner, TieSource::Legal).problem;
        Ok::<_, std::convert::Infallible>(Bytes(greedy(&problem).value.peak.0))
    });
    let Ok(_) = done;
    Ok(problem)
}

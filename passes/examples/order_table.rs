//! Prints, for MLIR files (plain or gzip), the peak of live bytes in the order of the file, in greedy order and in searched
//! order, against the lower bound, with the seconds that the orders took. `EFFORT` says how hard the search tries. The
//! peaks are of the arena: in-place ties taken, results that the caller owns left out.
//!
//! ```text
//! cargo run --release -p memopt-passes --example order_table -- ../shared/data/torch/*.train.*.mlir.gz
//! ```
#![expect(clippy::print_stdout, reason = "it is what this program is for")]

use std::convert::Infallible;
mod common;

use std::error::Error;
use std::time::Instant;

use memopt::analysis::{Analysis, ScopeOrder, TieSource, inner_first, problem_bound};
use memopt::dialect::Registry;
use memopt::ir::{Bytes, Module, OpId};
use memopt::pass::{ResultsIn, prepare};
use memopt::plan::{OrderProblem, evaluate};
use memopt::target::Target;
use memopt_passes::schedule::{SearchOptions, greedy, search};
use rustc_hash::FxHashMap;

fn main() -> Result<(), Box<dyn Error>> {
    println!(
        "{:<44} {:>7} {:>15} {:>15} {:>15} {:>15} {:>7} {:>8} {:>8} {:>11}",
        "file", "kernels", "program", "greedy", "search", "bound", "gap %", "greedy s", "search s", "stop"
    );
    let effort = std::env::var("EFFORT").ok().and_then(|text| text.parse().ok());
    let options = SearchOptions { effort: effort.unwrap_or(SearchOptions::default().effort), ..Default::default() };
    for path in std::env::args().skip(1) {
        let module = common::read(&path)?;
        for row in rows(module, &options).map_err(|error| format!("{path}: {error}"))? {
            let name = path.rsplit('/').next().unwrap_or(&path).split(".mlir").next().unwrap_or(&path);
            let gap = 100.0 * (row.search.0 as f64 / row.bound.0.max(1) as f64 - 1.0);
            println!(
                "{name:<44} {:>7} {:>15} {:>15} {:>15} {:>15} {gap:>7.3} {:>8.3} {:>8.3} {:>11}",
                row.kernels,
                row.program.0,
                row.greedy.0,
                row.search.0,
                row.bound.0,
                row.greedy_seconds,
                row.search_seconds,
                row.stop
            );
        }
    }
    Ok(())
}

/// The figures of one function's body; its regions are ordered by the search.
struct Row {
    kernels: usize,
    program: Bytes,
    greedy: Bytes,
    search: Bytes,
    bound: Bytes,
    greedy_seconds: f64,
    search_seconds: f64,
    stop: String,
}

/// One row for each function.
fn rows(mut module: Module, options: &SearchOptions) -> Result<Vec<Row>, String> {
    let (registry, target) = (Registry::new(), Target::default());
    let mut rows = Vec::new();
    for function in module.functions() {
        let message = |errors: Vec<memopt::diag::Diagnostic>| errors[0].message.clone();
        prepare(&mut module, function, &registry, &target, ResultsIn::Caller).map_err(message)?;
        let analysis = Analysis::of(&module, function, &registry, &target).map_err(message)?;
        let mut body = None;
        let solved = inner_first(&analysis.scopes.scopes, |scope, inner: &FxHashMap<OpId, Bytes>| {
            let order = ScopeOrder::extract(&module, &analysis, scope, inner, TieSource::Legal);
            let row = row(&order.problem, options);
            let peak = row.search;
            body = Some(row);
            Ok::<_, Infallible>(peak)
        });
        let Ok(_) = solved;
        rows.extend(body);
    }
    Ok(rows)
}

fn row(problem: &OrderProblem, options: &SearchOptions) -> Row {
    let program: Vec<u32> = (0..problem.kernels() as u32).collect();
    let started = Instant::now();
    let plain = greedy(problem);
    let greedy_seconds = started.elapsed().as_secs_f64();
    let started = Instant::now();
    let found = search(problem, options);
    let search_seconds = started.elapsed().as_secs_f64();
    Row {
        kernels: problem.kernels(),
        program: evaluate(problem, &program).peak,
        greedy: plain.value.peak,
        search: found.value.peak,
        bound: problem_bound(problem, &found.order).peak,
        greedy_seconds,
        search_seconds,
        stop: found.stop.to_string(),
    }
}

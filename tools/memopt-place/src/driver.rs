//! One run: read, search, check, write.
#![expect(clippy::print_stderr, reason = "a command line tool talks to its user")]

use std::io::Read;
use std::path::Path;
use std::time::Instant;

use memopt::ir::Bytes;
use memopt::plan::{LayoutSolution, validate_layout};
use memopt_opt::output;
use memopt_passes::place::{Conflict, SearchError, SearchOptions, conflict, search};

use crate::Exit;
use crate::args::Args;
use crate::report::Report;
use crate::svg;
use crate::table::{self, Table};

/// Effort without a time limit.
const DEFAULT_EFFORT: u32 = 4;

/// Largest effort there is.
const FULL_EFFORT: u32 = 12;

/// Buffers named when some do not fit.
const NAMED: usize = 20;

/// Runs the tool.
pub fn run(args: &Args) -> Exit {
    let text = match read(&args.input) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("error: cannot read {}: {error}", args.input.display());
            return Exit::Usage;
        }
    };
    let mut table = match table::read(&text) {
        Ok(table) => table,
        Err(errors) => {
            // In one piece: there may be many.
            let lines = errors.iter().map(|error| format!("error: {}: {error}\n", args.input.display()));
            eprint!("{}", lines.collect::<String>());
            return Exit::Diagnostics;
        }
    };
    let started = Instant::now();
    // A capacity to be met is the search's goal; whether it is, is decided here.
    table.problem.capacity = args.capacity;
    let answer = solve(args, &table);
    table.problem.capacity = None;
    let seconds = started.elapsed().as_secs_f64();
    match answer {
        Ok(solution) => conclude(args, &table, &solution, seconds),
        Err(error) => give_up(args, &table, &error, seconds),
    }
}

/// The text of a file, unpacked if it is packed.
fn read(path: &Path) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes)?;
    } else {
        bytes = std::fs::read(path)?;
    }
    let mut text = String::new();
    match bytes.starts_with(&[0x1f, 0x8b]) {
        true => flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text)?,
        false => (&bytes[..]).read_to_string(&mut text)?,
    };
    Ok(text)
}

fn solve(args: &Args, table: &Table) -> Result<LayoutSolution, SearchError> {
    let effort = match (args.effort, args.timeout) {
        (Some(effort), _) => effort,
        (None, Some(_)) => FULL_EFFORT,
        (None, None) => DEFAULT_EFFORT,
    };
    let options = SearchOptions {
        effort,
        time_limit: args.timeout,
        threads: usize::from(args.threads),
        fit_only: args.capacity.is_some() && !args.minimize,
        hint: table.hint.clone(),
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build();
    match pool {
        Ok(pool) if options.threads > 1 => pool.install(|| search(&table.problem, &options)),
        _ => search(&table.problem, &options),
    }
}

/// There is a placement: writes it if it fits.
fn conclude(args: &Args, table: &Table, solution: &LayoutSolution, seconds: f64) -> Exit {
    if let Err(error) = validate_layout(&table.problem, solution) {
        eprintln!("error: internal error: the placement is wrong: {error:?}");
        return Exit::Diagnostics;
    }
    let over = args.capacity.filter(|&capacity| solution.height > capacity);
    let found = over.map(|capacity| conflict(&table.problem, capacity));
    let names = found.as_ref().map_or_else(Vec::new, |found| names(table, found));
    let infeasible = found.as_ref().is_some_and(|found| found.proven);
    let (height, bound) = (solution.height.0, solution.lower_bound.0);
    let report = Report {
        height: Some(height),
        lower_bound: bound,
        gap: Some(height as f64 / bound.max(1) as f64 - 1.0),
        stop: solution.stop.to_string(),
        fits: over.is_none(),
        infeasible,
        conflict: names.clone(),
        ..empty_report(args, table, seconds)
    };
    eprintln!("{height} bytes, lower bound {bound}, {}, {seconds:.3} s", solution.stop);
    let offsets = if over.is_none() { Some(&solution.offsets[..]) } else { None };
    let written = write(args, table, offsets, solution.height, &report);
    if let (Some(capacity), Some(found)) = (over, found) {
        explain(capacity, bound, &found, &names);
        return written.max(Exit::Diagnostics);
    }
    written
}

/// There is no placement of any height, or the problem cannot be searched.
fn give_up(args: &Args, table: &Table, error: &SearchError, seconds: f64) -> Exit {
    let (text, proven) = match error {
        SearchError::NoPlacement { proven: true } => ("the pinned buffers leave no placement at all".to_owned(), true),
        SearchError::NoPlacement { proven: false } => {
            ("no placement was found around the pinned buffers".to_owned(), false)
        }
        other => (format!("the buffers cannot be placed: {other:?}"), false),
    };
    eprintln!("error: {text}");
    let report = Report { infeasible: proven, stop: text, ..empty_report(args, table, seconds) };
    write(args, table, None, Bytes::ZERO, &report).max(Exit::Diagnostics)
}

fn empty_report(args: &Args, table: &Table, seconds: f64) -> Report {
    Report {
        memopt: env!("CARGO_PKG_VERSION"),
        input: args.input.display().to_string(),
        buffers: table.ids.len(),
        capacity: args.capacity.map(|c| c.0),
        height: None,
        lower_bound: 0,
        gap: None,
        stop: String::new(),
        fits: false,
        infeasible: false,
        conflict: Vec::new(),
        seconds,
    }
}

fn names(table: &Table, found: &Conflict) -> Vec<String> {
    found.buffers.iter().map(|&i| table.ids[i].clone()).collect()
}

/// Says why the capacity is not met.
fn explain(capacity: Bytes, bound: u64, found: &Conflict, names: &[String]) {
    let verdict = if found.proven { "cannot" } else { "were not found to" };
    eprintln!("error: the buffers {verdict} fit into {} bytes; the lower bound is {bound}", capacity.0);
    let what = match (found.proven, found.irreducible) {
        (true, true) => "these conflict, and none can be left out",
        (true, false) => "the conflict lies among these",
        (false, _) => "these hold most bytes at one time",
    };
    let more = names.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    eprintln!("note: {what}: {}{more}", names[..names.len().min(NAMED)].join(" "));
}

/// Writes all files that were asked for; the table and the picture only where there is something to show.
fn write(args: &Args, table: &Table, offsets: Option<&[Bytes]>, height: Bytes, report: &Report) -> Exit {
    let heights = svg::Heights { height, lower_bound: Bytes(report.lower_bound), capacity: args.capacity };
    let report = serde_json::to_string_pretty(report).map(|json| json + "\n").unwrap_or_default();
    let csv = offsets.map(|offsets| table.with_offsets(offsets));
    let picture = args.svg.as_ref().zip(offsets).map(|(_, o)| svg::draw(table, o, heights));
    let mut files: Vec<(Option<&Path>, &str)> = Vec::new();
    files.extend(csv.as_deref().map(|csv| (args.output.as_deref(), csv)));
    files.extend(args.report.as_deref().map(|path| (Some(path), report.as_str())));
    files.extend(args.svg.as_deref().zip(picture.as_deref()).map(|(path, svg)| (Some(path), svg)));
    match output::write_all(&files) {
        Ok(()) => Exit::Fine,
        Err(error) => {
            eprintln!("error: {error}");
            Exit::Usage
        }
    }
}

//! The eleven problems that MiniMalloc was made for, as a table: `cargo bench -p memopt-passes --bench minimalloc [FOLDER]`.
#![expect(clippy::print_stdout, reason = "the table is what this is for")]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use memopt::ir::{Align, Bytes, Step};
use memopt::plan::{LayoutBuffer, LayoutProblem, LayoutSolution, validate_layout};
use memopt_passes::place::{SearchOptions, quick, search};

/// Where the problems lie, seen from this crate.
const FOLDER: &str = "../../shared/data/placement/minimalloc";

/// The capacity that all of them were made for.
const CAPACITY: Bytes = Bytes(1_048_576);

/// Times the first placement is made: it takes less than a millisecond.
const REPEATS: u32 = 20;

fn main() {
    // Cargo adds a flag of its own.
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let folder = PathBuf::from(folder.unwrap_or_else(|| FOLDER.to_owned()));
    println!("| file | buffers | bound | first | ms | into 1 MiB: s | least | of bound | stop | s |");
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for name in 'A'..='K' {
        let path = folder.join(format!("{name}.1048576.csv"));
        match read(&path) {
            Ok(problem) => println!("{}", row(name, &problem)),
            Err(error) => println!("| {name} | {}: {error} |", path.display()),
        }
    }
}

fn row(name: char, problem: &LayoutProblem) -> String {
    let (first, firsts) = timed(problem, || {
        (1..REPEATS).for_each(|_| drop(black_box(quick(problem))));
        quick(problem)
    });
    let fitting = LayoutProblem { capacity: Some(CAPACITY), ..problem.clone() };
    let options = SearchOptions { effort: 5, ..SearchOptions::default() };
    let fit = SearchOptions { fit_only: true, ..options.clone() };
    let (fits, until_it_fits) =
        timed(problem, || search(&fitting, &fit).expect("plain buffers always have a placement"));
    let until_it_fits =
        if fits.height <= CAPACITY { format!("{:.3}", until_it_fits.as_secs_f64()) } else { "-".to_owned() };
    let (least, seconds) = timed(problem, || search(problem, &options).expect("plain buffers always have a placement"));
    let bound = least.lower_bound.0;
    format!(
        "| {name} | {} | {bound} | {:.4} | {:.3} | {until_it_fits} | {} | {:.4} | {} | {:.3} |",
        problem.buffers.len(),
        first.height.0 as f64 / bound as f64,
        firsts.as_secs_f64() * 1e3 / f64::from(REPEATS),
        least.height.0,
        least.height.0 as f64 / bound as f64,
        least.stop,
        seconds.as_secs_f64(),
    )
}

/// A placement that is valid, and how long it took.
fn timed(problem: &LayoutProblem, place: impl FnOnce() -> LayoutSolution) -> (LayoutSolution, Duration) {
    let started = Instant::now();
    let solution = place();
    let took = started.elapsed();
    validate_layout(problem, &solution).expect("placements are valid");
    (solution, took)
}

/// Reads `id,lower,upper,size`.
fn read(path: &Path) -> std::io::Result<LayoutProblem> {
    let text = std::fs::read_to_string(path)?;
    let buffer = |line: &str| {
        let mut fields = line.split(',').skip(1).map(|field| field.trim().parse::<u64>());
        let mut next = || fields.next().and_then(Result::ok);
        let (lower, upper, size) = (next()?, next()?, next()?);
        Some(LayoutBuffer::new(Bytes(size), Step::new(lower as usize), Step::new(upper as usize)))
    };
    let buffers: Option<Vec<LayoutBuffer>> = text.lines().skip(1).map(buffer).collect();
    let buffers = buffers.ok_or_else(|| std::io::Error::other("a line is not `id,lower,upper,size`"))?;
    Ok(LayoutProblem::new(buffers, Align::ONE))
}

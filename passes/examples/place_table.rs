//! Prints, for files of live ranges (`id,lower,upper,size`, plain or gzip), what the search makes of them, against the lower
//! bound. `EFFORT` says how hard it tries, `EFFORT=quick` leaves it at its first placement,
//! and `EFFORT=none` at the greedy ones. Without names it takes the
//! 11 problems of MiniMalloc, if they lie beside the repository.
//!
//! ```text
//! cargo run --release -p memopt-passes --example place_table -- instances/*.csv.gz
//! ```
#![expect(clippy::print_stdout, reason = "it is what this program is for")]

use std::io::Read;
use std::time::Instant;

use memopt::ir::{Align, Bytes, Step};
use memopt::plan::{LayoutBuffer, LayoutProblem, validate_layout};
use memopt_passes::place::{SearchOptions, best_fit, quick, search};

/// Where the 11 problems of MiniMalloc are, seen from the root of the repository.
const USUAL: &str = "../shared/data/placement/minimalloc";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{:<48} {:>7} {:>15} {:>8} {:>12} {:>9}", "file", "buffers", "lower bound", "height", "stop", "ms");
    let effort = std::env::var("EFFORT").unwrap_or("1".to_owned()).parse().ok();
    for path in paths() {
        let problem = read(&path)?;
        let started = Instant::now();
        let solution = match effort {
            Some(effort) => search(&problem, &SearchOptions { effort, ..SearchOptions::default() }),
            None if std::env::var("EFFORT").is_ok_and(|effort| effort == "quick") => Ok(quick(&problem)),
            None => Ok(best_fit(&problem)),
        };
        let solution = solution.map_err(|e| format!("{path}: {e:?}"))?;
        let ms = started.elapsed().as_secs_f64() * 1e3;
        validate_layout(&problem, &solution).map_err(|e| format!("{path}: {e:?}"))?;
        let ratio = solution.height.0 as f64 / solution.lower_bound.0.max(1) as f64;
        let name = path.rsplit('/').next().unwrap_or(&path);
        let (n, bound, stop) = (problem.buffers.len(), solution.lower_bound.0, solution.stop.to_string());
        println!("{name:<48} {n:>7} {bound:>15} {ratio:>8.4} {stop:>12} {ms:>9.2}");
    }
    Ok(())
}

/// The files named, else those of the usual folder, if it is there.
fn paths() -> Vec<String> {
    let named: Vec<String> = std::env::args().skip(1).collect();
    if !named.is_empty() {
        return named;
    }
    let Ok(folder) = std::fs::read_dir(USUAL) else {
        println!("no files are named, and there is no {USUAL}: nothing to place");
        return Vec::new();
    };
    let files = folder.flatten().map(|entry| entry.path().display().to_string());
    let mut files: Vec<String> = files.filter(|path| path.ends_with(".csv")).collect();
    files.sort();
    files
}

fn read(path: &str) -> Result<LayoutProblem, Box<dyn std::error::Error>> {
    let mut text = String::new();
    let file = std::fs::File::open(path)?;
    if path.ends_with(".gz") {
        flate2::read::GzDecoder::new(file).read_to_string(&mut text)?;
    } else {
        std::io::BufReader::new(file).read_to_string(&mut text)?;
    }
    let mut buffers = Vec::new();
    for line in text.lines().skip(1) {
        let mut fields = line.split(',').skip(1).map(|field| field.trim().parse::<u64>());
        let mut next = || fields.next().ok_or("a line has fewer than four fields");
        let (start, end, size) = (next()??, next()??, next()??);
        let step = |n: u64| Step::new(n as usize);
        buffers.push(LayoutBuffer::new(Bytes(size), step(start), step(end)));
    }
    // The sizes in these files are rounded already, or have units of their own.
    Ok(LayoutProblem::new(buffers, Align::new(1).ok_or("one is a power of two")?))
}

//! `corpus`: what memopt needs for every real graph at hand.
//!
//! `ir-tests/corpus/PEAKS.md` is generated from the graphs in that folder, so that every change shows in its diff what it
//! gained and what it lost. Seconds differ from run to run: they are printed, never written.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::report::{Report, grouped, size};
use crate::{Outcome, process};

const OURS: &str = "ir-tests/corpus";
const TABLE: &str = "ir-tests/corpus/PEAKS.md";
/// More graphs to measure on may lie beside the repository.
const MORE: &str = "../shared/data";
const MORE_FOLDERS: [&str; 4] = ["stablehlo", "torch", "dtr", "golden"];
/// Planners run in parallel; a large graph takes gigabytes, so not on all cores.
const AT_ONCE: usize = 2;

/// What is asked for.
#[derive(PartialEq, Debug, Default)]
struct Options {
    /// Compare the table with the file instead of writing it.
    check: bool,
    /// Also plan the graphs beside the repository.
    all: bool,
    /// Only models whose name contains one of these; then nothing is written.
    names: Vec<String>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Options, String> {
        let mut options = Options::default();
        for argument in arguments {
            match argument.as_str() {
                "--check" => options.check = true,
                "--all" => options.all = true,
                flag if flag.starts_with('-') => return Err(format!("there is no flag {flag}")),
                name => options.names.push(name.to_owned()),
            }
        }
        if options.check && (options.all || !options.names.is_empty()) {
            return Err("--check compares the whole table of ir-tests/corpus; give nothing else with it".to_owned());
        }
        Ok(options)
    }
}

/// A planned graph: name, and its reports or what went wrong.
type Row = (String, Result<Reports, String>);

/// What was planned of one graph.
#[derive(Default, Debug)]
struct Reports {
    /// With order and offsets alone, so that nothing runs twice.
    ordered: Report,
    /// With values that are never stored.
    fused: Report,
    /// With operations that run again.
    cloned: Report,
    /// With the default pipeline, which does both.
    default: Report,
}

/// The default pipeline without `fuse` and `recompute`, and with one of them.
const ORDERED: &str = "inplace,schedule,place";
const FUSED: &str = "fuse,inplace,schedule,fuse,schedule,place";
const CLONED: &str = "inplace,schedule,recompute,schedule,place";

impl Reports {
    fn all(&self) -> [&Report; 4] {
        [&self.ordered, &self.fused, &self.cloned, &self.default]
    }

    fn are_certified(&self) -> bool {
        self.all().iter().all(|report| report.certified)
    }

    /// Whether no pass takes bytes away that are there without it.
    fn is_no_pass_harmful(&self) -> bool {
        let [ordered, fused, cloned, default] = self.all().map(|report| report.arena);
        fused <= ordered && cloned <= ordered && default <= fused && default <= cloned
    }
}

pub(crate) fn run(arguments: &[String]) -> Outcome {
    let options = Options::parse(arguments)?;
    let binary = process::build_memopt_opt()?;
    let ours = select(graphs(&process::root().join(OURS)), &options.names);
    let rows = plan_all(&binary, &ours)?;
    if options.check {
        return check(&rows);
    }
    print!("{}", screen_table(&rows));
    if options.names.is_empty() {
        write(&process::root().join(TABLE), &file_table(&rows))?;
        println!("\nwrote {TABLE}");
    }
    let mut failed = failures(&rows);
    if options.all {
        let more = MORE_FOLDERS.iter().flat_map(|folder| graphs(&process::root().join(MORE).join(folder))).collect();
        let rows = plan_all(&binary, &select(more, &options.names))?;
        print!("\n{}", screen_table(&rows));
        failed += failures(&rows);
    }
    match failed {
        0 => Ok(()),
        n => Err(format!("{n} of the graphs could not be planned")),
    }
}

fn check(rows: &[Row]) -> Outcome {
    let path = process::root().join(TABLE);
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let stale = difference(&written, &file_table(rows));
    match (stale.is_empty(), failures(rows)) {
        (true, 0) => Ok(()),
        (true, n) => Err(format!("{n} of the graphs could not be planned")),
        (false, _) => {
            Err(format!("{TABLE} is out of date; look at the difference, then run cargo xtask corpus\n{stale}"))
        }
    }
}

/// The lines that differ, old ones with a minus, new ones with a plus.
fn difference(old: &str, new: &str) -> String {
    let only = |a: &str, b: &str, sign: char| -> String {
        let lines = a.lines().filter(|line| b.lines().all(|other| other != *line));
        lines.map(|line| format!("{sign} {line}\n")).collect()
    };
    only(old, new, '-') + &only(new, old, '+')
}

/// All graphs of a folder that the native parser reads, sorted by name.
fn graphs(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut graphs: Vec<PathBuf> = files.filter(|path| is_graph(path)).collect();
    graphs.sort();
    graphs
}

/// Of modules that exist in pretty and in generic form, only the generic one.
fn is_graph(path: &Path) -> bool {
    let name = path.to_string_lossy();
    let stem = name.strip_suffix(".gz").unwrap_or(&name);
    let Some(stem) = stem.strip_suffix(".mlir") else { return false };
    let exists = |ending: &str| Path::new(&format!("{stem}.generic.mlir{ending}")).exists();
    stem.ends_with(".generic") || !(exists("") || exists(".gz"))
}

fn select(mut graphs: Vec<PathBuf>, names: &[String]) -> Vec<PathBuf> {
    graphs.retain(|path| names.is_empty() || names.iter().any(|name| model(path).contains(name)));
    graphs
}

fn model(path: &Path) -> String {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = file.split(".mlir").next().unwrap_or(&file);
    stem.strip_suffix(".generic").unwrap_or(stem).to_owned()
}

/// Plans all graphs, [`AT_ONCE`] at a time; rows in the order of the graphs.
fn plan_all(binary: &Path, graphs: &[PathBuf]) -> Result<Vec<Row>, String> {
    let scratch = process::scratch()?;
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(graph) = graphs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let row = (model(graph), plan(binary, graph, &scratch));
                    eprintln!("  {} {}", if row.1.is_ok() { "planned" } else { "FAILED " }, row.0);
                    done.lock().expect("no thread panics while it holds the lock").push((graph, row));
                }
            });
        }
    });
    let mut rows = done.into_inner().expect("no thread panics while it holds the lock");
    rows.sort_by_key(|&(graph, _)| graph);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

fn plan(binary: &Path, graph: &Path, scratch: &Path) -> Result<Reports, String> {
    let with = |pipeline| plan_with(binary, graph, scratch, &["-p", pipeline]);
    let default = plan_with(binary, graph, scratch, &[])?;
    let reports = Reports { ordered: with(ORDERED)?, fused: with(FUSED)?, cloned: with(CLONED)?, default };
    match reports.is_no_pass_harmful() {
        true => Ok(reports),
        false => {
            let [ordered, fused, cloned, default] = reports.all().map(|report| grouped(report.arena));
            Err(format!("a pass does harm: {ordered} ordered, {fused} fused, {cloned} cloned, {default} both"))
        }
    }
}

fn plan_with(binary: &Path, graph: &Path, scratch: &Path, arguments: &[&str]) -> Result<Report, String> {
    let report = scratch.join(format!("{}.report.json", model(graph)));
    let mut command = Command::new(binary);
    command.arg(graph).args(arguments).arg(format!("--report={}", report.display()));
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).output();
    let output = output.map_err(|error| format!("{}: {error}", binary.display()))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let first = stderr.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no message");
        return Err(format!("{}: {first}", output.status));
    }
    Report::read(&report)
}

fn failures(rows: &[Row]) -> usize {
    rows.iter().filter(|(_, reports)| !reports.as_ref().is_ok_and(Reports::are_certified)).count()
}

/// The table for people, with seconds and readable sizes.
fn screen_table(rows: &[Row]) -> String {
    let mut table = vec![
        [
            "model",
            "ops",
            "arguments",
            "program order",
            "planned",
            "arena",
            "lower bound",
            "gap %",
            "fused",
            "with clones",
            "added time %",
            "seconds",
            "certified",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    table.extend(rows.iter().map(|(name, report)| match report {
        Ok(reports @ Reports { ordered: r, fused, default, .. }) => vec![
            name.clone(),
            grouped(r.ops),
            size(r.arguments),
            size(r.program_order),
            size(r.planned),
            size(r.arena),
            size(r.lower_bound),
            format!("{:.2}", r.gap()),
            size(fused.arena),
            size(default.arena),
            format!("{:.2}", 100.0 * default.added_time),
            format!("{:.2}", default.seconds),
            certified(reports).to_owned(),
        ],
        Err(problem) => vec![name.clone(), problem.clone()],
    }));
    aligned(&table)
}

/// Columns as wide as their widest cell, the first to the left, the others to the right. A row of two cells is a message.
fn aligned(table: &[Vec<String>]) -> String {
    let columns = table.first().map_or(0, Vec::len);
    let mut widths = vec![0; columns];
    for row in table.iter().filter(|row| row.len() == columns) {
        row.iter().zip(&mut widths).for_each(|(cell, width)| *width = (*width).max(cell.len()));
    }
    let mut out = String::new();
    for row in table {
        let cells = row.iter().zip(&widths).enumerate().map(|(i, (cell, &width))| match i {
            0 => format!("{cell:<width$}"),
            _ if row.len() < columns => cell.clone(),
            _ => format!("{cell:>width$}"),
        });
        out += cells.collect::<Vec<_>>().join("  ").trim_end();
        out.push('\n');
    }
    out
}

/// The table for the file: exact bytes and nothing that differs from run to run.
fn file_table(rows: &[Row]) -> String {
    let mut out = "# Peaks of the corpus\n\n\
        Written by `cargo xtask corpus`; `cargo xtask corpus --check` fails when it is out of date.\n\
        Bytes. *Program order*: the file as it stands, a buffer for each result. *Planned*: the arena and the results that\n\
        the caller owns, with order and offsets alone. *Gap*: planned against the lower bound. *Fused*: the arena where values\n\
        that readers compute are not stored. *With clones*: the arena of the default pipeline, which besides runs operations\n\
        again for the added time; never more than without either. *Certified*: the checker accepted all plans.\n\n\
        | model | ops | arguments | program order | planned | arena | lower bound | gap % | fused | with clones | added time % | certified |\n\
        |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|\n"
        .to_owned();
    for (name, report) in rows {
        let line = match report {
            Ok(reports @ Reports { ordered: r, fused, default, .. }) => {
                let numbers = [r.ops, r.arguments, r.program_order, r.planned, r.arena, r.lower_bound].map(grouped);
                let less = [fused.arena, default.arena].map(grouped).join(" | ");
                let less = format!("{less} | {:.2}", 100.0 * default.added_time);
                format!("| {name} | {} | {:.2} | {less} | {} |", numbers.join(" | "), r.gap(), certified(reports))
            }
            Err(problem) => format!("| {name} | {problem} | | | | | | | | | | no |"),
        };
        writeln!(out, "{line}").expect("writing to a string cannot fail");
    }
    out
}

fn certified(reports: &Reports) -> &'static str {
    if reports.are_certified() { "yes" } else { "NO" }
}

fn write(path: &Path, text: &str) -> Outcome {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        let ordered =
            Report { ops: 1234, planned: 110, arena: 110, lower_bound: 100, certified: true, ..Report::default() };
        let of = |arena| Report { arena, certified: true, ..Report::default() };
        let default =
            Report { arena: 80, run_again: 1, added_time: 0.005, seconds: 3.25, certified: true, ..Report::default() };
        vec![
            ("a".to_owned(), Ok(Reports { ordered, fused: of(90), cloned: of(100), default })),
            ("broken".to_owned(), Err("exit status: 1: no".to_owned())),
        ]
    }

    #[test]
    fn the_file_has_exact_bytes_and_no_seconds() {
        let table = file_table(&rows());
        assert!(table.contains("| a | 1,234 | 0 | 0 | 110 | 110 | 100 | 10.00 | 90 | 80 | 0.50 | yes |"));
        assert!(!table.contains("3.25"));
    }

    #[test]
    fn a_failed_graph_keeps_its_message_and_no_column_grows() {
        let table = screen_table(&rows());
        assert!(table.contains("broken  exit status: 1: no\n"));
        assert_eq!(failures(&rows()), 1);
    }

    #[test]
    fn a_pass_that_costs_bytes_is_found() {
        let of = |arena| Report { arena, ..Report::default() };
        let reports = |ordered, fused, cloned, default| Reports {
            ordered: of(ordered),
            fused: of(fused),
            cloned: of(cloned),
            default: of(default),
        };
        assert!(reports(3, 2, 2, 1).is_no_pass_harmful() && reports(1, 1, 1, 1).is_no_pass_harmful());
        assert!(!reports(1, 2, 1, 1).is_no_pass_harmful(), "fuse");
        assert!(!reports(3, 1, 2, 2).is_no_pass_harmful(), "recompute after fuse");
        assert!(!reports(3, 2, 1, 2).is_no_pass_harmful(), "fuse before recompute");
    }

    #[test]
    fn shows_only_what_changed() {
        assert_eq!(difference("a\nb\n", "a\nc\n"), "- b\n+ c\n");
        assert_eq!(difference("a\n", "a\n"), "");
    }

    #[test]
    fn options_that_contradict_are_refused() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert!(Options::parse(&words("--check resnet")).is_err());
        assert!(Options::parse(&words("--chekc")).is_err());
        assert!(Options::parse(&words("--all resnet")).is_ok_and(|o| o.all && o.names == ["resnet"]));
    }
}

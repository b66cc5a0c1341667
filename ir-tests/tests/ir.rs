//! Runs the IR files of this folder: one test for each.
//!
//! A plan is verified and checked before its snapshot is compared, so an unsound one cannot be blessed. The snapshot lies
//! beside the file: `place/place.mlir`, `place/place.snap`. `MEMOPT_IR_FILTER=<glob>` selects by `folder/name`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use memopt::diag::Diagnostic;
use memopt_ir_tests::case::{Case, Chunk, Run};
use memopt_ir_tests::glob;
use memopt_ir_tests::pipeline::{self, PlanError, PlannedText};
use memopt_opt::verify_diagnostics;

const BEFORE: &str = ".before.mlir";
const AFTER: &str = ".after.mlir";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let filter = std::env::var("MEMOPT_IR_FILTER").unwrap_or_else(|_| "*".to_owned());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = files(root).into_iter().filter_map(|path| {
        let name = name(root, &path);
        let wanted = glob::matches(&filter, &name);
        wanted.then(|| Trial::test(name, move || test(&path)))
    });
    libtest_mimic::run(&arguments, tests.collect()).exit_code()
}

/// The test files in the folders of this crate, sorted. The first file of a checker pair is no test of its own.
fn files(root: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let folders = entries(root).into_iter().filter(|path| path.is_dir() && !path.ends_with("corpus"));
    let is_test = |path: &PathBuf| {
        let name = path.to_string_lossy();
        name.ends_with(".mlir") && !name.ends_with(BEFORE)
    };
    let mut files: Vec<PathBuf> = folders.flat_map(|folder| entries(&folder)).filter(is_test).collect();
    files.sort();
    files
}

fn name(root: &Path, path: &Path) -> String {
    let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    name.trim_end_matches(".mlir").to_owned()
}

fn test(path: &Path) -> Result<(), Failed> {
    let source = read(path)?;
    let case = Case::parse(&source)?;
    let mut shown = String::new();
    let mut mismatches = Vec::new();
    for chunk in &case.chunks {
        let (output, diagnostics) = run(path, &case.run, chunk)?;
        for mismatch in verify_diagnostics::compare(&chunk.text, &diagnostics) {
            let line = chunk.text[..mismatch.span.start as usize].lines().count().max(1) + chunk.first_line - 1;
            mismatches.push(format!("line {line}: {mismatch}"));
        }
        if case.chunks.len() > 1 && output.is_some() {
            writeln!(shown, "// ----- line {}", chunk.first_line)?;
        }
        shown += &output.unwrap_or_default();
    }
    if !mismatches.is_empty() {
        return Err(mismatches.join("\n").into());
    }
    // A file that only expects errors shows on its lines what it tests.
    if !source.contains("// expected-error") {
        compare_snapshot(path, &shown);
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, Failed> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// What a chunk prints, if it can be run, and its diagnostics.
fn run(path: &Path, run: &Run, chunk: &Chunk) -> Result<(Option<String>, Vec<Diagnostic>), Failed> {
    let either = |result: Result<String, Vec<Diagnostic>>| match result {
        Ok(output) => (Some(output), Vec::new()),
        Err(errors) => (None, errors),
    };
    match run {
        Run::VerifyOnly => Ok(either(pipeline::parse(&chunk.text))),
        Run::Check => {
            let before = PathBuf::from(path.to_string_lossy().replace(AFTER, BEFORE));
            Ok(either(pipeline::check(&read(&before)?, &chunk.text)))
        }
        Run::Plan { pipeline, flags } => match pipeline::plan(&chunk.text, pipeline, flags) {
            Ok(planned) => Ok((Some(shown(&planned, pipeline)), planned.notes)),
            Err(PlanError::Input(errors)) => Ok((None, errors)),
            Err(PlanError::Refused(errors)) => {
                let list: String = errors.iter().map(|error| format!("\n  {error}")).collect();
                Err(format!("the passes made a wrong plan:{list}").into())
            }
        },
    }
}

/// Exact algorithms are held to objective and verdict, not to one of several best plans.
fn shown(planned: &PlannedText, pipeline: &str) -> String {
    let is_exact = ["algorithm=ilp", "algorithm=joint"].iter().any(|exact| pipeline.contains(exact));
    let mut out = match is_exact {
        true => planned.numbers.clone(),
        false => format!("{}\n{}\n{}", planned.ir, planned.table, planned.numbers),
    };
    for note in &planned.notes {
        out += &format!("\n{:?}: {note}\n", note.severity);
    }
    out
}

/// Panics where the snapshot differs; insta shows the difference.
fn compare_snapshot(path: &Path, shown: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(path.parent().expect("a file lies in a folder"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
    settings.bind(|| insta::assert_snapshot!(name, shown));
}

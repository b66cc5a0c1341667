//! Real graphs: every one can be planned, in every way that is promised to be no worse than the simple one beside it.
//!
//! `ir-tests/corpus/` is part of the repository. More graphs may lie beside it, in `../shared/data` or where
//! `MEMOPT_SHARED` says; where they are not, their test says so and passes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use memopt::dialect::Registry;
use memopt::ir::{Bytes, Module, structurally_equal, verify};
use memopt::target::Target;
use memopt::text::{self, ParseLimits};
use memopt_opt::input;
use memopt_passes::{Certificate, Planner};

const DEFAULT: &str = "fuse,inplace,schedule,fuse,schedule,recompute,schedule,place";
const FUSED: &str = "fuse,inplace,schedule,fuse,schedule,place";
const CLONED: &str = "inplace,schedule,recompute,schedule,place";
const ORDERED: &str = "inplace,schedule,place";
const PROGRAM_ORDER: &str = "inplace,schedule{algorithm=program},place";
const NO_REUSE: &str = "inplace,schedule,place{algorithm=no-reuse}";

/// Of a text; the largest has some 20 MB.
const MOST_BYTES: Bytes = Bytes(1 << 30);

/// Graphs planned once and with the default pipeline only: they take as long as all others together.
const LARGE: [&str; 1] = ["gpt2_xl"];
/// Planned texts that MLIR reads as well: one of each kind.
const FOR_MLIR: [&str; 4] = ["mlp.train", "tiny_lstm_scan", "tiny_ops_misc", "torch_gpt2"];
/// Where the system's packages put MLIR, if they are installed.
const MLIR_OPT: &str = "/usr/lib/llvm-22/bin/mlir-opt";

#[test]
fn corpus() {
    let graphs = graphs(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"));
    assert!(!graphs.is_empty(), "the corpus is part of the repository");
    for_each(&graphs, |path, source| {
        let (planned, certificate) = certified(path, source, DEFAULT);
        round_trip(path, source, &planned);
        if LARGE.iter().any(|name| file_name(path).contains(name)) {
            return;
        }
        let simple = |pipeline| certified(path, source, pipeline).1;
        let (program_order, no_reuse) = (simple(PROGRAM_ORDER), simple(NO_REUSE));
        let [ordered, fused, cloned] = [ORDERED, FUSED, CLONED].map(|pipeline| simple(pipeline).arena);
        no_worse(path, "no fusion", certificate.arena, cloned);
        no_worse(path, "no clones", certificate.arena, fused);
        no_worse(path, "no clones before", cloned, ordered);
        no_worse(path, "no fusion before", fused, ordered);
        no_worse(path, "the program's order", certificate.planned, program_order.planned);
        no_worse(path, "no reuse", certificate.arena, no_reuse.arena);
    });
}

#[test]
fn shared_data() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = std::env::var_os("MEMOPT_SHARED").map_or_else(beside, PathBuf::from);
    let graphs: Vec<PathBuf> =
        ["stablehlo", "torch", "dtr", "golden"].iter().flat_map(|f| graphs(&folder.join(f))).collect();
    if graphs.is_empty() {
        return skipped(&format!("there are no graphs in {}", folder.display()));
    }
    for_each(&graphs, |path, source| {
        let (planned, certificate) = certified(path, source, DEFAULT);
        round_trip(path, source, &planned);
        // Without fusion but with clones takes long; `cargo xtask corpus` compares with that too.
        let [ordered, fused] = [ORDERED, FUSED].map(|pipeline| certified(path, source, pipeline).1.arena);
        no_worse(path, "no clones", certificate.arena, fused);
        no_worse(path, "no fusion and no clones", fused, ordered);
    });
}

#[test]
fn mlir_reads_planned_files() {
    if !Path::new(MLIR_OPT).exists() {
        return skipped(&format!("there is no {MLIR_OPT}"));
    }
    let graphs = graphs(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"));
    for path in graphs.iter().filter(|path| FOR_MLIR.iter().any(|name| file_name(path).starts_with(name))) {
        let (planned, _) = certified(path, &read(path), DEFAULT);
        accepted_by_mlir(path, &text::print(&planned));
    }
}

#[expect(clippy::print_stderr, reason = "a test that tests nothing says so")]
fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// The files of a folder that memopt can read, sorted: of two forms of one module, the generic one.
fn graphs(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let names: Vec<String> = paths.iter().map(|path| file_name(path)).collect();
    let generic = |name: &str| name.split(".mlir").next().map(|stem| format!("{stem}.generic.mlir"));
    let has_generic_twin = |name: &str| generic(name).is_some_and(|twin| names.iter().any(|n| n.starts_with(&twin)));
    let is_graph = |name: &str| name.ends_with(".mlir") || name.ends_with(".mlir.gz");
    let wanted = |name: &str| is_graph(name) && (name.contains(".generic.") || !has_generic_twin(name));
    paths.into_iter().filter(|path| wanted(&file_name(path))).collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Two at a time: the largest graphs take gigabytes each.
fn for_each(graphs: &[PathBuf], test: impl Fn(&Path, &Module) + Sync) {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(path) = graphs.get(next.fetch_add(1, Ordering::Relaxed)) {
            test(path, &read(path));
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
}

fn read(path: &Path) -> Module {
    let source = input::read(path, MOST_BYTES).unwrap_or_else(|error| panic!("{error}"));
    let module = text::parse(&source.text, &ParseLimits::default());
    let module = module.unwrap_or_else(|errors| panic!("{}: {}", path.display(), errors[0]));
    verify(&module).unwrap_or_else(|errors| panic!("{}: {}", path.display(), errors[0]));
    module
}

fn certified(path: &Path, source: &Module, pipeline: &str) -> (Module, Certificate) {
    let planner = Planner { verify_each: false, ..Planner::new(pipeline).expect("a pipeline") };
    let planned = planner.plan(source).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let [main] = &planned.functions[..] else { panic!("{}: not one function", path.display()) };
    let certificate = main.certificate.expect("a whole pipeline makes a plan");
    let (bound, found) = (main.bounds.any_plan, certificate.planned);
    assert!(bound <= found, "{}: planned {found} below the bound {bound}", path.display());
    assert!(certificate.peak_live <= certificate.arena, "{}: {certificate:?}", path.display());
    (planned.module, certificate)
}

fn no_worse(path: &Path, simple: &str, found: Bytes, baseline: Bytes) {
    assert!(found <= baseline, "{}: {found} is worse than {baseline} of {simple}", path.display());
}

/// Printed and parsed, a plan is the same module; the checker needs nothing but the text.
fn round_trip(path: &Path, source: &Module, planned: &Module) {
    let again = text::parse(&text::print(planned), &ParseLimits::default());
    let again = again.unwrap_or_else(|errors| panic!("{}: {}", path.display(), errors[0]));
    assert!(structurally_equal(planned, &again), "{}: the printed plan is another module", path.display());
    let (registry, target) = (Registry::new(), Target::default());
    let checked = memopt_passes::check(source, source.functions()[0], &again, &registry, &target);
    assert!(matches!(checked, Ok(Some(_))), "{}: {checked:?}", path.display());
}

fn accepted_by_mlir(path: &Path, planned: &str) {
    let mut mlir = Command::new(MLIR_OPT);
    mlir.args(["--allow-unregistered-dialect", "-o", "/dev/null", "-"]);
    let mut running = mlir.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it is there");
    let mut input = running.stdin.take().expect("it was asked for");
    std::io::Write::write_all(&mut input, planned.as_bytes()).expect("it reads all of its input");
    drop(input);
    let output = running.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
}

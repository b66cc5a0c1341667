//! The models of the reference data whose outputs are stored: on values within their tolerance, and in the arena of every
//! preset's plan bit by bit as on values.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use memopt::dialect::Registry;
use memopt::ir::{Bytes, Module};
use memopt::pass::PassRegistry;
use memopt::text::{ParseLimits, parse};
use memopt_ir_tests::case::Flags;
use memopt_ir_tests::pipeline;
use memopt_run::archive;
use memopt_run::compare::difference;
use memopt_run::machine::{Limits, run_in_arena, run_on_values};
use memopt_run::tensor::Tensor;

/// Outputs were stored by compiled JAX, which is up to 3.2e-5 from JAX run operation by operation.
const TOLERANCE: f64 = 1e-4;

/// Name, text, inputs and outputs of each model; none, with a line that says so, where the data is absent.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn models() -> Vec<(String, String, Vec<Tensor>, Vec<Tensor>)> {
    let shared = std::env::var_os("MEMOPT_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let Ok(entries) = std::fs::read_dir(shared.join("data/golden")) else {
        eprintln!("skipped: no reference models (set MEMOPT_SHARED)");
        return Vec::new();
    };
    let mut archives: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    archives.retain(|path| path.extension().is_some_and(|extension| extension == "safetensors"));
    archives.sort();
    let read = |path: &PathBuf, prefix| archive::read(path, prefix, Bytes(1 << 30)).expect("a readable archive");
    let model = |path: &PathBuf| {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        (name, text_beside(path), read(path, "in"), read(path, "out"))
    };
    archives.iter().map(model).collect()
}

fn text_beside(archive: &Path) -> String {
    let plain = archive.with_extension("generic.mlir");
    if let Ok(text) = std::fs::read_to_string(&plain) {
        return text;
    }
    let bytes = std::fs::read(archive.with_extension("generic.mlir.gz")).expect("the text of a model");
    let mut text = String::new();
    flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).expect("text");
    text
}

fn read(text: &str) -> Module {
    parse(text, &ParseLimits::default()).expect("a valid module")
}

fn on_values(module: &Module, inputs: &[Tensor]) -> Vec<Tensor> {
    run_on_values(module, module.functions()[0], inputs, Limits::default()).expect("it runs")
}

#[test]
fn on_values_they_make_the_stored_outputs() {
    for (name, text, inputs, outputs) in models() {
        let results = on_values(&read(&text), &inputs);
        assert_eq!(results.len(), outputs.len(), "{name}");
        for (index, (found, expected)) in results.iter().zip(&outputs).enumerate() {
            let found = difference(found, expected).expect("the stored type");
            assert!(found.largest <= TOLERANCE, "{name}: result {index} is {} away", found.largest);
        }
    }
}

#[test]
fn in_the_arena_of_every_preset_they_make_the_same() {
    let mut passes = PassRegistry::new();
    memopt_passes::register_all(&mut passes);
    for (name, text, inputs, _) in models() {
        let expected = on_values(&read(&text), &inputs);
        // Integer programs take too long here, and change nothing about how a plan runs.
        for preset in passes.presets().iter().filter(|preset| preset.name != "exact") {
            for results_in_arena in [false, true] {
                let flags = Flags { results_in_arena, budget: None };
                let planned = pipeline::plan(&text, preset.pipeline, &flags).expect("a plan").ir;
                let module = read(&planned);
                let registry = Registry::new();
                let found = run_in_arena(&module, module.functions()[0], &registry, &inputs, Limits::default());
                assert_eq!(found.expect(preset.name), expected, "{name}, {}", preset.name);
            }
        }
    }
}

/// With any values virtual that may be, and nearly all of them.
#[test]
fn values_without_bytes_change_no_bit() {
    for (name, text, inputs, _) in models() {
        let expected = on_values(&read(&text), &inputs);
        for passes in ["mark{seed=1 skip=2},inplace,schedule,place", "mark{skip=100},inplace,schedule,place"] {
            let planned =
                pipeline::plan(&text, passes, &Flags { results_in_arena: false, budget: None }).expect("a plan").ir;
            let module = read(&planned);
            let made = run_in_arena(&module, module.functions()[0], &Registry::new(), &inputs, Limits::default());
            assert_eq!(made.expect(passes), expected, "{name}, {passes}");
        }
    }
}

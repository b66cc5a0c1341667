//! Reading and printing the largest graph of the corpus; where MLIR's tool is installed, the same file through it, in the same
//! run, since only ratios mean anything on a shared machine.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use divan::Bencher;
use memopt::text::{ParseLimits, parse, print};

const MODEL: &str = "ir-tests/corpus/gpt2_xl.train.b1.generic.mlir.gz";
const MLIR_OPT: &str = "/usr/lib/llvm-22/bin/mlir-opt";

fn main() {
    divan::main();
}

fn source() -> String {
    let file = std::fs::File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join(MODEL))
        .expect("the corpus is in the repository");
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("the corpus is valid");
    text
}

#[divan::bench(sample_count = 10)]
fn parse_gpt2_xl(bencher: Bencher<'_, '_>) {
    let text = source();
    bencher.bench(|| parse(&text, &ParseLimits::default()).expect("the corpus is valid"));
}

#[divan::bench(sample_count = 10)]
fn parse_and_print_gpt2_xl(bencher: Bencher<'_, '_>) {
    let text = source();
    bencher.bench(|| print(&parse(&text, &ParseLimits::default()).expect("the corpus is valid")));
}

/// The whole process, start included: some tens of milliseconds of it.
#[divan::bench(sample_count = 5, ignore = !Path::new(MLIR_OPT).exists())]
fn mlir_opt_gpt2_xl(bencher: Bencher<'_, '_>) {
    let path: PathBuf = std::env::temp_dir().join(format!("memopt-bench-{}.mlir", std::process::id()));
    std::fs::write(&path, source()).expect("the folder for temporary files is writable");
    bencher.bench(|| {
        let mut command = Command::new(MLIR_OPT);
        command.args(["--allow-unregistered-dialect", "--mlir-print-op-generic"]).arg(&path).stdout(Stdio::null());
        assert!(command.status().expect("the tool starts").success());
    });
    // A file left behind harms nobody.
    let _ = std::fs::remove_file(&path);
}

//! Real programs, read and printed; and what is printed, read by MLIR.
//!
//! The programs lie outside the repository: `MEMOPT_SHARED` names their folder, `../shared` otherwise. Without them, and
//! without `mlir-opt`, the tests say so and pass.

#![allow(clippy::print_stderr)]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::read::GzDecoder;
use memopt::ir::{structurally_equal, verify};
use memopt::text::{LineIndex, ParseLimits, parse, print};

/// Reads a text, checks that printing it loses nothing, and answers what was printed.
#[track_caller]
fn round_trip(name: &str, source: &str) -> String {
    let module = parse(source, &ParseLimits::default()).unwrap_or_else(|errors| {
        let first = LineIndex::new(source).start(errors[0].span);
        panic!("{name}:{}:{}: {}", first.line, first.column, errors[0])
    });
    let text = print(&module);
    let again = parse(&text, &ParseLimits::default()).expect("what is printed can be read");
    assert!(structurally_equal(&module, &again), "{name} changes when it is printed");
    assert_eq!(print(&again), text, "{name} prints in two ways");
    text
}

/// The folder of programs, if it is there.
fn data() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let data = std::env::var_os("MEMOPT_SHARED").map_or_else(beside, PathBuf::from).join("data");
    if !data.is_dir() {
        eprintln!("skipped: there are no programs at {}", data.display());
        return None;
    }
    Some(data)
}

/// The programs in generic form, in a stable order.
fn programs(data: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for folder in ["stablehlo", "golden", "torch", "dtr"] {
        let Ok(entries) = fs::read_dir(data.join(folder)) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            let name = path.to_string_lossy().trim_end_matches(".gz").to_owned();
            let only_generic = matches!(folder, "torch" | "dtr");
            if name.ends_with(".generic.mlir") || only_generic && name.ends_with(".mlir") {
                all.push(path);
            }
        }
    }
    all.sort();
    all
}

fn read(path: &Path) -> String {
    let mut text = String::new();
    let mut file = File::open(path).unwrap();
    match path.extension().is_some_and(|extension| extension == "gz") {
        true => GzDecoder::new(file).read_to_string(&mut text).unwrap(),
        false => file.read_to_string(&mut text).unwrap(),
    };
    text
}

/// Runs `mlir-opt` on a text; `None` if it is not installed.
fn mlir_opt(text: &str, options: &[&str]) -> Option<Result<String, String>> {
    let installed = ["/usr/lib/llvm-22/bin/mlir-opt", "mlir-opt"];
    let spawn = |program: &&str| {
        let mut command = Command::new(program);
        command.args(["--allow-unregistered-dialect", "--mlir-print-op-generic"]).args(options);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().ok()
    };
    let Some(mut child) = installed.iter().find_map(spawn) else {
        eprintln!("skipped: mlir-opt is not installed");
        return None;
    };
    let mut input = child.stdin.take().unwrap();
    let text = text.to_owned();
    // It may print before it has read everything. What it does not read shows in its answer.
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()).ok());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let answer = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Some(if output.status.success() { Ok(answer(output.stdout)) } else { Err(answer(output.stderr)) })
}

#[test]
fn real_programs_round_trip() {
    let Some(data) = data() else { return };
    let programs = programs(&data);
    assert!(!programs.is_empty());
    for path in programs {
        let source = read(&path);
        round_trip(&path.display().to_string(), &source);
        let module = parse(&source, &ParseLimits::default()).unwrap();
        assert_eq!(verify(&module), Ok(()), "{}", path.display());
    }
}

#[test]
fn mlir_reads_every_form_as_printed() {
    let source = include_str!("forms.mlir");
    let printed = round_trip("forms.mlir", source);
    for options in [&[][..], &["--mlir-print-debuginfo"][..]] {
        let Some(of_printed) = mlir_opt(&printed, options) else { return };
        let of_printed = of_printed.unwrap_or_else(|refused| panic!("{refused}"));
        round_trip("forms.mlir from mlir-opt", &of_printed);
    }
    let of_source = mlir_opt(source, &[]).unwrap().unwrap();
    let of_printed = mlir_opt(&printed, &[]).unwrap().unwrap();
    // MLIR keeps aliases inside opaque text as text, and memopt substitutes them, since it prints none.
    let plain =
        |text: &str| text.lines().filter(|line| !line.contains("\"any.opaque\"")).collect::<Vec<_>>().join("\n");
    assert_eq!(plain(&of_source), plain(&of_printed));
}

#[test]
fn mlir_reads_real_programs_as_printed() {
    let Some(data) = data() else { return };
    // StableHLO files were printed by MLIR: they come back byte for byte.
    for name in ["stablehlo/mlp.train.b128", "golden/tiny_lstm_scan_train_sgd", "golden/tiny_ops_misc"] {
        let paths = ["generic.mlir", "generic.mlir.gz"].map(|suffix| data.join(format!("{name}.{suffix}")));
        let Some(path) = paths.iter().find(|path| path.is_file()) else { continue };
        let source = read(path);
        let printed = round_trip(name, &source);
        assert!(printed.trim_end() == source.trim_end(), "{name} is printed otherwise than by MLIR");
    }
    for name in ["torch/resnet18.train.b32.mlir.gz", "dtr/unet.mlir.gz"] {
        let path = data.join(name);
        if path.is_file() {
            let source = read(&path);
            let Some(of_printed) = mlir_opt(&round_trip(name, &source), &[]) else { return };
            let of_printed = of_printed.unwrap_or_else(|refused| panic!("{refused}"));
            assert!(of_printed == mlir_opt(&source, &[]).unwrap().unwrap(), "{name} changes when it is printed");
        }
    }
}

#[test]
fn what_mlir_prints_of_other_dialects_round_trips() {
    let Some(data) = data() else { return };
    for entry in fs::read_dir(data.join("linalg")).into_iter().flatten() {
        let path = entry.unwrap().path();
        for options in [&[][..], &["--mlir-print-debuginfo"][..]] {
            let Some(generic) = mlir_opt(&read(&path), options) else { return };
            let generic = generic.unwrap();
            let printed = round_trip(&path.display().to_string(), &generic);
            // Aliases get names of MLIR's choice, so that the texts can be compared only after MLIR has read both.
            let again = mlir_opt(&printed, options).unwrap().unwrap_or_else(|refused| panic!("{refused}"));
            assert!(again == generic, "{} changes when it is printed", path.display());
        }
    }
}

//! What a lowered module consists of.

use std::path::{Path, PathBuf};

use memopt::dialect::Registry;
use memopt::pass::ResultsIn;
use memopt::target::Target;
use memopt::text::{ParseLimits, parse};
use memopt_mlir::jit::to_llvm_dialect;
use memopt_mlir::{LowerOptions, lower};

use crate::{UNPLANNED, data, lines, lower_with, plan_and_lower};

/// The StableHLO modules of a folder; what was captured from PyTorch has another dialect.
fn modules(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_stablehlo = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().contains(".generic.mlir");
    let mut paths: Vec<PathBuf> = entries.filter(is_stablehlo).collect();
    paths.sort();
    paths
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ir-tests/corpus")
}

fn all_are_lowered(folder: &Path) {
    let paths = modules(folder);
    assert!(!paths.is_empty());
    for path in paths {
        let lowered = plan_and_lower(&data::module(&path), UNPLANNED, ResultsIn::Caller);
        assert!(lowered.kernels > 0, "{}", path.display());
    }
}

#[test]
fn every_operation_of_the_corpus_has_a_lowering() {
    all_are_lowered(&corpus());
}

#[test]
#[ignore = "two minutes"]
fn every_operation_of_the_reference_data_has_a_lowering() {
    if let Some(one) = data::path("stablehlo/mlp.train.b128.generic.mlir") {
        all_are_lowered(one.parent().unwrap());
    }
}

#[test]
fn nothing_is_allocated_or_copied_behind_the_plan() {
    for model in ["tiny_cnn_train_sgd", "tiny_ops_misc", "tiny_lstm_scan_train_sgd", "mlp.train.b128"] {
        let module = data::module(&corpus().join(format!("{model}.generic.mlir.gz")));
        let lowered = plan_and_lower(&module, "default", ResultsIn::Caller);
        let llvm = to_llvm_dialect(&lowered).unwrap();
        assert!(llvm.contains("llvm.func @main"), "{model} became a function");
        for text in [&lowered.text, &llvm] {
            for word in ["alloc", "malloc", "free", "memref.copy", "memcpy", "memmove"] {
                let found = text.lines().find(|line| line.contains(word));
                assert_eq!(found, None, "{model}: {word}");
            }
        }
    }
}

#[test]
fn operations_that_agree_share_a_kernel() {
    let line = |n: usize| format!(r#"%{} = "stablehlo.tanh"(%{n}) : (tensor<64xf32>) -> tensor<64xf32>"#, n + 1);
    let body: String = (0..20).map(line).collect::<Vec<_>>().join("\n");
    let text = format!(
        r#""builtin.module"() ({{
        "func.func"() <{{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}}> ({{
        ^bb0(%0: tensor<64xf32>):
        {body}
        "func.return"(%20) : (tensor<64xf32>) -> ()
        }}) : () -> ()
        }}) : () -> ()"#
    );
    let lowered = plan_and_lower(&parse(&text, &ParseLimits::default()).unwrap(), "fast", ResultsIn::Caller);
    // From the argument, in place, and into the result.
    assert!(lowered.kernels <= 3, "{} kernels for 20 equal operations", lowered.kernels);
    assert_eq!(lowered.text.matches("func.call").count(), 20);
}

#[test]
fn a_plan_for_another_target_is_refused() {
    let text = r#""builtin.module"() ({
        "func.func"() <{function_type = () -> (), sym_name = "main"}> ({
        "func.return"() : () -> ()
        }) {memopt.arena_size = 0 : i64, memopt.target = "generic"} : () -> ()
        }) : () -> ()"#;
    let module = parse(text, &ParseLimits::default()).unwrap();
    let function = module.functions()[0];
    let options = LowerOptions::default();
    let errors = lower(&module, function, &memopt_mlir::registry(), &memopt_mlir::target(), &options).unwrap_err();
    assert_eq!(lines(&errors), "@main is planned for generic, not for native");
    assert!(lower(&module, function, &Registry::new(), &Target::default(), &options).is_ok());
}

#[test]
fn shapes_that_lie_are_refused() {
    let slice = |limit: i64| {
        format!(
            r#""builtin.module"() ({{
        "func.func"() <{{function_type = (tensor<64xf32>) -> tensor<16xf32>, sym_name = "main"}}> ({{
        ^bb0(%0: tensor<64xf32>):
        %1 = "stablehlo.slice"(%0) <{{limit_indices = array<i64: {limit}>, start_indices = array<i64: {}>, strides = array<i64: 4>}}>
            : (tensor<64xf32>) -> tensor<16xf32>
        "func.return"(%1) : (tensor<16xf32>) -> ()
        }}) : () -> ()
        }}) : () -> ()"#,
            limit - 64
        )
    };
    let lowered = |limit: i64| {
        let module = parse(&slice(limit), &ParseLimits::default()).unwrap();
        lower_with(&module, "fast", ResultsIn::Caller, &LowerOptions::default())
    };
    assert!(lowered(64).is_ok());
    let errors = lowered(68).map(|_| ()).unwrap_err();
    assert_eq!(lines(&errors), "stablehlo.slice cannot be lowered: its types and attributes do not fit each other");
}

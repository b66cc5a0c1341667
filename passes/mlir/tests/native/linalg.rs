//! Linalg and TOSA: imported through MLIR, planned, and run against upstream's own way.

use melior::ir::operation::OperationLike;
use memopt::ir::Module;
use memopt::pass::ResultsIn;
use memopt::text::{ParseLimits, parse};
use memopt_mlir::import::to_generic;
use memopt_mlir::jit::{Buffer, Unplanned};

use crate::{compiled, data, native_planner, plan_and_lower, run};

fn import(name: &str) -> Option<(String, Module)> {
    let generic = to_generic(data::text(&data::path(&format!("linalg/{name}.mlir"))?).as_bytes()).unwrap();
    let module = parse(&generic, &ParseLimits::default()).unwrap_or_else(|errors| panic!("{name}: {}", errors[0]));
    Some((generic, module))
}

/// Floats from -0.5 to 0.5, the same in every run.
fn made_up(bytes: usize, state: &mut u64) -> Vec<u8> {
    let mut next = || {
        *state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((*state >> 40) as f32 / (1 << 24) as f32 - 0.5).to_le_bytes()
    };
    (0..bytes / 4).flat_map(|_| next()).collect()
}

/// The largest difference of floats, relative to the largest of them.
fn difference(found: &[u8], expected: &[u8]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let floats = |bytes: &[u8]| -> Vec<f64> {
        bytes.chunks_exact(4).map(|b| f64::from(f32::from_le_bytes(b.try_into().unwrap()))).collect()
    };
    let (found, expected) = (floats(found), floats(expected));
    assert!(expected.iter().all(|x| x.is_finite()), "the reference is finite");
    let size = expected.iter().fold(1e-30, |most: f64, x| most.max(x.abs()));
    found
        .iter()
        .zip(&expected)
        .map(|(a, b)| (a - b).abs() / size)
        .fold(0.0, |most, x| if x >= most || x.is_nan() { x } else { most })
}

fn check(name: &str) {
    let Some((generic, module)) = import(name) else { return };
    check_module(name, &generic, &module);
}

/// The weights are not in the files of these: they get some, from this number on, and run.
fn check_with_weights(name: &str, least: f32) {
    let Some((generic, _)) = import(name) else { return };
    let (mut text, mut state) = (String::new(), 7);
    let mut parts = generic.split("dense_resource<");
    text += parts.next().unwrap();
    for part in parts {
        let (_, rest) = part.split_once('>').unwrap();
        let (shape, _) =
            rest.trim_start_matches([' ', ':']).strip_prefix("tensor<").unwrap().split_once("xf32>").unwrap();
        let elements: usize = shape.split('x').map(|extent| extent.parse::<usize>().unwrap()).product();
        let bytes = made_up(4 * elements, &mut state);
        text += "dense<\"0x";
        for element in bytes.chunks_exact(4) {
            let small = least + (f32::from_le_bytes(element.try_into().unwrap()) + 0.5) * 0.1;
            small.to_le_bytes().iter().for_each(|byte| text += &format!("{byte:02X}"));
        }
        text += "\">";
        text += rest;
    }
    let limits = ParseLimits { max_bytes: usize::MAX, ..ParseLimits::default() };
    let module = parse(&text, &limits).unwrap_or_else(|errors| panic!("{name}: {}", errors[0]));
    check_module(name, &text, &module);
}

fn check_module(name: &str, generic: &str, module: &Module) {
    let lowered = plan_and_lower(module, "default", ResultsIn::Caller);
    let compiled = compiled(&lowered);
    let mut state = 1;
    let inputs: Vec<Vec<u8>> =
        compiled.signature.arguments.iter().map(|bytes| made_up(bytes.0 as usize, &mut state)).collect();
    let found = run(&compiled, &inputs);
    let mut arguments: Vec<Buffer> = inputs.iter().map(|bytes| Buffer::from_bytes(bytes)).collect();
    let mut results: Vec<Buffer> = found.iter().map(|bytes| Buffer::filled(bytes.len(), 0)).collect();
    Unplanned::compile(generic).unwrap().call(&mut arguments, &mut results);
    for (k, (found, expected)) in found.iter().zip(&results).enumerate() {
        let difference = difference(found, expected.as_slice());
        assert!(difference < 1e-5, "{name}, result {k}: {difference:.2e}");
    }
}

#[test]
fn a_training_step_of_a_perceptron_runs_as_upstream_runs_it() {
    check("mlp.trainstep.linalg-on-tensors");
}

#[test]
fn a_training_step_of_a_small_convolutional_network_runs_as_upstream_runs_it() {
    check("cnn.trainstep.linalg-on-tensors");
}

#[test]
#[ignore = "a minute of upstream's plain loops"]
fn a_training_step_of_resnet18_runs_as_upstream_runs_it() {
    check("resnet18.trainstep.linalg-on-tensors");
}

#[test]
fn inference_with_a_perceptron_runs_as_upstream_runs_it() {
    check_with_weights("mlp.infer.linalg-on-tensors", -0.05);
    check_with_weights("mlp.infer.tosa", -0.05);
}

#[test]
#[ignore = "some minutes of upstream's plain loops"]
fn inference_with_a_transformer_runs_as_upstream_runs_it() {
    check_with_weights("bert_layer.infer.linalg-on-tensors", -0.05);
    check_with_weights("bert_layer.infer.tosa", -0.05);
}

#[test]
#[ignore = "some minutes of upstream's plain loops"]
fn inference_with_resnet18_runs_as_upstream_runs_it() {
    // Variances are among them.
    check_with_weights("resnet18.infer.linalg-on-tensors", 0.0);
    check_with_weights("resnet18.infer.tosa", 0.0);
}

/// MLIR's own bytecode of a module gives the same as its text.
#[test]
fn bytecode_is_imported() {
    let context = melior::Context::new();
    let registry = melior::dialect::DialectRegistry::new();
    melior::utility::register_all_dialects(&registry);
    context.append_dialect_registry(&registry);
    context.load_all_available_dialects();
    for name in ["mlp.trainstep.linalg-on-tensors", "cnn.trainstep.linalg-on-tensors", "mlp.infer.tosa"] {
        let Some(path) = data::path(&format!("linalg/{name}.mlir")) else { continue };
        let text = data::text(&path);
        let bytecode = melior::ir::Module::parse(&context, &text).unwrap().as_operation().write_bytecode();
        assert!(bytecode.starts_with(b"ML\xefR"), "{name}");
        assert_eq!(to_generic(&bytecode).unwrap(), to_generic(text.as_bytes()).unwrap(), "{name}");
        let cut = &bytecode[..bytecode.len() / 2];
        assert!(to_generic(cut).is_err(), "{name}: half of it is refused");
    }
}

#[test]
fn inference_is_imported_and_planned() {
    let planner = native_planner("default");
    for name in [
        "bert_layer.infer.linalg-on-tensors",
        "bert_layer.infer.tosa",
        "mlp.infer.linalg-on-tensors",
        "mlp.infer.tosa",
        "resnet18.infer.linalg-on-tensors",
        "resnet18.infer.tosa",
        "resnet18.trainstep.linalg-on-tensors",
    ] {
        let Some((_, module)) = import(name) else { continue };
        let planned = planner.plan(&module).unwrap();
        assert!(planned.functions.iter().all(|f| f.certificate.is_some()), "{name} is planned, and the plan proven");
    }
}

//! The golden models: native results against those that JAX stored.

use memopt::pass::ResultsIn;

use crate::{UNPLANNED, compiled, data, plan_and_lower, run};

/// Ten times the difference of compiled JAX to JAX op by op, 3.2e-5.
const TOLERANCE: f64 = 3.2e-4;

const MODELS: [&str; 7] = [
    "tiny_softmax_layernorm",
    "tiny_ops_misc",
    "tiny_mlp_train_sgd",
    "tiny_mlp_train_adam",
    "tiny_cnn_train_sgd",
    "tiny_lstm_unrolled_train_adam",
    "tiny_lstm_scan_train_sgd",
];

fn check(preset: &str, results: ResultsIn) {
    let mut wrong = Vec::new();
    for model in MODELS {
        let Some(path) = data::path(&format!("golden/{model}.generic.mlir")) else { continue };
        let [inputs, outputs] = data::tensors(&data::path(&format!("golden/{model}.safetensors")).unwrap());
        let lowered = plan_and_lower(&data::module(&path), preset, results);
        let compiled = compiled(&lowered);
        let inputs: Vec<Vec<u8>> = inputs.into_iter().map(|tensor| tensor.bytes).collect();
        let found = run(&compiled, &inputs);
        assert_eq!(found.len(), outputs.len());
        for (k, (found, expected)) in found.iter().zip(&outputs).enumerate() {
            let difference = data::difference(found, expected);
            if difference > TOLERANCE {
                wrong.push(format!("{model}, result {k} ({}): {difference:.2e}", expected.dtype));
            }
        }
        assert_eq!(found, run(&compiled, &inputs), "{model}: a second run in fresh memory gives the same bytes");
    }
    assert!(wrong.is_empty(), "{preset}, {results:?}:\n{}", wrong.join("\n"));
}

#[test]
fn golden_models_planned_fast() {
    check("fast", ResultsIn::Caller);
}

#[test]
fn golden_models_planned_by_default() {
    check("default", ResultsIn::Caller);
}

#[test]
fn golden_models_without_a_plan() {
    check(UNPLANNED, ResultsIn::Caller);
}

#[test]
fn golden_models_with_results_in_the_arena() {
    check("fast", ResultsIn::Arena);
}

//! Native code against the reference interpreter: random programs planned for it, and real training steps.
//!
//! Where every implementation must agree to the last bit, the bytes are compared. Where sums may be split and functions of
//! analysis differ in their last bits, programs are made of operations that do not blow such differences up.

mod programs;

use std::path::Path;

use memopt::ir::{Bytes, Module};
use memopt::pass::{PassRegistry, ResultsIn};
use memopt::text::{ParseLimits, parse, print};
use memopt_ir_tests::mark;
use memopt_passes::Planner;
use memopt_run::args::BackendName;
use memopt_run::backend::{self, Program};
use memopt_run::compare::difference;
use memopt_run::machine::{Limits, run_in_arena, run_on_values};
use memopt_run::sample;
use memopt_run::tensor::Tensor;
use programs::Floats;

/// How many programs of each kind are made: `MEMOPT_PROGRAMS`, else some seconds' worth.
fn count() -> u64 {
    std::env::var("MEMOPT_PROGRAMS").ok().and_then(|count| count.parse().ok()).unwrap_or(40)
}

/// Shares nothing and moves nothing: the run without a plan.
const WITHOUT_A_PLAN: &str = "schedule{algorithm=program},place{algorithm=no-reuse}";

/// Whatever may be computed by its readers is.
const FUSED: &str = "mark{skip=100},inplace,schedule,place";

const PIPELINES: [&str; 6] = [
    "inplace,schedule,place",
    "inplace,schedule{algorithm=greedy},place{algorithm=best-fit}",
    WITHOUT_A_PLAN,
    FUSED,
    "mark{seed=1},inplace,schedule,place",
    "mark{seed=2 skip=2},inplace,schedule{algorithm=greedy},place",
];

fn planned(module: &Module, pipeline: &str, results: ResultsIn) -> Module {
    let mut passes = PassRegistry::new();
    memopt_passes::register_all(&mut passes);
    passes.register(&mark::INFO, mark::build);
    let (registry, target, results) = (memopt_mlir::registry(), memopt_mlir::target(), Some(results));
    let planner = Planner::with_passes(pipeline, &passes).expect("a pipeline");
    Planner { registry, target, results, ..planner }.plan(module).expect("a plan").module
}

fn natively(planned: &Module, inputs: &[Tensor]) -> Vec<Tensor> {
    let (function, registry) = (planned.functions()[0], memopt_mlir::registry());
    let program = Program { module: planned, function, registry: &registry, limits: Limits::default() };
    let native = backend::open(BackendName::Native, program, None).and_then(|mut native| native.run(inputs));
    native.unwrap_or_else(|errors| panic!("{errors:?}\n{}", print(planned)))
}

/// What a program computes on values, in the arena, and natively; the first two are equal.
fn three_ways(seed: u64, floats: Floats) -> (String, Vec<Tensor>, Vec<Tensor>) {
    let source = programs::module(seed, floats);
    let module = parse(&source, &ParseLimits::default()).unwrap_or_else(|errors| panic!("{errors:?}\n{source}"));
    let inputs = sample::inputs(&module, module.functions()[0], seed).expect("arguments are tensors");
    let expected = run_on_values(&module, module.functions()[0], &inputs, Limits::default());
    let expected = expected.unwrap_or_else(|stop| panic!("program {seed}: {stop}\n{source}"));
    let results = if seed.is_multiple_of(4) { ResultsIn::Arena } else { ResultsIn::Caller };
    let planned = planned(&module, PIPELINES[seed as usize % PIPELINES.len()], results);
    let registry = memopt_mlir::registry();
    let (function, text) = (planned.functions()[0], print(&planned));
    let in_arena = run_in_arena(&planned, function, &registry, &inputs, Limits::default());
    let in_arena = in_arena.unwrap_or_else(|stop| panic!("program {seed}: {stop}\n{text}"));
    assert_eq!(in_arena, expected, "program {seed}\n{text}");
    let native = natively(&planned, &inputs);
    (text, expected, native)
}

/// The results that are further away than this, in words.
fn too_far(seed: u64, floats: Floats, tolerance: f64) -> Option<String> {
    let (text, expected, native) = three_ways(seed, floats);
    let far = |(k, (found, expected)): (usize, (&Tensor, &Tensor))| {
        let by = difference(found, expected).expect("the type of the result");
        (by.largest > tolerance).then(|| format!("result {k} is {} away at {}", by.largest, by.at))
    };
    let far: Vec<String> = native.iter().zip(&expected).enumerate().filter_map(far).collect();
    (!far.is_empty()).then(|| format!("program {seed}: {}\n{text}", far.join(", ")))
}

#[test]
fn exact_programs_agree_to_the_last_bit() {
    let wrong: Vec<String> = (0..count()).filter_map(|seed| too_far(seed, Floats::Exact, 0.0)).collect();
    assert!(wrong.is_empty(), "{} programs:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn smooth_programs_agree_closely() {
    let wrong: Vec<String> = (0..count()).filter_map(|seed| too_far(seed, Floats::Smooth, 1e-4)).collect();
    assert!(wrong.is_empty(), "{} programs:\n{}", wrong.len(), wrong.join("\n"));
}

/// A reduction and an elementwise kernel over a tree of hundreds of operations.
#[test]
fn deep_trees_agree() {
    let f = "tensor<12x8xf32>";
    let mut body = String::new();
    for i in 0..400 {
        let (x, y) = (format!("%v{i}"), format!("%v{}", i + 1));
        let op = match i % 8 {
            1 => format!("\"stablehlo.reverse\"({x}) <{{dimensions = array<i64: 0>}}> : ({f}) -> {f}"),
            5 => format!("\"stablehlo.minimum\"({x}, %v{}) : ({f}, {f}) -> {f}", i - i % 5),
            _ => format!("\"stablehlo.add\"({x}, %arg1) : ({f}, {f}) -> {f}"),
        };
        body += &format!("    {y} = {op}\n");
    }
    let text = format!(
        "\"builtin.module\"() ({{ \"func.func\"() <{{function_type = ({f}, {f}) -> (tensor<8xf32>, {f}), sym_name = \
         \"main\"}}> ({{ ^bb0(%v0: {f}, %arg1: {f}):\n{body} %zero = \"stablehlo.constant\"() <{{value = dense<0.0> : \
         tensor<f32>}}> : () -> tensor<f32> %sum = \"stablehlo.reduce\"(%v400, %zero) <{{dimensions = array<i64: 0>}}> ({{ \
         ^bb0(%a: tensor<f32>, %b: tensor<f32>): %c = \"stablehlo.add\"(%a, %b) : (tensor<f32>, tensor<f32>) -> \
         tensor<f32> \"stablehlo.return\"(%c) : (tensor<f32>) -> () }}) : ({f}, tensor<f32>) -> tensor<8xf32> %r = \
         \"stablehlo.negate\"(%v400) : ({f}) -> {f} \"func.return\"(%sum, %r) : (tensor<8xf32>, {f}) -> () }}) : () -> () \
         }}) : () -> ()"
    );
    let module = parse(&text, &ParseLimits::default()).expect("a valid module");
    let inputs = sample::inputs(&module, module.functions()[0], 1).expect("arguments are tensors");
    let expected = run_on_values(&module, module.functions()[0], &inputs, Limits::default()).expect("it runs");
    let planned = planned(&module, FUSED, ResultsIn::Caller);
    assert!(print(&planned).matches("memopt.virtual").count() > 300, "most of it is one tree");
    let found = natively(&planned, &inputs);
    assert_eq!(found[1], expected[1], "each element is one chain of operations");
    let by = difference(&found[0], &expected[0]).expect("the type of the result");
    assert!(by.largest < 1e-6, "in which order it sums is the kernel's affair, but it is {} away", by.largest);
}

/// A real step on random weights: the largest difference of any result, as `|a - b| / (0.001 + |b|)`. Steps are as ill
/// conditioned as they come: of ResNet-50's, the interpreter itself is 1.1e-3 from the same program in `f64`.
const STEP_TOLERANCE: f64 = 5e-3;

fn step_agrees(model: &str, presets: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let file = format!("{model}.generic.mlir.gz");
    let places = [root.join("ir-tests/corpus").join(&file), root.join("../shared/data/stablehlo").join(&file)];
    let Some(path) = places.iter().find(|path| path.exists()) else { return };
    let text = memopt_opt::input::read(path, Bytes(1 << 30)).expect("a readable file").text;
    let module = parse(&text, &ParseLimits::default()).expect("a valid module");
    let inputs = sample::inputs(&module, module.functions()[0], 1).expect("arguments are tensors");
    let expected = run_on_values(&module, module.functions()[0], &inputs, Limits::default()).expect("it runs");
    for preset in presets {
        let found = natively(&planned(&module, preset, ResultsIn::Caller), &inputs);
        for (k, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let by = difference(found, expected).expect("the type of the result");
            assert!(by.largest < STEP_TOLERANCE, "{model}, {preset}: result {k} is {} away at {}", by.largest, by.at);
        }
    }
}

#[test]
fn a_training_step_of_a_perceptron_agrees() {
    step_agrees("mlp.train.b128", &["fast", "default", WITHOUT_A_PLAN, FUSED]);
}

#[test]
#[ignore = "some seconds of LLVM"]
fn a_training_step_of_squeezenet_agrees() {
    step_agrees("squeezenet.train.b1", &["fast", "default", WITHOUT_A_PLAN, FUSED]);
}

#[test]
#[ignore = "half a minute of LLVM"]
fn a_training_step_of_resnet50_agrees() {
    step_agrees("resnet50.train.b1", &["default"]);
}

#[test]
#[ignore = "a minute and 5 GB"]
fn a_training_step_of_a_translator_agrees() {
    step_agrees("nmt_lstm_t25.train.b64", &["default"]);
}

//! Random programs: both ways to run them agree bit by bit, and a wrong plan is noticed by the run or by the checker.

mod programs;

use memopt::dialect::Registry;
use memopt::ir::{Bytes, Module, verify};
use memopt::text::{ParseLimits, parse};
use memopt_ir_tests::case::Flags;
use memopt_ir_tests::draw::Draw;
use memopt_ir_tests::{mutate, pipeline};
use memopt_run::machine::{Limits, Stop, run_in_arena, run_on_values};
use memopt_run::sample;
use memopt_run::tensor::Tensor;
use rand::rngs::SmallRng;
use rand::{RngCore, SeedableRng};

/// How many programs are made: `MEMOPT_PROGRAMS`, else a second's worth.
fn count() -> u64 {
    std::env::var("MEMOPT_PROGRAMS").ok().and_then(|count| count.parse().ok()).unwrap_or(60)
}

const PIPELINES: [&str; 9] = [
    "schedule{algorithm=program},place",
    "inplace,schedule{algorithm=greedy},place",
    "inplace,schedule,place",
    "cse,schedule{algorithm=program},place",
    "cse,inplace,schedule,place",
    "fuse,inplace,schedule,place",
    "mark{seed=SEED},inplace,schedule,place",
    "mark{seed=SEED skip=100},inplace,schedule{algorithm=greedy},place",
    "mark{seed=SEED skip=100},inplace,schedule,recompute{max-overhead=40% effort=0},schedule,place",
];

fn read(text: &str) -> Module {
    parse(text, &ParseLimits::default()).unwrap_or_else(|errors| panic!("{errors:?}\n{text}"))
}

fn in_arena(text: &str, inputs: &[Tensor]) -> Result<Vec<Tensor>, Stop> {
    let module = read(text);
    run_in_arena(&module, module.functions()[0], &Registry::new(), inputs, Limits::default())
}

/// A program, its inputs, what it computes, and a plan of it.
fn case(seed: u64) -> (String, Vec<Tensor>, Vec<Tensor>, String) {
    let source = programs::module(seed, programs::Floats::Any);
    let module = read(&source);
    let function = module.functions()[0];
    let inputs = sample::inputs(&module, function, seed).expect("arguments are tensors");
    let expected = run_on_values(&module, function, &inputs, Limits::default());
    let expected = expected.unwrap_or_else(|stop| panic!("program {seed}: {stop}\n{source}"));
    let flags = Flags { results_in_arena: seed.is_multiple_of(4), budget: None };
    let passes = PIPELINES[seed as usize % PIPELINES.len()].replace("SEED", &seed.to_string());
    let planned = pipeline::plan(&source, &passes, &flags);
    let planned = planned.unwrap_or_else(|error| panic!("program {seed}: {error:?}\n{source}")).ir;
    (source, inputs, expected, planned)
}

#[test]
fn values_and_arena_agree() {
    for seed in 0..count() {
        let (source, inputs, expected, planned) = case(seed);
        match in_arena(&planned, &inputs) {
            Ok(found) => assert_eq!(found, expected, "program {seed}\n{source}\n{planned}"),
            Err(stop) => panic!("program {seed}: {stop}\n{source}\n{planned}"),
        }
    }
}

#[test]
fn wrong_plans_are_noticed() {
    let (mut refused, mut noticed) = (0, 0);
    for seed in 0..count() {
        let (source, inputs, expected, planned) = case(seed);
        let mut bytes = [0; 256];
        SmallRng::seed_from_u64(seed).fill_bytes(&mut bytes);
        let mut draw = Draw::new(&bytes);
        for _ in 0..4 {
            let Some(spoiled) = mutate::plan(&planned, &mut draw) else { continue };
            // What is no program any more (a copy of an operation that lost its region) says nothing about plans.
            let Ok(module) = parse(&spoiled.text, &ParseLimits::default()) else { continue };
            if run_on_values(&module, module.functions()[0], &inputs, Limits::default()).is_err() {
                continue;
            }
            let checked = pipeline::check(&source, &spoiled.text).is_ok();
            let equal = in_arena(&spoiled.text, &inputs).map(|found| found == expected);
            refused += usize::from(!checked);
            noticed += usize::from(!checked && !matches!(equal, Ok(true)));
            match equal {
                Ok(true) => {}
                // The run did not see it: the checker must.
                Ok(false) => assert!(!checked, "nobody sees {}\n{source}\n{}", spoiled.what, spoiled.text),
                Err(stop) => {
                    assert!(!checked, "{stop}, but the checker accepts {}\n{source}\n{}", spoiled.what, spoiled.text);
                }
            }
        }
    }
    // A plan may be wrong in ways that one run does not show (an offset that is not aligned, a hint that was changed).
    assert!(refused > 20 && 2 * noticed > refused, "{noticed} of {refused} wrong plans are noticed by a run");
}

#[test]
fn spoiled_programs_are_run_or_refused() {
    let limits = Limits { max_bytes: Bytes(1 << 26), max_steps: 100_000 };
    let mut ran = 0;
    for seed in 0..count() {
        let (_, _, _, planned) = case(seed);
        let mut bytes = [0; 256];
        SmallRng::seed_from_u64(seed).fill_bytes(&mut bytes);
        let mut draw = Draw::new(&bytes);
        for _ in 0..8 {
            let text = mutate::text(&planned, &mut draw);
            let Ok(module) = parse(&text, &ParseLimits::default()) else { continue };
            if verify(&module).is_err() {
                continue;
            }
            for function in module.functions() {
                let arguments = function.arguments(&module).iter();
                let bytes: Bytes = arguments.map(|&v| module.type_bytes(v).unwrap_or(Bytes::ZERO)).sum();
                if bytes > limits.max_bytes {
                    continue;
                }
                let Ok(inputs) = sample::inputs(&module, function, seed) else { continue };
                let on_values = run_on_values(&module, function, &inputs, limits);
                let in_arena = run_in_arena(&module, function, &Registry::new(), &inputs, limits);
                ran += usize::from(on_values.is_ok()) + usize::from(in_arena.is_ok());
            }
        }
    }
    assert!(ran > 0, "some spoiled texts are still programs");
}

//! What a training step takes from the machine: the arena and what the caller passes, and nothing more. A program of its
//! own, since it counts what the whole program does.

mod measure;

use std::path::Path;

use memopt_mlir::LowerOptions;
use memopt_mlir::jit::{Memory, compile};

#[test]
fn a_step_allocates_nothing_and_touches_its_arena_only() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ir-tests/corpus/mlp.train.b128.generic.mlir.gz");
    let planned = measure::planned(&measure::read(&file), "fast");
    let compiled = compile(&measure::lowered(&planned, &LowerOptions::default()), &[]).unwrap();
    let arguments = measure::arguments(&planned, planned.functions()[0].arguments(&planned));

    let signature = &compiled.signature;
    let results: u64 = signature.passed_results().map(|k| signature.results[k].0).sum();
    let before = measure::resident_bytes();
    let mut memory = Memory::new(signature, arguments).unwrap();
    let after = measure::resident_bytes();
    let (grown, passed) = ((after - before) as f64, (signature.arena.0 + results) as f64);
    assert!(signature.arena.0 > 1 << 20, "an arena of {} shows in what is resident", signature.arena);
    assert!((grown / passed - 1.0).abs() < 0.02, "{grown} bytes more, of which {passed} are the arena and results");

    // The first step too: nothing is set up on the way. A step may touch some pages of code and of the stack.
    const CODE_AND_STACK: usize = 1 << 20;
    for step in 0..3 {
        let allocations = measure::allocations();
        compiled.call(&mut memory);
        assert_eq!(measure::allocations() - allocations, 0, "step {step}");
        let more = measure::resident_bytes().saturating_sub(after);
        assert!(more < CODE_AND_STACK, "step {step}: {more} bytes more are resident");
    }
    let loss = memory.result(&compiled.signature, compiled.signature.results.len() - 1);
    assert!(loss.iter().any(|&byte| byte != 0), "it computed something");
}

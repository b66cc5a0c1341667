//! A second of each fuzz target, from fixed seeds. `cargo xtask fuzz` goes on from there.

use std::time::{Duration, Instant};

use memopt_ir_tests::draw::random_bytes;
use memopt_ir_tests::fuzz;

const TIME: Duration = Duration::from_secs(1);
/// Fast machines stop here, so that they do not try what slow ones never see.
const MOST: u64 = 2000;

fn for_a_second(target: fn(&[u8])) {
    let start = Instant::now();
    for seed in (0..MOST).take_while(|_| start.elapsed() < TIME) {
        // Lengths from nothing to a program of forty operations.
        target(&random_bytes(seed, (seed as usize * 7) % 400));
    }
}

#[test]
fn parser() {
    for_a_second(fuzz::parser);
}

#[test]
fn plan_then_check() {
    for_a_second(fuzz::plan_then_check);
}

//! Tests of schedules with clones, and of all algorithms on them.

use memopt::ir::Bytes;

use super::algorithm::{RecomputeAlgorithm, baseline};
use super::goal::RecomputeGoal;
use super::problem::RecomputeProblem;
use super::runs::Runs;
use super::solution::{RecomputeSolution, validate_recompute};
use super::testing::{network, random};

const BASELINES: [RecomputeAlgorithm; 5] = [
    RecomputeAlgorithm::Echo,
    RecomputeAlgorithm::Chen,
    RecomputeAlgorithm::Mirror,
    RecomputeAlgorithm::Dtr,
    RecomputeAlgorithm::PyTorch,
];

fn validated(problem: &RecomputeProblem, runs: &Runs<'_>) -> RecomputeSolution {
    let solution = RecomputeSolution::of(runs);
    assert_eq!(validate_recompute(problem, &solution), Ok(()));
    solution
}

#[test]
fn no_baseline_is_worse_than_no_clones() {
    let mut improved = [0; BASELINES.len()];
    for seed in 0..300 {
        let problem = random(seed, 6 + seed as usize % 30);
        let plain = Runs::new(&problem).peak();
        for (number, algorithm) in BASELINES.into_iter().enumerate() {
            let (runs, _) = baseline(&problem, algorithm, RecomputeGoal::Least, &mut 10_000_000);
            let least = validated(&problem, &runs).peak;
            assert!(runs.peak() <= plain, "{algorithm:?} seed {seed}");
            improved[number] += u32::from(runs.peak() < plain);
            let (runs, _) = baseline(&problem, algorithm, RecomputeGoal::Overhead(0.1), &mut 10_000_000);
            let solution = validated(&problem, &runs);
            assert!(solution.cost as f64 <= 0.1 * problem.total_cost() as f64 && solution.peak >= least);
        }
    }
    println!("{BASELINES:?} {improved:?}");
    assert!(improved.iter().all(|&count| count > 10), "{improved:?}");
}

#[test]
fn dtr_keeps_its_limit() {
    let mut plans = 0;
    for seed in 0..300 {
        let problem = random(seed, if seed < 150 { 5 } else { 40 });
        let plain = Runs::new(&problem).peak();
        for share in [95, 90, 80, 70] {
            let limit = plain * share / 100;
            if let Some(runs) = super::dtr::dtr(&problem, limit, &mut 10_000_000) {
                assert!(validated(&problem, &runs).peak.0 as i64 <= limit, "seed {seed} limit {limit} {problem:#?} {runs:?}");
                plans += 1;
            }
        }
    }
    assert!(plans > 100, "{plans}");
}

#[test]
fn a_chain_in_pieces() {
    let problem = network(16);
    let plain = Runs::new(&problem);
    for algorithm in BASELINES {
        let (runs, _) = baseline(&problem, algorithm, RecomputeGoal::Least, &mut 10_000_000);
        println!("{algorithm:?} {} of {} for {} of {}", runs.peak(), plain.peak(), runs.cost, problem.total_cost());
        validated(&problem, &runs);
    }
    let _ = Bytes(1);
}

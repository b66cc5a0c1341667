//! The integer program against dynamic programming, with and without the reductions.

mod problems;

use memopt::plan::{OrderProblem, StopReason, evaluate, validate_order};
use memopt_passes::schedule::{IlpOptions, IlpOutcome, exhaustive, greedy, ilp};
use problems::{problem, random_problem};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

fn solve(problem: &OrderProblem, reduce: bool) -> IlpOutcome {
    let incumbent = greedy(problem);
    let outcome = ilp(problem, &incumbent.order, &IlpOptions { reduce, ..IlpOptions::default() });
    validate_order(problem, &outcome.order).unwrap();
    assert_eq!(outcome.value, evaluate(problem, &outcome.order));
    assert!(outcome.value.peak <= incumbent.value.peak, "worse than the incumbent");
    assert!(outcome.lower_bound <= outcome.value.peak);
    outcome
}

#[test]
fn optimal_as_dynamic_programming_is() {
    let mut rng = SmallRng::seed_from_u64(11);
    let (mut improved, mut programs, rounds) = (0, 0, 400);
    for round in 0..rounds {
        let kernels = rng.random_range(1..=14);
        let problem = random_problem(&mut rng, kernels);
        let best = exhaustive(&problem, 1 << 20).expect("16384 downsets at most").value.peak;
        let outcome = solve(&problem, true);
        assert_eq!(outcome.value.peak, best, "round {round}: {problem:?}");
        assert_eq!(outcome.stop, StopReason::Proven, "round {round}");
        improved += u32::from(best < greedy(&problem).value.peak);
        programs += outcome.effort.programs;
    }
    assert!(improved > rounds / 40 && programs > 100, "improved {improved}, programs {programs}");
}

/// Without the reductions the program stands for the whole problem: what these leave out cannot be what makes it right.
#[test]
fn the_full_program_agrees() {
    let mut rng = SmallRng::seed_from_u64(12);
    for round in 0..100 {
        let kernels = rng.random_range(2..=9);
        let problem = random_problem(&mut rng, kernels);
        let best = exhaustive(&problem, 1 << 20).unwrap().value.peak;
        let full = solve(&problem, false);
        assert_eq!((full.value.peak, full.stop), (best, StopReason::Proven), "round {round}: {problem:?}");
        assert_eq!(full.effort.groups, problem.kernels());
    }
}

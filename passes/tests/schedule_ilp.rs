//! The integer program against dynamic programming, with and without the reductions.

mod problems;

use memopt::plan::{OrderProblem, StopReason, evaluate, validate_order};
use memopt_passes::schedule::{IlpOptions, IlpOutcome, Window, exhaustive, greedy, ilp, ilp_window};
use problems::random_problem;
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

#[test]
fn a_window_is_solved_as_if_alone() {
    let mut rng = SmallRng::seed_from_u64(13);
    let (mut improved, rounds) = (0, 200);
    for round in 0..rounds {
        let problem = random_problem(&mut rng, 30);
        let mut order: Vec<u32> = (0..30).collect();
        let from = rng.random_range(0..20);
        let range = from..from + rng.random_range(1..=10);
        let window = Window::new(&problem, &order, range.clone());
        let before = evaluate(&problem, &order);
        // Kernel 0 holds what is live at the border; the steps after it are those of the whole order.
        let alone: Vec<u32> = (0..window.problem.kernels() as u32).collect();
        assert_eq!(evaluate(&window.problem, &alone).live[1..], before.live[range.clone()], "round {round}");
        let best = exhaustive(&window.problem, 1 << 20).expect("2048 downsets at most").value.peak;
        let outcome = ilp_window(&problem, &mut order, range.clone(), &IlpOptions::default());
        assert_eq!((outcome.value.peak, outcome.stop), (best, StopReason::Proven), "round {round}");
        validate_order(&problem, &order).unwrap();
        let after = evaluate(&problem, &order);
        assert_eq!(after.live[range.clone()], outcome.value.live[1..]);
        assert_eq!((&after.live[..range.start], &after.live[range.end..]), (&before.live[..range.start], &before.live[range.end..]));
        improved += u32::from(after.live[range.clone()].iter().max() < before.live[range].iter().max());
    }
    assert!(improved > rounds / 10, "improved {improved}");
}

//! The ordering kernels against a second simulation, against each other, and against all permutations of tiny problems.

mod problems;

use std::collections::BTreeSet;

use memopt::analysis::{ProblemBound, problem_bound};
use memopt::ir::Bytes;
use memopt::plan::{OrderBuffer, OrderProblem, StopReason, evaluate, peak_and_area, validate_order};
use memopt_passes::schedule::{exhaustive, greedy};
use problems::{problem, random_problem};
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

/// Live bytes at each step, from positions: which buffers are live at a step is found anew for every step.
fn naive_live(problem: &OrderProblem, order: &[u32]) -> Vec<Bytes> {
    let position = |kernel: u32| order.iter().position(|&k| k == kernel).unwrap();
    let last = |b: u32| {
        let readers = problem.readers.row(b as usize).iter().map(|&r| position(r));
        readers.chain([position(problem.buffers[b as usize].writer)]).max().unwrap()
    };
    let live_at = |step: usize, &kernel: &u32| {
        let all = (0..problem.buffers.len() as u32).filter(|&b| {
            let buffer = problem.buffers[b as usize];
            position(buffer.writer) <= step && (buffer.until_end || step <= last(b))
        });
        let mut sum: u64 = all.map(|b| problem.buffers[b as usize].size.0).sum();
        let mut used = BTreeSet::new();
        for &result in problem.writes.row(kernel as usize) {
            let tie = problem.ties.iter().find(|tie| {
                tie.kernel == kernel
                    && tie.result == result
                    && !problem.buffers[tie.operand as usize].until_end
                    && last(tie.operand) == step
                    && !used.contains(&tie.operand)
            });
            if let Some(tie) = tie {
                used.insert(tie.operand);
                sum -= problem.buffers[result as usize].size.0;
            }
        }
        Bytes(sum + problem.workspace[kernel as usize].0)
    };
    order.iter().enumerate().map(|(step, kernel)| live_at(step, kernel)).collect()
}

/// A random topological order.
fn random_order(rng: &mut SmallRng, problem: &OrderProblem) -> Vec<u32> {
    let mut order = Vec::new();
    while order.len() < problem.kernels() {
        let ready =
            |k: &u32| !order.contains(k) && problem.predecessors.row(*k as usize).iter().all(|p| order.contains(p));
        let ready: Vec<u32> = (0..problem.kernels() as u32).filter(ready).collect();
        order.push(ready[rng.random_range(0..ready.len())]);
    }
    order
}

/// The least peak of all permutations that are orders.
fn least_peak(problem: &OrderProblem, order: &mut Vec<u32>) -> Bytes {
    if order.len() == problem.kernels() {
        return evaluate(problem, order).peak;
    }
    let mut least = Bytes(u64::MAX);
    for kernel in 0..problem.kernels() as u32 {
        let ready = problem.predecessors.row(kernel as usize).iter().all(|p| order.contains(p));
        if ready && !order.contains(&kernel) {
            order.push(kernel);
            least = least.min(least_peak(problem, order));
            order.pop();
        }
    }
    least
}

#[test]
fn evaluate_agrees_with_a_naive_simulation() {
    let mut rng = SmallRng::seed_from_u64(1);
    for _ in 0..2000 {
        let kernels = rng.random_range(1..16);
        let problem = random_problem(&mut rng, kernels);
        let order = random_order(&mut rng, &problem);
        let value = evaluate(&problem, &order);
        let naive = naive_live(&problem, &order);
        assert_eq!(value.live, naive);
        assert_eq!(value.peak, naive.iter().copied().max().unwrap());
        let area = naive.iter().map(|live| u128::from(live.0)).sum();
        assert_eq!(peak_and_area(&problem, &order), (value.peak, area));
    }
}

#[test]
fn greedy_lies_between_the_optimum_and_program_order() {
    let mut rng = SmallRng::seed_from_u64(2);
    let (mut optimal, mut improved, mut bound_met, total) = (0, 0, 0, 3000);
    for _ in 0..total {
        let kernels = rng.random_range(1..13);
        let problem = random_problem(&mut rng, kernels);
        let program: Vec<u32> = (0..kernels).collect();
        let (program_peak, outcome) = (evaluate(&problem, &program).peak, greedy(&problem));
        let best = exhaustive(&problem, 1 << 20).expect("4096 downsets at most");
        validate_order(&problem, &outcome.order).unwrap();
        validate_order(&problem, &best.order).unwrap();
        assert_eq!(outcome.value, evaluate(&problem, &outcome.order));
        assert_eq!(outcome.value.live, naive_live(&problem, &outcome.order));
        assert!(best.value.peak <= outcome.value.peak && outcome.value.peak <= program_peak);
        if outcome.value.peak == program_peak {
            assert_eq!(outcome.order, program);
        }
        if outcome.stop == StopReason::BoundMet {
            assert_eq!(best.value.peak, outcome.value.peak);
        }
        assert_eq!(outcome, greedy(&problem), "the same problem gets the same answer");
        optimal += usize::from(outcome.value.peak == best.value.peak);
        improved += usize::from(outcome.value.peak < program_peak);
        bound_met += usize::from(outcome.stop == StopReason::BoundMet);
    }
    // Not guaranteed, but a fall of these numbers is a regression.
    assert!(optimal * 100 > total * 80, "optimal {optimal} of {total}");
    assert!(improved * 100 > total * 25 && bound_met * 100 > total * 50, "improved {improved}, bound met {bound_met}");
}

#[test]
fn the_lower_bound_holds_and_is_often_the_optimum() {
    let mut rng = SmallRng::seed_from_u64(7);
    let (mut met, rounds) = (0, 3000);
    for _ in 0..rounds {
        let kernels = rng.random_range(1..=12);
        let problem = random_problem(&mut rng, kernels);
        let best = exhaustive(&problem, 1 << 20).expect("4096 downsets at most");
        let (program, least): (Vec<u32>, Bytes) = ((0..kernels).collect(), best.value.peak);
        let bounds = [program, best.order].map(|order| problem_bound(&problem, &order));
        for bound in &bounds {
            assert!(bound.peak <= least, "{bound:?} > {least} for {problem:?}");
            assert!(holds(&problem, bound), "{bound:?} of {problem:?}");
        }
        met += usize::from(bounds[1].peak == least);
    }
    assert!(met * 100 > rounds * 99, "a bound that is met {met} times in {rounds} is of little use");
}

/// Whether the values that a bound names hold as many bytes as it says, with what its kernel needs for itself.
fn holds(problem: &OrderProblem, bound: &ProblemBound) -> bool {
    let size = |buffers: &[u32]| buffers.iter().map(|&b| problem.buffers[b as usize].size).sum::<Bytes>();
    let own = bound.at.map(|kernel| size(problem.writes.row(kernel as usize)) + problem.workspace[kernel as usize]);
    size(&bound.live) + own.unwrap_or_default() >= bound.peak
}

#[test]
fn exhaustive_agrees_with_all_permutations() {
    let mut rng = SmallRng::seed_from_u64(3);
    for round in 0..600 {
        let kernels = if round % 50 == 0 { 9 } else { rng.random_range(1..8) };
        let problem = random_problem(&mut rng, kernels);
        let best = exhaustive(&problem, 1 << 20).unwrap();
        assert_eq!(best.value.peak, least_peak(&problem, &mut Vec::new()));
    }
}

#[test]
fn exhaustive_says_when_there_are_too_many_states() {
    let free = |kernels: usize| problem(kernels, &[], &[], vec![Bytes::ZERO; kernels], Vec::new());
    assert!(exhaustive(&free(10), 1 << 10).is_some());
    assert!(exhaustive(&free(10), (1 << 10) - 1).is_none());
    assert!(exhaustive(&free(65), usize::MAX).is_none());
    let chain: Vec<_> = (1..64).map(|to| (to - 1, to)).collect();
    let chain = problem(64, &[], &chain, vec![Bytes::ZERO; 64], Vec::new());
    assert_eq!(exhaustive(&chain, 65).unwrap().order, (0..64).collect::<Vec<_>>());
}

#[test]
fn nothing_to_order() {
    let empty = problem(0, &[], &[], Vec::new(), Vec::new());
    let outcome = greedy(&empty);
    assert!(outcome.order.is_empty() && outcome.stop == StopReason::BoundMet);
    assert!(exhaustive(&empty, 1).unwrap().order.is_empty());
}

/// Two branches that each need 100 inside and leave 1: one after the other they need 101, side by side 200.
///
/// ```text
///   0 a0 ----> 2 a1 ---.
///                      4
///   1 b0 ----> 3 b1 ---'
/// ```
#[test]
fn branches_run_one_after_the_other() {
    let buffer = |size: u64, writer: u32| OrderBuffer { size: Bytes(size), writer, until_end: false };
    let buffers =
        [(buffer(100, 0), vec![2]), (buffer(100, 1), vec![3]), (buffer(1, 2), vec![4]), (buffer(1, 3), vec![4])];
    let problem = problem(5, &buffers, &[], vec![Bytes::ZERO; 5], Vec::new());
    let outcome = greedy(&problem);
    assert_eq!(evaluate(&problem, &[0, 1, 2, 3, 4]).peak, Bytes(201));
    assert_eq!(outcome.value.live, [100, 101, 101, 102, 2].map(Bytes));
}

/// Absurd sizes must not panic, and the answer must still be an order.
#[test]
fn huge_sizes_do_not_panic() {
    let mut rng = SmallRng::seed_from_u64(4);
    for _ in 0..200 {
        let mut problem = random_problem(&mut rng, 12);
        for buffer in &mut problem.buffers {
            buffer.size = Bytes(buffer.size.0 << 52);
        }
        let outcome = greedy(&problem);
        validate_order(&problem, &outcome.order).unwrap();
    }
}

#[test]
fn larger_graphs_are_valid_too() {
    let mut rng = SmallRng::seed_from_u64(5);
    for _ in 0..20 {
        let problem = random_problem(&mut rng, 300);
        let outcome = greedy(&problem);
        validate_order(&problem, &outcome.order).unwrap();
        assert_eq!(outcome.value.live, naive_live(&problem, &outcome.order));
        let mut shuffled = outcome.order.clone();
        shuffled.shuffle(&mut rng);
        assert!(shuffled == outcome.order || validate_order(&problem, &shuffled).is_err());
    }
}

//! The ordering kernels against a second simulation, against each other, and against all permutations of tiny problems.

mod orders;
mod problems;

use memopt::analysis::{LeastPeak, PeakLimits, ProblemBound, cut_bound, least_peak, problem_bound};
use memopt::ir::Bytes;
use memopt::plan::{OrderBuffer, OrderProblem, OrderTie, StopReason, evaluate, peak_and_area, validate_order};
use memopt_passes::schedule::{SearchOptions, exhaustive, greedy, search};
use orders::least_of_all_orders;
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
        let sum: u64 = all.map(|b| problem.buffers[b as usize].size.0).sum();
        let can_tie = |tie: &&OrderTie| {
            tie.kernel == kernel && !problem.buffers[tie.operand as usize].until_end && last(tie.operand) == step
        };
        let ties: Vec<OrderTie> = problem.ties.iter().filter(can_tie).copied().collect();
        let sum = sum - most_tied(problem, &ties, &mut Vec::new());
        Bytes(sum + problem.workspace[kernel as usize].0)
    };
    order.iter().enumerate().map(|(step, kernel)| live_at(step, kernel)).collect()
}

/// The most bytes that ties can save, each result and each operand tied once: all choices are tried.
fn most_tied(problem: &OrderProblem, ties: &[OrderTie], taken: &mut Vec<OrderTie>) -> u64 {
    let Some((&tie, others)) = ties.split_first() else {
        return taken.iter().map(|tie| problem.buffers[tie.result as usize].size.0).sum();
    };
    let without = most_tied(problem, others, taken);
    if taken.iter().any(|other| other.result == tie.result || other.operand == tie.operand) {
        return without;
    }
    taken.push(tie);
    let with = most_tied(problem, others, taken);
    taken.pop();
    with.max(without)
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

#[test]
fn cuts_bound_all_orders_and_lead_to_good_ones() {
    let mut rng = SmallRng::seed_from_u64(8);
    let (mut optimal, mut met, rounds) = (0, 0, 3000);
    for _ in 0..rounds {
        let kernels = rng.random_range(1..=12);
        let problem = random_problem(&mut rng, kernels);
        let least = exhaustive(&problem, 1 << 20).expect("4096 downsets at most").value.peak;
        let program: Vec<u32> = (0..kernels).collect();
        let start = evaluate(&problem, &program).peak;
        let found = cut_bound(&problem, &program);
        assert!(found.peak <= least, "{found:?} > {least} for {problem:?}");
        let peak = found.order.map(|order| {
            validate_order(&problem, &order).unwrap();
            evaluate(&problem, &order).peak
        });
        assert!(peak.is_none_or(|peak| peak < start), "an order that is no better than program order");
        optimal += usize::from(peak.unwrap_or(start) == least);
        met += usize::from(found.peak == least);
    }
    // Not guaranteed, but a fall of these numbers is a regression. Program order is optimal in 60 of 100.
    assert!(optimal * 100 > rounds * 98 && met * 100 > rounds * 98, "optimal {optimal}, met {met} of {rounds}");
}

#[test]
fn two_sums_change_places_with_all_that_they_need() {
    // Two chains of sums over the same values, as the gradients of two weights of a recurrent layer are; program order makes
    // them side by side. The first value of all is large, and read by a kernel that program order has last.
    let steps = 40;
    let (value, product, sum) =
        (|i: u32| i, |w: u32, i: u32| steps + 4 * i + 2 * w, |w: u32, i: u32| steps + 4 * i + 2 * w + 1);
    let mut buffers = Vec::new();
    let mut add =
        |size, writer, readers| buffers.push((OrderBuffer { size: Bytes(size), writer, until_end: false }, readers));
    for i in 0..steps {
        let mut readers = vec![product(0, i), product(1, i)];
        readers.extend((i + 1 < steps).then(|| value(i + 1)));
        add(64, value(i), readers);
        for w in 0..2 {
            add(6400, product(w, i), vec![sum(w, i)]);
            let readers = if i + 1 < steps { vec![sum(w, i + 1)] } else { Vec::new() };
            add(6400, sum(w, i), readers);
        }
    }
    let kernels = 5 * steps as usize;
    let problem = problem(kernels, &buffers, &[], vec![Bytes::ZERO; kernels], Vec::new());
    let found = search(&problem, &SearchOptions::default());
    // One sum at a time: what was summed, what is added, the result, and the values.
    let values = 64 * u64::from(steps);
    assert!(found.value.peak <= Bytes(3 * 6400 + values), "{}", found.value.peak);
    assert!(greedy(&problem).value.peak > found.value.peak);
}

/// Whether the values that a bound names hold as many bytes as it says, with what its kernel needs for itself.
fn holds(problem: &OrderProblem, bound: &ProblemBound) -> bool {
    let size = |buffers: &[u32]| buffers.iter().map(|&b| problem.buffers[b as usize].size).sum::<Bytes>();
    let own = bound.at.map(|kernel| size(problem.writes.row(kernel as usize)) + problem.workspace[kernel as usize]);
    size(&bound.live) + own.unwrap_or_default() >= bound.peak
}

#[test]
fn least_peak_agrees_with_exhaustive() {
    let mut rng = SmallRng::seed_from_u64(11);
    for round in 0..4000 {
        let kernels = rng.random_range(1..=if round % 20 == 0 { 14 } else { 9 });
        let problem = random_problem(&mut rng, kernels);
        let best = exhaustive(&problem, 1 << 20).expect("16384 downsets at most").value.peak;
        let variant = round % 4;
        let solve = |floor, cap| least_peak(&problem, &mut PeakLimits { floor, cap, work: 10_000_000, variant });
        let LeastPeak::Order(order) = solve(Bytes::ZERO, Bytes(u64::MAX)) else {
            panic!("there is an order: {problem:?}")
        };
        validate_order(&problem, &order).unwrap();
        assert_eq!(evaluate(&problem, &order).peak, best, "{problem:?}");
        // There is none below the least peak, and no proof of that where there is one.
        assert_eq!(solve(Bytes::ZERO, best), LeastPeak::None);
        let LeastPeak::Order(order) = solve(best, best + Bytes(1)) else { panic!("there is an order: {problem:?}") };
        assert_eq!(evaluate(&problem, &order).peak, best);
        if best > Bytes::ZERO {
            assert_eq!(solve(best - Bytes(1), best), LeastPeak::None);
        }
    }
}

#[test]
fn search_lies_between_the_optimum_and_greedy() {
    let mut rng = SmallRng::seed_from_u64(12);
    let options = SearchOptions::default();
    for round in 0..2000 {
        let kernels = rng.random_range(1..=if round % 20 == 0 { 14 } else { 10 });
        let problem = random_problem(&mut rng, kernels);
        let (plain, found) = (greedy(&problem), search(&problem, &options));
        let best = exhaustive(&problem, 1 << 20).expect("16384 downsets at most").value.peak;
        validate_order(&problem, &found.order).unwrap();
        assert_eq!(found.value, evaluate(&problem, &found.order));
        // So small a problem is searched whole.
        assert_eq!(found.value.peak, best, "{problem:?}");
        assert!(matches!(found.stop, StopReason::Proven | StopReason::BoundMet), "{:?}", found.stop);
        assert!(found.value.peak <= plain.value.peak);
        assert_eq!(found, search(&problem, &options), "the same problem gets the same answer");
        let fast = search(&problem, &SearchOptions { effort: 0, ..options });
        assert!(fast.value.peak <= plain.value.peak);
        assert!(fast.stop <= plain.stop && fast.lower_bound <= best, "{:?} {:?}", fast.stop, fast.lower_bound);
    }
}

/// Problems that are not searched whole: windows must leave the profile as it is said to be.
#[test]
fn search_of_larger_graphs_is_valid_and_no_worse_than_greedy() {
    let mut rng = SmallRng::seed_from_u64(13);
    let mut lower = 0;
    for _ in 0..10 {
        let problem = random_problem(&mut rng, 250);
        let (plain, found) = (greedy(&problem), search(&problem, &SearchOptions::default()));
        validate_order(&problem, &found.order).unwrap();
        assert_eq!(found.value.live, naive_live(&problem, &found.order));
        assert!(found.value.peak <= plain.value.peak);
        lower += usize::from(found.value.peak < plain.value.peak);
        let in_no_time = SearchOptions { time_limit: Some(std::time::Duration::ZERO), ..SearchOptions::default() };
        assert!(search(&problem, &in_no_time).value.peak <= plain.value.peak);
    }
    assert!(lower >= 5, "searched orders are better than greedy ones on {lower} of 10");
}

/// A kernel with two results and two dying operands: the first result fits both, the second one only the operand that the
/// first would take.
#[test]
fn results_that_want_the_same_operand_are_matched() {
    let buffer = |writer: u32| OrderBuffer { size: Bytes(64), writer, until_end: false };
    let buffers = [(buffer(0), vec![1]), (buffer(0), vec![1]), (buffer(1), vec![2]), (buffer(1), vec![2])];
    let tie = |result, operand| OrderTie { kernel: 1, result, operand };
    let ties = vec![tie(2, 0), tie(2, 1), tie(3, 0)];
    let problem = problem(3, &buffers, &[], vec![Bytes::ZERO; 3], ties);
    let value = evaluate(&problem, &[0, 1, 2]);
    assert_eq!(value.live, [128, 128, 128].map(Bytes));
    assert_eq!(value.ties, [tie(2, 1), tie(3, 0)]);
}

/// Chains that each climb a hill and leave a little, hung between two kernels: done one after the other, by falling hill
/// above what they leave (Liu 1987), they need the highest hill and what the others leave.
#[test]
fn independent_chains_are_merged_at_their_valleys() {
    let mut rng = SmallRng::seed_from_u64(14);
    for chains in [3, 8, 40] {
        let (mut buffers, mut hills) = (Vec::new(), Vec::new());
        let end = 2 * chains + 1;
        for chain in 0..chains {
            let (hill, valley) = (64 * rng.random_range(10..60), 64 * rng.random_range(1..5));
            let buffer = |size, writer| OrderBuffer { size: Bytes(size), writer, until_end: false };
            buffers.push((buffer(hill, 1 + 2 * chain), vec![2 + 2 * chain]));
            buffers.push((buffer(valley, 2 + 2 * chain), vec![end]));
            hills.push((hill, valley));
        }
        // Each chain but its last value frees what it climbed; the program interleaves them all.
        let problem = problem(end as usize + 1, &buffers, &[], vec![Bytes::ZERO; end as usize + 1], Vec::new());
        hills.sort_by_key(|&(hill, _)| std::cmp::Reverse(hill));
        let (mut live, mut best) = (0, 0);
        for (hill, valley) in hills {
            best = best.max(live + hill + valley);
            live += valley;
        }
        let found = search(&problem, &SearchOptions::default());
        assert_eq!(found.value.peak, Bytes(best.max(live)), "{chains} chains, {:?}", found.stop);
    }
}

#[test]
fn exhaustive_agrees_with_all_permutations() {
    let mut rng = SmallRng::seed_from_u64(3);
    for round in 0..600 {
        let kernels = if round % 50 == 0 { 9 } else { rng.random_range(1..8) };
        let problem = random_problem(&mut rng, kernels);
        let best = exhaustive(&problem, 1 << 20).unwrap();
        assert_eq!(best.value.peak, least_of_all_orders(&problem, &|order| evaluate(&problem, order).peak));
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
    assert_eq!(search(&empty, &SearchOptions::default()).stop, StopReason::BoundMet);
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
        for order in [greedy(&problem).order, search(&problem, &SearchOptions::default()).order] {
            validate_order(&problem, &order).unwrap();
        }
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

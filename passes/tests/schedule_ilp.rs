//! The integer program against dynamic programming, with and without the reductions.

mod orders;
mod problems;

use memopt::ir::Bytes;
use memopt::plan::{OrderBuffer, OrderProblem, OrderTie, StopReason, evaluate, validate_order};
use memopt_passes::schedule::{IlpOptions, IlpOutcome, Window, exhaustive, greedy, ilp, ilp_window, joint};
use orders::least_of_all_orders;
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
        assert_eq!(
            (&after.live[..range.start], &after.live[range.end..]),
            (&before.live[..range.start], &before.live[range.end..])
        );
        improved += u32::from(after.live[range.clone()].iter().max() < before.live[range].iter().max());
    }
    assert!(improved > rounds / 10, "improved {improved}");
}

/// The least arena of an order with ties: some sequence of first fits finds it.
fn least_height(problem: &OrderProblem, order: &[u32], ties: &[OrderTie]) -> u64 {
    let at = |kernel: u32| order.iter().position(|&k| k == kernel).unwrap();
    let mut blocks: Vec<(u64, usize, usize)> = Vec::new();
    let mut of: Vec<usize> = vec![0; problem.buffers.len()];
    let mut by_birth: Vec<usize> = (0..problem.buffers.len()).collect();
    by_birth.sort_by_key(|&b| at(problem.buffers[b].writer));
    for b in by_birth {
        let (buffer, birth) = (problem.buffers[b], at(problem.buffers[b].writer));
        let last = problem.readers.row(b).iter().map(|&r| at(r)).max().unwrap_or(birth);
        let end = if buffer.until_end { order.len() } else { last + 1 };
        match ties.iter().find(|tie| tie.result as usize == b) {
            Some(tie) => {
                of[b] = of[tie.operand as usize];
                blocks[of[b]].2 = blocks[of[b]].2.max(end);
            }
            None => {
                of[b] = blocks.len();
                blocks.push((buffer.size.0, birth, end));
            }
        }
    }
    blocks.extend((0..problem.kernels()).map(|k| (problem.workspace[k].0, at(k as u32), at(k as u32) + 1)));
    blocks.retain(|block| block.0 > 0);
    let mut least = u64::MAX;
    sequences(&blocks, &mut Vec::new(), &mut least);
    least
}

fn sequences(blocks: &[(u64, usize, usize)], placed: &mut Vec<(usize, u64)>, least: &mut u64) {
    let height = placed.iter().map(|&(i, offset)| offset + blocks[i].0).max().unwrap_or(0);
    if height >= *least {
        return;
    }
    if placed.len() == blocks.len() {
        *least = height;
        return;
    }
    for i in (0..blocks.len()).filter(|i| placed.iter().all(|(other, _)| other != i)).collect::<Vec<_>>() {
        let (size, start, end) = blocks[i];
        let meets = |&&(other, _): &&(usize, u64)| blocks[other].1 < end && start < blocks[other].2;
        let mut taken: Vec<(u64, u64)> = placed.iter().filter(meets).map(|&(o, at)| (at, at + blocks[o].0)).collect();
        taken.sort_unstable();
        let mut offset = 0;
        for (low, high) in taken {
            if offset + size <= low {
                break;
            }
            offset = offset.max(high);
        }
        placed.push((i, offset));
        sequences(blocks, placed, least);
        placed.pop();
    }
}

/// Whether the operands die where they are overwritten, each once, and each result is in place once.
fn are_legal(problem: &OrderProblem, order: &[u32], ties: &[OrderTie]) -> bool {
    let at = |kernel: u32| order.iter().position(|&k| k == kernel).unwrap();
    let dies = |tie: &OrderTie| {
        let readers = problem.readers.row(tie.operand as usize);
        !problem.buffers[tie.operand as usize].until_end && readers.iter().all(|&r| at(r) <= at(tie.kernel))
    };
    let once = |tie: &OrderTie| ties.iter().filter(|o| o.operand == tie.operand || o.result == tie.result).count() == 1;
    ties.iter().all(|tie| dies(tie) && once(tie))
}

/// The least arena of an order, whatever ties it takes.
fn least_arena(problem: &OrderProblem, order: &[u32]) -> u64 {
    let subsets = 0..1u32 << problem.ties.len();
    let ties = subsets.map(|bits| {
        let taken = problem.ties.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, tie)| *tie);
        taken.collect::<Vec<_>>()
    });
    let legal = ties.filter(|ties| are_legal(problem, order, ties));
    legal.map(|ties| least_height(problem, order, &ties)).min().unwrap()
}

#[test]
fn the_joint_program_finds_the_least_arena() {
    let mut rng = SmallRng::seed_from_u64(14);
    let mut tried = 0;
    while tried < 60 {
        let problem = random_problem(&mut rng, 5);
        let sized = problem.buffers.iter().filter(|b| !b.size.is_zero()).count();
        if problem.ties.len() > 4 || sized > 6 {
            continue;
        }
        tried += 1;
        let outcome = joint(&problem, &greedy(&problem).order, &IlpOptions::default());
        let least = least_of_all_orders(&problem, &|order| least_arena(&problem, order));
        validate_order(&problem, &outcome.order).unwrap();
        assert!(are_legal(&problem, &outcome.order, &outcome.value.ties));
        assert_eq!((outcome.height.0, outcome.stop), (least, StopReason::Proven), "{problem:?}");
        assert_eq!(outcome.lower_bound, outcome.height);
    }
}

/// One order only, so that offsets are all there is to choose.
#[test]
fn offsets_of_a_chain_are_the_least() {
    let mut rng = SmallRng::seed_from_u64(15);
    for _ in 0..30 {
        let chain: Vec<(u32, u32)> = (1..9).map(|to| (to - 1, to)).collect();
        let buffers = (0..7).map(|_| {
            let writer = rng.random_range(0..8);
            let size = Bytes(rng.random_range(1..5));
            (OrderBuffer { size, writer, until_end: false }, vec![rng.random_range(writer + 1..9)])
        });
        let problem = problem(9, &buffers.collect::<Vec<_>>(), &chain, vec![Bytes::ZERO; 9], Vec::new());
        let order: Vec<u32> = (0..9).collect();
        let outcome = joint(&problem, &order, &IlpOptions::default());
        assert_eq!(
            (outcome.height.0, outcome.stop),
            (least_height(&problem, &order, &[]), StopReason::Proven),
            "{problem:?}"
        );
    }
}

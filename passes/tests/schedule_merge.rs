//! Merging of series-parallel parts against all permutations of tiny problems.

mod problems;

use memopt::ir::Bytes;
use memopt::plan::{OrderBuffer, OrderProblem, OrderTie, evaluate, validate_order};
use memopt_passes::schedule::{exhaustive, merged};
use problems::{problem, random_problem};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

#[test]
fn series_parallel_parts_are_merged_optimally() {
    let mut rng = SmallRng::seed_from_u64(9);
    let mut improved = 0;
    for round in 0..2000 {
        let kernels = rng.random_range(1..=11);
        let is_whole = round % 2 == 0;
        let make = if is_whole { random_series_parallel } else { random_problem };
        let problem = make(&mut rng, kernels);
        let start: Vec<u32> = (0..kernels).collect();
        let merged = merged(&problem, &start);
        validate_order(&problem, &merged.order).unwrap();
        assert!(merged.is_optimal || !is_whole, "one part: {problem:?}");
        if merged.is_optimal {
            let best = exhaustive(&problem, 1 << 20).expect("2048 downsets at most").value.peak;
            let peak = evaluate(&problem, &merged.order).peak;
            assert_eq!(peak, best, "{problem:?}");
            improved += u32::from(peak < evaluate(&problem, &start).peak);
        }
    }
    assert!(improved > 100, "improved {improved}");
}

#[test]
fn long_fans_are_merged_in_near_linear_time() {
    // 0 -> 1, 2, ..., n - 2 -> n - 1, each of them with a buffer of its own; the one that shrinks most goes first.
    let n = 20_000;
    let mut buffers = Vec::new();
    for kernel in 1..n - 1 {
        let own = |size, writer| OrderBuffer { size: Bytes(size), writer, until_end: false };
        buffers.push((own(64, 0), vec![kernel]));
        buffers.push((own(64 * u64::from(kernel % 7), kernel), vec![n - 1]));
    }
    let problem = problem(n as usize, &buffers, &[], vec![Bytes::ZERO; n as usize], Vec::new());
    let program: Vec<u32> = (0..n).collect();
    let merged = merged(&problem, &program);
    assert!(merged.is_optimal);
    let before: Vec<bool> = merged.order[1..].windows(2).map(|pair| pair[0] % 7 <= 1 && pair[1] % 7 > 1).collect();
    assert_eq!(before.iter().filter(|&&changes| changes).count(), 1, "all that do not grow come first");
}

/// A series-parallel graph in which each buffer has one reader at most; its parts run one after the other in program order.
fn random_series_parallel(rng: &mut SmallRng, kernels: u32) -> OrderProblem {
    // Ranges of kernels, each split in two that run in series or in parallel, with the first and last kernels of each.
    let (mut edges, mut work) = (Vec::new(), vec![(0, kernels, Vec::new(), Vec::new())]);
    while let Some((from, to, before, after)) = work.pop() {
        let split = if to - from > 1 { rng.random_range(from + 1..to) } else { to };
        if split == to {
            edges.extend(before.iter().map(|&kernel: &u32| (kernel, from)));
            edges.extend(after.iter().map(|&kernel: &u32| (from, kernel)));
        } else if split - from == 1 && rng.random_bool(0.5) {
            // A single kernel in front: in series.
            edges.extend(before.iter().map(|&kernel| (kernel, from)));
            work.push((split, to, vec![from], after));
        } else if to - split == 1 && rng.random_bool(0.5) {
            edges.extend(after.iter().map(|&kernel| (split, kernel)));
            work.push((from, split, before, vec![split]));
        } else {
            work.push((from, split, before.clone(), after.clone()));
            work.push((split, to, before, after));
        }
    }
    edges.sort_unstable();
    edges.dedup();
    let (mut buffers, mut extra, mut ties) = (Vec::new(), Vec::new(), Vec::new());
    for &(writer, reader) in &edges {
        let size = Bytes(64 * rng.random_range(0..6));
        let until_end = rng.random_bool(0.05);
        extra.push((writer, reader));
        buffers.push((OrderBuffer { size, writer, until_end }, vec![reader]));
    }
    for (result, (written, _)) in buffers.iter().enumerate() {
        for (operand, (read, readers)) in buffers.iter().enumerate() {
            if readers.contains(&written.writer) && read.size == written.size && rng.random_bool(0.3) {
                ties.push(OrderTie { kernel: written.writer, result: result as u32, operand: operand as u32 });
            }
        }
    }
    ties.sort_unstable();
    let workspace = (0..kernels).map(|_| Bytes(if rng.random_bool(0.2) { 64 } else { 0 })).collect();
    problem(kernels as usize, &buffers, &extra, workspace, ties)
}

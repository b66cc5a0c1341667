//! The placement kernels on random and on adversarial problems.

use memopt::ir::{Align, Bytes, Step};
use memopt::plan::{LayoutBuffer, LayoutProblem, LayoutSolution, StopReason, validate_layout};
use memopt_passes::place::{best_fit, no_reuse};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

fn problem(align: u64, buffers: impl IntoIterator<Item = (u32, u32, u64)>) -> LayoutProblem {
    let buffer = |(start, end, size)| LayoutBuffer::new(Bytes(size), Step(start), Step(end));
    LayoutProblem::new(buffers.into_iter().map(buffer).collect(), Align::new(align).unwrap())
}

/// The largest live sum, step by step.
fn naive_bound(problem: &LayoutProblem) -> Bytes {
    let live = |step: u32| {
        let live = problem.buffers.iter().filter(|b| b.start.0 <= step && step < b.end.0);
        live.map(|b| b.size.align_to(problem.alignment)).sum()
    };
    problem.buffers.iter().map(|b| live(b.start.0)).max().unwrap_or(Bytes::ZERO)
}

/// Both kernels, validated and compared; the answer of the good one.
fn place(problem: &LayoutProblem) -> LayoutSolution {
    let (good, baseline) = (best_fit(problem), no_reuse(problem));
    validate_layout(problem, &good).unwrap();
    validate_layout(problem, &baseline).unwrap();
    assert!(good.lower_bound <= good.height && good.height <= baseline.height);
    assert_eq!(good.lower_bound, baseline.lower_bound);
    assert_eq!(good.stop == StopReason::BoundMet, good.height == good.lower_bound);
    for (buffer, offset) in problem.buffers.iter().zip(&good.offsets) {
        assert!(!buffer.size.is_zero() || offset.is_zero());
    }
    good
}

fn random_problem(rng: &mut SmallRng, buffers: usize, steps: u32) -> LayoutProblem {
    let align = 1 << rng.random_range(0..8);
    let longest = rng.random_range(1..=steps);
    let mut buffer = || {
        let start = rng.random_range(0..steps);
        let size = if rng.random_bool(0.1) { 0 } else { rng.random_range(1..2000) };
        (start, start + rng.random_range(1..=longest), size)
    };
    let buffers: Vec<_> = (0..buffers).map(|_| buffer()).collect();
    problem(align, buffers)
}

/// The least height of all placements: some order in which each buffer goes to the lowest place left gives it.
fn least_height(problem: &LayoutProblem, offsets: &mut Vec<Option<Bytes>>) -> Bytes {
    let end = |i: usize, offset: Bytes| offset + problem.buffers[i].size.align_to(problem.alignment);
    if offsets.iter().all(Option::is_some) {
        return offsets.iter().enumerate().map(|(i, o)| end(i, o.unwrap())).max().unwrap_or(Bytes::ZERO);
    }
    let mut least = Bytes(u64::MAX);
    for i in (0..offsets.len()).filter(|&i| offsets[i].is_none()).collect::<Vec<_>>() {
        let meets = |a: &LayoutBuffer, b: &LayoutBuffer| a.start < b.end && b.start < a.end;
        let conflict = |&j: &usize| offsets[j].is_some() && meets(&problem.buffers[i], &problem.buffers[j]);
        let others: Vec<(Bytes, Bytes)> =
            (0..offsets.len()).filter(conflict).map(|j| (offsets[j].unwrap(), end(j, offsets[j].unwrap()))).collect();
        let fits = |low: &Bytes| others.iter().all(|&(from, to)| end(i, *low) <= from || to <= *low);
        let candidates = others.iter().map(|&(_, to)| to).chain([Bytes::ZERO]);
        offsets[i] = candidates.filter(fits).min();
        least = least.min(least_height(problem, offsets));
        offsets[i] = None;
    }
    least
}

#[test]
fn random_problems() {
    let mut rng = SmallRng::seed_from_u64(1);
    for _ in 0..1500 {
        let (buffers, steps) = (rng.random_range(0..60), rng.random_range(1..40));
        let problem = random_problem(&mut rng, buffers, steps);
        let solution = place(&problem);
        assert_eq!(solution.lower_bound, naive_bound(&problem));
        assert_eq!(solution, best_fit(&problem), "the same problem gets the same answer");
    }
    for _ in 0..10 {
        place(&random_problem(&mut rng, 2000, 500));
    }
}

#[test]
fn tiny_problems_against_all_placements() {
    let mut rng = SmallRng::seed_from_u64(2);
    let (mut optimal, total) = (0, 400);
    for _ in 0..total {
        let buffers = rng.random_range(1..7);
        let problem = random_problem(&mut rng, buffers, 6);
        let least = least_height(&problem, &mut vec![None; buffers]);
        let solution = place(&problem);
        assert!(solution.lower_bound <= least && least <= solution.height);
        optimal += usize::from(solution.height == least);
    }
    // Not guaranteed, but a fall is a regression.
    assert!(optimal * 100 > total * 95, "{optimal} of {total} are optimal");
}

#[test]
fn nothing_to_place() {
    assert_eq!(place(&problem(64, [])).height, Bytes::ZERO);
    let zeros = place(&problem(64, [(0, 4, 0), (1, 2, 0)]));
    assert_eq!((zeros.height, zeros.stop), (Bytes::ZERO, StopReason::BoundMet));
}

#[test]
fn sizes_are_rounded_to_the_alignment() {
    let solution = place(&problem(64, [(0, 2, 1), (1, 3, 65), (2, 4, 64)]));
    assert_eq!((solution.height, solution.lower_bound), (Bytes(192), Bytes(192)));
}

/// All in conflict: there is nothing to choose.
#[test]
fn one_interval() {
    let solution = place(&problem(64, (0..3000).map(|i| (0, 1, 1 + i))));
    assert_eq!(solution.stop, StopReason::BoundMet);
}

#[test]
fn unit_lifetimes() {
    let solution = place(&problem(1, (0..3000).map(|i| (i / 3, i / 3 + 1, 1 + u64::from(i * 7919 % 101)))));
    assert_eq!(solution.stop, StopReason::BoundMet);
}

/// Each inside the one before, as the activations of a training step.
#[test]
fn nested() {
    let solution = place(&problem(64, (0..3000).map(|i| (i, 8000 - i, 1 + u64::from(i * 7919 % 1013)))));
    assert_eq!(solution.stop, StopReason::BoundMet);
}

/// Each overlaps its neighbours: a staircase leaves one hole after the other.
#[test]
fn staircase() {
    place(&problem(64, (0..3000).map(|i| (i, i + 50, 1 + u64::from(i * 7919 % 1013)))));
}

/// Steps at the far end of what a step can be.
#[test]
fn late_steps() {
    let solution = place(&problem(64, [(u32::MAX - 2, u32::MAX, 64), (0, u32::MAX - 2, 64)]));
    assert_eq!(solution.height, Bytes(64));
}

/// Lifetimes that end before they begin break the contract, but nothing panics, and each is placed as if it had one step.
#[test]
fn empty_lifetimes() {
    let solution = best_fit(&problem(64, [(5, 5, 64), (5, 3, 64), (u32::MAX, 0, 64), (4, 6, 64)]));
    assert_eq!((solution.height, solution.stop), (Bytes(192), StopReason::BoundMet));
}

/// Sums near 2^63 are exact; beyond 2^64 they saturate, and nothing panics.
#[test]
fn huge_sizes() {
    let solution = place(&problem(64, (0..7).map(|i| (i, i + 7, 1 << 60))));
    assert_eq!(solution.height, Bytes(7 << 60));
    for sizes in [1 << 60, 1 << 63, u64::MAX] {
        let absurd = problem(64, (0..40).map(|i| (i, i + 20, sizes - u64::from(i))));
        assert!(best_fit(&absurd).height <= no_reuse(&absurd).height);
    }
}

/// Thousands of live buffers that leave holes everywhere: the work is bounded, and the answer as good as it got.
#[test]
fn the_work_is_bounded() {
    let mut rng = SmallRng::seed_from_u64(3);
    let mut buffer = || {
        let start = rng.random_range(0..20_000);
        (start, start + rng.random_range(1..4000), rng.random_range(1..100_000))
    };
    let buffers: Vec<_> = (0..20_000).map(|_| buffer()).collect();
    assert_eq!(place(&problem(64, buffers)).stop, StopReason::WorkLimit);
}

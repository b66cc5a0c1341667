//! The search against brute force, against the validator on problems with rules, and on packings whose optimum is known.

use memopt::ir::{Align, Bytes, Step};
use memopt::plan::{LayoutBuffer, LayoutGap, LayoutProblem, LayoutSolution, LayoutWithin, StopReason, validate_layout};
use memopt_passes::place::{SearchError, SearchOptions, best_fit, conflict, search};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

fn options(effort: u32) -> SearchOptions {
    SearchOptions { effort, ..SearchOptions::default() }
}

fn plain(size: u64, start: u32, end: u32) -> LayoutBuffer {
    LayoutBuffer::new(Bytes(size), Step(start), Step(end))
}

fn random_plain(rng: &mut SmallRng, buffers: usize) -> LayoutProblem {
    let buffer = |rng: &mut SmallRng| {
        let start = rng.random_range(0..12);
        plain(rng.random_range(1..=6), start, start + rng.random_range(1..=6))
    };
    LayoutProblem::new((0..buffers).map(|_| buffer(rng)).collect(), Align::ONE)
}

/// Adds pins, windows, alignments and gaps here and there.
fn with_rules(rng: &mut SmallRng, mut problem: LayoutProblem) -> LayoutProblem {
    for b in &mut problem.buffers {
        match rng.random_range(0..8) {
            0 => b.pinned = Some(Bytes(rng.random_range(0..20))),
            1 => b.alignment = Align::new(1 << rng.random_range(0..4)).unwrap(),
            2 => b.window = Some((Bytes(rng.random_range(0..6)), Bytes(rng.random_range(15..40)))),
            3 if b.end.0 - b.start.0 > 2 => {
                let keeps = rng.random_bool(0.3).then(|| (Bytes(0), Bytes(rng.random_range(1..=b.size.0))));
                b.gaps.push(LayoutGap { start: Step(b.start.0 + 1), end: Step(b.end.0 - 1), keeps });
            }
            _ => {}
        }
    }
    problem
}

/// Puts some buffers inside others.
fn with_families(rng: &mut SmallRng, mut problem: LayoutProblem) -> LayoutProblem {
    for i in 1..problem.buffers.len() {
        let parent = rng.random_range(0..i);
        let room = problem.buffers[parent].size.0.checked_sub(problem.buffers[i].size.0);
        if let Some(room) = room.filter(|_| rng.random_bool(0.4)) {
            problem.buffers[i].within = Some(LayoutWithin { parent, at: Bytes(rng.random_range(0..=room)) });
        }
    }
    problem
}

/// The least height with all tops up to `most`, by trying every offset of every outermost buffer.
fn brute_force(problem: &LayoutProblem, most: u64) -> Option<u64> {
    let mut offsets = vec![Bytes::ZERO; problem.buffers.len()];
    let mut best = None;
    place_from(problem, 0, most, &mut offsets, &mut best);
    best
}

fn place_from(problem: &LayoutProblem, i: usize, most: u64, offsets: &mut Vec<Bytes>, best: &mut Option<u64>) {
    let part = LayoutProblem::new(problem.buffers[..i].to_vec(), problem.alignment);
    let height = part.buffers.iter().zip(&*offsets).map(|(b, &o)| o + b.size).max().unwrap_or_default();
    let claim = LayoutSolution {
        offsets: offsets[..i].to_vec(),
        height,
        lower_bound: Bytes::ZERO,
        stop: StopReason::Saturated,
    };
    if best.is_some_and(|best| height.0 >= best) || validate_layout(&part, &claim).is_err() {
        return;
    }
    let Some(buffer) = problem.buffers.get(i) else {
        *best = Some(height.0);
        return;
    };
    let range = match buffer.within {
        Some(within) => (offsets[within.parent] + within.at).0..(offsets[within.parent] + within.at).0 + 1,
        None => 0..(most + 1).saturating_sub(buffer.size.0),
    };
    for offset in range {
        offsets[i] = Bytes(offset);
        place_from(problem, i + 1, most, offsets, best);
    }
}

#[test]
fn brute_force_on_plain_buffers() {
    let mut rng = SmallRng::seed_from_u64(1);
    for _ in 0..60 {
        let count = rng.random_range(1..=7);
        let problem = random_plain(&mut rng, count);
        let solution = search(&problem, &options(0)).unwrap();
        validate_layout(&problem, &solution).unwrap();
        let expected = brute_force(&problem, best_fit(&problem).height.0).unwrap();
        assert_eq!(solution.height.0, expected, "{problem:?}");
        assert_eq!(solution.lower_bound.0, expected, "a search this small ends with a proof: {problem:?}");
    }
}

#[test]
fn brute_force_on_rules() {
    let mut rng = SmallRng::seed_from_u64(2);
    let mut impossible = 0;
    for _ in 0..150 {
        let count = rng.random_range(1..=5);
        let problem = random_plain(&mut rng, count);
        let problem = with_rules(&mut rng, problem);
        match (search(&problem, &options(0)), brute_force(&problem, 45)) {
            (Ok(solution), Some(expected)) => {
                validate_layout(&problem, &solution).unwrap();
                assert_eq!(solution.height.0, expected, "{problem:?}");
                assert_eq!(solution.lower_bound.0, expected, "{problem:?}");
            }
            (Err(SearchError::NoPlacement { proven: true }), None) => impossible += 1,
            (found, expected) => panic!("found {found:?}, expected {expected:?}: {problem:?}"),
        }
    }
    assert!(impossible > 0);
}

#[test]
fn brute_force_on_families() {
    let mut rng = SmallRng::seed_from_u64(3);
    let mut met = 0;
    for _ in 0..100 {
        let count = rng.random_range(2..=6);
        let problem = random_plain(&mut rng, count);
        let problem = with_families(&mut rng, problem);
        let solution = search(&problem, &options(0)).unwrap();
        validate_layout(&problem, &solution).unwrap();
        let expected = brute_force(&problem, solution.height.0).unwrap();
        // What floats is not searched exactly: the answer may be above the optimum, its bound never.
        assert!(solution.lower_bound.0 <= expected && expected <= solution.height.0, "{problem:?}");
        met += u32::from(solution.height.0 == expected);
    }
    assert!(met > 90, "{met} of 100");
}

#[test]
fn many_buffers_with_rules() {
    let mut rng = SmallRng::seed_from_u64(4);
    for round in 0..60 {
        let count = rng.random_range(1..120);
        let mut problem = random_plain(&mut rng, count);
        problem.alignment = Align::new(1 << rng.random_range(0..3)).unwrap();
        for b in &mut problem.buffers {
            (b.start, b.end) = (Step(b.start.0 * 5), Step(b.end.0 * 5));
        }
        let problem = if round % 3 > 0 { with_families(&mut rng, problem) } else { problem };
        let problem = if round % 2 > 0 { with_rules(&mut rng, problem) } else { problem };
        if let Ok(solution) = search(&problem, &options(0)) {
            validate_layout(&problem, &solution).unwrap();
            assert!(solution.lower_bound <= solution.height);
            assert_eq!(search(&problem, &options(0)).unwrap(), solution, "the same problem gets the same answer");
        }
    }
}

/// Cuts of a rectangle: the optimum is its height.
fn perfect(rng: &mut SmallRng, count: usize, steps: u32, height: u64) -> LayoutProblem {
    let mut cuts = vec![(0, steps, 0, height)];
    while cuts.len() < count {
        let at = rng.random_range(0..cuts.len());
        let (start, end, low, high) = cuts.swap_remove(at);
        if rng.random_bool(0.5) && end - start > 1 {
            let middle = rng.random_range(start + 1..end);
            cuts.extend([(start, middle, low, high), (middle, end, low, high)]);
        } else if high - low > 1 {
            let middle = rng.random_range(low + 1..high);
            cuts.extend([(start, end, low, middle), (start, end, middle, high)]);
        } else {
            cuts.push((start, end, low, high));
        }
    }
    LayoutProblem::new(cuts.iter().map(|&(s, e, low, high)| plain(high - low, s, e)).collect(), Align::ONE)
}

#[test]
fn perfect_packings() {
    let mut rng = SmallRng::seed_from_u64(5);
    for count in [5, 10, 20, 30, 40] {
        let problem = perfect(&mut rng, count, 40, 1000);
        let solution = search(&problem, &options(0)).unwrap();
        validate_layout(&problem, &solution).unwrap();
        assert_eq!(solution.height, Bytes(1000), "{count} rectangles");
        assert_eq!(solution.stop, StopReason::BoundMet);
    }
}

/// Hundreds of rectangles, which nothing but joining them again solves.
#[test]
fn large_perfect_packings() {
    let mut rng = SmallRng::seed_from_u64(9);
    for count in [100, 300, 1000] {
        let problem = perfect(&mut rng, count, count as u32, 1 << 20);
        let solution = search(&problem, &options(2)).unwrap();
        validate_layout(&problem, &solution).unwrap();
        assert!(solution.height.0 * 100 <= 101 << 20, "{count} rectangles: {}", solution.height);
    }
}

#[test]
fn never_worse_than_best_fit_and_alike_on_threads() {
    let mut rng = SmallRng::seed_from_u64(6);
    for _ in 0..2 {
        let problem = perfect(&mut rng, 60, 60, 10_000);
        let solution = search(&problem, &options(0)).unwrap();
        assert!(solution.height <= best_fit(&problem).height);
        let threads = SearchOptions { threads: 3, ..options(0) };
        let (first, second) = (search(&problem, &threads).unwrap(), search(&problem, &threads).unwrap());
        validate_layout(&problem, &first).unwrap();
        assert_eq!(first, second, "the speed of threads does not change the answer");
        assert!(first.height.0 * 100 <= solution.height.0 * 105, "one thread is about as good as three");
    }
}

#[test]
fn conflicts_cannot_be_reduced() {
    let mut rng = SmallRng::seed_from_u64(7);
    for _ in 0..25 {
        let problem = random_plain(&mut rng, 9);
        let least = search(&problem, &options(0)).unwrap().height;
        let capacity = Bytes(least.0 - 1);
        let found = conflict(&problem, capacity);
        assert!(found.proven && found.irreducible, "{problem:?}");
        for left_out in 0..=found.buffers.len() {
            let rest = found.buffers.iter().enumerate().filter(|(i, _)| *i != left_out);
            let part = LayoutProblem::new(rest.map(|(_, &b)| problem.buffers[b].clone()).collect(), Align::ONE);
            let height = search(&part, &options(0)).unwrap().height;
            assert_eq!(height > capacity, left_out == found.buffers.len(), "{problem:?}");
        }
    }
}

#[test]
fn hostile_problems() {
    let huge = LayoutProblem::new(vec![plain(u64::MAX, 0, 1); 3], Align::ONE);
    assert_eq!(search(&huge, &options(0)), Err(SearchError::TooLarge));
    let empty = LayoutProblem::new(vec![plain(1, 5, 5)], Align::ONE);
    assert!(matches!(search(&empty, &options(0)), Err(SearchError::Problem(_))));
    let none = LayoutProblem::new(Vec::new(), Align::ONE);
    assert_eq!(search(&none, &options(0)).unwrap().height, Bytes::ZERO);
    let mut circle = LayoutProblem::new(vec![plain(4, 0, 1), plain(4, 0, 1)], Align::ONE);
    for i in 0..2 {
        circle.buffers[i].within = Some(LayoutWithin { parent: 1 - i, at: Bytes::ZERO });
    }
    assert!(matches!(search(&circle, &options(0)), Err(SearchError::Problem(_))));
}

/// A hint that is the optimum is found at once; one that is no placement does no harm.
#[test]
fn hints() {
    let mut rng = SmallRng::seed_from_u64(8);
    let problem = perfect(&mut rng, 30, 40, 1000);
    let solution = search(&problem, &options(0)).unwrap();
    let good = SearchOptions { hint: Some(solution.offsets.clone()), ..options(0) };
    assert_eq!(search(&problem, &good).unwrap(), solution);
    let bad = SearchOptions { hint: Some(vec![Bytes::ZERO; 30]), ..options(0) };
    assert_eq!(search(&problem, &bad).unwrap(), solution);
}

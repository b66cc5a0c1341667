//! What fusion decides on small problems, and on random ones against all choices.

use memopt::ir::Bytes;

use super::problem::{FuseProblem, Fusible};
use super::profile::Profile;
use super::round::MOST_REPEATS;
use super::solve::{FuseOptions, FuseSolution, fuse};
use super::testing::{Builder, Kind, random};
use super::tree::Trees;
use super::validate::{FuseError, validate_fuse};

fn solved(problem: &FuseProblem, max_overhead: f64) -> FuseSolution {
    let (solution, _) = fuse(problem, &problem.always_virtual(), FuseOptions { max_overhead, effort: 1 });
    assert_eq!(validate_fuse(problem, &solution), Ok(()));
    solution
}

fn valued(problem: &FuseProblem, is_virtual: Vec<bool>) -> FuseSolution {
    let profile = Profile::of(&mut Trees::new(problem), problem, &is_virtual);
    FuseSolution { is_virtual, peak: Bytes(profile.peak as u64), added_flops: profile.added }
}

#[test]
fn a_value_is_computed_where_it_is_read() {
    // step          a    b    c    d
    // 0  a = f(x)  128            128
    // 1  b = -a         256             overwrites nothing: f's result is smaller
    let mut builder = Builder::default();
    let x = builder.argument(1);
    let a = builder.op(Kind::Opaque, &[x], 2);
    let b = builder.op(Kind::Broadcast, &[a], 8);
    let c = builder.op(Kind::Elementwise, &[b], 8);
    let d = builder.op(Kind::Reduce, &[c], 1);
    builder.keep(d);
    let problem = builder.build();
    // a 128, b and c one after the other in 512 bytes, d 64: all kept, a and b need 640 at b.
    assert_eq!(valued(&problem, problem.always_virtual()).peak, Bytes(640));
    // The sum computes them from a: 128 + 64.
    let solution = solved(&problem, 0.0);
    assert_eq!((solution.is_virtual[b as usize], solution.is_virtual[c as usize]), (true, true));
    assert_eq!((solution.peak, solution.added_flops), (Bytes(192), 0));
}

#[test]
fn a_broadcast_repeats_what_it_reads() {
    let mut builder = Builder::default();
    let x = builder.argument(2);
    let a = builder.op(Kind::Elementwise, &[x], 2);
    let b = builder.op(Kind::Broadcast, &[a], 8);
    let c = builder.op(Kind::Elementwise, &[b, b], 8);
    let sum = builder.op(Kind::Reduce, &[c], 1);
    builder.keep(sum);
    let problem = builder.build();
    let mut is_virtual = problem.always_virtual();
    (is_virtual[b as usize], is_virtual[c as usize]) = (true, true);
    assert_eq!(valued(&problem, is_virtual.clone()).added_flops, 0);
    // The 8 elements of b want 8 of a, each of its 2 elements 4 times: 6 more. That c reads b twice changes nothing.
    is_virtual[a as usize] = true;
    assert_eq!(valued(&problem, is_virtual).added_flops, 6);
    // No kernel may repeat that much, so a keeps its 128 bytes, whatever flops may be added.
    let solution = solved(&problem, 1.0);
    assert_eq!((solution.is_virtual[a as usize], solution.peak), (false, Bytes(128 + 64)));
}

#[test]
fn what_several_kernels_compute_is_paid_for() {
    let mut builder = Builder::default();
    let x = builder.argument(1);
    let a = builder.op(Kind::Opaque, &[x], 2);
    let wide = builder.op(Kind::Broadcast, &[a], 10);
    let b = builder.op(Kind::Elementwise, &[wide], 10);
    let sums: Vec<u32> = (0..3).map(|_| builder.op(Kind::Reduce, &[b], 1)).collect();
    sums.iter().for_each(|&sum| builder.keep(sum));
    let problem = builder.build();
    // 2 for a, 10 for b, 1 for each sum: b in two kernels more is 20 of 15.
    assert_eq!(problem.total_flops(), 15);
    let free = solved(&problem, 20.0 / 15.0);
    assert_eq!((free.peak, free.added_flops), (Bytes(128 + 3 * 64), 20));
    // At less than that b has its 640 bytes, while a dies at b or lives beside the sums before.
    let kept = solved(&problem, 19.0 / 15.0);
    assert_eq!((kept.peak, kept.added_flops), (Bytes(640 + 3 * 64), 0));
}

#[test]
fn results_lie_in_the_roots_of_what_they_read() {
    let mut builder = Builder::default();
    let x = builder.argument(1);
    let a = builder.op(Kind::Opaque, &[x], 4);
    let b = builder.op(Kind::Elementwise, &[a], 4);
    let c = builder.op(Kind::Elementwise, &[a, b], 4);
    builder.keep(c);
    let problem = builder.build();
    // b cannot lie in a, which c reads; c lies in one of them: 512. With b virtual c reads a at its own index only: 256.
    assert_eq!(valued(&problem, problem.always_virtual()).peak, Bytes(512));
    let solution = solved(&problem, 0.0);
    assert_eq!((solution.is_virtual[b as usize], solution.peak), (true, Bytes(256)));
}

#[test]
fn products_compute_indices_only() {
    let mut builder = Builder::default();
    let x = builder.argument(1);
    let a = builder.op(Kind::Opaque, &[x], 2);
    let moved = builder.op(Kind::Broadcast, &[a], 8);
    let b = builder.op(Kind::Elementwise, &[a], 2);
    let of_sum = builder.op(Kind::Broadcast, &[b], 8);
    let product = builder.op(Kind::Product, &[moved, of_sum], 1);
    builder.keep(product);
    let problem = builder.build();
    let solution = solved(&problem, 10.0);
    let is_virtual = |value: u32| solution.is_virtual[value as usize];
    // Both are elements at other indices, and b has bytes for the second one: in those of a, which dies there.
    assert_eq!([is_virtual(moved), is_virtual(b), is_virtual(of_sum)], [true, false, true]);
    // a and b side by side for the product, which is 64.
    assert_eq!(solution.peak, Bytes(128 + 128 + 64));
    let wrong =
        FuseSolution { is_virtual: problem.values.iter().map(|v| v.fusible != Fusible::Never).collect(), ..solution };
    assert_eq!(validate_fuse(&problem, &wrong), Err(FuseError::NotVirtual { value: of_sum }));
}

#[test]
fn nobody_reads_what_was_overwritten() {
    let mut builder = Builder::default();
    let x = builder.argument(4);
    let wide = builder.op(Kind::Broadcast, &[x], 8);
    let update = builder.op(Kind::Opaque, &[x], 4);
    builder.overwrite(x);
    builder.keep(update);
    let sum = builder.op(Kind::Reduce, &[wide], 1);
    builder.keep(sum);
    let problem = builder.build();
    // The sum would have to read x after it was overwritten.
    assert!(!solved(&problem, 1.0).is_virtual[wide as usize]);
    let mut is_virtual = problem.always_virtual();
    is_virtual[wide as usize] = true;
    assert_eq!(validate_fuse(&problem, &valued(&problem, is_virtual)), Err(FuseError::Overwritten { op: 2, value: x }));
}

#[test]
fn wrong_claims_are_refused() {
    let mut refused = [0; 3];
    for seed in 0..200 {
        let problem = random(seed, 12);
        let right = solved(&problem, 1.0);
        if right.added_flops > 0 {
            let less = FuseSolution { added_flops: right.added_flops - 1, ..right.clone() };
            assert!(matches!(validate_fuse(&problem, &less), Err(FuseError::Flops { .. })), "seed {seed}");
            refused[0] += 1;
        }
        let less = FuseSolution { peak: right.peak.saturating_sub(Bytes(1)), ..right.clone() };
        assert!(matches!(validate_fuse(&problem, &less), Err(FuseError::Peak { .. })), "seed {seed}");
        for value in 0..problem.values.len() {
            if problem.values[value].fusible == Fusible::Never {
                let mut wrong = right.clone();
                wrong.is_virtual[value] = true;
                assert_eq!(validate_fuse(&problem, &wrong), Err(FuseError::NotVirtual { value: value as u32 }));
                refused[1] += 1;
            }
        }
        refused[2] += 1;
    }
    assert!(refused.iter().all(|&count| count > 20), "{refused:?}");
}

/// Whether some kernel computes elements more often than any may.
fn repeats_much(problem: &FuseProblem, solution: &FuseSolution) -> bool {
    let mut trees = Trees::new(problem);
    let mut kernels = (0..problem.ops.len() as u32).filter(|&op| problem.is_kernel(op, &solution.is_virtual));
    kernels.any(|op| {
        trees.expand(&solution.is_virtual, op);
        trees.repeats_beyond(MOST_REPEATS)
    })
}

#[test]
fn as_good_as_all_choices_nearly_always() {
    let (mut best, mut improved, mut tried, mut least, mut found) = (0, 0, 0, 0.0, 0.0);
    for seed in 0..400 {
        let problem = random(seed, 5 + seed as usize % 9);
        let may = |value: &u32| matches!(problem.values[*value as usize].fusible, Fusible::May(_));
        let choices: Vec<u32> = (0..problem.values.len() as u32).filter(may).collect();
        if choices.len() > 9 {
            continue;
        }
        let plain = valued(&problem, problem.always_virtual());
        let most = problem.total_flops() / 2;
        let mut least_peak = plain.peak;
        for subset in 0u32..1 << choices.len() {
            let mut is_virtual = problem.always_virtual();
            let chosen = choices.iter().enumerate().filter(|(bit, _)| subset >> bit & 1 == 1);
            chosen.for_each(|(_, &value)| is_virtual[value as usize] = true);
            let solution = valued(&problem, is_virtual);
            let is_allowed = solution.added_flops <= most && !repeats_much(&problem, &solution);
            if is_allowed && validate_fuse(&problem, &solution).is_ok() {
                least_peak = least_peak.min(solution.peak);
            }
        }
        let solution = solved(&problem, 0.5);
        assert!(solution.peak <= plain.peak && solution.peak >= least_peak, "seed {seed}");
        assert!(solution.added_flops <= most, "seed {seed}");
        tried += 1;
        best += u32::from(solution.peak == least_peak);
        improved += u32::from(solution.peak < plain.peak);
        found += (solution.peak.0 as f64 / least_peak.0 as f64).ln();
        least += (plain.peak.0 as f64 / least_peak.0 as f64).ln();
    }
    let of = |sum: f64| (sum / f64::from(tried)).exp();
    // Where nothing is fused the mean is 1.57 of the least.
    assert!(tried > 250 && improved > tried / 3 && of(least) > 1.4, "{tried} {improved} {}", of(least));
    assert!(best * 100 >= tried * 95 && of(found) < 1.02, "{best} of {tried} at the least peak, mean {}", of(found));
}

#[test]
fn what_is_given_is_the_start() {
    for seed in 0..100 {
        let problem = random(seed, 30);
        let first = solved(&problem, 0.2);
        let (again, _) = fuse(&problem, &first.is_virtual, FuseOptions { max_overhead: 0.2, effort: 1 });
        assert_eq!(validate_fuse(&problem, &again), Ok(()));
        assert!(again.peak <= first.peak, "seed {seed}");
        // What is not allowed in this order is no start.
        let all = problem.values.iter().map(|value| value.fusible != Fusible::Never).collect::<Vec<_>>();
        let (again, _) = fuse(&problem, &all, FuseOptions { max_overhead: 0.2, effort: 1 });
        assert_eq!(validate_fuse(&problem, &again), Ok(()));
    }
}

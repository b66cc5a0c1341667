//! Small problems with known answers: those of Echo's own tests, and traps.

use memopt::ir::Bytes;

use super::algorithm::{RecomputeAlgorithm, Wanted, baseline};
use super::echo::decide;
use super::goal::RecomputeGoal;
use super::ilp::ilp;
use super::problem::Keeper;
use super::replay::{Again, replay};
use super::runs::Runs;
use super::solve::cheapest;
use super::testing::Builder;
use super::tests::{BASELINES, WORK, of_cost, validated};

/// What Echo runs again: of each value, whether its kernel does.
fn echo_decides(builder: Builder, turn: u32, values: &[u32]) -> Vec<bool> {
    let problem = builder.build();
    let again = decide(&problem, turn);
    values.iter().map(|&value| again[problem.values[value as usize].writer.expect("a result") as usize]).collect()
}

#[test]
fn echo_stores_one_sum_and_not_two_products() {
    // x, y -> product, product -> add -> tanh. The gradient of tanh reads its result.
    let mut builder = Builder::default();
    let (x, y) = (builder.argument(), builder.argument());
    let (p, q) = (builder.op(&[x], 64), builder.op(&[y], 64));
    let sum = builder.light(&[p, q], 64);
    let tanh = builder.light(&[sum], 64);
    let seed = builder.op(&[tanh], 64);
    let gradient = builder.light(&[seed, tanh], 64);
    builder.op(&[gradient, x], 64);
    builder.op(&[gradient, y], 64);
    assert_eq!(echo_decides(builder, 4, &[sum, tanh]), [false, false], "2 N >= N at the sum, N >= N at tanh");
}

/// tanh(x + y_t) for t < T, x of T rows and y_t of one, each with a gradient that reads its result.
fn attention(t: u64, row: u64) -> (Builder, u32, Vec<u32>) {
    let mut builder = Builder::default();
    let argument = builder.argument();
    let x = builder.op(&[argument], t * row);
    let y: Vec<u32> = (0..t).map(|_| builder.op(&[argument], row)).collect();
    let mut decided = Vec::new();
    let mut results = Vec::new();
    for &y in &y {
        let sum = builder.light(&[x, y], t * row);
        let tanh = builder.light(&[sum], t * row);
        decided.extend([sum, tanh]);
        results.push((tanh, builder.op(&[tanh], row)));
    }
    let heads: Vec<u32> = results.iter().map(|&(_, head)| head).collect();
    let mut gradient = builder.op(&heads, row);
    let turn = 2 + 4 * t as u32 - 1;
    for (tanh, _) in results.into_iter().rev() {
        gradient = builder.op(&[gradient, tanh], row);
    }
    (builder, turn, decided)
}

#[test]
fn echo_decides_for_correlated_branches_together() {
    // Freed 10 H < new 25 H.
    let (builder, turn, decided) = attention(5, 64);
    assert_eq!(echo_decides(builder, turn, &decided), [true; 10]);
}

#[test]
fn attention_takes_two_rows_for_each_step_and_not_all() {
    for (t, row) in [(8, 64), (16, 64), (32, 128)] {
        let problem = attention(t, row).0.build();
        let plain = Runs::new(&problem).peak();
        let (runs, _) = baseline(&problem, RecomputeAlgorithm::Echo, RecomputeGoal::Least, &mut WORK.clone());
        let peak = validated(&problem, &runs).peak.0;
        // Kept: x and all y, T N + T N; while one branch is made again, its sum and its tanh, 2 T N, and heads and gradient.
        assert!(plain as u64 > t * t * row && peak <= 4 * t * row + (t + 2) * row, "T = {t}: {peak} of {plain}");
    }
}

#[test]
fn echo_peels_the_first_of_two() {
    // x -> tanh y -> tanh z -> product. x is made by a heavy kernel; the gradient of the product reads z.
    let mut builder = Builder::default();
    let argument = builder.argument();
    let x = builder.op(&[argument], 64);
    let y = builder.light(&[x], 64);
    let z = builder.light(&[y], 64);
    let product = builder.op(&[z], 64);
    let weights = builder.op(&[product, z], 64);
    let dz = builder.light(&[product, z], 64);
    let dy = builder.light(&[dz, y], 64);
    builder.op(&[dy, weights], 64);
    let problem = builder.build();
    let again = decide(&problem, 3);
    assert_eq!((again[1], again[2]), (false, true), "y stays, z runs again");
    // The gradients read the clone of z.
    let runs = replay(&problem, &[Again { step: 4, kernel: 2 }]).expect("y is there");
    let clone = runs.clone_in(4, 2).expect("it is read");
    assert!([4, 5].iter().all(|&reader| runs.runs[reader].sources.contains(&runs.made_by(clone).next().unwrap())));
}

#[test]
fn what_is_overwritten_is_made_again_to_be_overwritten_again() {
    // A product, normalised, and then rectified in place; the gradient reads what was rectified.
    let mut builder = Builder::default();
    let argument = builder.argument();
    let product = builder.op(&[argument], 100);
    builder.writer(product).cost = 5;
    let normal = builder.light(&[product], 100);
    let rectified = builder.update(&[normal]);
    builder.writer(rectified).is_light = true;
    let head = builder.op(&[rectified], 10);
    let wide = builder.op(&[head], 250);
    let back = builder.op(&[wide], 10);
    let gradient = builder.op(&[back, rectified], 100);
    builder.op(&[gradient, product], 10);
    let problem = builder.build();
    // Wide, with product and head kept: 360. Rectified, too, without clones.
    assert_eq!(Runs::new(&problem).peak(), 460);
    let normal_and_rectified = [Again { step: 6, kernel: 1 }, Again { step: 6, kernel: 2 }];
    let runs = replay(&problem, &normal_and_rectified).expect("both run again");
    assert_eq!(validated(&problem, &runs).peak, Bytes(360));
    assert!(replay(&problem, &normal_and_rectified[1..]).is_none(), "nothing to overwrite");
    for algorithm in
        [RecomputeAlgorithm::Ilp, RecomputeAlgorithm::Echo, RecomputeAlgorithm::Mirror, RecomputeAlgorithm::Dtr]
    {
        assert_eq!(of_cost(&problem, algorithm, 360), Some(2), "{algorithm:?}");
    }
    assert_eq!(
        cheapest(&problem, Bytes(360), &[], &mut WORK.clone()).map(|runs| validated(&problem, &runs).cost),
        Some(2)
    );
}

#[test]
fn a_value_cannot_be_kept_before_all_of_it_is_there() {
    // `late` hangs on `early` and on what only the wide kernel makes: keeping it across the peak cannot help.
    let mut builder = Builder::default();
    let argument = builder.argument();
    let early = builder.light(&[argument], 100);
    let wide = builder.op(&[argument], 300);
    let narrow = builder.op(&[wide], 10);
    let late = builder.light(&[early, narrow], 10);
    builder.op(&[late, early], 10);
    let problem = builder.build();
    assert_eq!(Runs::new(&problem).peak(), 410);
    let exact = ilp(&problem, Wanted { enough: 310, most: u64::MAX });
    assert_eq!(exact.runs.map(|runs| runs.cost), Some(1));
    assert_eq!(
        cheapest(&problem, Bytes(310), &[], &mut WORK.clone()).map(|runs| validated(&problem, &runs).cost),
        Some(1)
    );
}

#[test]
fn the_dear_one_is_kept_and_the_cheap_one_made_again() {
    let mut builder = Builder::default();
    let argument = builder.argument();
    let (dear, cheap) = (builder.op(&[argument], 100), builder.op(&[argument], 100));
    builder.writer(dear).cost = 50;
    let wide = builder.op(&[argument], 300);
    builder.op(&[wide, dear], 10);
    builder.op(&[cheap, dear], 10);
    let problem = builder.build();
    for algorithm in [RecomputeAlgorithm::Ilp, RecomputeAlgorithm::Dtr] {
        assert_eq!(of_cost(&problem, algorithm, 410), Some(1), "{algorithm:?}");
    }
    assert_eq!(cheapest(&problem, Bytes(410), &[], &mut WORK.clone()).map(|runs| runs.cost), Some(1));
}

#[test]
fn an_argument_is_read_before_it_is_overwritten() {
    // The argument's new version takes its bytes; what is made of the old one cannot be made again after that.
    let mut builder = Builder::default();
    let argument = builder.argument();
    let made = builder.op(&[argument], 100);
    let early = builder.op(&[made], 10);
    let updated = builder.update(&[argument, early]);
    let wide = builder.op(&[updated], 300);
    builder.op(&[wide, made], 10);
    let problem = builder.build();
    assert_eq!(problem.values[updated as usize].keeper, Keeper::Caller);
    assert!(replay(&problem, &[Again { step: 4, kernel: 0 }]).is_none());
    for algorithm in BASELINES.into_iter().chain([RecomputeAlgorithm::Ilp]) {
        assert_eq!(of_cost(&problem, algorithm, 399), None, "{algorithm:?}");
    }
    assert!(cheapest(&problem, Bytes(399), &[], &mut WORK.clone()).is_none());
}

//! Speed of the kernels on synthetic training steps: `cargo bench -p memopt-passes`.

use std::collections::BTreeSet;

use divan::{Bencher, black_box};
use memopt::ir::{Align, Bytes, Step};
use memopt::plan::{Csr, LayoutBuffer, LayoutProblem, OrderBuffer, OrderProblem, OrderTie, evaluate, peak_and_area};
use memopt_passes::place::best_fit;
use memopt_passes::schedule::{self, greedy};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

fn main() {
    divan::main();
}

#[divan::bench(args = [1_000, 5_000, 25_000])]
fn greedy_orders(bencher: Bencher<'_, '_>, kernels: u32) {
    let problem = training_step(kernels);
    bencher.bench(|| greedy(black_box(&problem)));
}

#[divan::bench(args = [1_000, 10_000, 50_000])]
fn searched_orders(bencher: Bencher<'_, '_>, kernels: u32) {
    let problem = training_step(kernels);
    bencher.bench(|| schedule::search(black_box(&problem), &schedule::SearchOptions::default()));
}

#[divan::bench]
fn evaluate_25k(bencher: Bencher<'_, '_>) {
    let problem = training_step(25_000);
    let order: Vec<u32> = (0..problem.kernels() as u32).collect();
    bencher.bench(|| evaluate(black_box(&problem), &order));
}

#[divan::bench]
fn peak_and_area_25k(bencher: Bencher<'_, '_>) {
    let problem = training_step(25_000);
    let order: Vec<u32> = (0..problem.kernels() as u32).collect();
    bencher.bench(|| peak_and_area(black_box(&problem), &order));
}

#[divan::bench(args = [1_000, 20_000, 100_000])]
fn best_fit_of_a_training_step(bencher: Bencher<'_, '_>, buffers: u32) {
    let problem = activations(buffers);
    bencher.bench(|| best_fit(black_box(&problem)));
}

#[divan::bench(args = [1_000, 20_000, 100_000])]
fn best_fit_of_random_lifetimes(bencher: Bencher<'_, '_>, buffers: u32) {
    let problem = random_lifetimes(buffers, buffers / 20);
    bencher.bench(|| best_fit(black_box(&problem)));
}

/// A chain forward, with skips; the chain backward, which reads the activations; a gradient and an update per layer, the
/// updates all at the end, as programs have them. About four edges per kernel.
fn training_step(kernels: u32) -> OrderProblem {
    let layers = kernels / 4;
    let mut rng = SmallRng::seed_from_u64(1);
    let (forward, backward, gradient, update) = (
        |i: u32| i,
        |i: u32| layers + 2 * (layers - 1 - i),
        |i: u32| layers + 2 * (layers - 1 - i) + 1,
        |i: u32| 3 * layers + i,
    );
    // Buffer -> readers; buffer i of the writers in this order.
    let mut buffers: Vec<(OrderBuffer, Vec<u32>)> = Vec::new();
    let mut ties = Vec::new();
    for i in 0..layers {
        let size = Bytes(64 << rng.random_range(0..10));
        let mut readers = vec![backward(i), gradient(i)];
        readers.extend((i + 1 < layers).then(|| forward(i + 1)));
        // Skips, as in densely connected nets.
        let skips: BTreeSet<u32> = (0..10).map(|_| i + rng.random_range(2..30)).collect();
        readers.extend(skips.into_iter().filter(|&to| to < layers).map(forward));
        buffers.push((OrderBuffer { size, writer: forward(i), until_end: false }, readers));
        let mut readers = vec![gradient(i)];
        readers.extend((i > 0).then(|| backward(i - 1)));
        buffers.push((OrderBuffer { size, writer: backward(i), until_end: false }, readers));
        let weight = OrderBuffer { size: Bytes(4096), writer: gradient(i), until_end: false };
        buffers.push((weight, vec![update(i)]));
        let updated = OrderBuffer { writer: update(i), until_end: true, ..weight };
        let result = buffers.len() as u32;
        ties.push(OrderTie { kernel: update(i), result, operand: result - 1 });
        buffers.push((updated, Vec::new()));
    }
    ties.sort_unstable();
    let n = 4 * layers as usize;
    let (mut reads, mut writes, mut edges) = (Vec::new(), Vec::new(), Vec::new());
    for (b, (buffer, readers)) in buffers.iter().enumerate() {
        writes.push((buffer.writer, b as u32));
        reads.extend(readers.iter().map(|&reader| (b as u32, reader)));
        edges.extend(readers.iter().map(|&reader| (buffer.writer, reader)));
    }
    let (successors, readers) = (Csr::from_pairs(n, &edges), Csr::from_pairs(buffers.len(), &reads));
    OrderProblem {
        predecessors: successors.transposed(n),
        successors,
        buffers: buffers.iter().map(|&(buffer, _)| buffer).collect(),
        reads: readers.transposed(n),
        readers,
        writes: Csr::from_pairs(n, &writes),
        workspace: vec![Bytes::ZERO; n],
        ties,
    }
}

/// Nested activations and short temporaries; a tenth of the buffers are live in the middle.
fn activations(buffers: u32) -> LayoutProblem {
    let mut rng = SmallRng::seed_from_u64(1);
    let buffer = |i| {
        let size = Bytes(64 * rng.random_range(1..2000));
        let short = i % 10 != 0;
        let end = if short { i + rng.random_range(1..20) } else { 2 * buffers - i };
        LayoutBuffer::new(size, Step(i), Step(end))
    };
    LayoutProblem::new((0..buffers).map(buffer).collect(), Align::DEFAULT)
}

/// Uniform starts, and lifetimes of which about `live` meet.
fn random_lifetimes(buffers: u32, live: u32) -> LayoutProblem {
    let mut rng = SmallRng::seed_from_u64(2);
    let buffer = |_| {
        let start = rng.random_range(0..buffers);
        let size = Bytes(64 * rng.random_range(1..2000));
        LayoutBuffer::new(size, Step(start), Step(start + rng.random_range(1..2 * live)))
    };
    LayoutProblem::new((0..buffers).map(buffer).collect(), Align::DEFAULT)
}

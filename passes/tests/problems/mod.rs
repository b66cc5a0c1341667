//! Ordering problems for the tests of the kernels.

use std::collections::BTreeSet;

use memopt::ir::Bytes;
use memopt::plan::{Csr, OrderBuffer, OrderProblem, OrderTie};
use rand::Rng;
use rand::rngs::SmallRng;

/// A problem from its buffers, each with its readers, and edges that carry no data.
pub(crate) fn problem(
    kernels: usize,
    buffers: &[(OrderBuffer, Vec<u32>)],
    extra_edges: &[(u32, u32)],
    workspace: Vec<Bytes>,
    ties: Vec<OrderTie>,
) -> OrderProblem {
    let mut edges: BTreeSet<(u32, u32)> = extra_edges.iter().copied().collect();
    let (mut readers, mut writes) = (Vec::new(), Vec::new());
    for (b, (buffer, read_by)) in buffers.iter().enumerate() {
        writes.push((buffer.writer, b as u32));
        readers.extend(read_by.iter().map(|&reader| (b as u32, reader)));
        edges.extend(read_by.iter().map(|&reader| (buffer.writer, reader)));
    }
    let edges: Vec<_> = edges.into_iter().collect();
    let successors = Csr::from_pairs(kernels, &edges);
    let readers = Csr::from_pairs(buffers.len(), &readers);
    OrderProblem {
        predecessors: successors.transposed(kernels),
        successors,
        buffers: buffers.iter().map(|&(buffer, _)| buffer).collect(),
        reads: readers.transposed(kernels),
        readers,
        writes: Csr::from_pairs(kernels, &writes),
        workspace,
        ties,
    }
}

/// Fan-out, ties, buffers that live to the end, buffers that nobody reads, workspaces, kernels without results.
pub(crate) fn random_problem(rng: &mut SmallRng, kernels: u32) -> OrderProblem {
    let mut buffers = Vec::new();
    for writer in 0..kernels {
        for _ in 0..*[0, 1, 1, 1, 1, 2].get(rng.random_range(0..6)).unwrap() {
            let wanted = rng.random_range(0..4);
            let later: BTreeSet<u32> =
                (0..wanted).filter(|_| writer + 1 < kernels).map(|_| rng.random_range(writer + 1..kernels)).collect();
            let size = Bytes(64 * rng.random_range(0..5));
            let until_end = rng.random_bool(0.1);
            buffers.push((OrderBuffer { size, writer, until_end }, later.into_iter().collect::<Vec<_>>()));
        }
    }
    let mut ties = Vec::new();
    for (result, (written, _)) in buffers.iter().enumerate() {
        for (operand, (read, readers)) in buffers.iter().enumerate() {
            if readers.contains(&written.writer) && read.size == written.size && rng.random_bool(0.6) {
                ties.push(OrderTie { kernel: written.writer, result: result as u32, operand: operand as u32 });
            }
        }
    }
    ties.sort_unstable();
    let workspace = (0..kernels).map(|_| Bytes(if rng.random_bool(0.2) { 64 } else { 0 })).collect();
    let edge = |rng: &mut SmallRng| {
        let to = rng.random_range(1..kernels);
        (rng.random_range(0..to), to)
    };
    let extra: Vec<_> = (0..rng.random_range(0..3)).filter(|_| kernels > 1).map(|_| edge(rng)).collect();
    problem(kernels as usize, &buffers, &extra, workspace, ties)
}

//! The smallest downset: what is live when a kernel starts, at least, in any order.
//!
//! When kernel x starts, the set S of kernels that have run is a downset: it holds x's predecessors, with every kernel its
//! own, and not x. Live then is at least what is written in S and read outside it, or kept to the end. The least such sum
//! over all S is a minimum cut:
//!
//! ```text
//! writer(b) -> b              size(b)        (kept to the end: writer(b) -> sink)
//! b -> each reader            unlimited
//! kernel -> its predecessors  unlimited      S is closed downwards, hazards included
//! source -> predecessors of x unlimited;  x -> sink unlimited
//! ```
//!
//! Its source side is S. Results of x and its workspace come on top, less what ties can save at x: elsewhere they save
//! nothing, since of two tied buffers one is dead where the other is live. This sharpens the bound by ancestors and
//! descendants, which counts only what *every* S has.
//!
//! Kernels are tried by falling live bytes of a given order, the best one known; once the order has no more live bytes than
//! the bound, no further cut can matter for closing the gap. Work is counted in arcs: measured 0.1 s on 24,000 kernels.

use super::max_flow::{Network, OutOfWork, UNLIMITED};
use crate::ir::Bytes;
use crate::plan::{Csr, OrderProblem, evaluate};

/// Arcs that all cuts of one problem may look at.
const WORK: u64 = 150_000_000;

/// Kernels tried at most.
const MAX_CUTS: usize = 40;

/// After so many cuts, neighbours of kernels that were tried are passed over: their cuts are nearly the same.
const CLOSE_CUTS: usize = 24;

/// Raises `bound`, which holds for every order, by cuts at the kernels where `order` has most live bytes. Returns the new
/// bound and the kernel that needs it. `saved` holds the bytes that ties can save at each kernel.
pub(super) fn sharpen(
    problem: &OrderProblem,
    order: &[u32],
    bound: (Bytes, Option<u32>),
    saved: &[Bytes],
) -> (Bytes, Option<u32>) {
    let live = evaluate(problem, order).live;
    let mut steps: Vec<usize> = (0..order.len()).collect();
    steps.sort_by_key(|&step| (std::cmp::Reverse(live[step]), step));
    let (mut bound, mut witness) = bound;
    let mut cuts = Cuts::new(problem);
    let mut tried: Vec<usize> = Vec::new();
    for step in steps {
        if live[step] <= bound || tried.len() == MAX_CUTS {
            break;
        }
        let distance = order.len() / 64;
        if tried.len() >= CLOSE_CUTS && tried.iter().any(|&other| other.abs_diff(step) < distance) {
            continue;
        }
        tried.push(step);
        let kernel = order[step];
        let Ok(before) = cuts.least_before(problem, kernel) else { break };
        let written = problem.writes.row(kernel as usize).iter().map(|&b| problem.buffers[b as usize].size);
        let own = written.sum::<Bytes>() + problem.workspace[kernel as usize];
        let needed = (before + own).saturating_sub(saved[kernel as usize]);
        if needed > bound {
            (bound, witness) = (needed, Some(kernel));
        }
    }
    (bound, witness)
}

/// The network of a problem: kernels, buffers, source, sink.
struct Cuts {
    network: Network,
    /// The arc from the source to each kernel, and from each kernel to the sink.
    from_source: Vec<usize>,
    to_sink: Vec<usize>,
    source: u32,
    sink: u32,
    work: u64,
}

impl Cuts {
    fn new(problem: &OrderProblem) -> Cuts {
        let (kernels, buffers) = (problem.kernels(), problem.buffers.len());
        let (source, sink) = ((kernels + buffers) as u32, (kernels + buffers + 1) as u32);
        let mut network = Network::new(kernels + buffers + 2);
        for (index, buffer) in problem.buffers.iter().enumerate() {
            let node = (kernels + index) as u32;
            if buffer.until_end {
                network.arc(buffer.writer, sink, buffer.size.0);
                continue;
            }
            network.arc(buffer.writer, node, buffer.size.0);
            for &reader in problem.readers.row(index) {
                network.arc(node, reader, UNLIMITED);
            }
        }
        for kernel in 0..kernels {
            for &before in problem.predecessors.row(kernel) {
                network.arc(kernel as u32, before, UNLIMITED);
            }
        }
        let from_source = (0..kernels as u32).map(|kernel| network.arc(source, kernel, 0)).collect();
        let to_sink = (0..kernels as u32).map(|kernel| network.arc(kernel, sink, 0)).collect();
        network.build();
        Cuts { network, from_source, to_sink, source, sink, work: WORK }
    }

    /// The least bytes that are live when `kernel` starts.
    ///
    /// All ancestors are on the source's side and all descendants on the sink's in any case. Saying so keeps the paths of
    /// the flow short.
    fn least_before(&mut self, problem: &OrderProblem, kernel: u32) -> Result<Bytes, OutOfWork> {
        self.network.reset();
        for before in reached(&problem.predecessors, kernel).into_iter().skip(1) {
            self.network.set_residual(self.from_source[before as usize], UNLIMITED);
        }
        for after in reached(&problem.successors, kernel) {
            self.network.set_residual(self.to_sink[after as usize], UNLIMITED);
        }
        self.network.max_flow(self.source, self.sink, &mut self.work).map(Bytes)
    }
}

/// The kernels reached from `kernel`, itself first.
fn reached(edges: &Csr, kernel: u32) -> Vec<u32> {
    let mut seen = vec![false; edges.rows()];
    seen[kernel as usize] = true;
    let mut found = vec![kernel];
    let mut at = 0;
    while let Some(&next) = found.get(at) {
        at += 1;
        let new = edges.row(next as usize).iter().copied().filter(|&n| !std::mem::replace(&mut seen[n as usize], true));
        found.extend(new);
    }
    found
}

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
use crate::plan::{Csr, OrderProblem};

/// Arcs that all cuts of one problem may look at.
pub(super) const WORK: u64 = 150_000_000;

/// Kernels tried at most.
const MAX_CUTS: usize = 40;

/// After so many cuts, neighbours of kernels that were tried are passed over: their cuts are nearly the same.
const CLOSE_CUTS: usize = 24;

/// Raises `bound`, which holds for every order, by cuts at the kernels where `order` has most bytes `live`. Returns the new
/// bound and the kernel that needs it.
pub(super) fn sharpen(
    cuts: &mut Cuts<'_>,
    order: &[u32],
    live: &[Bytes],
    bound: (Bytes, Option<u32>),
) -> (Bytes, Option<u32>) {
    let mut steps: Vec<usize> = (0..order.len()).filter(|&step| live[step] > bound.0).collect();
    steps.sort_by_key(|&step| (std::cmp::Reverse(live[step]), step));
    let (mut bound, mut witness) = bound;
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
        let Ok(needed) = cuts.least_at(order[step], &[]) else { break };
        if needed > bound {
            (bound, witness) = (needed, Some(order[step]));
        }
    }
    (bound, witness)
}

/// The network of a problem: kernels, buffers, source, sink.
#[derive(Debug)]
pub struct Cuts<'p> {
    problem: &'p OrderProblem,
    network: Network,
    /// The arc from the source to each kernel, and from each kernel to the sink.
    from_source: Vec<usize>,
    to_sink: Vec<usize>,
    source: u32,
    sink: u32,
    work: u64,
    /// The kernels that the last cut had before it and after it in any case.
    first: Reached,
    last: Reached,
}

impl<'p> Cuts<'p> {
    /// `work` is the number of arcs that all cuts together may look at.
    pub fn new(problem: &'p OrderProblem, work: u64) -> Cuts<'p> {
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
        let (first, last) = (Reached::new(kernels), Reached::new(kernels));
        Cuts { problem, network, from_source, to_sink, source, sink, work, first, last }
    }

    /// The least bytes that are live while `kernel` runs, of all orders in which the first kernel of each of `pairs` comes
    /// before the second one; as good as unlimited if there is no such order.
    ///
    /// # Errors
    /// If the work is spent.
    pub fn least_at(&mut self, kernel: u32, pairs: &[(u32, u32)]) -> Result<Bytes, OutOfWork> {
        let before = self.least_before(kernel, pairs)?;
        let k = kernel as usize;
        let written = self.problem.writes.row(k).iter().map(|&b| self.problem.buffers[b as usize].size);
        let own = written.sum::<Bytes>() + self.problem.workspace[k];
        Ok((before + own).saturating_sub(self.saved_by_ties(kernel)))
    }

    /// The bytes that ties can save at the kernel of the last cut: results that have an operand that may die there. Counting
    /// each of them is generous where two want the same operand, and keeps the bound valid without a matching.
    fn saved_by_ties(&self, kernel: u32) -> Bytes {
        let may_die = |operand: u32| {
            let mut readers = self.problem.readers.row(operand as usize).iter();
            !self.problem.buffers[operand as usize].until_end
                && !readers.any(|&reader| reader != kernel && self.last.seen[reader as usize])
        };
        let (mut saved, mut last) = (Bytes::ZERO, None);
        for tie in self.problem.ties_of(kernel).iter().filter(|tie| may_die(tie.operand)) {
            if last != Some(tie.result) {
                saved += self.problem.buffers[tie.result as usize].size;
                last = Some(tie.result);
            }
        }
        saved
    }

    /// The least bytes that are live when `kernel` starts.
    ///
    /// All ancestors are on the source's side and all descendants on the sink's in any case. Saying so keeps the paths of
    /// the flow short.
    fn least_before(&mut self, kernel: u32, pairs: &[(u32, u32)]) -> Result<Bytes, OutOfWork> {
        let problem = self.problem;
        self.network.reset();
        let Cuts { first, last, .. } = self;
        first.clear();
        last.clear();
        last.add(&problem.successors, kernel);
        for &before in problem.predecessors.row(kernel as usize) {
            first.add(&problem.predecessors, before);
        }
        // A pair counts where one of its two is on a side already; where both are free, it is left out, which bounds less.
        let mut grown = !pairs.is_empty();
        while grown {
            let found = first.list.len() + last.list.len();
            for &(before, after) in pairs {
                if first.seen[after as usize] || after == kernel {
                    first.add(&problem.predecessors, before);
                }
                if last.seen[before as usize] {
                    last.add(&problem.successors, after);
                }
            }
            grown = first.list.len() + last.list.len() > found;
        }
        self.work = self.work.checked_sub((first.list.len() + last.list.len()) as u64).ok_or(OutOfWork)?;
        if first.list.iter().any(|&kernel| last.seen[kernel as usize]) {
            return Ok(Bytes(UNLIMITED));
        }
        for &before in &first.list {
            self.network.set_residual(self.from_source[before as usize], UNLIMITED);
        }
        for &after in &last.list {
            self.network.set_residual(self.to_sink[after as usize], UNLIMITED);
        }
        self.network.max_flow(self.source, self.sink, &mut self.work).map(Bytes)
    }

    /// Whether the last cut could choose the side of a kernel.
    pub fn is_free(&self, kernel: u32) -> bool {
        !self.first.seen[kernel as usize] && !self.last.seen[kernel as usize]
    }

    /// Which kernels have run in the smallest downset of the last cut.
    pub fn downset(&self) -> Vec<bool> {
        let mut side = self.network.source_side(self.source);
        side.truncate(self.from_source.len());
        side
    }
}

/// Kernels reached along edges.
#[derive(Debug)]
struct Reached {
    seen: Vec<bool>,
    list: Vec<u32>,
}

impl Reached {
    fn new(kernels: usize) -> Reached {
        Reached { seen: vec![false; kernels], list: Vec::new() }
    }

    fn clear(&mut self) {
        self.list.drain(..).for_each(|kernel| self.seen[kernel as usize] = false);
    }

    /// Adds `kernel` and all that is reached from it.
    fn add(&mut self, edges: &Csr, kernel: u32) {
        if std::mem::replace(&mut self.seen[kernel as usize], true) {
            return;
        }
        let mut at = self.list.len();
        self.list.push(kernel);
        while let Some(&next) = self.list.get(at) {
            at += 1;
            for &kernel in edges.row(next as usize) {
                if !std::mem::replace(&mut self.seen[kernel as usize], true) {
                    self.list.push(kernel);
                }
            }
        }
    }
}

//! The smallest downset: what is live at some point of any order, at least.
//!
//! When kernel x starts, the set S of kernels that have run is a downset: it holds x's predecessors, with every kernel its
//! own, and not x. Live then is at least what is written in S and read outside it, or kept to the end. The least such sum
//! over all S is a minimum cut:
//!
//! ```text
//! writer(b) -> b              size(b)        (kept to the end: writer(b) -> sink)
//! b -> each reader            unlimited
//! kernel -> its predecessors  unlimited      S is closed downwards, hazards included
//! source -> what S must hold  unlimited;     what S must not hold -> sink unlimited
//! ```
//!
//! Its source side is S. What S must hold takes its ancestors with it, and what it must not hold takes its descendants: in a
//! training step that decides nearly all kernels, so the network is built for the few that are free, and the rest is a
//! sum.
//!
//! Results of x and its workspace come on top, less what ties can save at x: elsewhere they save nothing, since of two tied
//! buffers one is dead where the other is live. This sharpens the bound by ancestors and descendants, which counts only what
//! *every* S has.
//!
//! Kernels are tried by falling live bytes of a given order, the best one known; once the order has no more live bytes than
//! the bound, no further cut can matter for closing the gap.

use super::max_flow::{Network, OutOfWork, UNLIMITED};
use crate::ir::Bytes;
use crate::plan::{Csr, OrderProblem, TieIndex};

/// Kernels tried at most.
const MAX_CUTS: usize = 40;

/// After so many cuts, neighbours of kernels that were tried are passed over: their cuts are nearly the same.
const CLOSE_CUTS: usize = 24;

/// A kernel at which every order has at least so many bytes live.
pub(super) type Culprit = (Bytes, u32);

/// Looks for a kernel that needs more than `bound`, which holds for every order, by cuts where `order` has most live bytes.
/// `live` holds these, step by step.
pub(super) fn sharpen(cuts: &mut Cuts<'_>, order: &[u32], live: &[Bytes], bound: Bytes) -> Option<Culprit> {
    let mut steps: Vec<usize> = (0..order.len()).collect();
    steps.sort_by_key(|&step| (std::cmp::Reverse(live[step]), step));
    let (mut bound, mut culprit) = (bound, None);
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
        let problem = cuts.problem;
        let Ok(before) = cuts.least(problem.predecessors.row(kernel as usize), &[kernel]) else { break };
        let needed = (before + own_bytes(problem, kernel)).saturating_sub(cuts.savings(kernel));
        if needed > bound {
            bound = needed;
            culprit = Some((needed, kernel));
        }
    }
    culprit
}

/// Bytes that come with a kernel: its results and its workspace.
pub(super) fn own_bytes(problem: &OrderProblem, kernel: u32) -> Bytes {
    let written = problem.writes.row(kernel as usize).iter().map(|&b| problem.buffers[b as usize].size);
    written.sum::<Bytes>() + problem.workspace[kernel as usize]
}

/// Bytes that each kernel needs whatever else is live: its operands, its workspace, and the results that cannot take an
/// operand's bytes.
pub(super) fn alone(problem: &OrderProblem) -> impl Iterator<Item = Bytes> {
    let ties = TieIndex::new(problem);
    (0..problem.kernels()).map(move |kernel| {
        let size = |b: &u32| problem.buffers[*b as usize].size;
        let is_tied = |b: &u32| ties.of(kernel as u32).iter().any(|tie| tie.result == *b);
        let untied = problem.writes.row(kernel).iter().filter(|b| !is_tied(b));
        problem.workspace[kernel] + problem.reads.row(kernel).iter().map(size).sum() + untied.map(size).sum()
    })
}

/// The bytes that ties can save at `kernel`, given which kernels run after it: a result may take over an operand that dies
/// there. Counting every result that has some candidate is generous, and keeps a bound valid without a matching.
pub(super) fn tie_savings(problem: &OrderProblem, kernel: u32, runs_after: impl Fn(u32) -> bool) -> Bytes {
    let may_die = |operand: u32| {
        let mut readers = problem.readers.row(operand as usize).iter();
        !problem.buffers[operand as usize].until_end && !readers.any(|&reader| runs_after(reader))
    };
    let (mut saved, mut last) = (Bytes::ZERO, None);
    for tie in problem.ties_of(kernel) {
        if last != Some(tie.result) && may_die(tie.operand) {
            saved += problem.buffers[tie.result as usize].size;
            last = Some(tie.result);
        }
    }
    saved
}

/// Where a kernel is, seen from a downset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Side {
    /// Every downset in question holds it.
    Inside,
    /// No downset in question holds it.
    Outside,
    /// The cut decides; the number is its node.
    Free(u32),
}

/// Cuts of one problem, with a limit on the work of all of them.
pub(super) struct Cuts<'p> {
    pub(super) problem: &'p OrderProblem,
    side: Vec<Side>,
    /// Work left, in arcs looked at.
    work: u64,
}

/// The terminals of a network.
const SOURCE: u32 = 0;
const SINK: u32 = 1;

impl<'p> Cuts<'p> {
    pub(super) fn new(problem: &'p OrderProblem, work: u64) -> Cuts<'p> {
        Cuts { problem, side: vec![Side::Free(0); problem.kernels()], work }
    }

    /// The least bytes that are live after a downset that holds the kernels `inside`, and none of `outside`.
    ///
    /// # Errors
    /// The allowed work is spent.
    pub(super) fn least(&mut self, inside: &[u32], outside: &[u32]) -> Result<Bytes, OutOfWork> {
        self.decide(inside, outside)?;
        let (mut network, forced) = self.network()?;
        network.max_flow(SOURCE, SINK, &mut self.work).map(|flow| forced + Bytes(flow))
    }

    /// What ties can save at `kernel`, which was the first one outside in the last cut: its descendants are outside, too.
    fn savings(&self, kernel: u32) -> Bytes {
        let runs_after = |reader: u32| reader != kernel && self.side[reader as usize] == Side::Outside;
        tie_savings(self.problem, kernel, runs_after)
    }

    /// The smallest of these downsets with the least live bytes, and the bytes.
    ///
    /// # Errors
    /// The allowed work is spent.
    pub(super) fn minimizer(&mut self, inside: &[u32], outside: &[u32]) -> Result<(Bytes, Vec<bool>), OutOfWork> {
        self.decide(inside, outside)?;
        let (mut network, forced) = self.network()?;
        let flow = network.max_flow(SOURCE, SINK, &mut self.work)?;
        let reached = network.source_side(SOURCE);
        let is_inside = |side: &Side| match *side {
            Side::Inside => true,
            Side::Outside => false,
            Side::Free(node) => reached[node as usize],
        };
        Ok((forced + Bytes(flow), self.side.iter().map(is_inside).collect()))
    }

    /// The buffers that are live after the smallest of these downsets.
    ///
    /// # Errors
    /// The allowed work is spent.
    pub(super) fn live(&mut self, inside: &[u32], outside: &[u32]) -> Result<Vec<u32>, OutOfWork> {
        let (_, downset) = self.minimizer(inside, outside)?;
        let is_inside = |kernel: u32| downset[kernel as usize];
        let is_live = |&index: &u32| {
            let buffer = &self.problem.buffers[index as usize];
            let mut readers = self.problem.readers.row(index as usize).iter();
            is_inside(buffer.writer) && (buffer.until_end || readers.any(|&reader| !is_inside(reader)))
        };
        Ok((0..self.problem.buffers.len() as u32).filter(is_live).collect())
    }

    /// Decides the side of all kernels that are not free, and numbers the nodes of those that are.
    fn decide(&mut self, inside: &[u32], outside: &[u32]) -> Result<(), OutOfWork> {
        self.work = self.work.checked_sub(self.side.len() as u64).ok_or(OutOfWork)?;
        self.side.fill(Side::Free(0));
        spread(&self.problem.predecessors, inside, Side::Inside, &mut self.side);
        spread(&self.problem.successors, outside, Side::Outside, &mut self.side);
        let mut nodes = 2;
        for side in &mut self.side {
            if let Side::Free(node) = side {
                *node = nodes;
                nodes += 1;
            }
        }
        Ok(())
    }

    /// The network over the free kernels, and the bytes that are live whatever it decides.
    fn network(&mut self) -> Result<(Network, Bytes), OutOfWork> {
        let problem = self.problem;
        let mut nodes = 2 + self.side.iter().filter(|side| matches!(side, Side::Free(_))).count() as u32;
        let mut network = Network::new();
        let mut forced = Bytes::ZERO;
        for (index, buffer) in problem.buffers.iter().enumerate() {
            let tail = match self.side[buffer.writer as usize] {
                Side::Outside => continue,
                Side::Inside => SOURCE,
                Side::Free(node) => node,
            };
            let readers = problem.readers.row(index);
            let is_live = buffer.until_end || readers.iter().any(|&r| self.side[r as usize] == Side::Outside);
            match (is_live, tail) {
                (true, SOURCE) => forced += buffer.size,
                (true, _) => network.arc(tail, SINK, buffer.size.0),
                (false, _) => {
                    let node = nodes;
                    let free = readers.iter().filter_map(|&reader| match self.side[reader as usize] {
                        Side::Free(node) => Some(node),
                        _ => None,
                    });
                    let before = network.arcs();
                    free.for_each(|reader| network.arc(node, reader, UNLIMITED));
                    // A buffer that only the inside reads is dead.
                    if network.arcs() > before {
                        network.arc(tail, node, buffer.size.0);
                        nodes += 1;
                    }
                }
            }
        }
        for (kernel, side) in self.side.iter().enumerate() {
            let Side::Free(node) = *side else { continue };
            for &before in problem.predecessors.row(kernel) {
                if let Side::Free(before) = self.side[before as usize] {
                    network.arc(node, before, UNLIMITED);
                }
            }
        }
        self.work = self.work.checked_sub(network.arcs() as u64).ok_or(OutOfWork)?;
        network.build(nodes as usize);
        Ok((network, forced))
    }
}

/// Gives a side to `starts` and to all that is reached from them.
fn spread(edges: &Csr, starts: &[u32], side: Side, sides: &mut [Side]) {
    let mut found: Vec<u32> = Vec::new();
    let mut visit = |kernel: u32, found: &mut Vec<u32>| {
        if sides[kernel as usize] != side {
            sides[kernel as usize] = side;
            found.push(kernel);
        }
    };
    starts.iter().for_each(|&start| visit(start, &mut found));
    while let Some(next) = found.pop() {
        edges.row(next as usize).iter().for_each(|&other| visit(other, &mut found));
    }
}

/// The kernels reached from `start`, which is the first.
pub(super) fn reached(edges: &Csr, start: u32) -> Vec<u32> {
    let mut seen = vec![false; edges.rows()];
    seen[start as usize] = true;
    let mut found = vec![start];
    let mut at = 0;
    while let Some(&next) = found.get(at) {
        at += 1;
        let new = edges.row(next as usize).iter().copied().filter(|&n| !std::mem::replace(&mut seen[n as usize], true));
        found.extend(new);
    }
    found
}

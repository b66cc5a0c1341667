//! Offsets for a fixed order: first fit in sequences that learn from their height, then an integer program.

use memopt::ir::{Align, Bytes, Step};
use memopt::plan::{LayoutBuffer, LayoutProblem, LayoutSolution, OrderProblem, OrderTie, StopReason};

use crate::ilp::{Limits, Program};
use crate::schedule::{IlpEffort, IlpOptions};

/// More pairs that live together than this are not handed to the solver: without a time limit, and with one.
const MOST_PAIRS: [usize; 2] = [400, 4000];

/// First fits after the first sequences, each with a block that made the height moved to the front.
const SQUEAKS: usize = 2000;

/// Heights are scaled to about this.
const SCALE: f64 = 1e4;

/// What lies in the arena in an order: tied buffers as one, and scratch bytes.
pub(super) struct Blocks {
    pub(super) layout: LayoutProblem,
    /// The block of each buffer, and of each kernel's scratch bytes; `None` without bytes.
    of_buffer: Vec<Option<usize>>,
    of_workspace: Vec<Option<usize>>,
}

impl Blocks {
    pub(super) fn new(problem: &OrderProblem, order: &[u32], ties: &[OrderTie]) -> Blocks {
        let mut step = vec![0; problem.kernels()];
        order.iter().enumerate().for_each(|(at, &kernel)| step[kernel as usize] = at);
        let mut buffers: Vec<LayoutBuffer> = Vec::new();
        let mut of_buffer: Vec<Option<usize>> = vec![None; problem.buffers.len()];
        let mut tied_to: Vec<Option<u32>> = vec![None; problem.buffers.len()];
        ties.iter().for_each(|tie| tied_to[tie.result as usize] = Some(tie.operand));
        // A result comes later than the operand that it is tied to.
        let mut by_birth: Vec<u32> = (0..problem.buffers.len() as u32).collect();
        by_birth.sort_by_key(|&b| step[problem.buffers[b as usize].writer as usize]);
        for b in by_birth.into_iter().map(|b| b as usize).filter(|&b| !problem.buffers[b].size.is_zero()) {
            let buffer = problem.buffers[b];
            let birth = step[buffer.writer as usize];
            let last = problem.readers.row(b).iter().map(|&reader| step[reader as usize]).fold(birth, usize::max);
            let end = Step::new(if buffer.until_end { order.len() } else { last + 1 });
            let block = tied_to[b].and_then(|operand| of_buffer[operand as usize]).unwrap_or_else(|| {
                buffers.push(LayoutBuffer::new(buffer.size, Step::new(birth), end));
                buffers.len() - 1
            });
            buffers[block].end = buffers[block].end.max(end);
            of_buffer[b] = Some(block);
        }
        let of_workspace = (0..problem.kernels()).map(|kernel| {
            let (size, at) = (problem.workspace[kernel], step[kernel]);
            (!size.is_zero()).then(|| {
                buffers.push(LayoutBuffer::new(size, Step::new(at), Step::new(at + 1)));
                buffers.len() - 1
            })
        });
        let of_workspace = of_workspace.collect();
        Blocks { layout: LayoutProblem::new(buffers, Align::ONE), of_buffer, of_workspace }
    }

    /// The block of a buffer with bytes, or of a kernel's scratch bytes.
    pub(super) fn block_of(&self, buffer: Option<u32>, kernel: u32) -> usize {
        let block = buffer.map_or(self.of_workspace[kernel as usize], |buffer| self.of_buffer[buffer as usize]);
        block.expect("what has bytes has a block")
    }

    /// The offsets of buffers and of scratch bytes.
    pub(super) fn offsets(&self, problem: &OrderProblem, blocks: &[Bytes]) -> (Vec<Bytes>, Vec<Bytes>) {
        let of = |blocks: &[Bytes], index: &[Option<usize>]| -> Vec<Bytes> {
            index.iter().map(|block| block.map_or(Bytes::ZERO, |block| blocks[block])).collect()
        };
        debug_assert_eq!(self.of_workspace.len(), problem.kernels());
        (of(blocks, &self.of_buffer), of(blocks, &self.of_workspace))
    }
}

/// Offsets as low as `bound` if they can be found.
pub(super) fn place(
    layout: &LayoutProblem,
    bound: Bytes,
    options: &IlpOptions,
    effort: &mut IlpEffort,
) -> LayoutSolution {
    let buffers = &layout.buffers;
    let length = |i: usize| u64::from(buffers[i].end.0 - buffers[i].start.0);
    let keys: [&dyn Fn(usize) -> u64; 3] =
        [&|i| buffers[i].size.0, &|i| length(i), &|i| buffers[i].size.0.saturating_mul(length(i))];
    let sequences = keys.map(|key| {
        let mut sequence: Vec<usize> = (0..buffers.len()).collect();
        sequence.sort_by_key(|&i| (std::cmp::Reverse(key(i)), i));
        sequence
    });
    let tries = sequences.into_iter().map(|sequence| squeaky_wheel(layout, sequence, bound));
    let mut best = tries.min_by_key(|found| found.height);
    if best.as_ref().is_some_and(|best| best.height > bound) {
        best = best.map(|best| solved(layout, &best, bound, options, effort).unwrap_or(best));
    }
    let best = best.expect("there are sequences");
    LayoutSolution { lower_bound: bound, ..best }
}

/// First fit again and again: what made the height goes first next time ("squeaky wheel" optimisation; Joslin and
/// Clements, 1999). The best of all.
fn squeaky_wheel(layout: &LayoutProblem, mut sequence: Vec<usize>, bound: Bytes) -> LayoutSolution {
    let mut best = first_fit(layout, &sequence);
    let mut found = best.clone();
    let rounds = SQUEAKS / (1 + layout.buffers.len() / 100);
    for _ in 0..rounds {
        if best.height <= bound {
            break;
        }
        let top = |&i: &usize| found.offsets[i] + layout.buffers[i].size == found.height;
        let Some(at) = sequence.iter().position(top) else { break };
        // Halfway to the front: all the way would undo what put the others there.
        let block = sequence.remove(at);
        sequence.insert(at / 2, block);
        found = first_fit(layout, &sequence);
        if found.height < best.height {
            best = found.clone();
        }
        if at == 0 {
            break;
        }
    }
    best
}

/// Each buffer at the lowest offset that is free, in a sequence. Every placement without gaps below is of this kind: that
/// of the sequence of its own offsets.
pub(super) fn first_fit(layout: &LayoutProblem, sequence: &[usize]) -> LayoutSolution {
    let mut offsets = vec![Bytes::ZERO; layout.buffers.len()];
    let mut placed: Vec<usize> = Vec::new();
    let mut height = Bytes::ZERO;
    for &i in sequence {
        let buffer = &layout.buffers[i];
        let meets = |&&other: &&usize| {
            let other = &layout.buffers[other];
            other.start < buffer.end && buffer.start < other.end
        };
        let mut taken: Vec<(Bytes, Bytes)> = placed
            .iter()
            .filter(meets)
            .map(|&other| (offsets[other], offsets[other] + layout.buffers[other].size))
            .collect();
        taken.sort_unstable();
        let mut at = Bytes::ZERO;
        for (low, high) in taken {
            if at + buffer.size <= low {
                break;
            }
            at = at.max(high);
        }
        offsets[i] = at;
        height = height.max(at + buffer.size);
        placed.push(i);
    }
    LayoutSolution { offsets, height, lower_bound: Bytes::ZERO, stop: StopReason::Saturated }
}

/// Offsets below those of `best`, by an integer program of all pairs that live together.
fn solved(
    layout: &LayoutProblem,
    best: &LayoutSolution,
    bound: Bytes,
    options: &IlpOptions,
    effort: &mut IlpEffort,
) -> Option<LayoutSolution> {
    let buffers = &layout.buffers;
    let n = buffers.len();
    let meet = |a: usize, b: usize| buffers[a].start < buffers[b].end && buffers[b].start < buffers[a].end;
    let pairs: Vec<(usize, usize)> =
        (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).filter(|&(a, b)| meet(a, b)).collect();
    if pairs.len() > MOST_PAIRS[usize::from(options.time_limit.is_some())] {
        return None;
    }
    let scale = SCALE / best.height.0 as f64;
    let size = |i: usize| buffers[i].size.0 as f64 * scale;
    let mut program = Program::default();
    let height = program.real(bound.0 as f64 * scale, SCALE);
    let offsets: Vec<usize> = (0..n).map(|i| program.real(0.0, SCALE - size(i))).collect();
    for (i, &offset) in offsets.iter().enumerate() {
        program.at_most(&[(offset, 1.0), (height, -1.0)], -size(i));
    }
    let mut start = vec![SCALE];
    start.extend(best.offsets.iter().map(|offset| offset.0 as f64 * scale));
    for &(a, b) in &pairs {
        // 1: a lies below b.
        let below = program.binary();
        program.at_most(&[(offsets[a], 1.0), (offsets[b], -1.0), (below, SCALE)], SCALE - size(a));
        program.at_most(&[(offsets[b], 1.0), (offsets[a], -1.0), (below, -SCALE)], -size(b));
        start.push(f64::from(u8::from(best.offsets[a] < best.offsets[b])));
    }
    program.cost(height, 1.0);
    program.start_from(start);
    let answer = program.solve(Limits { nodes: options.nodes, time: options.time_limit });
    effort.count(&program, answer.nodes);
    if answer.values.is_empty() {
        return None;
    }
    let mut sequence: Vec<usize> = (0..n).collect();
    sequence.sort_by(|&a, &b| answer.values[offsets[a]].total_cmp(&answer.values[offsets[b]]).then(a.cmp(&b)));
    Some(first_fit(layout, &sequence)).filter(|found| found.height < best.height)
}

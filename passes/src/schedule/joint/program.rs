//! The joint program: the orders of `ilp`, without reductions, and offsets for every block.
//!
//! ```text
//! minimise height
//! offset(a) + size(a) <= height
//! offset(a) + size(a) <= offset(b)             if below(a, b)
//! offset(a) = offset(b)                        if tie(b, a)
//! gone(a, b) <= p(r, writer of b)              for each kernel r that touches a
//! gone(a, b) + gone(b, a) + below(a, b) + below(b, a) + tie(b, a) >= 1
//! ```
//!
//! for each pair of blocks that some order has live together; `if` is by a multiple of the limit. The rows of live bytes stay:
//! the height is the peak of the order's program, so that its relaxation is never below the bound by cuts.

use memopt::ir::Bytes;
use memopt::plan::{OrderProblem, OrderTie, StopReason, validate_order};

use super::offsets::{Blocks, first_fit};
use super::{JointOutcome, value_of};
use crate::ilp::{Limits, Verdict};
use crate::schedule::IlpOptions;
use crate::schedule::ilp::parts::{Component, Flat, Groups, Model, Objective, rows_of};

/// More kernels than this are not tried: without a time limit, and with one.
const MOST_KERNELS: [usize; 2] = [24, 120];

/// More pairs of blocks than this are not tried.
const MOST_PAIRS: usize = 4000;

/// A block: when it lives, and where it is.
struct Block {
    size: u64,
    writer: u32,
    /// All kernels that touch it, the writer too.
    touches: Vec<u32>,
    until_end: bool,
    /// The buffer of the problem; `None` for scratch bytes.
    buffer: Option<u32>,
    /// The variable of its offset.
    offset: usize,
}

/// An arena lower than that of `known`, or the proof that there is none; `None` if the problem is too large or the solver did
/// not come to an end.
pub(super) fn solve(problem: &OrderProblem, known: &JointOutcome, options: &IlpOptions) -> Option<JointOutcome> {
    if problem.kernels() > MOST_KERNELS[usize::from(options.time_limit.is_some())] {
        return None;
    }
    let started = std::time::Instant::now();
    let groups = Groups::singles(problem)?;
    let flat = Flat::new(problem, &groups.reach, false)?;
    let rows: Vec<_> = (0..groups.len() as u32).map(|group| (group, rows_of(&flat, &groups, group, false))).collect();
    let component = Component { flat: &flat, groups: &groups, rows: &rows };
    let mut best = known.clone();
    let mut is_better = false;
    loop {
        let limit = best.height.0 - flat.unit().min(best.height.0);
        if limit < best.lower_bound.0 || best.height.is_zero() {
            best.stop = StopReason::Proven;
            return Some(best);
        }
        let mut model = Model::new(&component, limit, Objective::Height { floor: best.lower_bound.0 })?;
        let blocks = offsets(&mut model, &component, limit)?;
        let left = options.time_limit.map(|limit| limit.saturating_sub(started.elapsed()));
        let answer = model.program.solve(Limits { nodes: options.nodes, time: left });
        best.effort.count(&model.program, answer.nodes);
        if answer.verdict == Verdict::Infeasible {
            (best.stop, best.lower_bound) = (StopReason::Proven, best.height);
            return Some(best);
        }
        let found = (!answer.values.is_empty()).then(|| decode(problem, &model, &blocks, &answer.values, &best));
        match found.flatten().filter(|found| found.height < best.height) {
            Some(found) => (best, is_better) = (found, true),
            // Stopped, or the numbers are not exact enough.
            None => return is_better.then_some(best),
        }
    }
}

/// Adds the blocks with their offsets, and what keeps them apart; `None` if there are too many pairs.
fn offsets(model: &mut Model<'_>, component: &Component<'_>, limit: u64) -> Option<Vec<Block>> {
    let flat = component.flat;
    let mut blocks: Vec<Block> = Vec::new();
    let high = model.scaled(limit);
    let mut add = |model: &mut Model<'_>, size, writer, touches, until_end, buffer| {
        let offset = model.real(0.0, (high - model.scaled(size)).max(0.0));
        let size_up = model.scaled(size);
        model.program.at_most(&[(offset, 1.0), (model.peak, -1.0)], -size_up);
        blocks.push(Block { size, writer, touches, until_end, buffer, offset });
    };
    for buffer in &flat.buffers {
        let touches = buffer.readers.iter().copied().chain([buffer.writer]).collect();
        add(model, buffer.size, buffer.writer, touches, buffer.until_end, Some(buffer.root));
    }
    for (kernel, &size) in flat.workspace.iter().enumerate().filter(|(_, size)| **size > 0) {
        add(model, size, kernel as u32, vec![kernel as u32], false, None);
    }
    let mut pairs = 0;
    for b in 0..blocks.len() {
        for a in 0..b {
            if gone(component, &blocks[a], &blocks[b]) || gone(component, &blocks[b], &blocks[a]) {
                continue;
            }
            pairs += 1;
            if pairs > MOST_PAIRS {
                return None;
            }
            apart(model, &blocks[a], &blocks[b], high)?;
        }
    }
    Some(blocks)
}

/// Whether the first block is dead before the second is born, in every order.
fn gone(component: &Component<'_>, first: &Block, second: &Block) -> bool {
    // Scratch bytes of two kernels never meet.
    let scratch = first.buffer.is_none() && second.buffer.is_none();
    let before = |&touch: &u32| component.groups.reach.before(touch, second.writer);
    scratch || (!first.until_end && first.touches.iter().all(before))
}

/// One of the two is gone before the other is born, lies below it, or is overwritten by it.
fn apart(model: &mut Model<'_>, a: &Block, b: &Block, high: f64) -> Option<()> {
    let mut any = vec![];
    for (first, second) in [(a, b), (b, a)] {
        let below = model.binary();
        let size = model.scaled(first.size);
        model.program.at_most(&[(first.offset, 1.0), (second.offset, -1.0), (below, high)], high - size);
        any.push((below, -1.0));
        if !first.until_end && !first.touches.contains(&second.writer) {
            let gone = model.real(0.0, 1.0);
            for &touch in &first.touches {
                model.implies_before(gone, touch, second.writer)?;
            }
            any.push((gone, -1.0));
        }
        for tie in model.ties_between(first.buffer, second.buffer) {
            model.program.at_most(&[(first.offset, 1.0), (second.offset, -1.0), (tie, high)], high);
            model.program.at_most(&[(second.offset, 1.0), (first.offset, -1.0), (tie, high)], high);
            any.push((tie, -1.0));
        }
    }
    model.program.at_most(&any, -1.0);
    Some(())
}

/// The order, ties and offsets that a solution stands for, if they are legal.
fn decode(
    problem: &OrderProblem,
    model: &Model<'_>,
    blocks: &[Block],
    values: &[f64],
    known: &JointOutcome,
) -> Option<JointOutcome> {
    // Each group is one kernel.
    let order = model.order(values);
    validate_order(problem, &order).ok()?;
    let taken = model.taken_ties(values);
    let ties: Vec<OrderTie> =
        problem.ties.iter().copied().filter(|tie| taken.contains(&(tie.result, tie.operand))).collect();
    if !are_legal(problem, &order, &ties) {
        return None;
    }
    let placed = Blocks::new(problem, &order, &ties);
    let mut lowest = vec![f64::INFINITY; placed.layout.buffers.len()];
    for block in blocks {
        let index = placed.block_of(block.buffer, block.writer);
        lowest[index] = lowest[index].min(values[block.offset]);
    }
    let mut sequence: Vec<usize> = (0..lowest.len()).collect();
    sequence.sort_by(|&a, &b| lowest[a].total_cmp(&lowest[b]).then(a.cmp(&b)));
    let solution = first_fit(&placed.layout, &sequence);
    let (buffers, workspaces) = placed.offsets(problem, &solution.offsets);
    let value = value_of(problem, &order, ties);
    Some(JointOutcome { order, value, buffers, workspaces, height: Bytes(solution.height.0), ..known.clone() })
}

/// Whether each operand dies where it is overwritten, once, and each result is in place once.
fn are_legal(problem: &OrderProblem, order: &[u32], ties: &[OrderTie]) -> bool {
    let mut step = vec![0; problem.kernels()];
    order.iter().enumerate().for_each(|(at, &kernel)| step[kernel as usize] = at);
    let dies = |tie: &OrderTie| {
        let mut readers = problem.readers.row(tie.operand as usize).iter();
        !problem.buffers[tie.operand as usize].until_end
            && readers.all(|&reader| step[reader as usize] <= step[tie.kernel as usize])
    };
    let once = |tie: &OrderTie| {
        ties.iter().filter(|other| other.operand == tie.operand || other.result == tie.result).count() == 1
    };
    ties.iter().all(|tie| dies(tie) && once(tie))
}

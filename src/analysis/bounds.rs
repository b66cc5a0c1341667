//! A lower bound on the arena that holds for every order.
//!
//! When kernel X runs, every buffer is live that X or a kernel before X *in every order* (an ancestor) writes, and that X or
//! a kernel after X in every order (a descendant) reads. The sum of their sizes, with X's workspace, bounds every order, and
//! so does the largest of these sums. In-place reuse is allowed for: a result of X that could take over an operand costs
//! nothing beyond that operand, if no descendant of X reads it; elsewhere ties do not matter, since of two tied buffers each
//! is live where the other is not.
//!
//! That is cheap and often far off: it counts only what every order must hold. So it is sharpened by minimum cuts at the
//! kernels where the order at hand has most live bytes, see `downset`, and then by walks past several kernels, see `milestones`.
//!
//! The bound covers the donations that the prepared function has, hosts nothing in donated arguments, clones nothing, and
//! takes the virtual values as they are.
//!
//! Reachability comes in blocks of 4096 kernels as bits, so memory is linear and time is edges times kernels / 64: measured
//! 0.1 s for 24,000 kernels.

use rustc_hash::FxHashMap;

use super::Analysis;
use super::downset::{self, Cuts};
use super::milestones;
use super::order::{ScopeOrder, TieSource, inner_first};
use super::reach::{ReachBlock, ReachBlocks, stable_order};
use crate::ir::{Bytes, Module, OpId, ValueId};
use crate::plan::{OrderProblem, evaluate};

/// What the cuts of one problem may look at, in arcs.
const WORK: u64 = 150_000_000;

/// A lower bound with its witness.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct LowerBound {
    /// No order of the function needs a smaller arena.
    pub arena: Bytes,
    /// The operation of the body during which so much is live in every order; `None` if it is the end of the function.
    pub at: Option<OpId>,
    /// The values that are live then, in the order that is best for that operation; its own results left out.
    pub live: Vec<ValueId>,
}

/// The bound of a prepared function. The bound of a region counts as workspace of its operation. The order in which the
/// function stands does not matter for what the bound means; the better it is, the closer the bound.
pub fn lower_bound(module: &Module, analysis: &Analysis) -> LowerBound {
    let mut bound = LowerBound::default();
    let done = inner_first(&analysis.scopes.scopes, |scope, inner: &FxHashMap<OpId, Bytes>| {
        let order = ScopeOrder::extract(module, analysis, scope, inner, TieSource::Legal);
        let program: Vec<u32> = (0..order.kernels.len() as u32).collect();
        let found = problem_bound(&order.problem, &program);
        let root = |&buffer: &u32| analysis.aliases.storage(order.storages[buffer as usize]).root;
        // Scopes come inner first, so the function's body is the last.
        bound = LowerBound {
            arena: found.peak,
            at: found.at.map(|kernel| order.kernels[kernel as usize]),
            live: found.live.iter().map(root).collect(),
        };
        Ok::<_, std::convert::Infallible>(found.peak)
    });
    let Ok(_) = done;
    bound
}

/// A lower bound of one ordering problem with its witness.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ProblemBound {
    /// No order has a lower peak.
    pub peak: Bytes,
    /// The kernel that needs so much; `None` if it is the end.
    pub at: Option<u32>,
    /// The buffers that are live when that kernel starts, if what runs before it is chosen best.
    pub live: Vec<u32>,
}

/// The bound of one ordering problem. `order` is the best order known: the better, the closer the bound.
pub fn problem_bound(problem: &OrderProblem, order: &[u32]) -> ProblemBound {
    let mut saved = vec![Bytes::ZERO; problem.kernels()];
    let (mut peak, mut at) = reach_bound(problem, &mut saved);
    let mut cuts = Cuts::new(problem, WORK);
    let live = evaluate(problem, order).live;
    if let Some((needed, kernel)) = downset::sharpen(&mut cuts, order, &live, peak, &saved) {
        (peak, at) = (needed, Some(kernel));
    }
    let before = at.map(|kernel| problem.predecessors.row(kernel as usize).to_vec()).unwrap_or_default();
    let mut witness = (before, at.into_iter().collect::<Vec<u32>>());
    if live.iter().any(|&bytes| bytes > peak)
        && let Some(passage) = milestones::sharpen(&mut cuts, order, &live, peak)
    {
        (peak, at) = (passage.culprit.0, Some(passage.culprit.1));
        witness = (passage.inside, passage.outside);
    }
    let live = match at {
        Some(_) => Cuts::new(problem, WORK).live(&witness.0, &witness.1).unwrap_or_default(),
        None => (0..problem.buffers.len() as u32).filter(|&b| problem.buffers[b as usize].until_end).collect(),
    };
    ProblemBound { peak, at, live }
}

/// The bound by ancestors and descendants; also finds what ties can save at each kernel.
fn reach_bound(problem: &OrderProblem, saved: &mut [Bytes]) -> (Bytes, Option<u32>) {
    let order = stable_order(&problem.predecessors, &problem.successors);
    // What lives to the end is there together at the end, whatever ran last.
    let mut bound = problem.buffers.iter().filter(|buffer| buffer.until_end).map(|buffer| buffer.size).sum();
    let mut witness = None;
    for block in ReachBlocks::new(&problem.predecessors, &problem.successors, &order).blocks() {
        let needed = needed_in_block(problem, &block, saved);
        for (index, &bytes) in needed.iter().enumerate().take(problem.kernels() - block.base) {
            if bytes > bound {
                (bound, witness) = (bytes, Some((block.base + index) as u32));
            }
        }
    }
    (bound, witness)
}

/// For each kernel of the block, the bytes that are live in every order while it runs.
fn needed_in_block(problem: &OrderProblem, block: &ReachBlock, saved: &mut [Bytes]) -> Vec<Bytes> {
    let mut needed: Vec<Bytes> =
        (0..block.words() * 64).map(|i| problem.workspace.get(block.base + i).copied().unwrap_or_default()).collect();
    let mut live = vec![0u64; block.words()];
    for (index, buffer) in problem.buffers.iter().enumerate() {
        live.fill(if buffer.until_end { !0 } else { 0 });
        let readers = problem.readers.row(index).iter().chain(Some(&buffer.writer));
        for &reader in readers {
            live.iter_mut().zip(block.ancestors(reader)).for_each(|(a, b)| *a |= b);
        }
        for (word, (live, after)) in live.iter().zip(block.descendants(buffer.writer)).enumerate() {
            let mut bits = live & after;
            while bits != 0 {
                needed[word * 64 + bits.trailing_zeros() as usize] += buffer.size;
                bits &= bits - 1;
            }
        }
    }
    for (index, bytes) in needed.iter_mut().enumerate().take(problem.kernels().saturating_sub(block.base)) {
        let kernel = block.base + index;
        saved[kernel] = saved_by_ties(problem, block, kernel as u32);
        *bytes = bytes.saturating_sub(saved[kernel]);
    }
    needed
}

/// The bytes that ties can save at `kernel`: each result once, each operand once, and only operands that may die there.
fn saved_by_ties(problem: &OrderProblem, block: &ReachBlock, kernel: u32) -> Bytes {
    let ties = problem.ties_of(kernel);
    let bit = kernel as usize - block.base;
    let after = |reader: u32| block.ancestors(reader)[bit / 64] >> (bit % 64) & 1 == 1 && reader != kernel;
    // An operand that is read by no descendant may die here. `ancestors(reader)` tells whether the kernel precedes a reader.
    let may_die = |operand: u32| {
        !problem.buffers[operand as usize].until_end && !problem.readers.row(operand as usize).iter().any(|&r| after(r))
    };
    // Counting every result that has some candidate is generous, and keeps the bound valid without solving a matching.
    let mut saved = Bytes::ZERO;
    let mut last = None;
    for tie in ties.iter().filter(|tie| may_die(tie.operand)) {
        if last != Some(tie.result) {
            saved += problem.buffers[tie.result as usize].size;
            last = Some(tie.result);
        }
    }
    saved
}

//! A lower bound on the arena that holds for every order.
//!
//! When kernel X runs, every buffer is live that X or a kernel before X *in every order* (an ancestor) writes, and that X or
//! a kernel after X in every order (a descendant) reads. The sum of their sizes, with X's workspace, bounds every order, and
//! so does the largest of these sums. In-place reuse is allowed for: a result of X that could take over an operand costs
//! nothing beyond that operand, if no descendant of X reads it; elsewhere ties do not matter, since of two tied buffers each
//! is live where the other is not.
//!
//! That is often far off: it counts only what every order must hold. So minimum cuts come first, at the kernels where the
//! order at hand has most live bytes, see `downset`, and walks past several kernels, see `milestones`. Where they leave a
//! gap, reachability looks at all kernels, and a search over all downsets closes what is left if the graph is narrow enough,
//! see `least_peak`.
//!
//! The bound covers the donations that the prepared function has, and the temporaries that a plan puts into donated
//! arguments; it clones nothing, and takes the virtual values as they are.
//!
//! Reachability comes in blocks of 4096 kernels as bits, so memory is linear and time is edges times kernels / 64: measured
//! 0.1 s for 24,000 kernels. All else is near-linear, or bounded by counted work.

use rustc_hash::FxHashMap;

use super::Analysis;
use super::downset::{self, Cuts, alone, tie_savings};
use super::least_peak::{LeastPeak, PeakLimits, least_peak};
use super::milestones;
use super::order::{ScopeOrder, TieSource, inner_first};
use super::reach::{ReachBlock, ReachBlocks, stable_order};
use super::walk::Passage;
use crate::ir::{Bytes, Module, OpId, ValueId};
use crate::plan::{OrderProblem, evaluate};

/// What the cuts of one problem may look at, in arcs: so many, and for each kernel so many more, whichever of the two is less.
/// Small problems can afford more of it for each kernel.
const WORK: [(u64, u64); 2] = [(2_000_000, 5_000), (20_000_000, 500)];

/// What the search over downsets may do, in kernels run.
const SEARCH_WORK: u64 = 300_000;

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

/// The bound of a prepared function for all orders, whatever runs again: each kernel runs at least once, with what it reads and
/// writes in memory.
pub fn kernel_bound(module: &Module, analysis: &Analysis) -> LowerBound {
    let mut bound = LowerBound::default();
    let done = inner_first(&analysis.scopes.scopes, |scope, inner: &FxHashMap<OpId, Bytes>| {
        let order = ScopeOrder::extract(module, analysis, scope, inner, TieSource::Legal);
        let (arena, at) = step_bound(&order.problem);
        let read = at.map_or(&[][..], |kernel| order.problem.reads.row(kernel as usize));
        let root = |&buffer: &u32| analysis.aliases.storage(order.storages[buffer as usize]).root;
        bound = LowerBound {
            arena,
            at: at.map(|kernel| order.kernels[kernel as usize]),
            live: read.iter().map(root).collect(),
        };
        Ok::<_, std::convert::Infallible>(arena)
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
///
/// Each kind of bound is tried only where those before it leave a gap: cuts, which are near-linear; reachability, which looks
/// at every kernel; a search over downsets.
pub fn problem_bound(problem: &OrderProblem, order: &[u32]) -> ProblemBound {
    let live = evaluate(problem, order).live;
    let highest = live.iter().copied().max().unwrap_or_default();
    let Found { mut peak, mut passage, order: better } = by_cuts(problem, order, &live);
    if peak < highest
        && let (needed, Some(kernel)) = reach_bound(problem)
        && needed > peak
    {
        (peak, passage) = (needed, Some(Passage::before(problem, needed, kernel)));
    }
    if peak < highest && better.is_none() && is_least(problem, highest) {
        // What the best order holds at its peak stands for what every order holds somewhere.
        let step = live.iter().position(|&bytes| bytes == highest).unwrap_or_default();
        let (inside, outside) = (order[..step].to_vec(), order[step..].to_vec());
        (peak, passage) = (highest, Some(Passage { culprit: (highest, order[step]), inside, outside }));
    }
    let live = match &passage {
        Some(passage) => Cuts::new(problem, u64::MAX).live(&passage.inside, &passage.outside).unwrap_or_default(),
        None => (0..problem.buffers.len() as u32).filter(|&b| problem.buffers[b as usize].until_end).collect(),
    };
    ProblemBound { peak, at: passage.map(|passage| passage.culprit.1), live }
}

/// A bound by cuts, and an order that came with it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct CutBound {
    /// No order has a lower peak.
    pub peak: Bytes,
    /// An order with a lower peak than the one given, if the cuts led to one.
    pub order: Option<Vec<u32>>,
}

/// The bound by single kernels and cuts alone, without its witness: near-linear. `order` is the best order known.
pub fn cut_bound(problem: &OrderProblem, order: &[u32]) -> CutBound {
    let Found { peak, order, .. } = by_cuts(problem, order, &evaluate(problem, order).live);
    CutBound { peak, order }
}

/// What single kernels and cuts say.
struct Found {
    peak: Bytes,
    /// Where it comes from; `None` for the end.
    passage: Option<Passage>,
    /// A better order.
    order: Option<Vec<u32>>,
}

fn by_cuts(problem: &OrderProblem, order: &[u32], live: &[Bytes]) -> Found {
    let work = WORK.map(|(all, each)| all + each * problem.kernels() as u64);
    let mut cuts = Cuts::new(problem, work[0].min(work[1]));
    let (mut peak, at) = step_bound(problem);
    let mut passage = at.map(|kernel| Passage::before(problem, peak, kernel));
    if let Some((needed, kernel)) = downset::sharpen(&mut cuts, order, live, peak) {
        (peak, passage) = (needed, Some(Passage::before(problem, needed, kernel)));
    }
    let mut better = None;
    if live.iter().any(|&bytes| bytes > peak) {
        let found = milestones::refine(&mut cuts, order, live, peak);
        better = found.order;
        if let Some(found) = found.passage {
            (peak, passage) = (found.culprit.0, Some(found));
        }
    }
    Found { peak, passage, order: better }
}

/// What single kernels need, and what the end does; `None` for the end.
pub fn step_bound(problem: &OrderProblem) -> (Bytes, Option<u32>) {
    let kept = problem.buffers.iter().filter(|b| b.until_end).map(|b| b.size).sum();
    let more = |best: (Bytes, Option<u32>), (kernel, needed): (usize, Bytes)| {
        if needed > best.0 { (needed, Some(kernel as u32)) } else { best }
    };
    alone(problem).enumerate().fold((kept, None), more)
}

/// Whether a search over all downsets shows that no order has a lower peak.
fn is_least(problem: &OrderProblem, peak: Bytes) -> bool {
    let mut limits = PeakLimits { floor: peak.saturating_sub(Bytes(1)), cap: peak, work: SEARCH_WORK, variant: 0 };
    least_peak(problem, &mut limits) == LeastPeak::None
}

/// The bound by ancestors and descendants.
fn reach_bound(problem: &OrderProblem) -> (Bytes, Option<u32>) {
    let order = stable_order(&problem.predecessors, &problem.successors);
    let (mut bound, mut witness) = (Bytes::ZERO, None);
    for block in ReachBlocks::new(&problem.predecessors, &problem.successors, &order).blocks() {
        let needed = needed_in_block(problem, &block);
        for (index, &bytes) in needed.iter().enumerate().take(problem.kernels() - block.base) {
            if bytes > bound {
                (bound, witness) = (bytes, Some((block.base + index) as u32));
            }
        }
    }
    (bound, witness)
}

/// For each kernel of the block, the bytes that are live in every order while it runs.
fn needed_in_block(problem: &OrderProblem, block: &ReachBlock) -> Vec<Bytes> {
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
        let kernel = (block.base + index) as u32;
        // `ancestors(reader)` tells whether the kernel precedes a reader.
        let runs_after = |reader: u32| block.ancestors(reader)[index / 64] >> (index % 64) & 1 == 1 && reader != kernel;
        *bytes = bytes.saturating_sub(tie_savings(problem, kernel, runs_after));
    }
    needed
}

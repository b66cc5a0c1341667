//! What no plan for this order can do better: the least added cost for a budget, and the least memory at any cost.
//!
//! While kernel `c + 1` runs for the first time, its operands and results lie in memory, and everything else that later first
//! runs need either lies there too, or is made again afterwards. So for every price of a byte, by Lagrange,
//!
//! ```text
//! added cost >= cut(price) + price * (what lies there anyway) - price * budget
//! ```
//!
//! where `cut` is the minimum cut of [`cut`](super::cut) at this boundary. The right side is concave in the price: its slope
//! is the bytes that the cut keeps, and those that lie there anyway, less the budget. If these are above the budget at a price
//! where bytes are all that counts, there is no plan.
//!
//! The bounds hold for plans that keep the first runs in the given order, with clones wherever they like.

use memopt::analysis::OutOfWork;
use memopt::ir::Bytes;

use super::cut::{Boundary, Purpose};
use super::problem::{Keeper, RecomputeProblem};

/// What no plan for this order can do better.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct RecomputeBound {
    /// The least added cost with which the budget can be met; `None` if it cannot be met.
    pub cost: Option<u64>,
    /// The least memory at any cost.
    pub memory: Bytes,
    /// The step that needs so much memory.
    pub step: u32,
}

/// Boundaries at equal distances, and steps on each side of the peak.
const SPREAD: usize = 12;
const AROUND: u32 = 4;

/// Halvings of the price.
const HALVINGS: u32 = 18;

/// The bounds for a budget, for an order that needs `live` bytes in each step. Ends early, with weaker bounds, when the work
/// is done.
pub(super) fn bound(problem: &RecomputeProblem, live: &[i64], budget: Bytes, work: &mut u64) -> RecomputeBound {
    let mut best = RecomputeBound { cost: Some(0), ..RecomputeBound::default() };
    for step in 0..problem.kernels.len() as u32 {
        let memory = own_need(problem, step);
        if memory > best.memory {
            best = RecomputeBound { memory, step, ..best };
        }
    }
    for step in steps_to_try(live, budget) {
        // Where the work is done, what was found so far holds.
        let Ok(at) = at_step(problem, step, budget, work) else { break };
        best.cost = best.cost.zip(at.cost).map(|(one, other)| one.max(other));
        if at.memory > best.memory {
            best = RecomputeBound { memory: at.memory, step, ..best };
        }
    }
    if best.memory > budget {
        best.cost = None;
    }
    best
}

/// The steps whose bounds are worth their work: the peak and its neighbours, and some at equal distances.
fn steps_to_try(live: &[i64], budget: Bytes) -> Vec<u32> {
    let over: Vec<u32> = (1..live.len()).filter(|&step| live[step] > budget.0 as i64).map(|step| step as u32).collect();
    let Some(&peak) = over.iter().max_by_key(|&&step| (live[step as usize], step)) else { return Vec::new() };
    let around = (peak.saturating_sub(AROUND).max(1)..=peak + AROUND).filter(|&step| (step as usize) < live.len());
    let mut steps: Vec<u32> = std::iter::once(peak).chain(around).collect();
    steps.extend((0..SPREAD).map(|part| over[part * (over.len() - 1) / (SPREAD - 1)]));
    let mut seen = rustc_hash::FxHashSet::default();
    steps.retain(|&step| seen.insert(step));
    steps
}

/// The bytes of operands and results of a kernel, and of its workspace: it runs at least once.
fn own_need(problem: &RecomputeProblem, step: u32) -> Bytes {
    let counts = |&&value: &&u32| {
        let facts = &problem.values[value as usize];
        facts.writer.is_some() && facts.keeper != Keeper::Caller
    };
    let size = |&value: &u32| problem.values[value as usize].size;
    let read: Bytes = problem.reads.row(step as usize).iter().filter(counts).map(size).sum();
    // A result that can take over an operand's bytes may need none.
    let is_new = |&&value: &&u32| {
        let ties = problem.ties_of(step);
        problem.values[value as usize].updates.is_none() && !ties.iter().any(|tie| tie.result == value)
    };
    let made = problem.writes.row(step as usize).iter().filter(counts).filter(is_new).map(size).sum();
    read + made + problem.kernels[step as usize].workspace
}

/// The bounds while the kernel of one step runs.
fn at_step(problem: &RecomputeProblem, step: u32, budget: Bytes, work: &mut u64) -> Result<RecomputeBound, OutOfWork> {
    let boundary = Boundary::new(problem, step - 1, Purpose::Bound);
    let anyway = boundary.fixed + own_need(problem, step);
    let (mut low, mut high) = boundary.prices();
    // What is kept costs all but what running everything again does.
    let least = (boundary.cut(high, work)?.value - boundary.total_cost() as f64) / high;
    let memory = anyway + Bytes(least.max(0.0) as u64);
    if memory > budget {
        return Ok(RecomputeBound { cost: None, memory, step });
    }
    let (short, budget) = (anyway.0 as f64 - budget.0 as f64, budget.0);
    let mut most = 0.0f64;
    for _ in 0..HALVINGS {
        let price = (low * high).sqrt();
        let cut = boundary.cut(price, work)?;
        most = most.max(cut.value + price * short);
        if cut.bytes.0 + anyway.0 > budget {
            low = price;
        } else {
            high = price;
        }
    }
    Ok(RecomputeBound { cost: Some(most as u64), memory, step })
}

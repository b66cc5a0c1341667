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
use super::solve::bytes_of;

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

/// Boundaries at equal distances.
const SPREAD: usize = 16;

/// Halvings of the price.
const HALVINGS: u32 = 16;

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
    let over: Vec<u32> = (1..live.len() as u32).filter(|&step| live[step as usize] > bytes_of(budget)).collect();
    for found in at_boundaries(problem, &over, live, budget, work) {
        best.cost = best.cost.zip(found.cost).map(|(one, other)| one.max(other));
        if found.memory > best.memory {
            (best.memory, best.step) = (found.memory, found.step);
        }
    }
    if best.memory > budget {
        best.cost = None;
    }
    best
}

/// The least memory that `most` added cost can lead to, at the highest step: for every price, what lies there anyway, and what
/// the cut keeps, less what the rest of the cost could save at that price.
pub(super) fn memory_for(problem: &RecomputeProblem, live: &[i64], most: u64, work: &mut u64) -> Bytes {
    let Some(step) = (1..live.len()).max_by_key(|&step| (live[step], step)).map(|step| step as u32) else {
        return Bytes::ZERO;
    };
    let boundary = Boundary::new(problem, step - 1, Purpose::Bound);
    let anyway = boundary.fixed + own_need(problem, step);
    let (mut low, mut high) = boundary.prices();
    let mut kept = 0.0f64;
    for _ in 0..HALVINGS {
        let price = (low * high).sqrt();
        let Ok(cut) = boundary.cut(price, work) else { break };
        kept = kept.max((cut.value - most as f64) / price);
        if cut.cost > most {
            high = price;
        } else {
            low = price;
        }
    }
    anyway + Bytes(kept as u64)
}

/// The bounds at some of the steps `over` the budget: at equal distances and at the peak, then ever closer around the best.
/// Ends early when the work is done.
fn at_boundaries(
    problem: &RecomputeProblem,
    over: &[u32],
    live: &[i64],
    budget: Bytes,
    work: &mut u64,
) -> Vec<RecomputeBound> {
    let mut found: Vec<(usize, RecomputeBound)> = Vec::new();
    let mut distance = over.len() / SPREAD + 1;
    let peak = (0..over.len()).max_by_key(|&at| (live[over[at] as usize], at));
    let mut next: Vec<usize> = peak.into_iter().chain((0..over.len()).step_by(distance)).collect();
    loop {
        for at in next.drain(..) {
            if at < over.len() && found.iter().all(|(tried, _)| *tried != at) {
                let Ok(bound) = at_step(problem, over[at], budget, work) else { return values(found) };
                found.push((at, bound));
            }
        }
        let best = found.iter().max_by_key(|(_, bound)| (bound.cost.unwrap_or(u64::MAX), bound.memory));
        let Some(&(at, _)) = best.filter(|_| distance > 1) else { return values(found) };
        distance = distance.div_ceil(2);
        next.extend([at.saturating_sub(distance), at + distance]);
        if distance == 1 {
            // Nothing is closer.
            next.extend([at.saturating_sub(2), at + 2]);
        }
    }
}

fn values(found: Vec<(usize, RecomputeBound)>) -> Vec<RecomputeBound> {
    found.into_iter().map(|(_, bound)| bound).collect()
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

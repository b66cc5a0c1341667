//! Orders that differ from a given one as a whole.

use memopt::analysis::cheapest_moment;
use memopt::ir::Bytes;
use memopt::plan::{OrderProblem, OrderProfile, peak_and_area};

use crate::schedule::frontier::Rule;
use crate::schedule::list::{backward, forward};

/// Arcs that the cut for one restart may look at, for each kernel.
const ARCS_PER_KERNEL: u64 = 100;

/// An order with a lower peak, made around the kernel at the peak: first what has run at the cheapest moment for that kernel,
/// a smallest downset (see the bounds), in the order given, then the kernel, then the rest. Tried as it is, and as priorities
/// of a greedy run in each direction.
pub(super) fn around_the_peak(problem: &OrderProblem, order: &[u32], profile: &OrderProfile) -> Option<Vec<u32>> {
    let highest = profile.live.iter().copied().max()?;
    let peak = profile.live.iter().position(|&live| live == highest)?;
    let kernel = order[peak];
    let downset = cheapest_moment(problem, kernel, ARCS_PER_KERNEL * problem.kernels() as u64)?;
    let (first, rest): (Vec<u32>, Vec<u32>) = order.iter().partition(|&&other| downset[other as usize]);
    let rest = rest.into_iter().filter(|&other| other != kernel);
    let bent: Vec<u32> = first.into_iter().chain([kernel]).chain(rest).collect();
    let orders = [backward(problem, &bent, Rule::Shrinking), forward(problem, &bent, Rule::Shrinking), bent];
    let worth = orders.into_iter().map(|order| (peak_and_area(problem, &order), order));
    let best = worth.min_by_key(|(worth, _)| *worth);
    best.filter(|&((peak, _), _): &((Bytes, u128), _)| peak < highest).map(|(_, order)| order)
}

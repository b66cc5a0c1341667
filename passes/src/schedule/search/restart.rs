//! Orders far from the one at hand: the kernel at the peak moves, and all that hangs on it.
//!
//! - *Moves*: the kernel at the peak runs as early as it can (its ancestors first, then it, then the rest) or as late as it can
//!   (it and its descendants last); all else keeps its sequence. The moved order is tried as it is, and as priorities of a
//!   greedy run in each direction, which brings along what should run next to what moved. The best of these is moved on, also
//!   where it is worse than the one before: what is at the peak next may move, too. No kernel makes the same move twice.
//! - *Post-orders*: kernels without successors one after the other, each with all its ancestors that have not run yet: what
//!   a sum of many gradients needs is then made for one sum after the other, as Sethi and Ullman do for trees.
//!
//! Measured: on a recurrent language model with four sums of 35 gradients, a post-order and one move take the peak from
//! 28.7 MB to 27.6 MB, which is the bound; no window leads there, since two sums must change places with all that they need.

use memopt::ir::Bytes;
use memopt::plan::{Csr, OrderProblem, evaluate, peak_and_area};
use rustc_hash::FxHashSet;

use crate::schedule::frontier::Rule;
use crate::schedule::list::{backward, forward};

/// Moves from each order.
const MOVES: usize = 8;

/// How a kernel moves.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Move {
    Early,
    Late,
}

/// The best of the orders that moves lead to, from the order at hand and from post-orders; `None` if none has a lower peak.
pub(super) fn from_afar(problem: &OrderProblem, order: &[u32], bound: Bytes) -> Option<Vec<u32>> {
    let n = order.len() as u32;
    let starts = [order.to_vec(), post_order(problem, 0..n), post_order(problem, (0..n).rev())];
    let (mut lowest, mut best) = (peak_and_area(problem, order).0, None);
    for start in starts {
        if lowest == bound {
            break;
        }
        let (peak, order) = moved(problem, start, bound);
        if peak < lowest {
            (lowest, best) = (peak, Some(order));
        }
    }
    best
}

/// The best order that moves from `order` lead to, and its peak.
fn moved(problem: &OrderProblem, mut order: Vec<u32>, bound: Bytes) -> (Bytes, Vec<u32>) {
    let mut best = (peak_and_area(problem, &order), order.clone());
    let mut made: FxHashSet<(u32, Move)> = FxHashSet::default();
    for _ in 0..MOVES {
        let live = evaluate(problem, &order).live;
        let Some(peak) = (0..live.len()).max_by_key(|&step| (live[step], std::cmp::Reverse(step))) else { break };
        let kernel = order[peak];
        let moves = [Move::Early, Move::Late].into_iter().filter(|&how| !made.contains(&(kernel, how)));
        let tried =
            moves.flat_map(|how| variants(problem, with_moved(problem, &order, kernel, how)).map(move |o| (how, o)));
        let valued = tried.map(|(how, order)| (peak_and_area(problem, &order), how, order));
        let Some((worth, how, next)) = valued.min_by_key(|&(worth, ..)| worth) else { break };
        made.insert((kernel, how));
        if worth < best.0 {
            best = (worth, next.clone());
        }
        if worth.0 <= bound {
            break;
        }
        order = next;
    }
    (best.0.0, best.1)
}

/// The greedy orders that follow an order, and the order itself.
fn variants(problem: &OrderProblem, order: Vec<u32>) -> impl Iterator<Item = Vec<u32>> {
    let greedy = [backward, forward].map(|run| run(problem, &order, Rule::Shrinking));
    greedy.into_iter().chain([order])
}

/// The order with a kernel moved.
fn with_moved(problem: &OrderProblem, order: &[u32], kernel: u32, how: Move) -> Vec<u32> {
    let is_first: Vec<bool> = match how {
        Move::Early => reached(&problem.predecessors, kernel),
        Move::Late => reached(&problem.successors, kernel).into_iter().map(|is_after| !is_after).collect(),
    };
    let (first, rest): (Vec<u32>, Vec<u32>) = order.iter().partition(|&&other| is_first[other as usize]);
    [first, rest].concat()
}

/// Whether each kernel is `start` or reached from it.
fn reached(edges: &Csr, start: u32) -> Vec<bool> {
    let mut reached = vec![false; edges.rows()];
    reached[start as usize] = true;
    let mut found = vec![start];
    while let Some(next) = found.pop() {
        found
            .extend(edges.row(next as usize).iter().filter(|&&to| !std::mem::replace(&mut reached[to as usize], true)));
    }
    reached
}

/// The kernels without successors in the sequence given, each after its ancestors that have not run yet.
fn post_order(problem: &OrderProblem, kernels: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut seen = vec![false; problem.kernels()];
    let mut order = Vec::with_capacity(problem.kernels());
    // Kernels on the way, each with the number of its predecessors that were looked at.
    let mut path: Vec<(u32, usize)> = Vec::new();
    for sink in kernels.filter(|&kernel| problem.successors.row(kernel as usize).is_empty()) {
        seen[sink as usize] = true;
        path.push((sink, 0));
        while let Some((kernel, at)) = path.last_mut() {
            match problem.predecessors.row(*kernel as usize).get(*at) {
                Some(&before) => {
                    *at += 1;
                    if !std::mem::replace(&mut seen[before as usize], true) {
                        path.push((before, 0));
                    }
                }
                None => {
                    order.push(*kernel);
                    path.pop();
                }
            }
        }
    }
    order
}

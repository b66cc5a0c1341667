//! A sharper bound where one cut is not enough: every order runs some chosen kernels, the *milestones*, one after another.
//!
//! The cut at one kernel takes the downset that suits that kernel best, and the cut at the next kernel may take another one.
//! But no order can jump between them. So let K be a few kernels that write or read large buffers near the peak. An order
//! visits K in some sequence, and thereby walks through the lattice of K's own downsets:
//!
//! ```text
//!            ┌── {a} ──┐
//!        {} ─┤         ├── {a, b} ── {a, b, c}        K = {a, b, c}, a and b before c
//!            └── {b} ──┘
//! ```
//!
//! The step from D to D + x costs at least the minimum cut over the downsets of all kernels that hold D and x's
//! predecessors, and nothing else of K; with x's results and workspace on top. A result that could take over an operand's
//! bytes is free only if no milestone still to come reads that operand. The least possible largest step on a walk from {}
//! to K bounds every order. It is found as a bottleneck path, best first; a cut is made when its step is looked at, and
//! where the work ends early, the best open step is still a bound.
//!
//! Milestones are taken by their distance from the steps where the order at hand has more live bytes than the bound, a few
//! at first, more if these leave a gap. Measured: on bert, gpt2 and recurrent translation, whose peak is a chain of tensors
//! of the size of the logits, 10 milestones and 20 to 40 cuts close gaps of 7 to 32 % to nothing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::downset::{Culprit, Cuts, own_bytes, reached};
use crate::ir::Bytes;
use crate::plan::OrderProblem;

/// Numbers of milestones to try in turn; a set of them is a word.
const ROUNDS: [usize; 3] = [12, 24, 48];

/// Cuts of each round.
const MAX_CUTS: usize = 400;

/// A set of milestones, one bit each.
type Set = u64;

/// A chosen kernel.
#[derive(Debug)]
struct Milestone {
    kernel: u32,
    /// Milestones that run before it in every order.
    before: Set,
    /// Bytes of its results and its workspace.
    own: Bytes,
    /// What ties can save.
    ties: Vec<Saving>,
}

/// A result that may take over an operand's bytes, once the other milestones that read the operand have run.
#[derive(Debug)]
struct Saving {
    result: u32,
    size: Bytes,
    readers: Set,
}

/// A kernel that needs more than was known, and the downsets in which it is cheapest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Passage {
    pub(super) culprit: Culprit,
    /// Kernels that have run.
    pub(super) inside: Vec<u32>,
    /// Kernels that have not.
    pub(super) outside: Vec<u32>,
}

impl Passage {
    /// The start of a kernel, in whatever downset it can.
    pub(super) fn before(problem: &OrderProblem, needed: Bytes, kernel: u32) -> Passage {
        let inside = problem.predecessors.row(kernel as usize).to_vec();
        Passage { culprit: (needed, kernel), inside, outside: vec![kernel] }
    }
}

/// Looks for a walk's least bottleneck above `bound`, which holds for every order. `live` holds the live bytes of `order`,
/// step by step.
pub(super) fn sharpen(cuts: &mut Cuts<'_>, order: &[u32], live: &[Bytes], mut bound: Bytes) -> Option<Passage> {
    let goal = live.iter().copied().max()?;
    let near = near_the_peak(cuts.problem, order, live, bound);
    let mut best = None;
    for count in ROUNDS {
        let mut chosen = near[..near.len().min(count)].to_vec();
        chosen.sort_unstable();
        let milestones = describe(cuts.problem, &chosen);
        if let Some(passage) = walk(cuts, &milestones, bound, goal) {
            bound = passage.culprit.0;
            best = Some(passage);
        }
        if bound >= goal || near.len() <= count {
            break;
        }
    }
    best
}

/// The kernels that write or read large buffers, those next to a step with more live bytes than the bound first. Large is a
/// quarter of the gap, or of the largest buffer there is then.
fn near_the_peak(problem: &OrderProblem, order: &[u32], live: &[Bytes], bound: Bytes) -> Vec<u32> {
    let distance = distances(live, bound);
    let gap = live.iter().copied().max().unwrap_or_default().saturating_sub(bound);
    let touched = |kernel: u32| {
        let (reads, writes) = (problem.reads.row(kernel as usize), problem.writes.row(kernel as usize));
        let sizes = reads.iter().chain(writes).map(|&b| problem.buffers[b as usize].size);
        sizes.max().unwrap_or_default().max(problem.workspace[kernel as usize])
    };
    let at_the_peak = order.iter().zip(&distance).filter(|(_, distance)| **distance == 0);
    let largest = at_the_peak.map(|(&kernel, _)| touched(kernel)).max().unwrap_or_default();
    let large = Bytes(gap.min(largest).0 / 4).max(Bytes(1));
    let mut near: Vec<(u32, u32)> = (distance.iter().zip(order).map(|(&distance, &kernel)| (distance, kernel)))
        .filter(|&(_, kernel)| touched(kernel) >= large)
        .collect();
    near.sort_unstable();
    near.into_iter().take(ROUNDS[ROUNDS.len() - 1]).map(|(_, kernel)| kernel).collect()
}

/// For each step, how many steps away the next one with more live bytes than the bound is.
fn distances(live: &[Bytes], bound: Bytes) -> Vec<u32> {
    let mut distances = vec![u32::MAX; live.len()];
    let mut last = u32::MAX;
    for step in (0..live.len()).chain((0..live.len()).rev()) {
        last = if live[step] > bound { 0 } else { last.saturating_add(1) };
        distances[step] = distances[step].min(last);
    }
    distances
}

/// The milestones, from their kernels in ascending order.
fn describe(problem: &OrderProblem, chosen: &[u32]) -> Vec<Milestone> {
    let set = |kernels: &[u32], but: u32| {
        let bit = |kernel: &u32| chosen.binary_search(kernel).map_or(0, |index| 1 << index);
        kernels.iter().filter(|&&kernel| kernel != but).map(bit).fold(0, |a: Set, b: Set| a | b)
    };
    let milestone = |&kernel: &u32| {
        let mut runs_later = vec![false; problem.kernels()];
        reached(&problem.successors, kernel).iter().skip(1).for_each(|&after| runs_later[after as usize] = true);
        let may_die = |operand: u32| {
            let mut readers = problem.readers.row(operand as usize).iter();
            !problem.buffers[operand as usize].until_end && !readers.any(|&reader| runs_later[reader as usize])
        };
        let ties = problem.ties_of(kernel).iter().filter(|tie| may_die(tie.operand)).map(|tie| Saving {
            result: tie.result,
            size: problem.buffers[tie.result as usize].size,
            readers: set(problem.readers.row(tie.operand as usize), kernel),
        });
        Milestone {
            kernel,
            before: set(&reached(&problem.predecessors, kernel), kernel),
            own: own_bytes(problem, kernel),
            ties: ties.collect(),
        }
    };
    chosen.iter().map(milestone).collect()
}

impl Milestone {
    /// What ties can save when the milestones of `done` have run. Each result counts once; two results that want the same
    /// operand both count, which is generous and keeps the bound valid.
    fn saved(&self, done: Set) -> Bytes {
        let (mut saved, mut last) = (Bytes::ZERO, None);
        for tie in self.ties.iter().filter(|tie| tie.readers & !done == 0) {
            if last != Some(tie.result) {
                saved += tie.size;
                last = Some(tie.result);
            }
        }
        saved
    }
}

/// The largest step so far of a walk, and where it was: the set before it, and the milestone.
type Bottleneck = Option<(Set, usize)>;

/// The bottleneck path from no milestone to all of them. Beyond `goal`, which some order reaches, nothing is of interest.
fn walk(cuts: &mut Cuts<'_>, milestones: &[Milestone], bound: Bytes, goal: Bytes) -> Option<Passage> {
    let all: Set = milestones.iter().enumerate().map(|(index, _)| 1 << index).fold(0, |a: Set, b: Set| a | b);
    // Least bytes first; of equal walks the longest, which ends the search soonest.
    let mut open: BinaryHeap<(Reverse<Bytes>, u32, Set, Bottleneck)> = BinaryHeap::from([(Reverse(bound), 0, 0, None)]);
    let mut known: FxHashMap<Set, Bytes> = FxHashMap::default();
    let mut cuts_left = MAX_CUTS;
    while let Some((Reverse(needed), _, done, bottleneck)) = open.pop() {
        let ends = done == all || needed >= goal || cuts_left == 0;
        if !ends && known.get(&done).is_some_and(|&other| other < needed) {
            continue;
        }
        if ends || expand(cuts, milestones, (needed, done, bottleneck), &mut known, &mut open, &mut cuts_left).is_none()
        {
            // No walk is better than the best open one.
            let (before, index) = bottleneck?;
            let (mut inside, outside) = (kernels(milestones, before), kernels(milestones, all & !before));
            let kernel = milestones[index].kernel;
            inside.extend_from_slice(cuts.problem.predecessors.row(kernel as usize));
            return Some(Passage { culprit: (needed, kernel), inside, outside });
        }
    }
    None
}

/// Opens all walks that are one milestone longer; `None` if the work ends.
fn expand(
    cuts: &mut Cuts<'_>,
    milestones: &[Milestone],
    (needed, done, bottleneck): (Bytes, Set, Bottleneck),
    known: &mut FxHashMap<Set, Bytes>,
    open: &mut BinaryHeap<(Reverse<Bytes>, u32, Set, Bottleneck)>,
    cuts_left: &mut usize,
) -> Option<()> {
    let problem = cuts.problem;
    let to_come: Vec<u32> =
        milestones.iter().enumerate().filter(|(index, _)| done >> index & 1 == 0).map(|(_, m)| m.kernel).collect();
    for (index, milestone) in milestones.iter().enumerate() {
        let next = done | 1 << index;
        if next == done || milestone.before & !done != 0 || known.get(&next).is_some_and(|&other| other <= needed) {
            continue;
        }
        let mut inside = kernels(milestones, done);
        inside.extend_from_slice(problem.predecessors.row(milestone.kernel as usize));
        *cuts_left = cuts_left.checked_sub(1)?;
        let step = (cuts.least(&inside, &to_come).ok()? + milestone.own).saturating_sub(milestone.saved(done));
        let longer = if step > needed { (step, Some((done, index))) } else { (needed, bottleneck) };
        if known.get(&next).is_none_or(|&other| longer.0 < other) {
            known.insert(next, longer.0);
            open.push((Reverse(longer.0), next.count_ones(), next, longer.1));
        }
    }
    Some(())
}

fn kernels(milestones: &[Milestone], set: Set) -> Vec<u32> {
    let chosen = |(index, milestone): (usize, &Milestone)| (set >> index & 1 == 1).then_some(milestone.kernel);
    milestones.iter().enumerate().filter_map(chosen).collect()
}

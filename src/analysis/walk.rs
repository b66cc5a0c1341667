//! The cheapest walk past a few kernels, the *milestones*, in the sequence that suits them best.
//!
//! The cut at one kernel takes the downset that suits that kernel best, and the cut at the next kernel may take another one.
//! But no order can jump between them. Let K be a few kernels. An order visits K in some sequence, and thereby walks through
//! the lattice of K's own downsets:
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

//! Milestones are added one by one, and most cuts stay as they were: a smallest downset that was found without the new
//! milestone is the smallest with it, if it has the new milestone inside where the walk has it behind it, and outside where
//! the walk has it to come.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::downset::{Culprit, Cuts, own_bytes, reached};
use crate::ir::Bytes;
use crate::plan::OrderProblem;

/// Milestones at most: a set of them is a word.
pub(super) const MOST: usize = 64;

/// Steps of one walk that are looked at.
const MAX_STEPS: usize = 4096;

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
    /// Whether each kernel runs before it in every order.
    ancestors: Vec<bool>,
}

/// A result that may take over an operand's bytes, once the other milestones that read the operand have run.
#[derive(Debug)]
struct Saving {
    result: u32,
    operand: u32,
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

/// A smallest downset with the least live bytes that a milestone can start in: whether each kernel has run.
pub(super) type Downset = Rc<[bool]>;

/// The cheapest walk past some kernels.
#[derive(Debug)]
pub(super) struct Walk {
    /// Its largest step, if that is above the bound that was known: no order has a lower peak.
    pub(super) passage: Option<Passage>,
    /// The milestones in the sequence of the walk, each with the downset that it starts in; not all of them if the work
    /// ended early.
    pub(super) sequence: Vec<(u32, Downset)>,
}

/// The milestones, in the sequence in which they were added.
pub(super) struct Milestones<'c, 'p> {
    cuts: &'c mut Cuts<'p>,
    list: Vec<Milestone>,
    /// The cuts of the last walk, by what is behind it and the milestone that starts; those that hold for the next one, too,
    /// move on.
    old: FxHashMap<(Set, usize), (Bytes, Downset)>,
    new: FxHashMap<(Set, usize), (Bytes, Downset)>,
    /// How many milestones the last walk had.
    walked: usize,
}

/// The largest step so far of a walk, and where it was: the set before it, and the milestone.
type Bottleneck = Option<(Set, usize)>;

/// Walks in the making.
struct Search {
    /// Least bytes first; of equal walks the longest, which ends the search soonest.
    open: BinaryHeap<(Reverse<Bytes>, u32, Set, Bottleneck)>,
    /// The best known walk to a set: its largest step, and its last milestone.
    known: FxHashMap<Set, (Bytes, usize)>,
    steps_left: usize,
}

impl<'c, 'p> Milestones<'c, 'p> {
    pub(super) fn new(cuts: &'c mut Cuts<'p>) -> Milestones<'c, 'p> {
        let (old, new) = (FxHashMap::default(), FxHashMap::default());
        Milestones { cuts, list: Vec::new(), old, new, walked: 0 }
    }

    pub(super) fn problem(&self) -> &'p OrderProblem {
        self.cuts.problem
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn contains(&self, kernel: u32) -> bool {
        self.list.iter().any(|milestone| milestone.kernel == kernel)
    }

    /// Adds a kernel that is none yet.
    pub(super) fn add(&mut self, kernel: u32) {
        let problem = self.problem();
        let flags = |kernels: Vec<u32>| {
            let mut flags = vec![false; problem.kernels()];
            kernels.into_iter().skip(1).for_each(|kernel| flags[kernel as usize] = true);
            flags
        };
        let ancestors = flags(reached(&problem.predecessors, kernel));
        let runs_later = flags(reached(&problem.successors, kernel));
        let may_die = |operand: u32| {
            let mut readers = problem.readers.row(operand as usize).iter();
            !problem.buffers[operand as usize].until_end && !readers.any(|&reader| runs_later[reader as usize])
        };
        let ties = problem.ties_of(kernel).iter().filter(|tie| may_die(tie.operand)).map(|tie| Saving {
            result: tie.result,
            operand: tie.operand,
            size: problem.buffers[tie.result as usize].size,
            readers: self.set(|other| problem.readers.row(tie.operand as usize).contains(&other)),
        });
        let ties = ties.collect();
        let before = self.set(|other| ancestors[other as usize]);
        let bit = 1 << self.list.len();
        for other in &mut self.list {
            if other.ancestors[kernel as usize] {
                other.before |= bit;
            }
            for tie in &mut other.ties {
                if problem.readers.row(tie.operand as usize).contains(&kernel) {
                    tie.readers |= bit;
                }
            }
        }
        self.list.push(Milestone { kernel, before, own: own_bytes(problem, kernel), ties, ancestors });
    }

    /// The milestones whose kernels are chosen.
    fn set(&self, is_chosen: impl Fn(u32) -> bool) -> Set {
        let bits = self.list.iter().enumerate().filter(|(_, milestone)| is_chosen(milestone.kernel));
        bits.fold(0, |set, (index, _)| set | 1 << index)
    }

    /// The kernels of a set.
    fn kernels(&self, set: Set) -> Vec<u32> {
        let chosen = |(index, milestone): (usize, &Milestone)| (set >> index & 1 == 1).then_some(milestone.kernel);
        self.list.iter().enumerate().filter_map(chosen).collect()
    }

    /// The bottleneck path from no milestone to all of them. `bound` holds for every order; beyond `goal`, which some order
    /// reaches, nothing is of interest.
    pub(super) fn walk(&mut self, bound: Bytes, goal: Bytes) -> Walk {
        let all = self.set(|_| true);
        let mut search = Search {
            open: BinaryHeap::from([(Reverse(bound), 0, 0, None)]),
            known: FxHashMap::default(),
            steps_left: MAX_STEPS,
        };
        let mut walk = Walk { passage: None, sequence: Vec::new() };
        while let Some((Reverse(needed), _, done, bottleneck)) = search.open.pop() {
            let ends = done == all || needed >= goal;
            if !ends && search.known.get(&done).is_some_and(|&(other, _)| other < needed) {
                continue;
            }
            if ends || self.expand(&mut search, (needed, done, bottleneck)).is_none() {
                // No walk is better than the best open one.
                walk.passage = bottleneck.map(|(before, index)| self.passage(needed, before, index));
                walk.sequence = self.sequence(&search, done);
                break;
            }
        }
        (self.old, self.walked) = (std::mem::take(&mut self.new), self.list.len());
        walk
    }

    /// Opens all walks that are one milestone longer; `None` if the work ends.
    fn expand(&mut self, search: &mut Search, (needed, done, bottleneck): (Bytes, Set, Bottleneck)) -> Option<()> {
        for index in 0..self.list.len() {
            let next = done | 1 << index;
            let is_closed = |known: &FxHashMap<Set, (Bytes, usize)>, step| {
                known.get(&next).is_some_and(|&(other, _)| other <= step)
            };
            if next == done || self.list[index].before & !done != 0 || is_closed(&search.known, needed) {
                continue;
            }
            search.steps_left = search.steps_left.checked_sub(1)?;
            let least = self.least(done, index)?;
            let milestone = &self.list[index];
            let step = (least + milestone.own).saturating_sub(milestone.saved(done));
            let longer = if step > needed { (step, Some((done, index))) } else { (needed, bottleneck) };
            if !is_closed(&search.known, longer.0) {
                search.known.insert(next, (longer.0, index));
                search.open.push((Reverse(longer.0), next.count_ones(), next, longer.1));
            }
        }
        Some(())
    }

    /// The least live bytes when a milestone starts, those of `done` behind it; `None` if the work ends.
    fn least(&mut self, done: Set, index: usize) -> Option<Bytes> {
        let known = (1 << self.walked) - 1;
        let found = self.old.get(&(done & known, index)).filter(|(_, downset)| {
            let mut added = (self.walked..self.list.len()).map(|new| (new, self.list[new].kernel as usize));
            index < self.walked && added.all(|(new, kernel)| downset[kernel] == (done >> new & 1 == 1))
        });
        let (least, downset) = match found {
            Some(found) => found.clone(),
            None => {
                let mut inside = self.kernels(done);
                inside.extend_from_slice(self.problem().predecessors.row(self.list[index].kernel as usize));
                let (least, downset) = self.cuts.minimizer(&inside, &self.kernels(!done)).ok()?;
                (least, downset.into())
            }
        };
        self.new.insert((done, index), (least, downset));
        Some(least)
    }

    /// The step of a walk that runs a milestone after those of `before`.
    fn passage(&self, needed: Bytes, before: Set, index: usize) -> Passage {
        let kernel = self.list[index].kernel;
        let (mut inside, outside) = (self.kernels(before), self.kernels(!before));
        inside.extend_from_slice(self.problem().predecessors.row(kernel as usize));
        Passage { culprit: (needed, kernel), inside, outside }
    }

    /// The walk to a set, read back from its end.
    fn sequence(&self, search: &Search, mut done: Set) -> Vec<(u32, Downset)> {
        let mut sequence = Vec::new();
        while let Some(&(_, last)) = search.known.get(&done) {
            done &= !(1 << last);
            let (_, downset) = &self.new[&(done, last)];
            sequence.push((self.list[last].kernel, downset.clone()));
        }
        sequence.reverse();
        sequence
    }
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

//! Echo's selective recomputation (Zheng et al., ISCA 2020; apache/mxnet pull request 18228).
//!
//! *What to run again* is found by a bidirectional dataflow analysis of the forward part. Light kernels that are connected, by
//! making what the other reads or by reading the same value, are a *region*: Echo grows it backwards from its results through
//! light kernels, and forward and back again where branches share a value, so that correlated branches decide together. At
//! first all of a region runs again, from the results of the heavy kernels around it. Then its frontier is peeled forward:
//!
//! ```text
//! frontier = kernels of the region whose operands are all made by heavy kernels, or by kernels that stay
//! group    = kernels of the frontier connected by shared operands
//! new      = bytes of the results of the group + of its operands that somebody outside the frontier reads
//! freed    = bytes of its operands that only the frontier reads
//! freed >= new: the group stays, its results are stashed instead of its operands
//! ```
//!
//! So the boundary between what is stashed and what runs again moves downstream as long as that stores no more. Readers are those
//! of the joint graph: the gradient of a matrix product does not read its result, so an operand of one that runs again costs
//! the product nothing (*layer-specific property*).
//!
//! *Whether it is worth it* is judged here by the exact peak. Echo adds up bytes, without time: it takes it that the stash is
//! what memory is full of. Here the analysis is a seed: a region is taken only if the peak of the schedule falls, else undone,
//! in rounds, since what one region frees may be what the next one lacks; what is left is tried all at once, for peaks that no
//! region alone takes down. And where Echo has one clone for all backward readers, which lives until the last of them, a clone
//! whose life stands in the peak is made again for the cluster of readers after it.
//!
//! Other differences. What the caller keeps takes no bytes, since it is in memory anyway. All regions are peeled in one pass
//! with counters, in place of restarts: a group is kept as a set in union-find with its sums.

use std::collections::BTreeSet;

use super::across::{drop_across, stash, turn};
use super::algorithm::Wanted;
use super::chain::Dead;
use super::moves::{Supply, gaps};
use super::problem::{Keeper, RecomputeProblem};
use super::runs::Runs;

/// Rounds over all regions that have not been taken.
const ROUNDS: u32 = 4;

/// What is accepted or undone as one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Grain {
    /// A region. In a network with residual connections there may be but one.
    Region,
    /// One value of a region at a time.
    Value,
}

/// The schedule in which regions run again as long as the peak falls, and less of it is `wanted`.
pub(super) fn echo(problem: &RecomputeProblem, grain: Grain, wanted: Wanted) -> Runs<'_> {
    let turn = turn(problem);
    let runs_again = decide(problem, turn);
    let mut left = regions(problem, turn, &runs_again);
    if grain == Grain::Value {
        left = left.concat().into_iter().map(|value| vec![value]).collect();
    }
    let mut runs = Runs::new(problem);
    for _ in 0..ROUNDS {
        let before = left.len();
        left.retain(|region| !wanted.goes_on(&runs) || !accept(&mut runs, turn, region, &runs_again, wanted));
        if left.len() == before || !wanted.goes_on(&runs) {
            break;
        }
    }
    if wanted.goes_on(&runs) {
        accept(&mut runs, turn, &left.concat(), &runs_again, wanted);
    }
    while wanted.goes_on(&runs) && split_a_cluster(&mut runs, turn, &runs_again, wanted) {}
    runs
}

/// Lets the kernels that make some values run again. Returns whether the peak fell; if not, nothing has changed.
fn accept(runs: &mut Runs<'_>, turn: u32, values: &[u32], runs_again: &[bool], wanted: Wanted) -> bool {
    let (mark, before, problem) = (runs.mark(), runs.peak(), runs.problem);
    let stays = |value: u32| problem.values[value as usize].writer.is_none_or(|writer| !runs_again[writer as usize]);
    drop_across(runs, turn, values, stays, |kernel| runs_again[kernel as usize]);
    let falls = runs.peak() < before && runs.cost <= wanted.most;
    if !falls {
        runs.undo_to(mark);
    }
    falls
}

/// Makes a clone's result again for its readers after the peak, if the peak falls. Returns whether it did.
fn split_a_cluster(runs: &mut Runs<'_>, turn: u32, runs_again: &[bool], wanted: Wanted) -> bool {
    let before = runs.peak();
    let Some(at) = runs.first_above(before - 1) else { return false };
    let problem = runs.problem;
    let stays = |value: u32| problem.values[value as usize].writer.is_none_or(|writer| !runs_again[writer as usize]);
    let is_split = |buffer: u32| !runs.is_first(buffer) && runs.birth(buffer).is_some_and(|birth| birth > turn);
    let mut across: Vec<_> =
        gaps(runs).into_iter().filter(|gap| gap.from < at && at < gap.to && is_split(gap.buffer)).collect();
    across.sort_by_key(|gap| (std::cmp::Reverse(runs.size(gap.buffer)), gap.buffer));
    for gap in across {
        let chain = gap.chain(runs, |Dead { value, .. }| stays(value));
        let Some(chain) = chain.filter(|chain| chain.kernels.iter().all(|&kernel| runs_again[kernel as usize])) else {
            continue;
        };
        let mark = runs.mark();
        gap.close(runs, &Supply::Chain(chain));
        if runs.peak() < before && runs.cost <= wanted.most {
            return true;
        }
        runs.undo_to(mark);
    }
    false
}

/// Kernel -> whether Echo's analysis has it run again.
pub(super) fn decide(problem: &RecomputeProblem, turn: u32) -> Vec<bool> {
    let mut peeling = Peeling::new(problem, turn);
    for kernel in 0..problem.kernels.len() as u32 {
        if peeling.undecided[kernel as usize] && peeling.waits_for[kernel as usize] == 0 {
            peeling.join(kernel);
        }
    }
    while let Some(group) = peeling.changed.pop_first() {
        if peeling.groups[group as usize].freed >= peeling.groups[group as usize].new {
            peeling.let_stay(group);
        }
    }
    peeling.undecided
}

/// Kernels of the frontier that are connected by what they read.
#[derive(Clone, Default)]
struct Group {
    kernels: Vec<u32>,
    new: u64,
    freed: u64,
}

struct Peeling<'p> {
    problem: &'p RecomputeProblem,
    readers: memopt::plan::Csr,
    /// Kernel -> whether it is light, of the forward part, and does not stay.
    undecided: Vec<bool>,
    /// Kernel -> number of undecided kernels that make its operands, once for each operand.
    waits_for: Vec<u32>,
    /// Value -> the kernel of the frontier that read it first: it stands for the group.
    read_by: Vec<Option<u32>>,
    /// Value -> how many kernels of the frontier read it.
    count: Vec<u32>,
    /// Kernel -> a kernel of the same group that joined it, itself for the root.
    parents: Vec<u32>,
    /// By root.
    groups: Vec<Group>,
    /// Roots of groups that have not been judged as they are.
    changed: BTreeSet<u32>,
}

impl<'p> Peeling<'p> {
    fn new(problem: &'p RecomputeProblem, turn: u32) -> Peeling<'p> {
        let count = problem.kernels.len();
        let undecided: Vec<bool> = may_run_again(problem, turn);
        let waits = |kernel: usize| {
            let makers = problem.reads.row(kernel).iter().filter_map(|&value| problem.values[value as usize].writer);
            makers.filter(|&maker| undecided[maker as usize]).count() as u32
        };
        Peeling {
            problem,
            readers: problem.reads.transposed(problem.values.len()),
            waits_for: (0..count).map(waits).collect(),
            undecided,
            read_by: vec![None; problem.values.len()],
            count: vec![0; problem.values.len()],
            parents: (0..count as u32).collect(),
            groups: vec![Group::default(); count],
            changed: BTreeSet::new(),
        }
    }

    fn root(&mut self, mut kernel: u32) -> u32 {
        while self.parents[kernel as usize] != kernel {
            self.parents[kernel as usize] = self.parents[self.parents[kernel as usize] as usize];
            kernel = self.parents[kernel as usize];
        }
        kernel
    }

    /// A kernel joins the frontier.
    fn join(&mut self, kernel: u32) {
        let problem = self.problem;
        let results =
            problem.writes.row(kernel as usize).iter().filter(|&&value| !self.readers.row(value as usize).is_empty());
        let made = results.map(|&value| bytes(problem, value)).sum();
        self.groups[kernel as usize] = Group { kernels: vec![kernel], new: made, freed: 0 };
        let mut root = kernel;
        for &operand in problem.reads.row(kernel as usize) {
            let size = bytes(problem, operand);
            match self.read_by[operand as usize] {
                Some(other) => root = self.merge(root, other),
                None => {
                    self.read_by[operand as usize] = Some(kernel);
                    self.groups[root as usize].new += size;
                }
            }
            self.count[operand as usize] += 1;
            if self.count[operand as usize] as usize == self.readers.row(operand as usize).len() {
                self.groups[root as usize].new -= size;
                self.groups[root as usize].freed += size;
            }
        }
        self.changed.insert(root);
    }

    /// Two groups become one.
    fn merge(&mut self, one: u32, other: u32) -> u32 {
        let (one, other) = (self.root(one), self.root(other));
        if one == other {
            return one;
        }
        let is_larger = self.groups[one as usize].kernels.len() >= self.groups[other as usize].kernels.len();
        let (large, small) = if is_larger { (one, other) } else { (other, one) };
        let group = std::mem::take(&mut self.groups[small as usize]);
        self.parents[small as usize] = large;
        self.changed.remove(&small);
        self.groups[large as usize].kernels.extend(group.kernels);
        self.groups[large as usize].new += group.new;
        self.groups[large as usize].freed += group.freed;
        large
    }

    /// A group stays; kernels that read what it makes may join the frontier.
    fn let_stay(&mut self, group: u32) {
        let problem = self.problem;
        let kernels = std::mem::take(&mut self.groups[group as usize]).kernels;
        for &kernel in &kernels {
            self.undecided[kernel as usize] = false;
            for &operand in problem.reads.row(kernel as usize) {
                (self.read_by[operand as usize], self.count[operand as usize]) = (None, 0);
            }
        }
        let mut ready = Vec::new();
        for &value in kernels.iter().flat_map(|&kernel| problem.writes.row(kernel as usize)) {
            for &reader in self.readers.row(value as usize) {
                self.waits_for[reader as usize] -= 1;
                if self.waits_for[reader as usize] == 0 && self.undecided[reader as usize] {
                    ready.push(reader);
                }
            }
        }
        ready.into_iter().for_each(|kernel| self.join(kernel));
    }
}

/// Kernel -> whether it is of the forward part, light, and can run again without a kernel that is not.
fn may_run_again(problem: &RecomputeProblem, turn: u32) -> Vec<bool> {
    let mut may = vec![false; problem.kernels.len()];
    for (kernel, facts) in problem.kernels.iter().enumerate().take(turn as usize + 1) {
        let mut updated = problem.writes.row(kernel).iter().filter_map(|&value| problem.values[value as usize].updates);
        // What it overwrites has to be made again for each clone.
        let can_update = |value: u32| problem.values[value as usize].writer.is_some_and(|writer| may[writer as usize]);
        may[kernel] = facts.repeatable && facts.is_light && updated.all(can_update);
    }
    may
}

/// Bytes of the arena that keeping a value takes.
fn bytes(problem: &RecomputeProblem, value: u32) -> u64 {
    let facts = &problem.values[value as usize];
    let counts = facts.writer.is_some() && facts.keeper == Keeper::Readers;
    if counts { facts.size.0 } else { 0 }
}

/// What the backward part reads of the kernels that run again, by region, the one with most bytes first.
fn regions(problem: &RecomputeProblem, turn: u32, runs_again: &[bool]) -> Vec<Vec<u32>> {
    let mut parents: Vec<u32> = (0..problem.kernels.len() as u32).collect();
    fn root(parents: &mut [u32], mut kernel: u32) -> u32 {
        while parents[kernel as usize] != kernel {
            parents[kernel as usize] = parents[parents[kernel as usize] as usize];
            kernel = parents[kernel as usize];
        }
        kernel
    }
    let readers = problem.reads.transposed(problem.values.len());
    for (value, facts) in problem.values.iter().enumerate().filter(|(_, facts)| facts.writer.is_some()) {
        let ends = readers.row(value).iter().copied().chain(facts.writer);
        let mut ends = ends.filter(|&kernel| runs_again[kernel as usize]);
        if let Some(first) = ends.next() {
            for other in ends {
                let (one, other) = (root(&mut parents, first), root(&mut parents, other));
                parents[one.max(other) as usize] = one.min(other);
            }
        }
    }
    let mut regions: Vec<Vec<u32>> = vec![Vec::new(); problem.kernels.len()];
    for value in stash(problem, turn) {
        if let Some(writer) = problem.values[value as usize].writer.filter(|&writer| runs_again[writer as usize]) {
            regions[root(&mut parents, writer) as usize].push(value);
        }
    }
    regions.retain(|region| !region.is_empty());
    let total = |region: &[u32]| region.iter().map(|&value| bytes(problem, value)).sum::<u64>();
    regions.sort_by_key(|region| (std::cmp::Reverse(total(region)), region[0]));
    regions
}

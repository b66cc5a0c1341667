//! Kernels that some optimal order runs one right after the other: the exact reductions.
//!
//! *Group*: kernels in the order in which they run, nothing between them. At first each kernel is one. *Level*: live bytes,
//! counted from those live before the group. *Rise*: the highest level inside it; *net*: the level after it. Both depend on
//! what has run before, so that each has two values: `most` counts as freed only what is surely dead, `least` all that may
//! be. Ties do not change nets (the operand's bytes are freed or live on in the result), and can only lower a rise.
//!
//! Two rules join groups; each keeps an optimal order, by an argument of exchange:
//! - *Shrinking groups run at once.* All predecessors of K are A or ancestors of A, K's net is at most 0, and K rises no
//!   higher above the level after A than A itself did. Take an optimal order and move K to right after A: between the two
//!   places K's net is at most 0, so nothing rises, ties that need K's operands dead come earlier, and K's own steps stay
//!   below those of A.
//! - *Growing groups wait.* The same backward in time: all successors of K are Y or descendants of Y, K's net is at least 0,
//!   and K falls no deeper from its highest step to its end than Y rises. Moved to right before Y, K's bytes are live for
//!   fewer steps, and its own steps stay below those of Y.
//!
//! This is what Sethi-Ullman numbering does for trees and Liu's merging for hills and valleys ("An application of
//! generalized tree pebbling to sparse matrix factorization", 1987), restricted to where the graph, shared buffers and ties
//! leave no doubt. On training steps it joins each weight update to its gradient and the forward pass to a few groups.
//!
//! Each round decides by the reachability at its start, which later joins only extend; a group that others join keeps its
//! place in that round. Rounds end when nothing joins: a chain of n kernels takes about log n of them.

use memopt::analysis::stable_order;
use memopt::plan::{Csr, OrderProblem};

use super::flat::{Flat, Reach};

/// Rounds of joins at most. A group that is left alone is no mistake, only a larger program.
const ROUNDS: usize = 64;

/// A partition of the kernels into groups, and the graph of the groups.
pub(in crate::schedule) struct Groups {
    /// The kernels of each group, first to last. Groups are numbered in a topological order, near program order.
    pub(super) members: Vec<Vec<u32>>,
    /// The group of each kernel.
    pub(super) of: Vec<u32>,
    pub(super) predecessors: Csr,
    pub(super) successors: Csr,
    pub(in crate::schedule) reach: Reach,
}

impl Groups {
    /// Each kernel alone.
    pub(in crate::schedule) fn singles(problem: &OrderProblem) -> Option<Groups> {
        Groups::new(problem, (0..problem.kernels() as u32).map(|kernel| vec![kernel]).collect())
    }

    /// As few groups as the two rules make.
    pub(super) fn joined(problem: &OrderProblem, flat: &Flat, mut groups: Groups) -> Option<Groups> {
        for _ in 0..ROUNDS {
            let Some(members) = round(flat, &groups) else { break };
            groups = Groups::new(problem, members)?;
        }
        Some(groups)
    }

    /// The graph of a partition; `None` if it has a cycle or too many groups.
    fn new(problem: &OrderProblem, mut members: Vec<Vec<u32>>) -> Option<Groups> {
        // Numbers near program order: a group stands where its last kernel does.
        members.sort_by_key(|kernels| kernels.iter().copied().max());
        let (_, successors) = graph(problem, &members);
        let order = stable_order(&successors.transposed(members.len()), &successors);
        if order.len() < members.len() {
            return None;
        }
        let members: Vec<_> = order.iter().map(|&group| std::mem::take(&mut members[group as usize])).collect();
        let (of, successors) = graph(problem, &members);
        let order: Vec<u32> = (0..members.len() as u32).collect();
        let reach = Reach::new(&successors.transposed(members.len()), &successors, &order)?;
        let successors = reduced(&successors, &reach);
        let predecessors = successors.transposed(members.len());
        Some(Groups { members, of, predecessors, successors, reach })
    }

    /// The runs of groups that no group outside has an open order with; one after the other, they are all groups.
    pub(super) fn components(&self) -> Vec<std::ops::Range<u32>> {
        let groups = self.len() as u32;
        let (mut runs, mut start, mut end) = (Vec::new(), 0, 0);
        for group in 0..groups {
            let last = (group..groups).rev().find(|&other| self.reach.is_open(group, other));
            end = end.max(last.unwrap_or(group));
            if end == group {
                runs.push(start..group + 1);
                start = group + 1;
            }
        }
        runs
    }

    /// Number of groups.
    pub(in crate::schedule) fn len(&self) -> usize {
        self.members.len()
    }
}

/// The group of each kernel, and the edges between groups.
fn graph(problem: &OrderProblem, members: &[Vec<u32>]) -> (Vec<u32>, Csr) {
    let mut of = vec![0; problem.kernels()];
    for (group, kernels) in members.iter().enumerate() {
        kernels.iter().for_each(|&kernel| of[kernel as usize] = group as u32);
    }
    let edges = (0..problem.kernels()).flat_map(|k| problem.successors.row(k).iter().map(move |&s| (k, s)));
    let between = edges.map(|(k, s)| (of[k], of[s as usize])).filter(|(from, to)| from != to);
    let mut between: Vec<(u32, u32)> = between.collect();
    between.sort_unstable();
    between.dedup();
    let successors = Csr::from_pairs(members.len(), &between);
    (of, successors)
}

/// Without the edges that a path of others implies: transitive reduction.
fn reduced(successors: &Csr, reach: &Reach) -> Csr {
    let mut edges = Vec::with_capacity(successors.len());
    for group in 0..successors.rows() {
        let row = successors.row(group);
        let is_implied = |to: u32| row.iter().any(|&over| reach.before(over, to));
        edges.extend(row.iter().filter(|&&to| !is_implied(to)).map(|&to| (group as u32, to)));
    }
    Csr::from_pairs(successors.rows(), &edges)
}

/// Levels of a group.
struct Profile {
    rise: i64,
    net: i64,
    least_rise: i64,
    least_net: i64,
}

/// The groups after one round of joins; `None` if nothing joins.
fn round(flat: &Flat, groups: &Groups) -> Option<Vec<Vec<u32>>> {
    let mut last = vec![0; flat.buffers.len()];
    let profiles = (0..groups.len() as u32).map(|group| profile(flat, groups, group, &mut last));
    let profiles: Vec<Profile> = profiles.collect();
    let mut joins = Joins::new(groups.len());
    for group in 0..groups.len() as u32 {
        let own = &profiles[group as usize];
        // Groups are numbered topologically: the last predecessor is the only one that can follow all the others.
        let last = groups.predecessors.row(group as usize).iter().copied().max();
        if let Some(after) = last.filter(|_| own.net <= 0)
            && groups.predecessors.row(group as usize).iter().all(|&p| p == after || groups.reach.before(p, after))
            && own.rise <= profiles[after as usize].rise - profiles[after as usize].net
        {
            joins.behind(group, after);
        }
    }
    for group in (0..groups.len() as u32).rev() {
        let own = &profiles[group as usize];
        let first = groups.successors.row(group as usize).iter().copied().min();
        if let Some(before) = first.filter(|_| own.least_net >= 0)
            && groups.successors.row(group as usize).iter().all(|&s| s == before || groups.reach.before(before, s))
            && own.rise - own.least_net <= profiles[before as usize].least_rise
        {
            joins.in_front(group, before);
        }
    }
    joins.any.then(|| joins.apply(groups))
}

/// The joins of one round: a group joins another, or is joined, not both.
struct Joins {
    any: bool,
    joins: Vec<bool>,
    front: Vec<Vec<u32>>,
    back: Vec<Vec<u32>>,
}

impl Joins {
    fn new(groups: usize) -> Joins {
        Joins {
            any: false,
            joins: vec![false; groups],
            front: vec![Vec::new(); groups],
            back: vec![Vec::new(); groups],
        }
    }

    fn may_join(&self, group: u32, to: u32) -> bool {
        let g = group as usize;
        !self.joins[g] && !self.joins[to as usize] && self.front[g].is_empty() && self.back[g].is_empty()
    }

    fn behind(&mut self, group: u32, after: u32) {
        if self.may_join(group, after) {
            self.back[after as usize].push(group);
            (self.joins[group as usize], self.any) = (true, true);
        }
    }

    fn in_front(&mut self, group: u32, before: u32) {
        if self.may_join(group, before) {
            self.front[before as usize].push(group);
            (self.joins[group as usize], self.any) = (true, true);
        }
    }

    fn apply(&self, groups: &Groups) -> Vec<Vec<u32>> {
        let kept = (0..groups.len() as u32).filter(|&group| !self.joins[group as usize]);
        let all = kept.map(|group| {
            // Those in front were found last to first.
            let (front, back) = (&self.front[group as usize], &self.back[group as usize]);
            let parts = front.iter().rev().chain(std::iter::once(&group)).chain(back);
            parts.flat_map(|&part| &groups.members[part as usize]).copied().collect()
        });
        all.collect()
    }
}

/// Walks a group. `last` is scratch space, one entry for each buffer.
fn profile(flat: &Flat, groups: &Groups, group: u32, last: &mut [u32]) -> Profile {
    let mut levels = Profile { rise: i64::MIN, net: 0, least_rise: i64::MIN, least_net: 0 };
    let members = &groups.members[group as usize];
    for (step, &kernel) in members.iter().enumerate() {
        flat.touched(kernel).for_each(|b| last[b as usize] = step as u32);
    }
    for (step, &kernel) in members.iter().enumerate() {
        let (k, workspace) = (kernel as usize, flat.workspace[kernel as usize] as i64);
        let written: i64 = flat.writes.row(k).iter().map(|&b| flat.buffers[b as usize].size as i64).sum();
        let mut tied = 0;
        let mut result = None;
        for tie in flat.ties_of(kernel) {
            tied += if result == Some(tie.result) { 0 } else { tie.size as i64 };
            result = Some(tie.result);
        }
        levels.net += written;
        levels.least_net += written;
        levels.rise = levels.rise.max(levels.net + workspace);
        levels.least_rise = levels.least_rise.max(levels.least_net - tied + workspace);
        for b in flat.touched(kernel) {
            let buffer = &flat.buffers[b as usize];
            let outside = || buffer.readers.iter().map(|&reader| groups.of[reader as usize]).filter(|&g| g != group);
            if buffer.until_end || last[b as usize] > step as u32 {
                continue;
            }
            if outside().all(|reader| groups.reach.before(reader, group)) {
                levels.net -= buffer.size as i64;
            }
            if !outside().any(|reader| groups.reach.before(group, reader)) {
                levels.least_net -= buffer.size as i64;
            }
        }
    }
    levels
}

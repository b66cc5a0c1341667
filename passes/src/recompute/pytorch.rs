//! PyTorch's rule: the minimum cut partitioner of AOTAutograd (`torch/_functorch/partitioners.py`, torch 2.x), with
//! `activation_memory_budget`.
//!
//! What the backward part needs of the forward part is either saved or computed again, so that little has to be saved:
//!
//! ```text
//! SOURCE -> in(v)              unlimited   v is an argument, or its kernel is banned from running again
//! in(v)  -> out(v)             weight(v)   cut: v is saved; nothing for what is in memory anyway
//! out(operand) -> in(result)   unlimited
//! out(v) -> SINK               unlimited   a backward kernel reads v
//! ```
//!
//! `weight(v) = bytes * 1.1^clamp(distance to the backward part, 1, 100)`, twice that unless some reader of `v` cannot be fused
//! with its kernel: saving it costs a write that fusion would have saved. Two kernels can be fused if both are light.
//!
//! *Bans*: kernels that are not light or may not repeat; whose results are four times smaller than their operands; that a
//! backward kernel reads without fusion; whose operand is used by them after a reader that cannot be fused with it (*used far
//! apart*); at the end of *long fusible chains*.
//!
//! *Budget*, a share of the bytes that this rule saves: at 1 the rule as it is. Below, the last three bans are lifted. If that is
//! not enough, the banned kernels that could be repeated are a 0/1 knapsack: those stay banned whose results fit into the
//! budget and take longest to compute again; the others are free. At 0 nothing is saved but arguments. PyTorch asks for that
//! share; here the shares 1, 0.95 ... 0 are tried, and judged by the exact peak of the order with clones right before their
//! first backward readers.
//!
//! Differences. Forward ends at the [turn](super::across::turn) instead of the gradient's first kernel. Kernels are operations
//! of the program as it is, where PyTorch decomposes and functionalises; a value overwritten before the turn cannot be saved.
//! Views are part of what they view. The allowlist of operations is "light or can be repeated", so the two less careful
//! settings of PyTorch that differ by it are one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use memopt::analysis::{Network, UNLIMITED};

use super::across::{drop_across, stash, turn};
use super::problem::{Keeper, RecomputeProblem};
use super::runs::Runs;

/// Shares of the saved bytes: this many below 1.
const SHARES: u32 = 20;

/// Parts that the knapsack divides the bytes into.
const PARTS: usize = 1000;

/// Kernels ahead after which a chain is long.
const LONG: u32 = 100;

/// Hands the schedules for falling budgets to `consider`, until that says that it has had enough. Each arc that is looked at
/// costs one unit of work.
pub(super) fn pytorch<'p>(problem: &'p RecomputeProblem, work: &mut u64, mut consider: impl FnMut(Runs<'p>) -> bool) {
    let rule = Rule::new(problem);
    let careful = rule.bans(&|_| true);
    let Some(saved) = rule.cut(&careful, work) else { return };
    if consider(rule.apply(&saved)) {
        return;
    }
    let most = rule.bytes(&saved);
    let bold = rule.bans(&|ban| matches!(ban, Ban::Heavy | Ban::Reduction));
    let Some(boldly_saved) = rule.cut(&bold, work) else { return };
    let bold_bytes = rule.bytes(&boldly_saved);
    let mut is_bold_known = false;
    for part in (0..SHARES).rev() {
        let budget = most / u64::from(SHARES) * u64::from(part);
        let is_enough = if part > 0 && bold_bytes <= budget {
            if std::mem::replace(&mut is_bold_known, true) {
                continue;
            }
            consider(rule.apply(&boldly_saved))
        } else {
            let banned = if part == 0 { rule.forced() } else { rule.knapsack(&bold, most, budget) };
            let Some(saved) = rule.cut(&banned, work) else { return };
            consider(rule.apply(&saved))
        };
        if is_enough {
            return;
        }
    }
}

/// Why a kernel is not computed again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ban {
    Heavy,
    Reduction,
    ReadUnfused,
    UsedFarApart,
    EndOfChain,
}

struct Rule<'p> {
    problem: &'p RecomputeProblem,
    turn: u32,
    readers: memopt::plan::Csr,
    /// Kernel -> how many kernels lie between it and the backward part; `u32::MAX`: it does not lead there.
    distances: Vec<u32>,
}

impl<'p> Rule<'p> {
    fn new(problem: &'p RecomputeProblem) -> Rule<'p> {
        let turn = turn(problem);
        let readers = problem.reads.transposed(problem.values.len());
        let mut distances = vec![0; problem.kernels.len()];
        for kernel in (0..problem.kernels.len().min(turn as usize + 1) as u32).rev() {
            let results = problem.writes.row(kernel as usize).iter();
            let users = results.flat_map(|&value| readers.row(value as usize));
            let nearest = users.map(|&user| distances[user as usize]).min();
            distances[kernel as usize] = nearest.map_or(u32::MAX, |nearest: u32| nearest.saturating_add(1));
        }
        Rule { problem, turn, readers, distances }
    }

    /// The kernels of the forward part.
    fn forward(&self) -> std::ops::Range<u32> {
        0..self.problem.kernels.len().min(self.turn as usize + 1) as u32
    }

    fn is_light(&self, kernel: u32) -> bool {
        self.problem.kernels[kernel as usize].is_light
    }

    /// Kernels of the forward part that read a result of one.
    fn forward_users(&self, kernel: u32) -> impl Iterator<Item = u32> + '_ {
        self.users(kernel).filter(|&user| user <= self.turn)
    }

    fn users(&self, kernel: u32) -> impl Iterator<Item = u32> + '_ {
        let results = self.problem.writes.row(kernel as usize).iter();
        results.flat_map(|&value| self.readers.row(value as usize)).copied()
    }

    /// Bytes that saving a value takes.
    fn size(&self, value: u32) -> u64 {
        let facts = &self.problem.values[value as usize];
        let counts = facts.writer.is_some() && facts.keeper == Keeper::Readers;
        if counts { facts.size.0 } else { 0 }
    }

    /// Kernels that must not run again.
    fn forced(&self) -> Vec<bool> {
        self.problem.kernels.iter().map(|kernel| !kernel.repeatable).collect()
    }

    /// Kernels banned for one of the reasons that `holds`.
    fn bans(&self, holds: &dyn Fn(Ban) -> bool) -> Vec<bool> {
        let problem = self.problem;
        let mut banned = self.forced();
        for kernel in self.forward() {
            let read: u64 = problem.reads.row(kernel as usize).iter().map(|&v| problem.values[v as usize].size.0).sum();
            let made: u64 =
                problem.writes.row(kernel as usize).iter().map(|&v| problem.values[v as usize].size.0).sum();
            let is_light = self.is_light(kernel);
            let is_unfused = |user: u32| user > self.turn && !(is_light && self.is_light(user));
            banned[kernel as usize] |= holds(Ban::Heavy) && !is_light
                || holds(Ban::Reduction) && made.saturating_mul(4) < read
                || holds(Ban::ReadUnfused) && self.users(kernel).any(is_unfused);
        }
        if holds(Ban::UsedFarApart) {
            self.ban_used_far_apart(&mut banned);
        }
        if holds(Ban::EndOfChain) {
            self.ban_ends_of_chains(&mut banned);
        }
        banned
    }

    /// Readers that could be fused with a kernel, but come after one of the kernel's chain of readers that cannot be fused.
    fn ban_used_far_apart(&self, banned: &mut [bool]) {
        for kernel in self.forward().filter(|&kernel| self.is_light(kernel)) {
            let first_unfusible = self.first_unfusible(kernel);
            for user in self.forward_users(kernel).filter(|&user| user > first_unfusible && self.is_light(user)) {
                banned[user as usize] = true;
            }
        }
    }

    /// The first kernel, up to the last reader of `kernel`, that reads without fusion what fusion with `kernel` would make.
    fn first_unfusible(&self, kernel: u32) -> u32 {
        let Some(last) = self.forward_users(kernel).max() else { return u32::MAX };
        // Kernels by order, with whether they are fused.
        let mut heap: BinaryHeap<(Reverse<u32>, bool)> =
            self.forward_users(kernel).map(|user| (Reverse(user), true)).collect();
        let mut before = kernel;
        while let Some((Reverse(user), is_fused)) = heap.pop() {
            if !is_fused {
                return user;
            }
            // A chain longer than that is broken by the other ban.
            if std::mem::replace(&mut before, user) == user || user > kernel + LONG {
                continue;
            }
            let next = self.forward_users(user).filter(|&next| next <= last);
            heap.extend(next.map(|next| (Reverse(next), self.is_light(user) && self.is_light(next))));
        }
        u32::MAX
    }

    /// From each kernel on, the first fusible one more than [`LONG`] ahead with which the frontier of the chain ends.
    fn ban_ends_of_chains(&self, banned: &mut [bool]) {
        let mut is_visited = vec![false; self.problem.kernels.len()];
        for start in self.forward() {
            let mut heap = BinaryHeap::from([Reverse(start)]);
            while let Some(Reverse(kernel)) = heap.pop() {
                if std::mem::replace(&mut is_visited[kernel as usize], true) {
                    continue;
                }
                if kernel > start + LONG && heap.is_empty() {
                    banned[kernel as usize] = true;
                    break;
                }
                let fused = |&user: &u32| self.is_light(kernel) && self.is_light(user) && !banned[user as usize];
                heap.extend(self.forward_users(kernel).filter(fused).map(Reverse));
            }
        }
    }

    /// Value -> whether it is saved. `None` where the work is done, or there is no way.
    fn cut(&self, banned: &[bool], work: &mut u64) -> Option<Vec<bool>> {
        const SOURCE: u32 = 0;
        const SINK: u32 = 1;
        let problem = self.problem;
        let (enters, leaves) = (|value: u32| 2 + 2 * value, |value: u32| 3 + 2 * value);
        let weights: Vec<f64> = (0..problem.values.len() as u32).map(|value| self.weight(value)).collect();
        let scale = (UNLIMITED / 4) as f64 / weights.iter().sum::<f64>().max(1.0);
        let mut network = Network::new();
        for (value, facts) in problem.values.iter().enumerate() {
            let (number, writer) = (value as u32, facts.writer);
            if writer.is_some_and(|writer| writer > self.turn) {
                continue;
            }
            let is_gone = facts.overwritten_by.is_some_and(|by| by <= self.turn);
            network.arc(
                enters(number),
                leaves(number),
                if is_gone { UNLIMITED } else { (weights[value] * scale) as u64 },
            );
            match writer {
                Some(writer) if !banned[writer as usize] => {
                    for &operand in problem.reads.row(writer as usize) {
                        network.arc(leaves(operand), enters(number), UNLIMITED);
                    }
                }
                _ => network.arc(SOURCE, enters(number), UNLIMITED),
            }
            if !is_gone && self.readers.row(value).iter().any(|&reader| reader > self.turn) {
                network.arc(leaves(number), SINK, UNLIMITED);
            }
        }
        network.build(2 + 2 * problem.values.len());
        network.max_flow(SOURCE, SINK, work).ok()?;
        let side = network.source_side(SOURCE);
        let is_saved = |value: u32| side[enters(value) as usize] && !side[leaves(value) as usize];
        Some((0..problem.values.len() as u32).map(is_saved).collect())
    }

    fn weight(&self, value: u32) -> f64 {
        let Some(writer) = self.problem.values[value as usize].writer else { return 0.0 };
        let distance = self.distances[writer as usize].clamp(1, 100);
        let is_fused = |&reader: &u32| self.is_light(writer) && self.is_light(reader);
        let unwritten = if self.readers.row(value as usize).iter().all(is_fused) { 2.0 } else { 1.0 };
        self.size(value) as f64 * 1.1f64.powi(distance as i32) * unwritten
    }

    fn bytes(&self, saved: &[bool]) -> u64 {
        (0..saved.len() as u32).filter(|&value| saved[value as usize]).map(|value| self.size(value)).sum()
    }

    /// The bans that stay for so many saved bytes out of `most`: those of kernels that take longest to run again.
    fn knapsack(&self, banned: &[bool], most: u64, budget: u64) -> Vec<bool> {
        let kernels = &self.problem.kernels;
        let items = self.forward().filter(|&kernel| banned[kernel as usize]);
        let items: Vec<u32> = items.filter(|&kernel| kernels[kernel as usize].repeatable).collect();
        let bytes = |kernel: u32| self.problem.writes.row(kernel as usize).iter().map(|&v| self.size(v)).sum::<u64>();
        let parts = |bytes: u64| (bytes as f64 / most.max(1) as f64 * PARTS as f64).ceil() as usize;
        let room = (budget as f64 / most.max(1) as f64 * PARTS as f64) as usize;
        let mut best = vec![0u64; room + 1];
        // Item -> room -> whether it is taken there.
        let mut taken = vec![false; items.len() * (room + 1)];
        for (item, &kernel) in items.iter().enumerate() {
            let (need, worth) = (parts(bytes(kernel)), kernels[kernel as usize].cost);
            for at in (need..=room).rev() {
                if best[at - need] + worth > best[at] {
                    best[at] = best[at - need] + worth;
                    taken[item * (room + 1) + at] = true;
                }
            }
        }
        let mut bans = self.forced();
        let mut at = room;
        for (item, &kernel) in items.iter().enumerate().rev() {
            if taken[item * (room + 1) + at] {
                bans[kernel as usize] = true;
                at -= parts(bytes(kernel));
            }
        }
        bans
    }

    /// The schedule in which everything of the stash that is not saved is made again.
    fn apply(&self, saved: &[bool]) -> Runs<'p> {
        let mut runs = Runs::new(self.problem);
        let stash = stash(self.problem, self.turn).into_iter();
        let dropped: Vec<u32> = stash.filter(|&value| !saved[value as usize]).collect();
        drop_across(&mut runs, self.turn, &dropped, |value| saved[value as usize], |_| true);
        runs
    }
}

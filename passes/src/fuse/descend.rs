//! Descent: decisions are taken back, or made after all, one at a time, where that lowers the weighted bytes of all steps.
//!
//! A round looks at each value once, when those that read it are still to be decided. Here every value is looked at where all
//! others are decided, and so values are found that are worth it only together with others, or no longer. What a change does
//! is exact but for in-place ties: the last step of what a value reads follows from its readers, and is found again for those
//! values alone whose readers change.

use std::collections::BinaryHeap;

use memopt::dialect::Virtual;

use super::problem::{FuseProblem, Fusible};
use super::profile::Profile;
use super::round::{Taste, Weights, always, kind_of, limit_trees, repeated};
use super::tree::Trees;

/// Takes the changes of single values that lower the weighted bytes, until none does or the work is done.
pub(super) fn descend(
    trees: &mut Trees<'_>,
    problem: &FuseProblem,
    (is_virtual, profile): (&[bool], &Profile),
    taste: Taste,
    work: u64,
) -> Vec<bool> {
    let weights = Weights::of(profile, taste.exponent);
    let price = taste.price * profile.peak as f64 * weights.total() / problem.total_flops().max(1) as f64;
    let mut descent = Descent::new(problem, weights, is_virtual.to_vec());
    let values: Vec<u32> = problem.ops.iter().filter_map(|op| op.makes).collect();
    for pass in 0..PASSES {
        let mut changed = false;
        for at in 0..values.len() {
            // Readers first, then what is read first, in turns.
            let value = values[if pass % 2 == 0 { values.len() - 1 - at } else { at }];
            if trees.work > work {
                break;
            }
            changed |= descent.visit(trees, value, taste.cap, price);
        }
        if !changed {
            break;
        }
    }
    limit_trees(problem, &mut descent.is_virtual, taste.cap);
    descent.is_virtual
}

/// Times that all values are looked at.
const PASSES: usize = 4;

struct Descent<'p> {
    problem: &'p FuseProblem,
    weights: Weights,
    is_virtual: Vec<bool>,
    kinds: Vec<Option<Virtual>>,
    /// Value -> the last step that reads it; the step of its operation where none does.
    ends: Vec<u32>,
    /// The ends before the change that is being tried.
    before: Vec<(u32, u32)>,
}

impl<'p> Descent<'p> {
    fn new(problem: &'p FuseProblem, weights: Weights, is_virtual: Vec<bool>) -> Descent<'p> {
        let (kinds, before) = (vec![None; problem.values.len()], Vec::new());
        let ends = problem.values.iter().map(|value| value.writer.unwrap_or(0)).collect();
        let mut descent = Descent { problem, weights, is_virtual, kinds, ends, before };
        descent.find_kinds();
        for op in (0..problem.ops.len() as u32).rev() {
            let end = descent.end_of_op(op);
            for read in problem.reads_of(op) {
                let known = &mut descent.ends[read.value as usize];
                *known = (*known).max(end.unwrap_or(0));
            }
        }
        descent
    }

    fn find_kinds(&mut self) {
        for op in 0..self.problem.ops.len() as u32 {
            let Some(value) = self.problem.ops[op as usize].makes else { continue };
            self.kinds[value as usize] = match self.problem.values[value as usize].fusible {
                Fusible::May(own) if self.is_virtual[value as usize] => {
                    Some(kind_of(self.problem, op, own, &self.kinds))
                }
                fusible => always(fusible),
            };
        }
    }

    /// The last step at which what `op` reads is read: its own, or the last one of the value that it would make.
    fn end_of_op(&self, op: u32) -> Option<u32> {
        let of = &self.problem.ops[op as usize];
        match of.makes.filter(|&made| self.is_virtual[made as usize]) {
            Some(made) => Some(self.ends[made as usize]),
            None => of.runs.then_some(op),
        }
    }

    /// Changes a value if that is allowed and lowers the sum.
    fn visit(&mut self, trees: &mut Trees<'_>, value: u32, cap: usize, price: f64) -> bool {
        let facts = &self.problem.values[value as usize];
        let (Fusible::May(own), Some(buffer)) = (facts.fusible, facts.buffer) else { return false };
        let (writer, end) = (self.problem.maker(value), self.ends[value as usize]);
        let was_virtual = self.is_virtual[value as usize];
        if facts.stored || end == writer {
            return false;
        }
        let held = self.problem.buffers[buffer as usize].size.0 as f64 * self.weights.between(writer, end);
        trees.work += 4 + self.flip(value);
        let roots = self.change_of_roots();
        // What the change adds to the sum; flops have their price, and where nothing else speaks for either, fewer are better.
        let change = if was_virtual { roots + held } else { roots - held };
        let priced = |flops: u64| price * flops as f64;
        let is_better = match was_virtual {
            true if change < 0.0 => true,
            true if change > 0.0 && price == 0.0 => false,
            true => self.added(trees, value).is_some_and(|flops| flops > 0 && change <= priced(flops)),
            false => {
                change < 0.0
                    && self.is_legal(trees, value, own, cap)
                    && self.added(trees, value).is_some_and(|flops| change + priced(flops) < 0.0)
            }
        };
        if is_better {
            self.before.clear();
            self.find_kinds_from(value);
        } else {
            self.is_virtual[value as usize] = was_virtual;
            for (value, end) in std::mem::take(&mut self.before).into_iter().rev() {
                self.ends[value as usize] = end;
            }
        }
        is_better
    }

    /// Changes a value, and finds the ends of what that changes; how many reads that took.
    fn flip(&mut self, value: u32) -> u64 {
        let maker = self.problem.maker(value);
        let old = self.end_of_op(maker);
        self.is_virtual[value as usize] = !self.is_virtual[value as usize];
        let new = self.end_of_op(maker);
        // Values of which a reader ends elsewhere: before, and now. Of two values the one made later has its end first.
        let mut work: BinaryHeap<(u32, u32, u32)> = BinaryHeap::new();
        let ask = |work: &mut BinaryHeap<_>, op: u32, old: u32, new: u32| {
            work.extend(self.problem.reads_of(op).iter().map(|read| (read.value, old, new)));
        };
        ask(&mut work, maker, old.unwrap_or(0), new.unwrap_or(0));
        let mut reads = 0;
        while let Some((next, old, new)) = work.pop() {
            let before = self.ends[next as usize];
            let (mut lost, mut end) = (old == before && new < old, before.max(new));
            while let Some(&(_, old, new)) = work.peek().filter(|&&(value, _, _)| value == next) {
                (lost, end) = (lost || old == before && new < old, end.max(new));
                work.pop();
            }
            reads += 1;
            if lost && end == before {
                let readers = self.problem.readers.row(next as usize);
                reads += readers.len() as u64;
                let first = self.problem.values[next as usize].writer.unwrap_or(0);
                end = readers.iter().filter_map(|&op| self.end_of_op(op)).fold(first, u32::max);
            }
            if end != before {
                self.before.push((next, before));
                self.ends[next as usize] = end;
                if self.is_virtual[next as usize] {
                    ask(&mut work, self.problem.maker(next), before, end);
                }
            }
        }
        reads
    }

    /// What the new ends of values with bytes add to the sum.
    fn change_of_roots(&self) -> f64 {
        let of = |&(value, before): &(u32, u32)| {
            let buffer = self.problem.values[value as usize].buffer.filter(|_| !self.is_virtual[value as usize]);
            let Some(buffer) = buffer.map(|buffer| &self.problem.buffers[buffer as usize]) else { return 0.0 };
            if buffer.until_end {
                0.0
            } else {
                buffer.size.0 as f64 * self.weights.between(before, self.ends[value as usize])
            }
        };
        self.before.iter().map(of).sum()
    }

    /// Whether a value that was made virtual may be.
    fn is_legal(&self, trees: &mut Trees<'_>, value: u32, own: Virtual, cap: usize) -> bool {
        let kind = kind_of(self.problem, self.problem.maker(value), own, &self.kinds);
        if !trees.readers_compute(&self.is_virtual, value, kind) {
            return false;
        }
        trees.expand(&self.is_virtual, self.problem.maker(value));
        let end = self.ends[value as usize];
        let is_overwritten =
            |&root: &u32| self.problem.values[root as usize].overwritten.is_some_and(|step| step <= end);
        trees.roots.len() <= cap / 2 && !trees.roots.iter().any(is_overwritten)
    }

    /// The flops that a value adds where it is virtual; `None` if kernels would repeat too much.
    fn added(&mut self, trees: &mut Trees<'_>, value: u32) -> Option<u64> {
        let was = std::mem::replace(&mut self.is_virtual[value as usize], false);
        let maker = self.problem.maker(value);
        let flops = self.problem.ops[maker as usize].flops.saturating_add(trees.expand(&self.is_virtual, maker));
        let added = if flops > 0 { repeated(trees, self.problem, &mut self.is_virtual, value, flops) } else { Some(0) };
        self.is_virtual[value as usize] = was;
        added
    }

    /// Finds the kinds of a value that was changed, and of the virtual values that are made from it.
    fn find_kinds_from(&mut self, value: u32) {
        let mut work = vec![value];
        while let Some(value) = work.pop() {
            let Fusible::May(own) = self.problem.values[value as usize].fusible else { continue };
            let kind = kind_of(self.problem, self.problem.maker(value), own, &self.kinds);
            let kind = self.is_virtual[value as usize].then_some(kind);
            if kind != self.kinds[value as usize] {
                self.kinds[value as usize] = kind;
                let readers = self.problem.readers.row(value as usize).iter();
                let made = readers.filter_map(|&op| self.problem.ops[op as usize].makes);
                work.extend(made.filter(|&made| self.is_virtual[made as usize]));
            }
        }
    }
}

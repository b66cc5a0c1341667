//! A schedule with clones, under change.
//!
//! - A *run* is a kernel running once. The first runs are numbered as their kernels; clones follow.
//! - Step `k` is the first run of kernel `k` with the clones right before it, which run in the order of their kernels. One
//!   step holds at most one clone of a kernel. So clones never disturb each other's hazards: every run of a step comes after
//!   all that its kernel came after.
//! - A *buffer* is what one run makes of one value; first buffers are numbered as their values.
//!
//! The bytes of a step are those of buffers that live across it, in a [`Profile`], and the most that its own runs need on
//! top. Every change can be taken back.

use memopt::plan::Csr;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::problem::{Keeper, RecomputeProblem};
use super::profile::Profile;

/// The maker of a buffer that was there from the start.
pub(super) const NOBODY: u32 = u32::MAX;

/// A kernel running once.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) kernel: u32,
    pub(super) step: u32,
    /// The buffers that it reads, one for each of the kernel's values.
    pub(super) sources: SmallVec<[u32; 4]>,
    /// The buffers of its first value and of all others, in a row. First runs have first buffers instead.
    first_buffer: u32,
}

/// What one run makes of one value.
#[derive(Clone, Debug)]
pub(super) struct Buffer {
    pub(super) value: u32,
    /// A run, or [`NOBODY`].
    pub(super) maker: u32,
    /// Runs, in no order.
    pub(super) readers: SmallVec<[u32; 4]>,
    /// The step that it dies in: that of the last reader, the maker's own, or the number of steps where it is kept.
    pub(super) last: u32,
    size: i64,
}

/// A change, as it is taken back.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// A run read another buffer.
    Redirected { run: u32, operand: u32, from: u32 },
    /// A clone was not there.
    Added { run: u32 },
    /// A clone was there.
    Removed { run: u32 },
}

/// A moment to return to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark(usize);

/// A schedule with clones.
#[derive(Clone, Debug)]
pub(super) struct Runs<'p> {
    pub(super) problem: &'p RecomputeProblem,
    pub(super) runs: Vec<Run>,
    pub(super) buffers: Vec<Buffer>,
    /// Value -> buffers of clones.
    copies: Vec<SmallVec<[u32; 2]>>,
    /// Step -> clones before its first run, by kernel.
    clones: Vec<SmallVec<[u32; 2]>>,
    /// Value -> kernels that read it.
    readers: Csr,
    free_cost: f64,
    /// Added cost.
    pub(super) cost: u64,
    profile: Profile,
    /// Step -> what its own runs need on top of what lives across it.
    own: Vec<i64>,
    /// Steps whose own need has to be found again.
    stale: Vec<u32>,
    is_stale: Vec<bool>,
    changes: Vec<Change>,
}

impl<'p> Runs<'p> {
    /// The schedule without clones.
    pub(super) fn new(problem: &'p RecomputeProblem) -> Runs<'p> {
        let steps = problem.kernels.len();
        let run = |kernel: usize| Run {
            kernel: kernel as u32,
            step: kernel as u32,
            sources: problem.reads.row(kernel).into(),
            first_buffer: NOBODY,
        };
        let mut runs = Runs {
            problem,
            runs: (0..steps).map(run).collect(),
            buffers: Vec::with_capacity(problem.values.len()),
            copies: vec![SmallVec::new(); problem.values.len()],
            clones: vec![SmallVec::new(); steps],
            readers: problem.reads.transposed(problem.values.len()),
            free_cost: 1.0 + problem.total_cost() as f64 * 1e-6,
            cost: 0,
            profile: Profile::new(steps),
            own: vec![0; steps],
            stale: (0..steps as u32).collect(),
            is_stale: vec![true; steps],
            changes: Vec::new(),
        };
        for (value, facts) in problem.values.iter().enumerate() {
            let in_arena = facts.writer.is_some() && facts.keeper != Keeper::Caller;
            runs.buffers.push(Buffer {
                value: value as u32,
                maker: facts.writer.unwrap_or(NOBODY),
                readers: runs.readers.row(value).into(),
                last: 0,
                size: if in_arena { facts.size.0 as i64 } else { 0 },
            });
            runs.buffers[value].last = runs.last_step(value as u32);
            runs.count(value as u32, 1);
        }
        runs.refresh();
        runs
    }

    /// What a run costs at least where choices are weighed: a millionth of it all, so that nothing is for free.
    pub(super) fn free_cost(&self) -> f64 {
        self.free_cost
    }

    /// The kernels that read a value.
    pub(super) fn readers_of(&self, value: u32) -> &[u32] {
        self.readers.row(value as usize)
    }

    /// Number of steps.
    pub(super) fn steps(&self) -> usize {
        self.clones.len()
    }

    /// The buffers that a run makes, one for each value of its kernel.
    pub(super) fn made_by(&self, run: u32) -> impl Iterator<Item = u32> + '_ {
        let Run { kernel, first_buffer, .. } = self.runs[run as usize];
        let values = self.problem.writes.row(kernel as usize);
        values
            .iter()
            .enumerate()
            .map(move |(i, &value)| if first_buffer == NOBODY { value } else { first_buffer + i as u32 })
    }

    /// The clones right before the first run of a step, in the order in which they run.
    pub(super) fn clones(&self, step: u32) -> &[u32] {
        &self.clones[step as usize]
    }

    /// All clones there are.
    pub(super) fn all_clones(&self) -> impl Iterator<Item = u32> + '_ {
        self.clones.iter().flatten().copied()
    }

    /// The clone of a kernel in a step.
    pub(super) fn clone_in(&self, step: u32, kernel: u32) -> Option<u32> {
        self.clones[step as usize].iter().copied().find(|&run| self.runs[run as usize].kernel == kernel)
    }

    /// The buffers of a value, the first one first; removed ones have no readers.
    pub(super) fn buffers_of(&self, value: u32) -> impl Iterator<Item = u32> + '_ {
        std::iter::once(value).chain(self.copies[value as usize].iter().copied())
    }

    /// The step that makes a buffer; `None` where it was there from the start.
    pub(super) fn birth(&self, buffer: u32) -> Option<u32> {
        let maker = self.buffers[buffer as usize].maker;
        (maker != NOBODY).then(|| self.runs[maker as usize].step)
    }

    /// Whether a buffer is one that a first run made.
    pub(super) fn is_first(&self, buffer: u32) -> bool {
        (buffer as usize) < self.problem.values.len()
    }

    /// Whether the run that makes a buffer takes part, read or not.
    pub(super) fn is_there(&self, buffer: u32) -> bool {
        self.is_first(buffer) || self.is_taking_part(self.buffers[buffer as usize].maker)
    }

    /// Whether a clone has not been removed.
    pub(super) fn is_taking_part(&self, clone: u32) -> bool {
        let Run { step, kernel, .. } = self.runs[clone as usize];
        self.clone_in(step, kernel) == Some(clone)
    }

    /// Bytes of the arena that a buffer takes.
    pub(super) fn size(&self, buffer: u32) -> i64 {
        self.buffers[buffer as usize].size
    }

    /// The largest number of bytes in any step.
    pub(super) fn peak(&self) -> i64 {
        self.profile.peak()
    }

    /// The bytes of every step.
    pub(super) fn live(&self) -> Vec<i64> {
        self.profile.steps()
    }

    /// The largest number of bytes in the steps of `[from, to)`.
    pub(super) fn peak_within(&self, from: u32, to: u32) -> i64 {
        self.profile.peak_within(from as usize, to as usize)
    }

    /// The first step above `limit`.
    pub(super) fn first_above(&self, limit: i64) -> Option<u32> {
        self.profile.first_above(limit).map(|step| step as u32)
    }

    /// Now.
    pub(super) fn mark(&self) -> Mark {
        Mark(self.changes.len())
    }

    /// Takes back all changes since then.
    pub(super) fn undo_to(&mut self, mark: Mark) {
        while self.changes.len() > mark.0
            && let Some(change) = self.changes.pop()
        {
            match change {
                Change::Redirected { run, operand, from } => self.set_source(run, operand, from),
                Change::Added { run } => {
                    self.detach(run);
                    self.forget_last();
                }
                Change::Removed { run } => self.attach(run),
            }
        }
        self.refresh();
    }

    /// The same schedule without a memory of what was removed, and of changes.
    pub(super) fn compacted(&self) -> Runs<'p> {
        let mut compact = Runs::new(self.problem);
        // Buffers of clones by their old numbers.
        let mut renamed: FxHashMap<u32, u32> = FxHashMap::default();
        for step in 0..self.steps() as u32 {
            for &run in self.clones(step) {
                let Run { kernel, ref sources, .. } = self.runs[run as usize];
                let sources = sources.iter().map(|source| *renamed.get(source).unwrap_or(source)).collect();
                let copy = compact.add(kernel, step, sources);
                renamed.extend(self.made_by(run).zip(compact.made_by(copy)));
            }
            for (operand, source) in self.runs[step as usize].sources.iter().enumerate() {
                if let Some(&copy) = renamed.get(source) {
                    compact.redirect(step, operand, copy);
                }
            }
        }
        compact.changes.clear();
        compact.refresh();
        compact
    }

    /// Makes a run read another buffer of the same value. [`refresh`](Self::refresh) before asking for bytes.
    pub(super) fn redirect(&mut self, run: u32, operand: usize, to: u32) {
        let from = self.runs[run as usize].sources[operand];
        if from != to {
            self.changes.push(Change::Redirected { run, operand: operand as u32, from });
            self.set_source(run, operand as u32, to);
        }
    }

    /// Runs a kernel again, right before the first run of `step`, reading `sources`. Its buffers have no readers yet.
    pub(super) fn add(&mut self, kernel: u32, step: u32, sources: SmallVec<[u32; 4]>) -> u32 {
        let run = self.runs.len() as u32;
        self.runs.push(Run { kernel, step, sources, first_buffer: self.buffers.len() as u32 });
        for &value in self.problem.writes.row(kernel as usize) {
            let size = self.problem.values[value as usize].size.0 as i64;
            self.copies[value as usize].push(self.buffers.len() as u32);
            self.buffers.push(Buffer { value, maker: run, readers: SmallVec::new(), last: step, size });
        }
        self.attach(run);
        self.changes.push(Change::Added { run });
        run
    }

    /// Removes a clone that nobody reads.
    pub(super) fn remove(&mut self, run: u32) {
        debug_assert!(self.made_by(run).all(|buffer| self.buffers[buffer as usize].readers.is_empty()));
        self.detach(run);
        self.changes.push(Change::Removed { run });
    }

    /// Brings the bytes of every step up to date.
    pub(super) fn refresh(&mut self) {
        while let Some(step) = self.stale.pop() {
            self.is_stale[step as usize] = false;
            let own = self.own_need(step);
            let before = std::mem::replace(&mut self.own[step as usize], own);
            self.profile.add(step as usize, step as usize + 1, own - before);
        }
    }

    fn set_source(&mut self, run: u32, operand: u32, to: u32) {
        let from = std::mem::replace(&mut self.runs[run as usize].sources[operand as usize], to);
        self.change_readers(from, |readers| readers.retain(|reader| *reader != run));
        self.change_readers(to, |readers| readers.push(run));
        self.touch(self.runs[run as usize].step);
    }

    /// Lets a clone take part.
    fn attach(&mut self, run: u32) {
        let Run { kernel, step, .. } = self.runs[run as usize];
        let runs = &self.runs;
        let clones = &mut self.clones[step as usize];
        let place = clones.partition_point(|&other| runs[other as usize].kernel < kernel);
        clones.insert(place, run);
        self.cost += self.problem.kernels[kernel as usize].cost;
        for operand in 0..self.runs[run as usize].sources.len() {
            let source = self.runs[run as usize].sources[operand];
            self.change_readers(source, |readers| readers.push(run));
        }
        self.touch(step);
    }

    fn detach(&mut self, run: u32) {
        let Run { kernel, step, .. } = self.runs[run as usize];
        self.clones[step as usize].retain(|other| *other != run);
        self.cost -= self.problem.kernels[kernel as usize].cost;
        for operand in 0..self.runs[run as usize].sources.len() {
            let source = self.runs[run as usize].sources[operand];
            self.change_readers(source, |readers| readers.retain(|reader| *reader != run));
        }
        self.touch(step);
    }

    /// Drops the last run that was added, and its buffers.
    fn forget_last(&mut self) {
        let Some(run) = self.runs.pop() else { return };
        for &value in self.problem.writes.row(run.kernel as usize) {
            self.copies[value as usize].pop();
        }
        self.buffers.truncate(run.first_buffer as usize);
    }

    fn change_readers(&mut self, buffer: u32, change: impl FnOnce(&mut SmallVec<[u32; 4]>)) {
        self.count(buffer, -1);
        change(&mut self.buffers[buffer as usize].readers);
        self.buffers[buffer as usize].last = self.last_step(buffer);
        self.count(buffer, 1);
    }

    /// The step that a buffer dies in.
    fn last_step(&self, buffer: u32) -> u32 {
        let Buffer { value, ref readers, .. } = self.buffers[buffer as usize];
        if self.is_first(buffer) && self.problem.values[value as usize].keeper != Keeper::Readers {
            return self.steps() as u32;
        }
        let last = readers.iter().map(|&run| self.runs[run as usize].step).max();
        last.max(self.birth(buffer)).unwrap_or_default()
    }

    /// Adds the bytes of a buffer, times `sign`, to the steps that it lives across.
    fn count(&mut self, buffer: u32, sign: i64) {
        let Some(birth) = self.birth(buffer) else { return };
        let Buffer { last, size, .. } = self.buffers[buffer as usize];
        self.profile.add(birth as usize + 1, last as usize, sign * size);
        self.touch(birth);
        self.touch(last);
    }

    fn touch(&mut self, step: u32) {
        if let Some(stale) = self.is_stale.get_mut(step as usize)
            && !std::mem::replace(stale, true)
        {
            self.stale.push(step);
        }
    }
}

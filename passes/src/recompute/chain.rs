//! Chains of clones: what has to run again, and live longer, so that a value is there once more.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::problem::Keeper;
use super::runs::Runs;

/// Clones in one step that make a value again. Nothing has changed yet.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    /// The step that the clones run in.
    pub(super) step: u32,
    /// The kernels to run again, in the order in which they run.
    pub(super) kernels: Vec<u32>,
    /// Buffers that have to live on to the step.
    pub(super) extended: Vec<u32>,
    /// Added cost.
    pub(super) cost: u64,
    /// Where the clones find what they read, and what is made of the value asked for.
    sources: FxHashMap<u32, Source>,
}

#[derive(Clone, Copy, Debug)]
enum Source {
    Buffer(u32),
    /// A clone of the chain.
    Chain,
}

/// A value that has died, and could have been kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dead {
    pub(super) value: u32,
    /// Its buffer that died last.
    pub(super) buffer: u32,
}

/// Longer chains are not worth looking for.
const LONGEST: usize = 2000;

impl Chain {
    /// Finds how `value` can be made again in `step`, where no buffer of it lives. What clones read they find alive, in a buffer
    /// that they `may_read`; else `keep` says whether it lives on from its last reader, else they get it from further clones.
    ///
    /// `None` if something that is needed cannot be made again.
    pub(super) fn find(
        runs: &Runs<'_>,
        value: u32,
        step: u32,
        may_read: impl Fn(u32) -> bool,
        mut keep: impl FnMut(Dead) -> bool,
    ) -> Option<Chain> {
        let mut chain =
            Chain { step, kernels: Vec::new(), extended: Vec::new(), cost: 0, sources: FxHashMap::default() };
        chain.repeat(runs, value)?;
        let mut at = 0;
        while let Some(&kernel) = chain.kernels.get(at) {
            at += 1;
            let updated = updated_by(runs, kernel);
            for &operand in runs.problem.reads.row(kernel as usize) {
                if updated.contains(&operand) {
                    chain.repeat_privately(runs, operand)?;
                } else if !chain.sources.contains_key(&operand) {
                    chain.provide(runs, kernel, operand, &may_read, &mut keep)?;
                }
            }
            if chain.kernels.len() > LONGEST {
                return None;
            }
        }
        chain.kernels.sort_unstable();
        Some(chain)
    }

    /// Plans to clone the writer of a value.
    fn repeat(&mut self, runs: &Runs<'_>, value: u32) -> Option<()> {
        let kernel = runs.problem.values[value as usize].writer?;
        let facts = &runs.problem.kernels[kernel as usize];
        // A step holds one clone of a kernel; what it made would be here unless it was overwritten.
        if !facts.repeatable || kernel >= self.step || runs.clone_in(self.step, kernel).is_some() {
            return None;
        }
        self.cost = self.cost.saturating_add(facts.cost);
        self.kernels.push(kernel);
        for &value in runs.problem.writes.row(kernel as usize) {
            self.sources.insert(value, Source::Chain);
        }
        Some(())
    }

    /// Plans to clone the writer of a value that a clone will overwrite.
    fn repeat_privately(&mut self, runs: &Runs<'_>, value: u32) -> Option<()> {
        match self.sources.get(&value) {
            Some(Source::Chain) => return Some(()),
            Some(Source::Buffer(_)) => return None,
            None => {}
        }
        let kernel = runs.problem.values[value as usize].writer?;
        let Some(clone) = runs.clone_in(self.step, kernel) else { return self.repeat(runs, value) };
        let made = runs.made_by(clone).find(|&buffer| runs.buffers[buffer as usize].value == value)?;
        // It is free to be overwritten if nobody needs it later, and nobody has overwritten it.
        let is_free = runs.buffers[made as usize].last == self.step && overwriter(runs, made).is_none();
        self.sources.insert(value, Source::Buffer(made));
        is_free.then_some(())
    }

    fn provide(
        &mut self,
        runs: &Runs<'_>,
        reader: u32,
        value: u32,
        may_read: &impl Fn(u32) -> bool,
        keep: &mut impl FnMut(Dead) -> bool,
    ) -> Option<()> {
        if let Some(buffer) = living(runs, value, self.step, reader).find(|&buffer| may_read(buffer)) {
            self.sources.insert(value, Source::Buffer(buffer));
            return Some(());
        }
        let dead = last_dead(runs, value, self.step, None);
        let repeatable = runs.problem.values[value as usize].writer.is_some_and(|writer| {
            runs.problem.kernels[writer as usize].repeatable && runs.clone_in(self.step, writer).is_none()
        });
        match dead {
            Some(dead) if !repeatable || keep(dead) => {
                self.extended.push(dead.buffer);
                self.sources.insert(value, Source::Buffer(dead.buffer));
                Some(())
            }
            _ => self.repeat(runs, value),
        }
    }

    /// Adds the clones to the schedule, and returns the buffer of `value`. Nobody reads it yet.
    pub(super) fn apply(&self, runs: &mut Runs<'_>, value: u32) -> Option<u32> {
        let mut made: FxHashMap<u32, u32> = FxHashMap::default();
        for &kernel in &self.kernels {
            let source = |operand: &u32| match self.sources.get(operand)? {
                Source::Buffer(buffer) => Some(*buffer),
                Source::Chain => made.get(operand).copied(),
            };
            let sources: SmallVec<[u32; 4]> =
                runs.problem.reads.row(kernel as usize).iter().map(source).collect::<Option<_>>()?;
            let run = runs.add(kernel, self.step, sources);
            for buffer in runs.made_by(run) {
                made.insert(runs.buffers[buffer as usize].value, buffer);
            }
        }
        made.get(&value).copied()
    }
}

/// The values that a kernel overwrites.
fn updated_by(runs: &Runs<'_>, kernel: u32) -> SmallVec<[u32; 2]> {
    let results = runs.problem.writes.row(kernel as usize).iter();
    results.filter_map(|&value| runs.problem.values[value as usize].updates).collect()
}

/// The buffers of a value that a clone of `reader` can read in `step` without making them live longer.
pub(super) fn living<'a>(runs: &'a Runs<'_>, value: u32, step: u32, reader: u32) -> impl Iterator<Item = u32> + 'a {
    runs.buffers_of(value).filter(move |&buffer| {
        // A clone of this very step is there, read or not; an older one only if somebody still needs it.
        let is_there = match runs.birth(buffer) {
            None => true,
            Some(birth) if birth == step => !runs.is_first(buffer) && runs.is_there(buffer),
            Some(birth) => birth < step && runs.buffers[buffer as usize].last >= step,
        };
        is_there && (outlives(runs, buffer, step) || overwriter_after(runs, buffer, step, reader))
    })
}

/// Whether a buffer keeps its content up to the clones of `step`.
pub(super) fn outlives(runs: &Runs<'_>, buffer: u32, step: u32) -> bool {
    let facts = &runs.problem.values[runs.buffers[buffer as usize].value as usize];
    if runs.is_first(buffer) && facts.keeper == Keeper::Caller || runs.birth(buffer).is_none() {
        // Nobody counts its readers as a life, but its content ends where it is overwritten.
        return facts.overwritten_by.is_none_or(|kernel| step <= kernel);
    }
    let overwriter = overwriter(runs, buffer);
    overwriter.is_none_or(|run| run < runs.steps() as u32 && step <= runs.runs[run as usize].step)
}

/// Whether what overwrites the buffer is a clone of `step` that runs after a clone of `reader`.
fn overwriter_after(runs: &Runs<'_>, buffer: u32, step: u32, reader: u32) -> bool {
    overwriter(runs, buffer)
        .is_some_and(|run| runs.runs[run as usize].step == step && reader < runs.runs[run as usize].kernel)
}

/// The run that overwrites a buffer.
pub(super) fn overwriter(runs: &Runs<'_>, buffer: u32) -> Option<u32> {
    let value = runs.buffers[buffer as usize].value;
    let by = runs.problem.values[value as usize].overwritten_by?;
    runs.buffers[buffer as usize].readers.iter().copied().find(|&run| runs.runs[run as usize].kernel == by)
}

/// The buffer of a value that died last before `step` and could have lived on, other than `except`.
pub(super) fn last_dead(runs: &Runs<'_>, value: u32, step: u32, except: Option<u32>) -> Option<Dead> {
    let candidates = runs.buffers_of(value).filter(|&buffer| {
        Some(buffer) != except
            && runs.is_there(buffer)
            && runs.birth(buffer).is_some_and(|birth| birth < step)
            && outlives(runs, buffer, step)
    });
    let buffer = candidates.max_by_key(|&buffer| (runs.buffers[buffer as usize].last, buffer))?;
    Some(Dead { value, buffer })
}

//! The one change that recomputation makes: a value does not live through a stretch of steps, and is made again after it.

use super::chain::{Chain, Dead, last_dead, living, outlives, overwriter};
use super::runs::Runs;

/// A stretch between two readers of a buffer, that the buffer lives through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Gap {
    pub(super) buffer: u32,
    /// The step of the last reader before, or of the maker.
    pub(super) from: u32,
    /// The first step in which bytes are freed where the gap is closed: `from`, if only clones make and read the buffer
    /// there, which leave it before the step's first run; else the step after.
    pub(super) first: u32,
    /// The step of the next reader.
    pub(super) to: u32,
}

/// How the readers after a gap are served.
#[derive(Clone, Debug)]
pub(super) enum Supply {
    /// By another buffer, which lives there anyway or lives on.
    Buffer(u32),
    /// By clones.
    Chain(Chain),
}

/// All gaps of all buffers in which bytes can be freed.
pub(super) fn gaps(runs: &Runs<'_>) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut steps: Vec<u32> = Vec::new();
    for buffer in 0..runs.buffers.len() as u32 {
        gaps_of(runs, buffer, &mut steps, &mut gaps);
    }
    gaps
}

/// Appends the gaps of one buffer.
fn gaps_of(runs: &Runs<'_>, buffer: u32, steps: &mut Vec<u32>, gaps: &mut Vec<Gap>) {
    let Some(birth) = runs.birth(buffer) else { return };
    if runs.size(buffer) == 0 || runs.buffers[buffer as usize].readers.is_empty() {
        return;
    }
    steps.clear();
    steps.push(birth);
    steps.extend(runs.buffers[buffer as usize].readers.iter().map(|&run| runs.runs[run as usize].step));
    steps.sort_unstable();
    let buffer_and = |pair: &[u32]| Gap::new(runs, buffer, pair[0], pair[1]);
    gaps.extend(steps.windows(2).map(buffer_and).filter(|gap| gap.first < gap.to));
}

impl Gap {
    /// The gap of a buffer between two steps.
    pub(super) fn new(runs: &Runs<'_>, buffer: u32, from: u32, to: u32) -> Gap {
        // The first run of a step has its number.
        let maker = runs.buffers[buffer as usize].maker;
        let in_first_run = maker == from || runs.buffers[buffer as usize].readers.contains(&from);
        Gap { buffer, from, first: if in_first_run { from + 1 } else { from }, to }
    }

    /// Another buffer that can serve the readers after the gap: one that lives there anyway, or one that has died since the
    /// gap began, or was never read, and would have to live on.
    pub(super) fn other(self, runs: &Runs<'_>) -> Option<u32> {
        let (value, last) = (runs.buffers[self.buffer as usize].value, runs.buffers[self.buffer as usize].last);
        // What overwrites the buffer may not do so to one that others read.
        if overwriter(runs, self.buffer).is_some_and(|run| runs.runs[run as usize].step >= self.to) {
            return None;
        }
        // Any reader will do: clones of this step that overwrite do so to buffers of their own.
        let mut others = living(runs, value, self.to, self.to);
        let other = others.find(|&other| other != self.buffer && outlives(runs, other, last));
        let dead = || last_dead(runs, value, self.to, Some(self.buffer)).map(|dead| dead.buffer);
        let is_better = |&other: &u32| outlives(runs, other, last) && runs.buffers[other as usize].last > self.from;
        other.or_else(|| dead().filter(is_better))
    }

    /// Clones that serve the readers after the gap; `keep` is asked about operands that have died. `None` if there can be
    /// none.
    pub(super) fn chain(self, runs: &Runs<'_>, keep: impl FnMut(Dead) -> bool) -> Option<Chain> {
        Chain::find(runs, runs.buffers[self.buffer as usize].value, self.to, |_| true, keep)
    }

    /// Closes the gap: the readers after it are served anew. Returns whether that was possible.
    pub(super) fn close(self, runs: &mut Runs<'_>, supply: &Supply) -> bool {
        let value = runs.buffers[self.buffer as usize].value;
        let mark = runs.mark();
        let made = match supply {
            Supply::Buffer(buffer) => Some(*buffer),
            Supply::Chain(chain) => chain.apply(runs, value),
        };
        let Some(made) = made else {
            runs.undo_to(mark);
            return false;
        };
        redirect(runs, self.buffer, made, self.to);
        runs.refresh();
        true
    }
}

/// Makes all readers of a buffer from a step on read another.
pub(super) fn redirect(runs: &mut Runs<'_>, from: u32, to: u32, step: u32) {
    let readers: Vec<u32> = runs.buffers[from as usize].readers.to_vec();
    for run in readers {
        let reader = &runs.runs[run as usize];
        if reader.step >= step
            && let Some(operand) = reader.sources.iter().position(|&source| source == from)
        {
            runs.redirect(run, operand, to);
        }
    }
}

//! The answer as plain data, and its naive validator.

use std::fmt;

use memopt::ir::Bytes;
use rustc_hash::FxHashMap;

use super::problem::{Keeper, RecomputeProblem};
use super::runs::{NOBODY, Runs};

/// Every run of every kernel, in the order in which they run.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct RecomputeSolution {
    /// The runs.
    pub runs: Vec<SolutionRun>,
    /// The most bytes that are live in any step.
    pub peak: Bytes,
    /// What the clones cost.
    pub cost: u64,
}

/// A run of a kernel. The first run of each is the kernel itself, the others are clones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SolutionRun {
    /// Which kernel.
    pub kernel: u32,
    /// For each value that the kernel reads, the run that made what it reads, by position; `None` for what was there from
    /// the start.
    pub sources: Vec<Option<u32>>,
    /// Whether it is a clone.
    pub is_clone: bool,
}

/// What is wrong with a solution.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SolutionError {
    /// A kernel has no first run, or two, or its first run is out of order.
    FirstRun {
        /// The kernel.
        kernel: u32,
    },
    /// A kernel runs again that may not.
    NotRepeatable {
        /// The kernel.
        kernel: u32,
    },
    /// A run reads what is not there: not made yet, not of this value, overwritten, or the caller's.
    Missing {
        /// The position of the run.
        run: u32,
        /// The value.
        value: u32,
    },
    /// The schedule needs more than it says.
    Peak {
        /// What it says.
        claimed: Bytes,
        /// What it needs.
        found: Bytes,
    },
}

impl fmt::Display for SolutionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SolutionError::FirstRun { kernel } => write!(f, "kernel {kernel} does not have one first run in its place"),
            SolutionError::NotRepeatable { kernel } => write!(f, "kernel {kernel} runs again, which it may not"),
            SolutionError::Missing { run, value } => write!(f, "run {run} reads value {value}, which is not there"),
            SolutionError::Peak { claimed, found } => write!(f, "expected a peak of {claimed}, found {found}"),
        }
    }
}

impl RecomputeSolution {
    /// The runs of a schedule with clones.
    pub(super) fn of(runs: &Runs<'_>) -> RecomputeSolution {
        let steps = 0..runs.steps() as u32;
        let order: Vec<u32> = steps.flat_map(|step| runs.clones(step).iter().copied().chain([step])).collect();
        let mut position = vec![0; runs.runs.len()];
        for (at, &run) in order.iter().enumerate() {
            position[run as usize] = at as u32;
        }
        let source = |&buffer: &u32| match runs.buffers[buffer as usize].maker {
            NOBODY => None,
            maker => Some(position[maker as usize]),
        };
        let entry = |&run: &u32| SolutionRun {
            kernel: runs.runs[run as usize].kernel,
            sources: runs.runs[run as usize].sources.iter().map(source).collect(),
            is_clone: run as usize >= runs.steps(),
        };
        let peak = Bytes(u64::try_from(runs.peak()).unwrap_or_default());
        RecomputeSolution { runs: order.iter().map(entry).collect(), peak, cost: runs.cost }
    }
}

/// Checks a solution by walking through it with a list of what is in memory.
///
/// # Errors
/// The first violation.
pub fn validate_recompute(problem: &RecomputeProblem, solution: &RecomputeSolution) -> Result<(), SolutionError> {
    let mut next = 0;
    // (run, value) -> how many runs will still read it. The caller's have the run `None`.
    let mut unread: FxHashMap<(Option<u32>, u32), u32> = FxHashMap::default();
    for run in &solution.runs {
        for (&value, &source) in problem.reads.row(run.kernel as usize).iter().zip(&run.sources) {
            *unread.entry((source, value)).or_default() += 1;
        }
    }
    let is_first = |run: Option<u32>| run.is_none_or(|run| !solution.runs[run as usize].is_clone);
    let stays =
        |run: Option<u32>, value: u32| is_first(run) && problem.values[value as usize].keeper != Keeper::Readers;
    let size = |run: Option<u32>, value: u32| {
        let facts = &problem.values[value as usize];
        let is_callers = facts.writer.is_none() || is_first(run) && facts.keeper == Keeper::Caller;
        if is_callers { Bytes::ZERO } else { facts.size }
    };
    let mut overwrites: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for (value, facts) in problem.values.iter().enumerate() {
        overwrites.entry(facts.overwritten_by.unwrap_or(u32::MAX)).or_default().push(value as u32);
    }
    // What is in memory.
    let mut there: FxHashMap<(Option<u32>, u32), Bytes> = FxHashMap::default();
    let from_start = problem.values.iter().enumerate().filter(|(_, facts)| facts.writer.is_none());
    there.extend(from_start.map(|(value, _)| ((None, value as u32), Bytes::ZERO)));
    let (mut live, mut peak) = (Bytes::ZERO, Bytes::ZERO);
    for (at, run) in solution.runs.iter().enumerate() {
        let facts = problem.kernels.get(run.kernel as usize).ok_or(SolutionError::FirstRun { kernel: run.kernel })?;
        match run.is_clone {
            true if !facts.repeatable => return Err(SolutionError::NotRepeatable { kernel: run.kernel }),
            true => {}
            false if run.kernel != next => return Err(SolutionError::FirstRun { kernel: next }),
            false => next += 1,
        }
        let reads: Vec<(Option<u32>, u32)> =
            run.sources.iter().copied().zip(problem.reads.row(run.kernel as usize).iter().copied()).collect();
        for key in &reads {
            if !there.contains_key(key) {
                return Err(SolutionError::Missing { run: at as u32, value: key.1 });
            }
            unread.entry(*key).and_modify(|count| *count -= 1);
        }
        let dies = |key: &(Option<u32>, u32)| unread.get(key).is_none_or(|&count| count == 0) && !stays(key.0, key.1);
        // Results: over what they update, or tied, or in new bytes.
        let mut free: Vec<(Option<u32>, u32)> = reads.iter().copied().filter(dies).collect();
        let mut new = Bytes::ZERO;
        for &value in problem.writes.row(run.kernel as usize) {
            let key = (Some(at as u32), value);
            let need = size(key.0, value);
            let updated = problem.values[value as usize].updates;
            let tied = problem.ties_of(run.kernel).iter().filter(|tie| tie.result == value).map(|tie| tie.operand);
            let operands = updated.into_iter().chain(tied);
            let reused = operands
                .filter_map(|operand| free.iter().position(|key| key.1 == operand))
                .find(|&index| size(free[index].0, free[index].1) == need);
            match reused {
                Some(index) => _ = free.swap_remove(index),
                None => new += need,
            }
            there.insert(key, need);
        }
        peak = peak.max(live + new + facts.workspace);
        live += new;
        for &value in problem.writes.row(run.kernel as usize) {
            let key = (Some(at as u32), value);
            if dies(&key) {
                live = live.saturating_sub(there.remove(&key).unwrap_or_default());
            }
        }
        for key in reads.iter().filter(|key| dies(key)) {
            there.remove(key);
        }
        live = live.saturating_sub(free.iter().map(|key| size(key.0, key.1)).sum());
        // What it overwrites is gone, whoever would still like to read it; so is an argument whose bytes a result takes.
        for &value in overwrites.get(&run.kernel).into_iter().flatten() {
            for key in reads.iter().filter(|key| key.1 == value) {
                there.remove(key);
            }
            if !run.is_clone {
                there.remove(&(None, value));
            }
        }
    }
    if next as usize != problem.kernels.len() {
        return Err(SolutionError::FirstRun { kernel: next });
    }
    if peak > solution.peak {
        return Err(SolutionError::Peak { claimed: solution.peak, found: peak });
    }
    Ok(())
}

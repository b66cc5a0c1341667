//! The naive validator of a choice of virtual values.

use std::fmt;

use memopt::ir::Bytes;
use rustc_hash::{FxHashMap, FxHashSet};

use super::problem::{FuseProblem, Fusible};
use super::round::{always, kind_of};
use super::solve::FuseSolution;

/// What is wrong with a solution.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FuseError {
    /// A value is virtual that cannot be, has bytes although it never does, or is asked for in a way in which one of its
    /// readers cannot compute it.
    NotVirtual {
        /// The value.
        value: u32,
    },
    /// A kernel reads, to compute a virtual value, what was overwritten before or is overwritten by it.
    Overwritten {
        /// The kernel.
        op: u32,
        /// What it reads.
        value: u32,
    },
    /// The choice needs more than it says.
    Peak {
        /// What it says.
        claimed: Bytes,
        /// What it needs.
        found: Bytes,
    },
    /// Kernels compute more than it says.
    Flops {
        /// What it says.
        claimed: u64,
        /// What they compute beyond running every operation once.
        found: u64,
    },
}

impl fmt::Display for FuseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FuseError::NotVirtual { value } => write!(f, "value {value} cannot be as it is chosen"),
            FuseError::Overwritten { op, value } => write!(f, "kernel {op} reads value {value} when it is overwritten"),
            FuseError::Peak { claimed, found } => write!(f, "expected a peak of {claimed}, found {found}"),
            FuseError::Flops { claimed, found } => write!(f, "expected {claimed} added flops, found {found}"),
        }
    }
}

/// Checks a solution by running through it with a list of what is in memory.
///
/// # Errors
/// The first violation.
pub fn validate_fuse(problem: &FuseProblem, solution: &FuseSolution) -> Result<(), FuseError> {
    let mut kinds = vec![None; problem.values.len()];
    for (value, (facts, &is_virtual)) in problem.values.iter().zip(&solution.is_virtual).enumerate() {
        kinds[value] = match (facts.fusible, is_virtual) {
            (Fusible::Always(_), true) => always(facts.fusible),
            (Fusible::May(own), true) => Some(kind_of(problem, problem.maker(value as u32), own, &kinds)),
            (Fusible::Never | Fusible::May(_), false) | (Fusible::Joined, true) => continue,
            (Fusible::Never, true) | (Fusible::Always(_) | Fusible::Joined, false) => None,
        };
        let is_chosen = matches!(facts.fusible, Fusible::May(_));
        if kinds[value].is_none() || is_chosen && facts.stored {
            return Err(FuseError::NotVirtual { value: value as u32 });
        }
    }
    let kernels: Vec<Kernel> = (0..problem.ops.len() as u32).map(|op| Kernel::of(problem, solution, op)).collect();
    for (op, kernel) in kernels.iter().enumerate() {
        let can = problem.ops[op].computes;
        // What always is virtual, its readers can compute, if only because a loop hands it on to its body.
        let is_chosen = |value: u32| matches!(problem.values[value as usize].fusible, Fusible::May(_));
        let too_much = |value: &&u32| is_chosen(**value) && kinds[**value as usize] > can;
        if let Some(&value) = kernel.computes.iter().find(too_much) {
            return Err(FuseError::NotVirtual { value });
        }
        let overwritten = |value: &u32| problem.values[*value as usize].overwritten.is_some_and(|at| at <= op as u32);
        if let Some(&value) = kernel.behind.iter().find(|value| overwritten(value)) {
            return Err(FuseError::Overwritten { op: op as u32, value });
        }
    }
    let found = peak(problem, solution, &kernels);
    if found > solution.peak {
        return Err(FuseError::Peak { claimed: solution.peak, found });
    }
    let spent = kernels.iter().fold(0, |sum: u64, kernel| sum.saturating_add(kernel.flops));
    let found = spent.saturating_sub(problem.total_flops());
    if found > solution.added_flops {
        return Err(FuseError::Flops { claimed: solution.added_flops, found });
    }
    Ok(())
}

/// What one operation does; nothing if its value is virtual.
#[derive(Default)]
struct Kernel {
    /// Its own and those of the virtual values that it computes.
    flops: u64,
    /// The buffers that it reads, and what may overwrite each: by every way that it is read.
    reads: FxHashMap<u32, FxHashSet<Option<u32>>>,
    /// The virtual values that it reads as they are, and the values with bytes that it reads through them.
    computes: FxHashSet<u32>,
    behind: FxHashSet<u32>,
}

impl Kernel {
    fn of(problem: &FuseProblem, solution: &FuseSolution, op: u32) -> Kernel {
        let mut kernel = Kernel::default();
        if !problem.is_kernel(op, &solution.is_virtual) {
            return kernel;
        }
        // Operations to run, at which index (of a read; none: the kernel's own), for how many elements of which.
        let mut work = vec![(op, None, 1, 1)];
        let mut seen = FxHashSet::default();
        while let Some((next, index, part, whole)) = work.pop() {
            let of = |count: u64| (u128::from(count) * u128::from(part) / u128::from(whole.max(1u64))) as u64;
            kernel.flops = kernel.flops.saturating_add(of(problem.ops[next as usize].flops));
            for (at, read) in problem.numbered_reads(next) {
                let facts = &problem.values[read.value as usize];
                let asked_at = if read.same_index { index } else { Some(at) };
                if solution.is_virtual[read.value as usize] {
                    kernel.computes.extend((next == op).then_some(read.value));
                    if seen.insert((read.value, asked_at)) {
                        let elements = if read.same_index && next != op { part } else { of(read.elements) };
                        work.push((problem.maker(read.value), asked_at, elements, facts.elements));
                    }
                    continue;
                }
                let heir = match next == op {
                    true => read.overwritten_by,
                    false => problem.ops[op as usize].writes.filter(|_| asked_at.is_none()),
                };
                if let Some(buffer) = facts.buffer {
                    kernel.reads.entry(buffer).or_default().insert(heir);
                }
                if next != op {
                    kernel.behind.insert(read.value);
                }
            }
        }
        kernel
    }
}

/// The most bytes that are live in any step, where results lie in operands that die.
fn peak(problem: &FuseProblem, solution: &FuseSolution, kernels: &[Kernel]) -> Bytes {
    let mut last: FxHashMap<u32, usize> = FxHashMap::default();
    for (op, kernel) in kernels.iter().enumerate() {
        last.extend(kernel.reads.keys().map(|&buffer| (buffer, op)));
    }
    let mut written: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for (index, buffer) in problem.buffers.iter().enumerate() {
        written.entry(buffer.writer).or_default().push(index as u32);
    }
    let size = |buffer: &u32| problem.buffers[*buffer as usize].size;
    let (mut live, mut peak) = (Bytes::ZERO, Bytes::ZERO);
    for (op, kernel) in kernels.iter().enumerate() {
        let is_kernel = problem.is_kernel(op as u32, &solution.is_virtual);
        let results: &[u32] = written.get(&(op as u32)).filter(|_| is_kernel).map_or(&[], Vec::as_slice);
        let dies = |buffer: &u32| {
            last.get(buffer).is_none_or(|&last| last <= op) && !problem.buffers[*buffer as usize].until_end
        };
        let is_part = |buffer: &u32| problem.buffers[*buffer as usize].is_part;
        let mut over: FxHashSet<u32> = FxHashSet::default();
        for (buffer, heirs) in kernel.reads.iter().filter(|(buffer, _)| dies(buffer) && !is_part(buffer)) {
            if let [Some(heir)] = heirs.iter().copied().collect::<Vec<_>>()[..]
                && results.contains(&heir)
                && heir != *buffer
                && size(&heir) == size(buffer)
            {
                over.insert(heir);
            }
        }
        let tied: Bytes = over.iter().map(size).sum();
        live += results.iter().map(size).sum();
        peak = peak.max(live.saturating_sub(tied) + problem.ops[op].workspace);
        let dead = kernel.reads.keys().chain(results).filter(|buffer| dies(buffer));
        let dead: FxHashSet<u32> = dead.copied().collect();
        live = live.saturating_sub(dead.iter().map(size).sum());
    }
    peak
}

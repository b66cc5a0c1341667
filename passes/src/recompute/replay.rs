//! A schedule from nothing but which kernels run again where: every run reads the latest copy of each value.
//!
//! That is the best choice. The copies of a value that are needed at all are made anyway; a reader that takes a later one
//! instead of an earlier one shortens the life of the earlier one, and lengthens the life of the later one through steps that
//! the earlier one lived through for it.

use smallvec::SmallVec;

use super::problem::{Keeper, RecomputeProblem};
use super::repair::remove_unread;
use super::runs::Runs;

/// A kernel that runs again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Again {
    /// The step whose first run it stands before.
    pub(super) step: u32,
    /// The kernel, an earlier one than that of the step.
    pub(super) kernel: u32,
}

/// The schedule with these clones, sorted and without duplicates; those that nobody reads are left out. `None` if a run would
/// read what is not there, or overwrite what somebody else still reads.
pub(super) fn replay<'p>(problem: &'p RecomputeProblem, clones: &[Again]) -> Option<Runs<'p>> {
    let mut runs = Runs::new(problem);
    let mut latest = Latest::new(problem);
    let mut next = clones.iter().peekable();
    for step in 0..problem.kernels.len() as u32 {
        while let Some(&Again { kernel, .. }) = next.next_if(|clone| clone.step == step) {
            let sources = problem.reads.row(kernel as usize).iter().map(|&value| latest.of[value as usize]);
            let run = runs.add(kernel, step, sources.collect::<Option<SmallVec<_>>>()?);
            latest.ran(kernel, step, runs.made_by(run));
        }
        for (operand, &value) in problem.reads.row(step as usize).iter().enumerate() {
            runs.redirect(step, operand, latest.of[value as usize]?);
        }
        latest.ran(step, step, runs.made_by(step));
    }
    let added: Vec<u32> = runs.all_clones().collect();
    added.into_iter().for_each(|run| remove_unread(&mut runs, run));
    runs.refresh();
    Some(runs)
}

/// The buffer that holds each value now.
struct Latest<'p> {
    problem: &'p RecomputeProblem,
    of: Vec<Option<u32>>,
    /// Kernel -> values that are gone after its first run.
    overwrites: memopt::plan::Csr,
}

impl<'p> Latest<'p> {
    fn new(problem: &'p RecomputeProblem) -> Latest<'p> {
        let values = 0..problem.values.len() as u32;
        let from_start = |value: u32| problem.values[value as usize].writer.is_none().then_some(value);
        Latest { problem, of: values.map(from_start).collect(), overwrites: overwrites(problem) }
    }

    fn ran(&mut self, kernel: u32, step: u32, made: impl Iterator<Item = u32>) {
        let results = self.problem.writes.row(kernel as usize);
        for &value in results {
            if let Some(updated) = self.problem.values[value as usize].updates {
                self.of[updated as usize] = None;
            }
        }
        if kernel == step {
            self.overwrites.row(kernel as usize).iter().for_each(|&value| self.of[value as usize] = None);
        }
        for (&value, buffer) in results.iter().zip(made) {
            let facts = &self.problem.values[value as usize];
            let is_kept = facts.keeper != Keeper::Readers && facts.overwritten_by.is_none_or(|by| by >= step);
            // What is kept anyway is read for nothing.
            self.of[value as usize] = Some(if is_kept { value } else { buffer });
        }
    }
}

/// Kernel -> values whose first buffer it overwrites.
pub(super) fn overwrites(problem: &RecomputeProblem) -> memopt::plan::Csr {
    let values = problem.values.iter().enumerate();
    let pairs: Vec<(u32, u32)> =
        values.filter_map(|(value, facts)| Some((facts.overwritten_by?, value as u32))).collect();
    memopt::plan::Csr::from_pairs(problem.kernels.len(), &pairs)
}

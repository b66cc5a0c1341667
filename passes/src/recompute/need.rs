//! What the runs of one step need on top of the buffers that live across it.

use smallvec::SmallVec;

use super::runs::{Run, Runs};

impl Runs<'_> {
    /// The most that the runs of a step need on top of the buffers that live across it: what dies here, what is made here,
    /// and their workspace. Each run takes the ties that it can.
    pub(super) fn own_need(&self, step: u32) -> i64 {
        let dies_here = |buffer: u32| self.buffers[buffer as usize].last == step;
        let clones = self.clones(step);
        // Buffers that die here -> how many runs of the step still read them.
        let mut readers: SmallVec<[(u32, u32); 16]> = SmallVec::new();
        let mut live = 0;
        for &run in clones.iter().chain(&[step]) {
            for &source in self.runs[run as usize].sources.iter().filter(|&&source| dies_here(source)) {
                match readers.iter_mut().find(|(buffer, _)| *buffer == source) {
                    Some((_, count)) => *count += 1,
                    None => {
                        readers.push((source, 1));
                        let is_old = self.birth(source) != Some(step);
                        live += if is_old { self.size(source) } else { 0 };
                    }
                }
            }
        }
        let mut most = live;
        for &run in clones.iter().chain(&[step]) {
            let mut dying: SmallVec<[u32; 8]> = SmallVec::new();
            for source in &self.runs[run as usize].sources {
                if let Some((_, count)) = readers.iter_mut().find(|(buffer, _)| buffer == source) {
                    *count -= 1;
                    dying.extend((*count == 0).then_some(*source));
                }
            }
            let reused = self.reuse(run, &dying);
            let made: i64 = self.made_by(run).map(|buffer| self.size(buffer)).sum();
            let kernel = self.runs[run as usize].kernel;
            let workspace = self.problem.kernels[kernel as usize].workspace.0 as i64;
            most = most.max(live + made - reused + workspace);
            live += made - dying.iter().map(|&buffer| self.size(buffer)).sum::<i64>();
            let unread = self.made_by(run).filter(|&b| dies_here(b) && self.buffers[b as usize].readers.is_empty());
            live -= unread.map(|buffer| self.size(buffer)).sum::<i64>();
        }
        most
    }

    /// Bytes of results that lie in operands of the run which die with it: those that it updates, and those that it can be
    /// tied to, each result to the first that is free.
    fn reuse(&self, run: u32, dying: &[u32]) -> i64 {
        if dying.is_empty() {
            return 0;
        }
        let Run { kernel, ref sources, .. } = self.runs[run as usize];
        let values = self.problem.reads.row(kernel as usize);
        let source_of = |value: u32| values.iter().position(|&v| v == value).map(|at| sources[at]);
        let (mut reused, mut taken) = (0, SmallVec::<[u32; 4]>::new());
        for buffer in self.made_by(run) {
            let (value, size) = (self.buffers[buffer as usize].value, self.size(buffer));
            let updated = self.problem.values[value as usize].updates;
            let ties = self.problem.ties_of(kernel).iter().filter(|tie| tie.result == value);
            let operands = updated.into_iter().chain(ties.map(|tie| tie.operand)).filter_map(source_of);
            let free =
                |&operand: &u32| dying.contains(&operand) && !taken.contains(&operand) && self.size(operand) == size;
            if let Some(operand) = { operands }.find(free) {
                taken.push(operand);
                reused += size;
            }
        }
        reused
    }
}

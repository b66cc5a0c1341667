//! Live bytes and repeated work of a choice of virtual values, in the order of the problem.

use super::problem::FuseProblem;
use super::tree::Trees;

/// What a choice of virtual values is worth.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Profile {
    /// Live bytes in each step, in-place ties taken.
    pub(super) live: Vec<i64>,
    /// The largest of them.
    pub(super) peak: i64,
    /// The last step that reads each buffer; its writer where none does.
    pub(super) last: Vec<u32>,
    /// Flops spent beyond running every operation once.
    pub(super) added: u64,
    /// The most values that a kernel reads only for virtual ones.
    pub(super) behind: usize,
}

impl Profile {
    /// Walks the order twice: for the last readers, then for the bytes.
    pub(super) fn of(trees: &mut Trees<'_>, problem: &FuseProblem, is_virtual: &[bool]) -> Profile {
        let mut last: Vec<u32> = problem.buffers.iter().map(|buffer| buffer.writer).collect();
        let mut heir: Vec<Option<u32>> = vec![None; problem.buffers.len()];
        let (mut computed, mut once, mut behind) = (0u64, 0u64, 0);
        for op in 0..problem.ops.len() as u32 {
            if !problem.is_kernel(op, is_virtual) {
                once = once.saturating_add(problem.ops[op as usize].flops);
                continue;
            }
            computed = computed.saturating_add(trees.expand(is_virtual, op));
            behind = behind.max(trees.behind);
            for &root in &trees.roots {
                if let Some(buffer) = problem.values[root as usize].buffer {
                    let by = trees.heir(root);
                    // Two versions of one buffer read by one kernel: both ways must allow it.
                    let agrees = last[buffer as usize] != op || heir[buffer as usize] == by;
                    heir[buffer as usize] = by.filter(|_| agrees);
                    last[buffer as usize] = op;
                }
            }
        }
        let kept = |buffer: usize| problem.is_kernel(problem.buffers[buffer].writer, is_virtual);
        let mut profile = Profile { last, added: computed.saturating_sub(once), behind, ..Profile::default() };
        profile.add_up(problem, &heir, kept);
        profile
    }

    /// Live bytes step by step. `heir`: for each buffer, what its last reader may write over it.
    fn add_up(&mut self, problem: &FuseProblem, heir: &[Option<u32>], kept: impl Fn(usize) -> bool) {
        let steps = problem.ops.len();
        // What comes and goes after each step, and what each step holds besides.
        let mut change = vec![0i64; steps + 1];
        let mut tied = vec![false; problem.buffers.len()];
        self.live = problem.ops.iter().map(|op| op.workspace.0 as i64).collect();
        for (index, buffer) in problem.buffers.iter().enumerate().filter(|(index, _)| kept(*index)) {
            let size = buffer.size.0 as i64;
            change[buffer.writer as usize] += size;
            if buffer.until_end {
                continue;
            }
            let last = self.last[index] as usize;
            change[last + 1] -= size;
            if let Some(heir) = heir[index].filter(|_| last > buffer.writer as usize && !buffer.is_part) {
                let of = &problem.buffers[heir as usize];
                if !tied[heir as usize] && of.size == buffer.size && of.writer as usize == last {
                    // Both are live in this step, in the same bytes.
                    tied[heir as usize] = true;
                    self.live[last] -= size;
                }
            }
        }
        let mut sum = 0;
        for (live, change) in self.live.iter_mut().zip(&change) {
            sum += change;
            *live += sum;
        }
        self.peak = self.live.iter().copied().max().unwrap_or(0);
    }
}

//! Clean-up: a value that several kernels compute gets bytes after all where these are to be had, so that no work is repeated
//! without need.

use super::problem::{FuseProblem, Fusible};
use super::profile::Profile;
use super::tree::Trees;

/// Gives bytes to repeated values, those that repeat most first, while no step that has them exceeds `level`; until at most
/// `enough` flops are added, or so much `work` is done. The peak does not rise.
pub(super) fn clean(
    trees: &mut Trees<'_>,
    problem: &FuseProblem,
    (mut is_virtual, mut profile): (Vec<bool>, Profile),
    level: i64,
    (enough, work): (u64, u64),
) -> (Vec<bool>, Profile) {
    for _ in 0..PASSES {
        if profile.added <= enough || trees.work > work {
            break;
        }
        let mut steps = Steps::new(&profile.live);
        let (mut cleaned, mut saved) = (is_virtual.clone(), 0u64);
        for (flops, value) in repeated(trees, problem, &is_virtual) {
            if trees.work > work {
                break;
            }
            let facts = &problem.values[value as usize];
            let (Some(writer), Some(buffer)) = (facts.writer, facts.buffer) else { continue };
            let Some(&end) = trees.final_readers(&cleaned, value).last() else { continue };
            let size = problem.buffers[buffer as usize].size.0 as i64;
            if saved < profile.added - enough && steps.most(writer, end) + size <= level.min(profile.peak) {
                steps.add(writer, end, size);
                cleaned[value as usize] = false;
                saved = saved.saturating_add(flops);
            }
        }
        let after = Profile::of(trees, problem, &cleaned);
        if after.peak > profile.peak || after.added >= profile.added {
            break;
        }
        (is_virtual, profile) = (cleaned, after);
    }
    (is_virtual, profile)
}

/// What was saved is known only when all is counted again.
const PASSES: usize = 3;

/// The values that kernels compute more than once, with the flops that this takes, most first.
fn repeated(trees: &mut Trees<'_>, problem: &FuseProblem, is_virtual: &[bool]) -> Vec<(u64, u32)> {
    let mut spent = vec![0u64; problem.values.len()];
    for op in (0..problem.ops.len() as u32).filter(|&op| problem.is_kernel(op, is_virtual)) {
        trees.expand(is_virtual, op);
        for (value, flops) in trees.computed() {
            spent[value as usize] = spent[value as usize].saturating_add(flops);
        }
    }
    let values = (0u32..).zip(&problem.values).filter(|(_, facts)| matches!(facts.fusible, Fusible::May(_)));
    let values = values.filter(|&(value, _)| is_virtual[value as usize]);
    let extra = values.map(|(value, _)| {
        let once = problem.ops[problem.maker(value) as usize].flops;
        (spent[value as usize].saturating_sub(once), value)
    });
    let mut extra: Vec<(u64, u32)> = extra.filter(|&(flops, _)| flops > 0).collect();
    extra.sort_unstable_by_key(|&(flops, value)| (std::cmp::Reverse(flops), value));
    extra
}

/// Live bytes by step, in blocks of steps, so that ranges are raised and asked for their largest in a few strides.
struct Steps {
    live: Vec<i64>,
    /// For each block, what all of its steps have besides, and their largest without that.
    raised: Vec<i64>,
    most: Vec<i64>,
}

const BLOCK: usize = 128;

impl Steps {
    fn new(live: &[i64]) -> Steps {
        let most: Vec<i64> = live.chunks(BLOCK).map(|block| block.iter().copied().max().unwrap_or(0)).collect();
        Steps { live: live.to_vec(), raised: vec![0; most.len()], most }
    }

    /// The most bytes in any step from `from` to `to`.
    fn most(&self, from: u32, to: u32) -> i64 {
        let block = |(block, part): (usize, std::ops::Range<usize>)| {
            let whole = part.len() == BLOCK || part.end == self.live.len() && part.start % BLOCK == 0;
            let most = if whole { self.most[block] } else { self.live[part].iter().copied().max().unwrap_or(0) };
            most + self.raised[block]
        };
        blocks(from, to).map(block).max().unwrap_or(0)
    }

    fn add(&mut self, from: u32, to: u32, bytes: i64) {
        for (block, part) in blocks(from, to) {
            if part.len() == BLOCK {
                self.raised[block] += bytes;
                continue;
            }
            self.live[part].iter_mut().for_each(|live| *live += bytes);
            let end = self.live.len().min((block + 1) * BLOCK);
            self.most[block] = self.live[block * BLOCK..end].iter().copied().max().unwrap_or(0);
        }
    }
}

/// The steps from `from` to `to`, cut at the ends of blocks.
fn blocks(from: u32, to: u32) -> impl Iterator<Item = (usize, std::ops::Range<usize>)> {
    let (from, end) = (from as usize, to as usize + 1);
    (from / BLOCK..end.div_ceil(BLOCK)).map(move |block| (block, from.max(block * BLOCK)..end.min((block + 1) * BLOCK)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{Rng, SeedableRng};

    #[test]
    fn ranges_are_raised_and_asked_as_step_by_step() {
        let mut random = SmallRng::seed_from_u64(1);
        let mut plain: Vec<i64> = (0..3 * BLOCK + 17).map(|_| random.random_range(0..100)).collect();
        let mut steps = Steps::new(&plain);
        for _ in 0..2000 {
            let (a, b) = (random.random_range(0..plain.len()), random.random_range(0..plain.len()));
            let (from, to) = (a.min(b), a.max(b));
            assert_eq!(steps.most(from as u32, to as u32), *plain[from..=to].iter().max().unwrap());
            let bytes = random.random_range(-50..50);
            plain[from..=to].iter_mut().for_each(|live| *live += bytes);
            steps.add(from as u32, to as u32, bytes);
        }
    }
}

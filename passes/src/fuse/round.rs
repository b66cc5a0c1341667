//! One round of decisions: each value in its turn is made virtual where that removes more than it lengthens.
//!
//! A step counts by how close to the peak it is: `weight(t) = (live(t) / peak)^exponent`, with the live bytes of the round
//! before. Making a value virtual removes its bytes from its steps, and adds those of its roots that would have died
//! sooner to theirs; flops that are then spent more than once have a price in the same unit. The order of decisions is
//! that of the operations, and the lives of roots are lengthened at once, so that no two values count on the same root as
//! alive anyway.

use memopt::dialect::Virtual;

use super::problem::{FuseProblem, Fusible};
use super::profile::Profile;
use super::tree::Trees;

/// How a round weighs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Taste {
    /// How much less a step counts that is further below the peak.
    pub(super) exponent: i32,
    /// The most virtual values that a kernel computes for one operand; half as many roots.
    pub(super) cap: usize,
    /// What spending all flops a second time costs, as a share of the weighted bytes of all steps at the peak.
    pub(super) price: f64,
}

/// No kernel computes an element of a virtual value more often than this, unless that is nothing but moving it.
pub(super) const MOST_REPEATS: u64 = 2;

/// Decides on every value once. `plain`: the profile where nothing is made virtual; `before`: that of the round before.
pub(super) fn round(
    trees: &mut Trees<'_>,
    problem: &FuseProblem,
    plain: &Profile,
    before: &Profile,
    taste: Taste,
) -> Vec<bool> {
    let weights = Weights::of(before, taste.exponent);
    let price = taste.price * before.peak as f64 * weights.total() / problem.total_flops().max(1) as f64;
    let mut is_virtual = problem.always_virtual();
    let mut kinds: Vec<Option<Virtual>> = problem.values.iter().map(|value| always(value.fusible)).collect();
    let mut sizes = vec![0; problem.values.len()];
    let mut last = plain.last.clone();
    let mut roots: Vec<u32> = Vec::new();
    for op in 0..problem.ops.len() as u32 {
        let Some(value) = problem.ops[op as usize].makes else { continue };
        let facts = &problem.values[value as usize];
        let of_operands = problem.reads_of(op).iter().map(|read| sizes[read.value as usize]);
        let size = of_operands.fold(1, usize::saturating_add);
        let (Fusible::May(own), Some(buffer)) = (facts.fusible, facts.buffer) else {
            sizes[value as usize] = size;
            continue;
        };
        let kind = kind_of(problem, op, own, &kinds);
        let end = last[buffer as usize];
        if facts.stored || !trees.readers_compute(&is_virtual, value, kind) {
            continue;
        }
        let flops = problem.ops[op as usize].flops.saturating_add(trees.expand(&is_virtual, op));
        if size > taste.cap || trees.roots.len() > taste.cap / 2 {
            continue;
        }
        roots.clone_from(&trees.roots);
        if roots.iter().any(|&root| problem.values[root as usize].overwritten.is_some_and(|step| step <= end)) {
            continue;
        }
        let mut gain = problem.buffers[buffer as usize].size.0 as f64 * weights.between(op, end);
        for &root in &roots {
            if let Some(root) = problem.values[root as usize].buffer
                && !problem.buffers[root as usize].until_end
                && last[root as usize] < end
            {
                gain -= problem.buffers[root as usize].size.0 as f64 * weights.between(last[root as usize], end);
            }
        }
        if gain < 0.0 {
            continue;
        }
        if flops > 0 {
            match repeated(trees, problem, &mut is_virtual, value, flops) {
                Some(added) if gain >= price * added as f64 => {}
                _ => continue,
            }
        }
        is_virtual[value as usize] = true;
        kinds[value as usize] = Some(kind);
        sizes[value as usize] = size;
        for &root in &roots {
            if let Some(root) = problem.values[root as usize].buffer {
                last[root as usize] = last[root as usize].max(end);
            }
        }
    }
    limit_trees(problem, &mut is_virtual, taste.cap);
    is_virtual
}

/// How a kernel computes the value of `op`, where its operands are virtual as `kinds` say.
pub(super) fn kind_of(problem: &FuseProblem, op: u32, own: Virtual, kinds: &[Option<Virtual>]) -> Virtual {
    let reads = problem.reads_of(op).iter().map(|read| kinds[read.value as usize]);
    match own {
        Virtual::Addressing if reads.clone().all(|kind| kind == Some(Virtual::Nullary)) => Virtual::Nullary,
        own => reads.fold(own, |kind, of| kind.max(of.unwrap_or(own))),
    }
}

/// Gives bytes to values so that no tree is larger than `cap`, each value counted as often as it is reached: what is larger
/// itself, and what makes always virtual values larger.
pub(super) fn limit_trees(problem: &FuseProblem, is_virtual: &mut [bool], cap: usize) {
    loop {
        let mut sizes = vec![0usize; problem.values.len()];
        let mut changed = false;
        for op in 0..problem.ops.len() as u32 {
            let Some(value) = problem.ops[op as usize].makes.filter(|&value| is_virtual[value as usize]) else {
                continue;
            };
            let of_operands = problem.reads_of(op).iter().map(|read| sizes[read.value as usize]);
            sizes[value as usize] = of_operands.fold(1, usize::saturating_add);
            if sizes[value as usize] > cap {
                changed |= store(problem, is_virtual, value);
                sizes[value as usize] = 0;
            }
        }
        if !changed {
            return;
        }
    }
}

/// Gives bytes to a value, or to those that it is made from if it never has any; whether there was one to give bytes to.
fn store(problem: &FuseProblem, is_virtual: &mut [bool], value: u32) -> bool {
    let mut work = vec![value];
    let mut changed = false;
    while let Some(value) = work.pop() {
        match problem.values[value as usize].fusible {
            Fusible::May(_) => changed |= std::mem::take(&mut is_virtual[value as usize]),
            Fusible::Always(_) | Fusible::Joined => {
                work.extend(problem.reads_of(problem.maker(value)).iter().map(|read| read.value));
            }
            Fusible::Never => {}
        }
    }
    changed
}

pub(super) fn always(fusible: Fusible) -> Option<Virtual> {
    match fusible {
        Fusible::Always(kind) => Some(kind),
        _ => None,
    }
}

/// The flops that are spent in addition where `value` is virtual, which as a kernel takes `flops`; `None` if a kernel
/// would repeat too much.
pub(super) fn repeated(
    trees: &mut Trees<'_>,
    problem: &FuseProblem,
    is_virtual: &mut [bool],
    value: u32,
    flops: u64,
) -> Option<u64> {
    let mut readers = trees.final_readers(is_virtual, value);
    let mut spent = 0u64;
    // One kernel that reads each element once spends what the operation spends.
    if let ([reader], true) = (&readers[..], readers.len() == 1) {
        let mut reads = problem.reads_of(*reader).iter().filter(|read| read.value == value);
        if let (Some(read), None) = (reads.next(), reads.next())
            && read.same_index
        {
            return Some(0);
        }
    }
    while let Some(reader) = readers.pop() {
        let without = trees.expand(is_virtual, reader);
        is_virtual[value as usize] = true;
        let with = trees.expand(is_virtual, reader);
        is_virtual[value as usize] = false;
        if trees.repeats_beyond(MOST_REPEATS) {
            return None;
        }
        spent = spent.saturating_add(with.saturating_sub(without));
    }
    Some(spent.saturating_sub(flops))
}

/// The weights of steps, summed up.
pub(super) struct Weights {
    /// Of the steps up to each one, it included.
    sums: Vec<f64>,
}

impl Weights {
    pub(super) fn of(profile: &Profile, exponent: i32) -> Weights {
        let peak = profile.peak.max(1) as f64;
        let mut sum = 0.0;
        let up_to = |&live: &i64| {
            sum += (live as f64 / peak).powi(exponent);
            sum
        };
        Weights { sums: profile.live.iter().map(up_to).collect() }
    }

    pub(super) fn total(&self) -> f64 {
        self.sums.last().copied().unwrap_or(0.0)
    }

    /// Of the steps from `from` on and before `to`: what dies in a step may be overwritten there.
    pub(super) fn between(&self, from: u32, to: u32) -> f64 {
        let before = |step: u32| if step == 0 { 0.0 } else { self.sums[step as usize - 1] };
        before(to) - before(from)
    }
}

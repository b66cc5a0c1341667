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
    let mut sizes = tree_sizes(problem, &is_virtual);
    let mut last = plain.last.clone();
    let mut roots: Vec<u32> = Vec::new();
    for op in 0..problem.ops.len() as u32 {
        let Some(value) = problem.ops[op as usize].makes else { continue };
        let facts = &problem.values[value as usize];
        let (Fusible::May(own), Some(buffer)) = (facts.fusible, facts.buffer) else { continue };
        let kind = kind_of(problem, op, own, &kinds);
        let end = last[buffer as usize];
        if facts.readable < Some(kind) || end == op {
            continue;
        }
        let flops = problem.ops[op as usize].flops.saturating_add(trees.expand(&is_virtual, op));
        let size =
            problem.reads_of(op).iter().fold(1, |sum: usize, read| sum.saturating_add(sizes[read.value as usize]));
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

/// For each virtual value, the virtual values in its tree, each as often as it is reached; nothing for others.
pub(super) fn tree_sizes(problem: &FuseProblem, is_virtual: &[bool]) -> Vec<usize> {
    let mut sizes = vec![0usize; problem.values.len()];
    for op in 0..problem.ops.len() as u32 {
        if let Some(value) = problem.ops[op as usize].makes.filter(|&value| is_virtual[value as usize]) {
            let of_operands = problem.reads_of(op).iter().map(|read| sizes[read.value as usize]);
            sizes[value as usize] = of_operands.fold(1, usize::saturating_add);
        }
    }
    sizes
}

pub(super) fn always(fusible: Fusible) -> Option<Virtual> {
    match fusible {
        Fusible::Always(kind) => Some(kind),
        _ => None,
    }
}

/// The flops that are spent in addition where `value` is virtual, which as a kernel takes `flops`; `None` if a kernel
/// would repeat too much.
fn repeated(
    trees: &mut Trees<'_>,
    problem: &FuseProblem,
    is_virtual: &mut [bool],
    value: u32,
    flops: u64,
) -> Option<u64> {
    let mut readers = final_readers(problem, is_virtual, value);
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
        if trees.repeats_beyond(super::solve::knob("REPEATS", 4.0) as u64) {
            return None;
        }
        spent = spent.saturating_add(with.saturating_sub(without));
    }
    Some(spent.saturating_sub(flops))
}

/// The kernels that read a value, directly or through virtual values.
pub(super) fn final_readers(problem: &FuseProblem, is_virtual: &[bool], value: u32) -> Vec<u32> {
    let mut readers = Vec::new();
    let mut work = vec![value];
    let mut next = 0;
    while let Some(&value) = work.get(next) {
        next += 1;
        for &op in problem.readers.row(value as usize) {
            match problem.ops[op as usize].makes.filter(|&made| is_virtual[made as usize]) {
                Some(made) if !work.contains(&made) => work.push(made),
                Some(_) => {}
                None => readers.push(op),
            }
        }
    }
    readers.sort_unstable();
    readers.dedup();
    readers
}

/// The weights of steps, summed up.
struct Weights {
    /// Of the steps up to each one, it included.
    sums: Vec<f64>,
}

impl Weights {
    fn of(profile: &Profile, exponent: i32) -> Weights {
        let peak = profile.peak.max(1) as f64;
        let mut sum = 0.0;
        let up_to = |&live: &i64| {
            sum += (live as f64 / peak).powi(exponent);
            sum
        };
        Weights { sums: profile.live.iter().map(up_to).collect() }
    }

    fn total(&self) -> f64 {
        self.sums.last().copied().unwrap_or(0.0)
    }

    /// Of the steps from `from` on and before `to`: what dies in a step may be overwritten there.
    fn between(&self, from: u32, to: u32) -> f64 {
        let before = |step: u32| if step == 0 { 0.0 } else { self.sums[step as usize - 1] };
        before(to) - before(from)
    }
}

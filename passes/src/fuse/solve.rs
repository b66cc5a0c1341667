//! The search: rounds of decisions in several tastes, each on the profile of the round before, and descents from the best
//! round; the least peak is kept. In the end repeated values get bytes where memory is far from its peak: nearer to it they
//! would be in the way of the order and the offsets that are chosen after.

use memopt::ir::Bytes;
use memopt::plan::StopReason;

use super::clean::clean;
use super::descend::descend;
use super::problem::FuseProblem;
use super::profile::Profile;
use super::round::{Taste, round};
use super::tree::Trees;
use super::validate::validate_fuse;

/// Which values are virtual.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct FuseSolution {
    /// By value; those that always are included.
    pub is_virtual: Vec<bool>,
    /// The most bytes that are live in any step.
    pub peak: Bytes,
    /// Flops spent beyond running every operation once.
    pub added_flops: u64,
}

/// What the search may do.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FuseOptions {
    /// Flops that may be added, as a share of those of all operations.
    pub max_overhead: f64,
    /// How hard to search: each step up twice the work.
    pub effort: u32,
}

/// Makes values virtual so that the peak falls, with at most so many flops added. Never worse than `given`, if that is a
/// choice for this order and adds no more, nor than making no value virtual.
pub fn fuse(problem: &FuseProblem, given: &[bool], options: FuseOptions) -> (FuseSolution, StopReason) {
    let most = (options.max_overhead * problem.total_flops() as f64) as u64;
    let mut search = Search::new(problem, most, WORK << options.effort.min(20));
    search.start(given);
    for (cap, exponent) in TASTES {
        search.taste(cap, exponent);
    }
    let Search { mut trees, best, work, .. } = search;
    let stop = if trees.work > work { StopReason::WorkLimit } else { StopReason::Saturated };
    let level = best.1.peak / 4 * LEVEL_IN_QUARTERS;
    let (is_virtual, profile) = clean(&mut trees, problem, best, level, (0, 2 * work));
    (FuseSolution { is_virtual, peak: Bytes(profile.peak as u64), added_flops: profile.added }, stop)
}

/// Reads followed, for effort 0.
const WORK: u64 = 6_000_000;

/// Repeated values get bytes up to this level below the peak. Up to the peak itself, the arena of unet.train.b1 is 2 % larger,
/// that of googlenet 0.6 %.
const LEVEL_IN_QUARTERS: i64 = 3;

/// The sizes of kernels, and how much more the peak counts than what is below it.
const TASTES: [(usize, i32); 4] = [(400, 8), (64, 8), (400, 32), (64, 32)];

/// Rounds of one taste, how many without gain end them, and the descents from the best of them.
const ROUNDS: usize = 6;
const WITHOUT_GAIN: usize = 2;
const DESCENTS: usize = 3;

/// No kernel reads more values than these for virtual ones.
const MOST_ROOTS: usize = 512;

/// Prices of flops that are tried, on a logarithmic scale: first upwards to one at which few enough are added, then between
/// that and the last one before.
const FIRST_PRICE: f64 = 1e-3;
const PRICE_STEP: f64 = 64.0;
const DEAREST: f64 = 1e12;
const BISECTIONS: usize = 6;

struct Search<'p> {
    problem: &'p FuseProblem,
    trees: Trees<'p>,
    /// Flops that may be added.
    most: u64,
    /// Reads that may be followed.
    work: u64,
    plain: Profile,
    best: (Vec<bool>, Profile),
}

impl<'p> Search<'p> {
    fn new(problem: &'p FuseProblem, most: u64, work: u64) -> Search<'p> {
        let mut trees = Trees::new(problem);
        let none = problem.always_virtual();
        let plain = Profile::of(&mut trees, problem, &none);
        Search { problem, trees, most, work, best: (none, plain.clone()), plain }
    }

    /// Starts from a choice, if it is one for this order.
    fn start(&mut self, given: &[bool]) {
        let profile = Profile::of(&mut self.trees, self.problem, given);
        let peak = Bytes(profile.peak as u64);
        let solution = FuseSolution { is_virtual: given.to_vec(), peak, added_flops: profile.added };
        if given != self.best.0 && validate_fuse(self.problem, &solution).is_ok() {
            self.offer(solution.is_virtual, profile);
        }
    }

    /// Keeps a choice if it is the best so far. Whether it adds few enough flops, if need be where repeated values get bytes.
    fn offer(&mut self, is_virtual: Vec<bool>, profile: Profile) -> bool {
        let worth = |profile: &Profile| (profile.peak, profile.added);
        let level = profile.peak;
        let found = match profile.added <= self.most {
            true => (is_virtual, profile),
            false => clean(&mut self.trees, self.problem, (is_virtual, profile), level, (self.most, self.work)),
        };
        let is_allowed = found.1.added <= self.most && found.1.behind <= MOST_ROOTS;
        if is_allowed && worth(&found.1) < worth(&self.best.1) {
            self.best = found;
        }
        is_allowed
    }

    /// Rounds of one taste: flops for nothing first, then for as little as they have to cost.
    fn taste(&mut self, cap: usize, exponent: i32) {
        let taste = |price: f64| Taste { exponent, cap, price };
        if self.rounds(taste(0.0)) {
            return;
        }
        let (mut low, mut high) = (FIRST_PRICE / PRICE_STEP, FIRST_PRICE);
        while !self.rounds(taste(high)) {
            if high > DEAREST {
                return;
            }
            (low, high) = (high, high * PRICE_STEP);
        }
        for _ in 0..BISECTIONS {
            let middle = (low * high).sqrt();
            if self.rounds(taste(middle)) { high = middle } else { low = middle }
        }
    }

    /// Whether some round added few enough flops.
    fn rounds(&mut self, taste: Taste) -> bool {
        let mut best: Option<(Vec<bool>, Profile)> = None;
        let mut before = self.plain.clone();
        let (mut peak, mut without_gain, mut is_allowed) = (before.peak, 0, false);
        for _ in 0..ROUNDS {
            if self.trees.work > self.work {
                return true;
            }
            let is_virtual = round(&mut self.trees, self.problem, &self.plain, &before, taste);
            before = Profile::of(&mut self.trees, self.problem, &is_virtual);
            is_allowed |= self.offer(is_virtual.clone(), before.clone());
            if best.as_ref().is_none_or(|(_, best)| before.peak < best.peak) {
                best = Some((is_virtual, before.clone()));
            }
            without_gain = if before.peak < peak - peak / 1000 { 0 } else { without_gain + 1 };
            peak = peak.min(before.peak);
            if without_gain == WITHOUT_GAIN {
                break;
            }
        }
        if let Some(best) = best {
            is_allowed |= self.descents(taste, best);
        }
        is_allowed
    }

    /// The same for descents from a choice.
    fn descents(&mut self, taste: Taste, mut from: (Vec<bool>, Profile)) -> bool {
        let mut is_allowed = false;
        for _ in 0..DESCENTS {
            if self.trees.work > self.work {
                break;
            }
            let is_virtual = descend(&mut self.trees, self.problem, (&from.0, &from.1), taste, self.work);
            let profile = Profile::of(&mut self.trees, self.problem, &is_virtual);
            is_allowed |= self.offer(is_virtual.clone(), profile.clone());
            let improves = profile.peak < from.1.peak;
            from = (is_virtual, profile);
            if !improves {
                break;
            }
        }
        is_allowed
    }
}

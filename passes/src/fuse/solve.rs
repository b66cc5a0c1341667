//! The search: rounds of decisions in several tastes, each on the profile of the round before; the least peak is kept.

use memopt::ir::Bytes;
use memopt::plan::StopReason;

use super::clean::clean;
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

/// Makes values virtual so that the peak falls, with at most so many flops added. Never worse than `given`, if that adds no
/// more, nor than making no value virtual.
pub fn fuse(problem: &FuseProblem, given: &[bool], options: FuseOptions) -> (FuseSolution, StopReason) {
    let most = (options.max_overhead * problem.total_flops() as f64) as u64;
    let mut search = Search::new(problem, most);
    search.start(given);
    for cap in CAPS {
        for exponent in
            if knob("EXPO", 0.0) > 0.0 { [knob("EXPO", 0.0) as i32, knob("EXPO2", 8.0) as i32] } else { EXPONENTS }
        {
            search.rounds(cap, exponent);
        }
    }
    let (is_virtual, profile) = (search.best, search.profile);
    let (is_virtual, profile) = clean(&mut search.trees, problem, is_virtual, profile);
    let peak = Bytes(profile.peak as u64);
    (FuseSolution { is_virtual, peak, added_flops: profile.added }, StopReason::Saturated)
}

/// Sizes of kernels.
const CAPS: [usize; 2] = [64, 400];

/// How much more the peak counts than what is below it.
const EXPONENTS: [i32; 2] = [8, 32];

/// Rounds of one taste, and how many without gain end them.
const ROUNDS: usize = 6;
const WITHOUT_GAIN: usize = 2;

struct Search<'p> {
    problem: &'p FuseProblem,
    trees: Trees<'p>,
    /// Flops that may be added.
    most: u64,
    plain: Profile,
    best: Vec<bool>,
    profile: Profile,
}

impl<'p> Search<'p> {
    fn new(problem: &'p FuseProblem, most: u64) -> Search<'p> {
        let mut trees = Trees::new(problem);
        let best = problem.always_virtual();
        let plain = Profile::of(&mut trees, problem, &best);
        Search { problem, trees, most, profile: plain.clone(), plain, best }
    }

    /// Starts from a choice, if it is one for this order.
    fn start(&mut self, given: &[bool]) {
        let profile = Profile::of(&mut self.trees, self.problem, given);
        let peak = Bytes(profile.peak as u64);
        let solution = FuseSolution { is_virtual: given.to_vec(), peak, added_flops: profile.added };
        if given != self.best && validate_fuse(self.problem, &solution).is_ok() {
            self.offer(solution.is_virtual);
        }
    }

    /// Keeps a choice if it is the best so far; its profile.
    fn offer(&mut self, is_virtual: Vec<bool>) -> Profile {
        let profile = Profile::of(&mut self.trees, self.problem, &is_virtual);
        let worth = |profile: &Profile| (profile.peak, profile.added);
        if profile.added <= self.most && worth(&profile) < worth(&self.profile) {
            (self.best, self.profile) = (is_virtual, profile.clone());
        }
        profile
    }

    fn rounds(&mut self, cap: usize, exponent: i32) {
        // Free of charge first; the price rises until what is added is allowed.
        let mut price = knob("PRICE", 0.0);
        for _ in 0..PRICES {
            let taste = Taste { exponent, cap, price };
            let added = self.rounds_at(taste);
            if added <= self.most {
                return;
            }
            price = (price * PRICE_STEP).max(0.01);
        }
    }

    /// The least that a round added.
    fn rounds_at(&mut self, taste: Taste) -> u64 {
        let (mut before, mut least) = (self.plain.clone(), u64::MAX);
        let (mut peak, mut without_gain) = (before.peak, 0);
        for _ in 0..ROUNDS {
            let is_virtual = round(&mut self.trees, self.problem, &self.plain, &before, taste);
            before = self.offer(is_virtual);
            least = least.min(before.added);
            if std::env::var("FUSE_TRACE").is_ok() {
                eprintln!(
                    "  {taste:?} peak {} added {:.2}% work {}",
                    before.peak as f64 / 1e6,
                    100.0 * before.added as f64 / self.problem.total_flops() as f64,
                    self.trees.work
                );
            }
            without_gain = if before.peak < peak - peak / 1000 { 0 } else { without_gain + 1 };
            peak = peak.min(before.peak);
            if without_gain == WITHOUT_GAIN {
                break;
            }
        }
        least
    }
}

pub(super) fn knob(name: &str, default: f64) -> f64 {
    std::env::var(name).ok().and_then(|x| x.parse().ok()).unwrap_or(default)
}
const PRICE_STEP: f64 = 4.0;
const PRICES: usize = 6;

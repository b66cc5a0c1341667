//! Which algorithm chooses the clones, and how the answers of one are compared.
//!
//! The algorithms beside the minimum cut are those of other systems, to compare with: each says in its file where it comes from
//! and where it differs. None of them has a knob for bytes of memory but DTR. So all plans that an algorithm's own knobs lead
//! to are judged by the exact peak of their schedule, and the best one for the goal is the answer.

use memopt::plan::StopReason;

use super::chen::chen;
use super::dtr::dtr;
use super::echo::{Grain, echo};
use super::goal::RecomputeGoal;
use super::ilp::ilp;
use super::mirror::mirror;
use super::problem::RecomputeProblem;
use super::pytorch::pytorch;
use super::runs::Runs;
use super::solve::bytes_of;

/// How the clones are chosen.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum RecomputeAlgorithm {
    /// Minimum cuts with a price of memory, repair and search.
    #[default]
    MinCut,
    /// Light regions, where the peak falls (Zheng et al. 2020).
    Echo,
    /// Segments between checkpoints (Chen et al. 2016).
    Chen,
    /// All light kernels (MXNet).
    Mirror,
    /// Eviction as the program runs (Kirisame et al. 2021).
    Dtr,
    /// The minimum cut between what is saved and what is computed again (AOTAutograd).
    PyTorch,
    /// Integer programming, for small problems: nothing is better (Jain et al. 2020).
    Ilp,
}

impl RecomputeAlgorithm {
    /// The words for them, in the order of [`RecomputeAlgorithm::ALL`].
    pub(super) const WORDS: [&str; 7] = ["mincut", "echo", "chen", "mirror", "dtr", "pytorch", "ilp"];

    /// All of them.
    pub const ALL: [RecomputeAlgorithm; 7] = [
        RecomputeAlgorithm::MinCut,
        RecomputeAlgorithm::Echo,
        RecomputeAlgorithm::Chen,
        RecomputeAlgorithm::Mirror,
        RecomputeAlgorithm::Dtr,
        RecomputeAlgorithm::PyTorch,
        RecomputeAlgorithm::Ilp,
    ];

    /// The one that a word means, the default for any other word.
    pub(super) fn by_word(word: &str) -> RecomputeAlgorithm {
        let place = Self::WORDS.iter().position(|known| *known == word);
        place.map_or_else(RecomputeAlgorithm::default, |place| Self::ALL[place])
    }
}

/// Which of two schedules is better.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// Less memory than this is worth nothing.
    pub(super) enough: i64,
    /// More added cost than this will not do.
    pub(super) most: u64,
}

impl Wanted {
    pub(super) fn of(problem: &RecomputeProblem, goal: RecomputeGoal) -> Wanted {
        match goal {
            RecomputeGoal::Budget(budget) => Wanted { enough: bytes_of(budget), most: u64::MAX },
            RecomputeGoal::Least => Wanted { enough: 0, most: u64::MAX },
            RecomputeGoal::Overhead(share) => {
                Wanted { enough: 0, most: (problem.total_cost() as f64 * share.max(0.0)) as u64 }
            }
        }
    }

    /// Less is better: memory, as far as it matters, then cost.
    fn key(self, runs: &Runs<'_>) -> (bool, i64, u64) {
        (runs.cost > self.most, runs.peak().max(self.enough), runs.cost)
    }

    /// Whether there is still something to gain.
    pub(super) fn goes_on(self, runs: &Runs<'_>) -> bool {
        runs.peak() > self.enough && runs.cost < self.most
    }
}

/// Limits that DTR is tried at where none is asked for: twentieths of the peak without clones.
const LIMITS: i64 = 20;

/// The best schedule that an algorithm other than the minimum cut finds, and why it stopped; the schedule without clones where
/// none is better.
pub(super) fn baseline<'p>(
    problem: &'p RecomputeProblem,
    algorithm: RecomputeAlgorithm,
    goal: RecomputeGoal,
    work: &mut u64,
) -> (Runs<'p>, StopReason) {
    let mut is_proven = false;
    let wanted = Wanted::of(problem, goal);
    let mut best = Runs::new(problem);
    let plain = best.peak();
    // Returns whether there is nothing to gain any more.
    let mut consider = |runs: Runs<'p>| {
        if wanted.key(&runs) < wanted.key(&best) {
            best = runs;
        }
        !wanted.goes_on(&best)
    };
    match algorithm {
        RecomputeAlgorithm::Echo => {
            for grain in [Grain::Region, Grain::Value] {
                consider(echo(problem, grain, wanted));
            }
        }
        RecomputeAlgorithm::Chen => chen(problem, |runs| _ = consider(runs)),
        RecomputeAlgorithm::Mirror => _ = consider(mirror(problem)),
        RecomputeAlgorithm::PyTorch => pytorch(problem, work, consider),
        RecomputeAlgorithm::Dtr => {
            let limits = match goal {
                RecomputeGoal::Budget(budget) => vec![bytes_of(budget)],
                _ => (1..LIMITS).rev().map(|part| plain / LIMITS * part).collect(),
            };
            for limit in limits {
                dtr(problem, limit, work).map(&mut consider);
            }
        }
        RecomputeAlgorithm::Ilp => {
            let exact = ilp(problem, wanted);
            is_proven = exact.is_proven;
            exact.runs.map(consider);
        }
        RecomputeAlgorithm::MinCut => {}
    }
    (best, if is_proven { StopReason::Proven } else { StopReason::Saturated })
}

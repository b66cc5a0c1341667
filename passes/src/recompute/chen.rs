//! Sublinear memory (Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016; `example/image-classification` and
//! `memonger` of MXNet).
//!
//! The forward part is cut into segments. What crosses a cut is kept; everything else that the backward part reads is computed
//! again, one segment at a time. Two ways to choose cuts among the candidates:
//!
//! - *sqrt(n)*: every `floor(sqrt k)`-th of `k` candidates;
//! - *greedy*: result sizes are added up along the order, and the first candidate after the sum has passed `b` is cut. `b` is
//!   searched for as the paper does: around `sqrt(x y / 2)`, where `x` is the bytes kept and `y` the largest segment of the
//!   cuts for the `b` before; then at [`TRIALS`] distances within a factor of sqrt 2.
//!
//! Candidates are, as in the paper, moments where one value connects what is before with what is after (articulation points of
//! the forward part); and, since a network with long connections has none, also all moments, with everything that crosses
//! them kept (Checkmate's "linearised" form). Nothing after the last cut is computed again, since the backward part begins
//! there. What must not run twice is kept.

use memopt::ir::Bytes;

use super::across::{drop_across, stash, turn};
use super::problem::{Keeper, RecomputeProblem};
use super::runs::Runs;

/// Rounds in which `b` follows from the segments of the round before, and values of `b` around the last.
const ROUNDS: u32 = 3;
const TRIALS: u32 = 6;

/// The moments after some steps of the forward part, with what crosses them on its way to other forward steps.
struct Cuts {
    turn: u32,
    /// Steps, increasing.
    candidates: Vec<u32>,
    /// Value -> the last step of the forward part that reads it, if that comes after its writer.
    last_forward: Vec<Option<u32>>,
}

/// Hands all schedules that the method finds to `consider`.
pub(super) fn chen<'p>(problem: &'p RecomputeProblem, mut consider: impl FnMut(Runs<'p>)) {
    let turn = turn(problem);
    for only_articulations in [true, false] {
        let cuts = Cuts::new(problem, turn, only_articulations);
        let every = cuts.candidates.len().isqrt().max(1);
        let rooted: Vec<u32> = cuts.candidates.iter().copied().skip(every - 1).step_by(every).collect();
        consider(cuts.apply(problem, &rooted));
        let mut threshold = 0;
        for _ in 0..ROUNDS {
            let (chosen, kept, largest) = cuts.greedy(problem, threshold);
            consider(cuts.apply(problem, &chosen));
            threshold = (kept.0 as f64 * largest.0 as f64 / 2.0).sqrt() as u64;
        }
        for trial in 0..TRIALS {
            let factor = 2f64.powf(f64::from(trial) / f64::from(TRIALS - 1) - 0.5);
            let (chosen, ..) = cuts.greedy(problem, (threshold as f64 * factor) as u64);
            consider(cuts.apply(problem, &chosen));
        }
    }
}

impl Cuts {
    fn new(problem: &RecomputeProblem, turn: u32, only_articulations: bool) -> Cuts {
        let mut last_forward = vec![None; problem.values.len()];
        for step in 0..=turn {
            for &value in problem.reads.row(step as usize) {
                let facts = &problem.values[value as usize];
                if facts.writer.is_some_and(|writer| writer < step) && facts.keeper == Keeper::Readers {
                    last_forward[value as usize] = Some(step);
                }
            }
        }
        let mut change = vec![0i32; turn as usize + 2];
        for (value, facts) in problem.values.iter().enumerate() {
            if let (Some(writer), Some(last)) = (facts.writer, last_forward[value]) {
                change[writer as usize] += 1;
                change[last as usize] -= 1;
            }
        }
        let mut crossing = 0;
        let mut candidates = Vec::new();
        for step in 0..turn {
            crossing += change[step as usize];
            if crossing == 1 || !only_articulations && crossing > 0 {
                candidates.push(step);
            }
        }
        Cuts { turn, candidates, last_forward }
    }

    /// Cuts where the results since the last cut have more bytes than `threshold`; with the bytes that cross them, and the most
    /// that lie between two.
    fn greedy(&self, problem: &RecomputeProblem, threshold: u64) -> (Vec<u32>, Bytes, Bytes) {
        let (mut chosen, mut sum, mut largest) = (Vec::new(), Bytes::ZERO, Bytes::ZERO);
        let mut candidates = self.candidates.iter().copied().peekable();
        for step in 0..=self.turn {
            sum += problem.writes.row(step as usize).iter().map(|&value| problem.values[value as usize].size).sum();
            largest = largest.max(sum);
            if candidates.next_if_eq(&step).is_some() && sum.0 > threshold {
                chosen.push(step);
                sum = Bytes::ZERO;
            }
        }
        let kept = self.crossing(problem, &chosen);
        let bytes = problem.values.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(facts, _)| facts.size).sum();
        (chosen, bytes, largest)
    }

    /// Value -> whether it crosses one of the cuts.
    fn crossing(&self, problem: &RecomputeProblem, chosen: &[u32]) -> Vec<bool> {
        let crosses = |(value, last): (usize, &Option<u32>)| match (problem.values[value].writer, last) {
            (Some(writer), &Some(last)) => {
                let next = chosen.partition_point(|&step| step < writer);
                chosen.get(next).is_some_and(|&step| step < last)
            }
            _ => false,
        };
        self.last_forward.iter().enumerate().map(crosses).collect()
    }

    /// The schedule in which what crosses the cuts is kept, and all else up to the last of them made again.
    fn apply<'p>(&self, problem: &'p RecomputeProblem, chosen: &[u32]) -> Runs<'p> {
        let mut runs = Runs::new(problem);
        let Some(&end) = chosen.last() else { return runs };
        let mut kept = self.crossing(problem, chosen);
        for (value, facts) in problem.values.iter().enumerate() {
            let is_before = |writer: u32| writer <= end && problem.kernels[writer as usize].repeatable;
            kept[value] |= !facts.writer.is_some_and(is_before);
        }
        let dropped: Vec<u32> = stash(problem, self.turn).into_iter().filter(|&value| !kept[value as usize]).collect();
        drop_across(&mut runs, self.turn, &dropped, |value| kept[value as usize], |_| true);
        runs
    }
}

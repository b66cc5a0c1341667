//! Large-neighbourhood search (Shaw 1998): some clones are taken away, and the schedule is repaired in another way.

use super::repair::{Taste, clean_up, do_without, excess, repair};
use super::runs::Runs;

/// How much worse than the schedule it starts from a schedule may be to be gone on from: one part in so many.
const TOLERANCE: u64 = 300;

/// Units of work of a round, however small the problem.
const ROUND: u64 = 100;

/// Searches around a schedule, as long as there is work; returns the cheapest that it meets, or the one that is least over the
/// budget, if none fits.
pub(super) fn search<'p>(start: Runs<'p>, budget: i64, tastes: &[Taste], work: &mut u64) -> Runs<'p> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut best = start.clone();
    let mut current = start;
    // Over the budget by so much, and at what cost.
    let mut least = (excess(&current, budget), current.cost);
    let mut round = 0;
    while *work > 0 && least != (0, 0) {
        let mut next = current.clone();
        *work = work.saturating_sub(ROUND + next.steps() as u64);
        destroy(&mut next, &mut random);
        next.refresh();
        let taste = tastes[round % tastes.len()];
        round += 1;
        let noisy = Taste { cost_power: taste.cost_power * (0.7 + 0.6 * random.share()), ..taste };
        if repair(&mut next, budget, noisy, u64::MAX, work) {
            clean_up(&mut next, budget, work);
        }
        let found = (excess(&next, budget), next.cost);
        if found <= (least.0, current.cost + current.cost / TOLERANCE) {
            current = next.compacted();
        }
        if found < least {
            least = found;
            best = next;
        }
    }
    best
}

/// Takes clones away, whatever that does to the peak: neighbours in the schedule, or any.
fn destroy(runs: &mut Runs<'_>, random: &mut Random) {
    let clones: Vec<u32> = runs.all_clones().collect();
    if clones.is_empty() {
        return;
    }
    let share = 0.03 + 0.3 * random.share();
    let count = ((clones.len() as f64 * share) as usize).max(1);
    let from = random.below(clones.len());
    if random.share() < 0.5 {
        clones.iter().cycle().skip(from).take(count).for_each(|&run| _ = do_without(runs, run));
    } else {
        for _ in 0..count {
            do_without(runs, clones[random.below(clones.len())]);
        }
    }
}

/// A sequence of numbers that look random and are the same in every run: xorshift (Marsaglia 2003).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// In `0..n`, 0 if that is empty.
    fn below(&mut self, n: usize) -> usize {
        (self.next() >> 33) as usize % n.max(1)
    }

    /// In `[0, 1)`.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

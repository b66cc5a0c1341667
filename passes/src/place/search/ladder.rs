//! Probes at many capacities, with many rankings, in rotation.
//!
//! *Lane*: a capacity between the lower bound and the best height, as a fraction of the way; the first lane is the bound
//! itself, and gets all steps at first. A probe at the bound ends everything if it succeeds; probes above it are easier,
//! and each success brings all lanes down. The last lane is *elastic*: its capacity begins at the bound and grows where the
//! search gets stuck. Most steps go to searches over valleys, of coarse problems above all, some to the canonical one. Limits
//! follow Luby's series: some packings need long searches, others the right taste.
//!
//! With several threads, a batch of probes runs at once, and a probe is called off only by the success of one before it in
//! the batch: the answer depends on the number of threads, never on their speed.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::branch::{self, Branch, Verdict};
use super::coarse::Coarse;
use super::items::Items;
use super::ranking::Ranking;
use super::state::State;
use super::valley::{self, Elastic, Valley};

/// Steps at the bound before it has to stand behind.
const BOUND_FIRST: u64 = 20_000_000;

/// Numbers of one lane begin this far from those of the next; small ones are plain.
const OFFSET: u64 = 1_000_003 * 16;

/// Failures without progress after which a capacity may grow, at first.
const PATIENCE: u64 = 16;

/// Ways to search, each with how dear its steps are: over the valleys of a coarse problem (`coarse.rs`), over those of the
/// problem itself, in the canonical order.
const KINDS: usize = 3;
const WEIGHTS: [u64; KINDS] = [1, 2, 8];
const COARSE: usize = 0;
const VALLEYS: usize = 1;
const CANONICAL: usize = 2;

/// A capacity and the work on it.
struct Lane {
    /// Its capacity grows while it is searched.
    elastic: bool,
    /// The way from the bound to the best height, in sixteenths.
    sixteenths: u64,
    /// Its share of the steps.
    share: u64,
    /// Steps spent and probes made, by way.
    spent: [u64; KINDS],
    tried: [u64; KINDS],
}

/// All lanes.
pub(super) struct Ladder {
    lanes: Vec<Lane>,
    /// Limit of the first probes.
    first: u64,
    /// Capacities below this were searched to the end.
    searched: u64,
}

/// One probe to make.
#[derive(Clone, Copy, Debug)]
struct Probe {
    lane: usize,
    /// The way to search.
    kind: usize,
    /// Of the coarse problem, taste or ranking.
    number: u64,
    capacity: u64,
    elastic: Option<Elastic>,
    limit: u64,
}

impl Ladder {
    pub(super) fn new(items: usize) -> Ladder {
        let lane =
            |(elastic, sixteenths, share)| Lane { elastic, sixteenths, share, spent: [0; KINDS], tried: [0; KINDS] };
        let lanes = [(false, 0, 2), (false, 3, 1), (false, 6, 1), (false, 10, 1), (false, 14, 1), (true, 0, 2)]
            .into_iter()
            .map(lane)
            .collect();
        Ladder { lanes, first: (items * 400) as u64, searched: 0 }
    }

    /// Probes until the goal is met, or `budget` more steps are done.
    pub(super) fn climb(&mut self, state: &mut State<'_>, budget: u64) {
        let until = state.steps.saturating_add(budget);
        while !state.is_done() && state.steps < until {
            let batch: Vec<Probe> = (0..state.threads).filter_map(|_| self.next(state, until)).collect();
            if batch.is_empty() {
                return;
            }
            for (probe, (verdict, steps, offsets)) in batch.iter().zip(run(&batch, state)) {
                state.steps += steps;
                self.lanes[probe.lane].spent[probe.kind] += steps;
                match verdict {
                    Verdict::Fits => state.offer(offsets),
                    Verdict::Fails => {
                        self.searched = self.searched.max(probe.capacity + 1);
                        state.refute(probe.capacity);
                    }
                    Verdict::Unknown => {}
                }
            }
        }
    }

    /// The next probe of the lane that has had least of its share.
    fn next(&mut self, state: &State<'_>, until: u64) -> Option<Probe> {
        let capacity = |lane: &Lane| state.between(lane.sixteenths);
        let lowest = capacity(&self.lanes[0]);
        // Capacities that coincide with the first lane's are not probed twice, and none above one that must be met.
        let distinct = |(i, lane): &(usize, &Lane)| match lane.elastic {
            true => state.items.plain && state.has_placement() && state.height > lowest + 1,
            false => *i == 0 || (capacity(lane) > lowest && !state.fit_only),
        };
        let spent = |lane: &Lane| {
            let at_bound = lane.sixteenths == 0 && !lane.elastic;
            let spent = lane.spent[0] + lane.spent[1];
            // What the bound has withstood for long it will withstand for longer.
            let late = if at_bound { spent.saturating_sub(BOUND_FIRST) } else { 8 * spent };
            8 * late / lane.share
        };
        let open = |(_, lane): &(usize, &Lane)| capacity(lane) >= self.searched;
        let lanes = self.lanes.iter().enumerate().filter(distinct).filter(open);
        let (index, _) = lanes.min_by_key(|&(i, lane)| (spent(lane), i))?;
        let capacity = capacity(&self.lanes[index]);
        let lane = &mut self.lanes[index];
        let kinds = match (state.items.plain, lane.elastic) {
            (true, true) => COARSE..CANONICAL,
            (true, false) => COARSE..KINDS,
            (false, _) => CANONICAL..KINDS,
        };
        let kinds = kinds.filter(|&kind| state.items.all.len() <= most_items(kind));
        let kind = kinds.min_by_key(|&kind| (lane.spent[kind] + lane.tried[kind]) * WEIGHTS[kind])?;
        let number = lane.tried[kind];
        // Counted at once, so that a batch does not try one lane only; corrected when the steps are known.
        lane.tried[kind] += 1;
        let elastic = lane.elastic.then(|| Elastic::new(state.height.saturating_sub(1), PATIENCE * luby(number + 1)));
        let limit = if lane.elastic { u64::MAX } else { self.first.saturating_mul(luby(number + 1)) };
        let limit = limit.min(until.saturating_sub(state.steps)).max(1);
        Some(Probe { lane: index, kind, number: number + OFFSET * index as u64, capacity, elastic, limit })
    }
}

/// Makes the probes; offsets where one fits.
fn run(batch: &[Probe], state: &State<'_>) -> Vec<(Verdict, u64, Vec<u64>)> {
    let found = AtomicUsize::new(usize::MAX);
    let make = |(i, probe): (usize, &Probe)| {
        let late = || state.is_late() || found.load(Ordering::Relaxed) < i;
        let (verdict, steps, offsets) = match probe.kind {
            COARSE => {
                let coarse = Coarse::numbered(probe.number, state.items);
                // Limits go with the number of items.
                let (all, left) = (state.items.all.len() as u64, coarse.items.all.len() as u64);
                let limit = if probe.elastic.is_some() { probe.limit } else { (probe.limit / all).max(1) * left };
                let (verdict, steps, offsets) = over_valleys(&coarse.items, &Probe { limit, ..*probe }, &late);
                // What does not fit when joined may fit otherwise.
                let verdict = if verdict == Verdict::Fails { Verdict::Unknown } else { verdict };
                (verdict, steps + coarse.steps(), coarse.spread(&offsets))
            }
            VALLEYS => over_valleys(state.items, probe, &late),
            _ => {
                let ranking = Ranking::numbered(probe.number, state.items);
                let Some(mut branch) = Branch::new(state.items, ranking, probe.capacity) else {
                    return (Verdict::Unknown, probe.limit, Vec::new());
                };
                let verdict = branch.probe(probe.limit, &late);
                (verdict, branch.steps, branch.offsets())
            }
        };
        if verdict == Verdict::Fits {
            found.fetch_min(i, Ordering::Relaxed);
        }
        // Making a search costs steps too.
        (verdict, steps + state.items.all.len() as u64, offsets)
    };
    match batch.len() {
        1 => batch.iter().enumerate().map(make).collect(),
        _ => batch.par_iter().enumerate().map(make).collect(),
    }
}

fn over_valleys(items: &Items, probe: &Probe, late: &dyn Fn() -> bool) -> (Verdict, u64, Vec<u64>) {
    let mut valley = Valley::new(items, probe.number, probe.capacity);
    let verdict = valley.probe(probe.limit, probe.elastic, late);
    (verdict, valley.steps, valley.offsets())
}

/// The series 1 1 2 1 1 2 4 1 1 2 1 1 2 4 8 ..., from the first number on: limits after which to start again where it is not
/// known how long luck takes (Luby, Sinclair and Zuckerman, "Optimal speedup of Las Vegas algorithms", 1993).
fn luby(mut number: u64) -> u64 {
    loop {
        let bits = u64::BITS - number.leading_zeros();
        if number + 1 == 1 << bits {
            return 1 << (bits - 1);
        }
        number -= (1 << (bits - 1)) - 1;
    }
}

/// Items beyond which a way of searching is not used.
fn most_items(kind: usize) -> usize {
    if kind != 1 { valley::MOST_ITEMS } else { branch::MOST_ITEMS }
}

#[cfg(test)]
mod tests {
    use super::luby;

    #[test]
    fn limits() {
        let limits: Vec<u64> = (1..16).map(luby).collect();
        assert_eq!(limits, [1, 1, 2, 1, 1, 2, 4, 1, 1, 2, 1, 1, 2, 4, 8]);
    }
}

//! Probes at many capacities, with many rankings, in rotation.
//!
//! *Lane*: a capacity between the lower bound and the best height, as a fraction of the way; the first lane is the bound
//! itself, and gets most of the steps at first. A probe at the bound ends everything if it succeeds; probes above it are
//! easier, and each success brings all lanes down. The first lane spends two thirds of its steps on the plain rankings, with
//! limits that double, the others half; the rest goes to mixed ones, with limits that grow slowly: some packings need long
//! searches, others the right ranking.
//!
//! With several threads, a batch of probes runs at once, and a probe is called off only by the success of one before it in
//! the batch: the answer depends on the number of threads, never on their speed.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::branch::{Branch, Verdict};
use super::ranking::{PLAIN, Ranking};
use super::state::State;

/// Mixed rankings between two raises of their limit.
const MIXED: u64 = 6;

/// Steps at the bound before it has to stand behind.
const BOUND_FIRST: u64 = 300_000_000;

/// A capacity and the work on it.
struct Lane {
    /// The way from the bound to the best height, in sixteenths.
    sixteenths: u64,
    /// Its share of the steps.
    share: u64,
    /// Steps spent: on plain rankings, on mixed ones.
    spent: [u64; 2],
    /// Number of rankings tried, and the limit of the next: plain ones, mixed ones.
    tried: [u64; 2],
    limit: [u64; 2],
}

/// All lanes.
pub(super) struct Ladder {
    lanes: Vec<Lane>,
    /// Capacities below this were searched to the end.
    searched: u64,
}

/// One probe to make.
#[derive(Clone, Copy, Debug)]
struct Probe {
    lane: usize,
    /// 0: a plain ranking; 1: a mixed one.
    kind: usize,
    ranking: u64,
    capacity: u64,
    limit: u64,
}

impl Ladder {
    pub(super) fn new(items: usize) -> Ladder {
        // Enough to get to the bottom once, with lists of every length on the way; for few items that is soon repeated.
        let first = (items * if items < 500 { 200 } else { items }) as u64;
        let lane = |(sixteenths, share)| Lane { sixteenths, share, spent: [0; 2], tried: [0; 2], limit: [first; 2] };
        Ladder { lanes: [(0, 12), (3, 1), (6, 1), (10, 2), (14, 2)].into_iter().map(lane).collect(), searched: 0 }
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
        let distinct = |(i, lane): &(usize, &Lane)| *i == 0 || (capacity(lane) > lowest && !state.fit_only);
        let spent = |lane: &Lane| {
            let spent = lane.spent[0] + lane.spent[1];
            // What the bound has withstood for long it will withstand for longer.
            let late = if lane.sixteenths == 0 { spent.saturating_sub(BOUND_FIRST) } else { 0 };
            (spent + 8 * late + lane.tried[0] + lane.tried[1]) / lane.share
        };
        let open = |(_, lane): &(usize, &Lane)| capacity(lane) >= self.searched;
        let lanes = self.lanes.iter().enumerate().filter(distinct).filter(open);
        let (index, _) = lanes.min_by_key(|&(i, lane)| (spent(lane), i))?;
        let capacity = capacity(&self.lanes[index]);
        let lane = &mut self.lanes[index];
        let plain = if index == 0 { 2 } else { 1 };
        let kind = usize::from(lane.spent[0] > plain * lane.spent[1]);
        let ranking = match kind {
            0 => lane.tried[0] % PLAIN,
            _ => PLAIN + lane.tried[1] + 1_000_003 * index as u64,
        };
        let limit = lane.limit[kind].min(until.saturating_sub(state.steps)).max(1);
        lane.tried[kind] += 1;
        // Counted at once, so that a batch does not try one lane only; corrected when the steps are known.
        match kind {
            0 if lane.tried[0].is_multiple_of(PLAIN) => lane.limit[0] = lane.limit[0].saturating_mul(2),
            1 if lane.tried[1].is_multiple_of(MIXED) => {
                lane.limit[1] = lane.limit[1].saturating_add(lane.limit[1] / 10);
            }
            _ => {}
        }
        Some(Probe { lane: index, kind, ranking, capacity, limit })
    }
}

/// Makes the probes; offsets where one fits.
fn run(batch: &[Probe], state: &State<'_>) -> Vec<(Verdict, u64, Vec<u64>)> {
    let found = AtomicUsize::new(usize::MAX);
    let make = |(i, probe): (usize, &Probe)| {
        let ranking = Ranking::numbered(probe.ranking, state.items);
        let Some(mut branch) = Branch::new(state.items, ranking, probe.capacity) else {
            return (Verdict::Unknown, probe.limit, Vec::new());
        };
        let verdict = branch.probe(probe.limit, &|| state.is_late() || found.load(Ordering::Relaxed) < i);
        // Making a search costs steps too.
        let steps = branch.steps + state.items.all.len() as u64;
        if verdict == Verdict::Fits {
            found.fetch_min(i, Ordering::Relaxed);
            return (verdict, steps, branch.offsets());
        }
        (verdict, steps, Vec::new())
    };
    match batch.len() {
        1 => batch.iter().enumerate().map(make).collect(),
        _ => batch.par_iter().enumerate().map(make).collect(),
    }
}

//! The cheapest clones for a budget: a portfolio of cuts and repairs, then a search around the best.

use memopt::ir::Bytes;

use super::across::drop_across;
use super::cut::{Boundary, Cut, Purpose};
use super::neighbourhood;
use super::problem::RecomputeProblem;
use super::repair::{Taste, clean_up, excess, repair};
use super::runs::Runs;

/// A cut to start from: the share of the budget that the values kept across the boundary may take, the rest being for what
/// the cut does not see; and how many steps before the peak the boundary lies.
const CUTS: [(f64, u32); 7] = [(1.0, 0), (0.9, 0), (0.8, 0), (0.95, 0), (0.65, 0), (0.5, 0), (0.85, 3)];

/// How repair may weigh its choices.
const TASTES: [Taste; 5] = [
    Taste { keep_share: 0.1, cost_power: 1.0 },
    Taste { keep_share: 0.0, cost_power: 1.0 },
    Taste { keep_share: 0.5, cost_power: 1.0 },
    Taste { keep_share: 0.5, cost_power: 0.7 },
    Taste { keep_share: 1.0, cost_power: 1.5 },
];

/// Arcs of a network that are looked at for a unit of other work.
pub(super) const ARCS: u64 = 10;

/// Halvings of the price of a byte.
const HALVINGS: u32 = 24;

/// The cheapest schedule found that needs no more than `budget`. `seeds` are schedules for other budgets, to start from too.
/// Half of the work is kept for the search around the best.
pub(super) fn cheapest<'p>(
    problem: &'p RecomputeProblem,
    budget: Bytes,
    seeds: &[Runs<'p>],
    work: &mut u64,
) -> Option<Runs<'p>> {
    let mut first = *work / 2;
    *work -= first;
    let best = portfolio(problem, budget, seeds, None, &mut first);
    *work += first;
    let found = neighbourhood::search(best, bytes_of(budget), &TASTES, work);
    (found.peak() <= bytes_of(budget)).then_some(found)
}

/// The cheapest of the schedules that seeds, cuts and repairs lead to; where none fits, the one that is least over the budget.
/// One that costs no more than `enough`, or nothing, ends the search.
pub(super) fn portfolio<'p>(
    problem: &'p RecomputeProblem,
    budget: Bytes,
    seeds: &[Runs<'p>],
    enough: Option<u64>,
    work: &mut u64,
) -> Runs<'p> {
    let budget = bytes_of(budget);
    let plain = Runs::new(problem);
    // The best, with what it is over the budget.
    let mut best = (excess(&plain, budget), plain.clone());
    // Clean-up seldom takes back more than half.
    let most = enough.map_or(u64::MAX, |enough| enough.saturating_mul(2));
    // Returns whether the best will do.
    let mut consider = |mut runs: Runs<'p>, taste: Taste, work: &mut u64| {
        // No start may have all the work.
        let mut now = *work / 2;
        *work -= now;
        if repair(&mut runs, budget, taste, most, &mut now) {
            clean_up(&mut runs, budget, &mut now);
        }
        *work += now;
        let over = excess(&runs, budget);
        if (over, runs.cost) < (best.0, best.1.cost) {
            best = (over, runs);
        }
        best.0 == 0 && best.1.cost <= enough.unwrap_or(0)
    };
    let live = plain.live();
    let at = live.iter().rposition(|&bytes| bytes == plain.peak()).unwrap_or(0) as u32;
    let mut arcs = ARCS * *work;
    let mut from_cut = |&(share, before): &(f64, u32)| {
        let step = at.saturating_sub(before);
        let boundary = Boundary::new(problem, step, Purpose::Plan);
        let cut = cheapest_within(&boundary, (share * budget as f64) as u64, &mut arcs)?;
        Some(realise(&plain, &boundary, &cut, step))
    };
    let _ = seeds.iter().any(|seed| consider(seed.clone(), TASTES[0], work))
        || CUTS.iter().filter_map(&mut from_cut).any(|runs| consider(runs, TASTES[0], work))
        || TASTES.into_iter().any(|taste| consider(plain.clone(), taste, work));
    best.1
}

/// Bytes as profiles count them.
pub(super) fn bytes_of(bytes: Bytes) -> i64 {
    i64::try_from(bytes.0).unwrap_or(i64::MAX)
}

/// The cheapest cut that keeps at most so many bytes, by bisection of the price.
fn cheapest_within(boundary: &Boundary<'_>, bytes: u64, work: &mut u64) -> Option<Cut> {
    let room = bytes.checked_sub(boundary.fixed.0)?;
    let (mut low, mut high) = boundary.prices();
    let mut best = None;
    for _ in 0..HALVINGS {
        let price = (low * high).sqrt();
        let cut = boundary.cut(price, work).ok()?;
        if cut.bytes.0 <= room {
            high = price;
            best = Some(cut);
        } else {
            low = price;
        }
    }
    best
}

/// Makes again, after the boundary, all that a cut does not keep.
fn realise<'p>(plain: &Runs<'p>, boundary: &Boundary<'_>, cut: &Cut, step: u32) -> Runs<'p> {
    let mut runs = plain.clone();
    let dropped: Vec<u32> = boundary.needed.iter().copied().filter(|&value| !cut.kept[value as usize]).collect();
    drop_across(&mut runs, step, &dropped, |value| cut.kept[value as usize], |_| true);
    runs
}

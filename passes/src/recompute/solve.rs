//! The cheapest clones for a budget: a portfolio of cuts and repairs, then a search around the best.

use memopt::ir::Bytes;

use super::across::drop_across;
use super::cut::{Boundary, Cut, Purpose};
use super::neighbourhood;
use super::problem::RecomputeProblem;
use super::repair::{Taste, clean_up, repair};
use super::runs::Runs;

/// A cut to start from: the share of the budget that the values kept across the boundary may take, the rest being for what
/// the cut does not see; and how many steps before the peak the boundary lies.
const CUTS: [(f64, u32); 7] = [(1.0, 0), (0.9, 0), (0.8, 0), (0.95, 0), (0.65, 0), (0.5, 0), (0.85, 3)];

/// How repair may weigh its choices.
pub(super) const TASTES: [Taste; 5] = [
    Taste { keep_share: 0.1, cost_power: 1.0 },
    Taste { keep_share: 0.0, cost_power: 1.0 },
    Taste { keep_share: 0.5, cost_power: 1.0 },
    Taste { keep_share: 0.5, cost_power: 0.7 },
    Taste { keep_share: 1.0, cost_power: 1.5 },
];

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
    let budget = bytes_of(budget);
    let plain = Runs::new(problem);
    if plain.peak() <= budget {
        return Some(plain);
    }
    let mut first = *work / 2;
    *work -= first;
    let mut best: Option<Runs<'p>> = None;
    let mut consider = |mut runs: Runs<'p>, taste: Taste, work: &mut u64| {
        if repair(&mut runs, budget, taste, work) {
            clean_up(&mut runs, budget, work);
            if best.as_ref().is_none_or(|best| runs.cost < best.cost) {
                best = Some(runs);
            }
        }
    };
    for seed in seeds {
        consider(seed.clone(), TASTES[0], &mut first);
    }
    let live = plain.live();
    let at = live.iter().rposition(|&bytes| bytes == plain.peak()).unwrap_or(0) as u32;
    for (share, before) in CUTS {
        let step = at.saturating_sub(before);
        let boundary = Boundary::new(problem, step, Purpose::Plan);
        if let Some(cut) = cheapest_within(&boundary, (share * budget as f64) as u64, &mut first) {
            consider(realise(&plain, &boundary, &cut, step), TASTES[0], &mut first);
        }
    }
    for taste in TASTES {
        consider(plain.clone(), taste, &mut first);
    }
    *work += first;
    best.map(|best| neighbourhood::search(best, budget, &TASTES, work))
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

//! The cheapest clones for a budget: a portfolio of cuts and repairs.

use memopt::ir::Bytes;

use super::chain::Dead;
use super::cut::{Boundary, Cut};
use super::moves::{Gap, Supply};
use super::neighbourhood;
use super::problem::RecomputeProblem;
use super::repair::{Taste, clean_up, repair};
use super::runs::Runs;

/// Shares of the budget that the values kept across the boundary may take, and how many steps before the peak it lies. The
/// rest is for what the cut does not see.
const STARTS: [(f64, u32); 7] = [(1.0, 0), (0.95, 0), (0.9, 0), (0.8, 0), (0.65, 0), (0.5, 0), (0.85, 3)];

const TASTES: [Taste; 5] = [
    Taste { keep_share: 0.1, cost_power: 1.0 },
    Taste { keep_share: 0.0, cost_power: 1.0 },
    Taste { keep_share: 0.5, cost_power: 1.0 },
    Taste { keep_share: 0.5, cost_power: 0.7 },
    Taste { keep_share: 1.0, cost_power: 1.5 },
];

/// The cheapest schedule found that needs no more than `budget`; the first of `starts` are plans for other budgets.
pub(super) fn solve<'p>(problem: &'p RecomputeProblem, budget: Bytes, work: &mut u64) -> Option<Runs<'p>> {
    let budget = i64::try_from(budget.0).unwrap_or(i64::MAX);
    let plain = Runs::new(problem);
    if plain.peak() <= budget {
        return Some(plain);
    }
    let mut best: Option<Runs<'p>> = None;
    let mut consider = |mut runs: Runs<'p>, taste: Taste, work: &mut u64| {
        let before = (runs.cost as f64 / problem.total_cost() as f64, runs.peak());
        if repair(&mut runs, budget, taste, work) {
            let mid = runs.cost as f64 / problem.total_cost() as f64;
            clean_up(&mut runs, budget, work);
            if std::env::var("DBG").is_ok() {
                eprintln!("start {before:?} repaired {mid} clean {}", runs.cost as f64 / problem.total_cost() as f64);
            }
            if best.as_ref().is_none_or(|best| runs.cost < best.cost) {
                best = Some(runs);
            }
        }
    };
    let live = plain.live();
    let peak = plain.peak();
    let at = live.iter().rposition(|&bytes| bytes == peak).unwrap_or(0) as u32;
    for (share, before) in STARTS {
        let boundary = Boundary::new(problem, at.saturating_sub(before), &[]);
        if let Some(cut) = cheapest_within(&boundary, (share * budget as f64) as u64, work) {
            if std::env::var("DBG").is_ok() {
                eprintln!(
                    "boundary {at} of {} share {share}: kept {} fixed {} cost {}",
                    problem.kernels.len(), cut.bytes, boundary.fixed, cut.cost as f64 / problem.total_cost() as f64
                );
                for &v in &boundary.needed {
                    let f = problem.values[v as usize];
                    eprintln!("   v{v} {} by {:?} upd {:?} over {:?} last {:?} {} cost {}", f.size, f.writer, f.updates, f.overwritten_by, problem.last_reader[v as usize], if cut.kept[v as usize] {"kept"} else {"DROP"}, problem.kernels[f.writer.unwrap() as usize].cost as f64 / problem.total_cost() as f64);
                }
            }
            consider(realise(&plain, &boundary, &cut, at.saturating_sub(before)), TASTES[0], work);
        }
    }
    for taste in TASTES {
        consider(plain.clone(), taste, work);
    }
    best.map(|best| neighbourhood::search(best, budget, &TASTES, work))
}

/// The cheapest cut that keeps at most so many bytes, by bisection of the price.
fn cheapest_within(boundary: &Boundary<'_>, bytes: u64, work: &mut u64) -> Option<Cut> {
    let room = bytes.checked_sub(boundary.fixed.0)?;
    let total = boundary.total_cost().max(1) as f64;
    let most = boundary.most().0.max(1) as f64;
    // At the low price nothing runs again, at the high one all that can.
    let (mut low, mut high) = (1e-6 * total / most, 1e6 * total / most);
    let mut best = None;
    for _ in 0..24 {
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

/// Closes the gap across the boundary of every value that a cut does not keep, in the order of their next readers.
fn realise<'p>(plain: &Runs<'p>, boundary: &Boundary<'_>, cut: &Cut, step: u32) -> Runs<'p> {
    let mut runs = plain.clone();
    let next = |value: u32| {
        let readers = runs.readers_of(value);
        let from = readers.iter().copied().filter(|&reader| reader <= step).max();
        let to = readers.iter().copied().filter(|&reader| reader > step).min()?;
        Some(Gap { buffer: value, from: from.or(runs.birth(value))?, to })
    };
    let dropped = boundary.needed.iter().copied().filter(|&value| !cut.kept[value as usize]);
    let mut gaps: Vec<Gap> = dropped.filter_map(next).collect();
    gaps.sort_unstable_by_key(|gap| (gap.to, gap.buffer));
    for gap in gaps {
        let chain = || gap.chain(&runs, |Dead { value, .. }| cut.kept[value as usize]).map(Supply::Chain);
        if let Some(supply) = gap.other(&runs).map(Supply::Buffer).or_else(chain) {
            gap.close(&mut runs, &supply);
        }
    }
    runs
}

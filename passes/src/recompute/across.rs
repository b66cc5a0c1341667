//! Values that do not live across a moment of the order, and are made again after it.

use super::chain::{Chain, Dead};
use super::moves::{Gap, Supply};
use super::problem::{Keeper, RecomputeProblem};
use super::runs::Runs;

/// The last step of the forward part: the last one after which most bytes wait for later readers.
///
/// Nobody says where the backward part of a training step begins. But up to there what is made is kept for it, and from there
/// on it is used up. What the caller or the arena keeps waits for nobody.
pub(super) fn turn(problem: &RecomputeProblem) -> u32 {
    let mut change = vec![0i64; problem.kernels.len() + 1];
    for (value, facts) in problem.values.iter().enumerate() {
        if let (Some(writer), Some(last), Keeper::Readers) = (facts.writer, problem.last_reader[value], facts.keeper) {
            change[writer as usize] += facts.size.0 as i64;
            change[last as usize] -= facts.size.0 as i64;
        }
    }
    let (mut waiting, mut most, mut turn) = (0, 0, 0);
    for (step, change) in change.iter().enumerate().take(problem.kernels.len()) {
        waiting += change;
        if waiting >= most {
            (most, turn) = (waiting, step as u32);
        }
    }
    turn
}

/// The stash: values of the arena that are made up to `step`, and read after it.
pub(super) fn stash(problem: &RecomputeProblem, step: u32) -> Vec<u32> {
    let waits = |&value: &u32| {
        let facts = &problem.values[value as usize];
        facts.keeper == Keeper::Readers
            && facts.writer.is_some_and(|writer| writer <= step)
            && facts.overwritten_by.is_none_or(|by| by > step)
            && problem.last_reader[value as usize].is_some_and(|last| last > step)
    };
    (0..problem.values.len() as u32).filter(waits).collect()
}

/// Closes the gaps across the moment after `step` of all `dropped` values, in the order of their next readers, by clones right
/// before these. An operand that is dead there lives on if it is `kept`, else it is made again too. Gaps that would need a
/// clone of another kernel than those that `may_run_again` stay open.
pub(super) fn drop_across(
    runs: &mut Runs<'_>,
    step: u32,
    dropped: &[u32],
    kept: impl Fn(u32) -> bool,
    may_run_again: impl Fn(u32) -> bool,
) {
    let gap_of = |value: u32| {
        let readers = runs.readers_of(value).iter().copied();
        let from = readers.clone().filter(|&reader| reader <= step).max();
        let to = readers.filter(|&reader| reader > step).min()?;
        Some(Gap::new(runs, value, from.or(runs.birth(value))?, to))
    };
    let mut gaps: Vec<Gap> = dropped.iter().copied().filter_map(gap_of).collect();
    gaps.sort_unstable_by_key(|gap| (gap.to, gap.buffer));
    // The first buffers whose gaps are still to be closed live for now, but no clone may count on them.
    let mut is_dropped = vec![false; runs.problem.values.len()];
    dropped.iter().for_each(|&value| is_dropped[value as usize] = true);
    for gap in gaps {
        let may_read = |buffer: u32| !is_dropped.get(buffer as usize).is_some_and(|is_dropped| *is_dropped);
        let chain = || Chain::find(runs, gap.buffer, gap.to, may_read, |Dead { value, .. }| kept(value));
        let chain = || chain().filter(|chain| chain.kernels.iter().all(|&kernel| may_run_again(kernel)));
        match gap.other(runs).map(Supply::Buffer).or_else(|| chain().map(Supply::Chain)) {
            Some(supply) => _ = gap.close(runs, &supply),
            None => is_dropped[gap.buffer as usize] = false,
        }
    }
}

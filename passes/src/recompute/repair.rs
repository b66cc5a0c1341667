//! Clones until a schedule fits, and then no more than it needs.
//!
//! *Repair*: as long as some step is over the budget, the gaps across such steps are closed, those first that free most bytes
//! for their cost. *Clean-up*: each clone is taken away again, the dearest first, where the schedule fits without it.

use super::chain::{Dead, last_dead, outlives, overwriter};
use super::moves::{Gap, Supply, gaps, redirect};
use super::runs::Runs;

/// How repair weighs its choices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taste {
    /// A dead operand lives on where its bytes are at most this share of those that the gap frees.
    pub(super) keep_share: f64,
    /// The exponent of cost in bytes freed / cost^p.
    pub(super) cost_power: f64,
}

/// Steps over the budget that stand for all of them.
const SAMPLES: usize = 192;

/// Rounds without progress before repair gives up.
const PATIENCE: u32 = 12;

/// What the steps over the budget are short of.
struct Excess {
    /// Some of the steps, in order, with the bytes that are too many there.
    samples: Vec<(u32, i64)>,
    /// Sum over all steps.
    total: i128,
}

impl Excess {
    fn of(runs: &Runs<'_>, budget: i64) -> Excess {
        let live = runs.live();
        let over = live.iter().enumerate().filter(|(_, bytes)| **bytes > budget);
        let over: Vec<(u32, i64)> = over.map(|(step, bytes)| (step as u32, bytes - budget)).collect();
        let total = over.iter().map(|(_, bytes)| i128::from(*bytes)).sum();
        let every = over.len().div_ceil(SAMPLES).max(1);
        // The worst step of each stretch stands for it.
        let worst = |stretch: &[(u32, i64)]| stretch.iter().copied().max_by_key(|&(step, bytes)| (bytes, step));
        Excess { samples: over.chunks(every).filter_map(worst).collect(), total }
    }

    /// By how much the excess falls if so many bytes are gone from the steps of `[from, to)`.
    fn relief(&self, from: u32, to: u32, bytes: i64) -> i128 {
        self.within(from, to).iter().map(|&(_, excess)| i128::from(excess.min(bytes))).sum()
    }

    /// By how much the excess grows if so many bytes are added to the steps of `[from, to)`.
    fn burden(&self, from: u32, to: u32, bytes: i64) -> i128 {
        self.within(from, to).len() as i128 * i128::from(bytes)
    }

    fn within(&self, from: u32, to: u32) -> &[(u32, i64)] {
        let first = self.samples.partition_point(|&(step, _)| step < from);
        let len = self.samples[first..].partition_point(|&(step, _)| step < to);
        &self.samples[first..first + len]
    }
}

/// How much the steps over the budget are short of, together.
pub(super) fn excess(runs: &Runs<'_>, budget: i64) -> i128 {
    runs.live().iter().map(|&bytes| i128::from((bytes - budget).max(0))).sum()
}

/// Closes gaps until no step needs more than the budget. Gives up where that costs more than `most`. Returns whether it is
/// done.
pub(super) fn repair(runs: &mut Runs<'_>, budget: i64, taste: Taste, most: u64, work: &mut u64) -> bool {
    let (mut least, mut idle) = (i128::MAX, 0);
    while runs.peak() > budget {
        let excess = Excess::of(runs, budget);
        idle = if excess.total < least { 0 } else { idle + 1 };
        least = least.min(excess.total);
        *work = work.saturating_sub(runs.steps() as u64);
        if idle > PATIENCE || *work == 0 || runs.cost > most {
            return false;
        }
        let mut found: Vec<(f64, Gap)> = Vec::new();
        for gap in gaps(runs) {
            let relief = excess.relief(gap.first, gap.to, runs.size(gap.buffer));
            if relief > 0
                && let Some((score, _)) = weigh(runs, gap, &excess, taste, work)
            {
                found.push((score, gap));
            }
        }
        found.sort_by(|(a, one), (b, other)| {
            b.total_cmp(a).then(one.buffer.cmp(&other.buffer)).then(one.to.cmp(&other.to))
        });
        let batch = if runs.steps() < 700 { 3 } else { (found.len() / 15).max(3) };
        let mut closed = 0;
        for &(promised, gap) in &found {
            if closed == batch || runs.peak() <= budget {
                break;
            }
            // What was closed before may have changed who reads it, and what it is worth.
            if !is_still(runs, gap) || runs.peak_within(gap.first, gap.to) <= budget {
                continue;
            }
            let Some((score, supply)) = weigh(runs, gap, &excess, taste, work) else { continue };
            if score >= 0.5 * promised && gap.close(runs, &supply) {
                closed += 1;
            }
        }
        if closed == 0 {
            return false;
        }
    }
    true
}

/// Whether a gap is as it was found.
fn is_still(runs: &Runs<'_>, gap: Gap) -> bool {
    let readers = runs.buffers[gap.buffer as usize].readers.iter().map(|&run| runs.runs[run as usize].step);
    let (mut next, mut inside) = (false, false);
    for step in readers {
        next |= step == gap.to;
        inside |= gap.from < step && step < gap.to;
    }
    next && !inside
}

/// What closing a gap is worth, and how it is done best: by another buffer, or by clones, with or without operands that live
/// on.
fn weigh(runs: &Runs<'_>, gap: Gap, excess: &Excess, taste: Taste, work: &mut u64) -> Option<(f64, Supply)> {
    let size = runs.size(gap.buffer);
    let small = |dead: Dead| runs.size(dead.buffer) as f64 <= taste.keep_share * size as f64;
    let frees = excess.relief(gap.first, gap.to, size);
    let lives_on = |buffer: u32| excess.burden(runs.buffers[buffer as usize].last + 1, gap.to, runs.size(buffer));
    let mut best: Option<(f64, Supply)> = None;
    let mut consider = |relief: i128, cost: u64, supply: Supply| {
        let score = relief as f64 / (cost as f64 + runs.free_cost()).powf(taste.cost_power);
        if relief > 0 && best.as_ref().is_none_or(|(other, _)| score > *other) {
            best = Some((score, supply));
        }
    };
    if let Some(other) = gap.other(runs) {
        consider(frees - lives_on(other), 0, Supply::Buffer(other));
    }
    for keeps in [false, true] {
        if let Some(chain) = gap.chain(runs, |dead| keeps && small(dead)) {
            *work = work.saturating_sub(8 * chain.kernels.len() as u64);
            let burden: i128 = chain.extended.iter().map(|&buffer| lives_on(buffer)).sum();
            consider(frees - burden, chain.cost, Supply::Chain(chain));
        }
        if taste.keep_share == 0.0 {
            break;
        }
    }
    best
}

/// Removes clones that nobody reads, and those that are left alone by it.
pub(super) fn remove_unread(runs: &mut Runs<'_>, run: u32) {
    let mut work = vec![run];
    while let Some(run) = work.pop() {
        let is_read = runs.made_by(run).any(|buffer| !runs.buffers[buffer as usize].readers.is_empty());
        if is_read || !runs.is_taking_part(run) {
            continue;
        }
        let sources = runs.runs[run as usize].sources.clone();
        runs.remove(run);
        let makers = sources.iter().map(|&buffer| runs.buffers[buffer as usize].maker);
        work.extend(makers.filter(|&maker| (runs.steps()..runs.runs.len()).contains(&(maker as usize))));
    }
}

/// Takes away each clone, the dearest first, where the schedule fits without it: its readers read a buffer that lives, or
/// lives on.
pub(super) fn clean_up(runs: &mut Runs<'_>, budget: i64, work: &mut u64) {
    let clones: Vec<u32> = runs.all_clones().collect();
    clones.into_iter().for_each(|run| remove_unread(runs, run));
    let cost = |runs: &Runs<'_>, run: u32| runs.problem.kernels[runs.runs[run as usize].kernel as usize].cost;
    let mut clones: Vec<u32> = runs.all_clones().collect();
    clones.sort_by_key(|&run| (std::cmp::Reverse(cost(runs, run)), run));
    *work = work.saturating_sub(8 * clones.len() as u64);
    for run in clones {
        let mark = runs.mark();
        if !do_without(runs, run) || {
            runs.refresh();
            runs.peak() > budget
        } {
            runs.undo_to(mark);
        }
    }
}

/// Redirects the readers of a clone to other buffers, and removes it. Returns whether that was possible.
pub(super) fn do_without(runs: &mut Runs<'_>, run: u32) -> bool {
    if !runs.is_taking_part(run) {
        return false;
    }
    let step = runs.runs[run as usize].step;
    let made: Vec<u32> = runs.made_by(run).collect();
    for buffer in made {
        if runs.buffers[buffer as usize].readers.is_empty() {
            continue;
        }
        // A buffer that is overwritten by a clone is private.
        if overwriter(runs, buffer).is_some() {
            return false;
        }
        let (value, last) = (runs.buffers[buffer as usize].value, runs.buffers[buffer as usize].last);
        match last_dead(runs, value, step, Some(buffer)) {
            Some(Dead { buffer: other, .. }) if outlives(runs, other, last) => redirect(runs, buffer, other, step),
            _ => return false,
        }
    }
    remove_unread(runs, run);
    true
}

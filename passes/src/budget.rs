//! Budgets, kept by the placed arena.
//!
//! A pass that keeps a budget knows the live bytes; the arena that they are placed in may have more. Then the pass, and those
//! after it, run again with a *reserve*: so much less for the live bytes. How much placing adds hangs on the plan and not on
//! the reserve, so no reserve is known to do. They are searched by halves, between one that was too little and one that was
//! enough, or more than can be had.

use memopt::diag::Diagnostic;
use memopt::ir::{Attr, Bytes, Function, Module};
use memopt::pass::{Instrument, PassContext, RunError, RunReport, Stage, run_pipeline};

use crate::driver::{PlanError, PlanOptions, Planned};

/// Reserves that are tried.
const TRIES: usize = 5;

/// A plan that adds at most so many times the work of the cheapest one met, which the arena need not keep, will do.
const GOOD: f64 = 1.02;

/// Reserves closer to each other than the budget in so many parts lead to the same plans.
const PARTS: u64 = 1024;

/// A plan that keeps the budget.
struct Kept {
    module: Module,
    report: RunReport,
    notes: Vec<Diagnostic>,
    work: f64,
}

/// Runs the passes on the prepared module. Of the plans whose arenas keep the budget, the answer is the one that adds least
/// work.
pub(crate) fn run_within_budget(
    function: Function,
    stages: &[Stage],
    options: &PlanOptions<'_>,
    planned: &mut Planned,
    instrument: &mut dyn Instrument,
) -> Result<RunReport, PlanError> {
    let budgets: Vec<Option<Bytes>> = stages.iter().map(|stage| stage.build().budget()).collect();
    let capacity = budgets.iter().flatten().min().copied();
    let first = budgets.iter().position(Option::is_some);
    let (before, after) = stages.split_at(first.unwrap_or(stages.len()));
    let mut run = |stages: &[Stage], module: &mut Module, reserve: Bytes| {
        let &PlanOptions { registry, target, verify_each, .. } = options;
        let mut context = PassContext::new(module, function, registry, target);
        (context.capacity, context.reserve) = (capacity, reserve);
        let report = run_pipeline(stages, &mut context, verify_each, instrument)?;
        Ok::<_, RunError>((report, context.notes))
    };
    let (mut report, notes) = run(before, &mut planned.module, Bytes::ZERO)?;
    planned.notes.extend(notes);
    let Some(capacity) = capacity else { return Ok(report) };
    let (mut reserves, mut kept) = (Reserves::new(capacity), None::<Kept>);
    let (mut least_work, mut least_excess) = (f64::MAX, Bytes(u64::MAX));
    while let Some(reserve) = reserves.next() {
        let mut module = planned.module.clone();
        let (report, notes) = match run(after, &mut module, reserve) {
            // The budget itself was met; only so much less is not.
            Err(RunError::Input(_)) if !reserve.is_zero() => {
                reserves.is_enough(reserve);
                continue;
            }
            done => done?,
        };
        let (arena, work) = (arena_of(&module, function), added_work(&report));
        least_work = least_work.min(work);
        if arena > capacity {
            least_excess = least_excess.min(arena - capacity);
            reserves.is_too_little(reserve, arena - capacity);
            continue;
        }
        reserves.is_enough(reserve);
        if kept.as_ref().is_none_or(|kept| work < kept.work) {
            kept = Some(Kept { module, report, notes, work });
        }
        if work <= GOOD * least_work {
            break;
        }
    }
    let Some(kept) = kept else {
        let message = format!("the budget is kept by the live bytes, but the placed arena is {least_excess} above it");
        let error = Diagnostic::error(planned.module.op(function.op).span, message);
        return Err(PlanError::Input(vec![error.help("ask for a little less, or for place{effort=3}")]));
    };
    planned.module = kept.module;
    planned.notes.extend(kept.notes);
    report.passes.extend(kept.report.passes);
    Ok(report)
}

/// The arena of a plan; none where nothing was placed.
fn arena_of(module: &Module, function: Function) -> Bytes {
    match module.find_attr(function.op, "memopt.arena_size") {
        Some(&Attr::Integer { value, .. }) => Bytes(u64::try_from(value).unwrap_or(u64::MAX)),
        _ => Bytes::ZERO,
    }
}

/// The work that all passes added, as a share.
fn added_work(report: &RunReport) -> f64 {
    report.passes.iter().filter_map(|pass| pass.added).map(|added| added.share).sum()
}

/// Which reserve to try next.
struct Reserves {
    budget: Bytes,
    /// The largest that was too little, and how far the arena was above the budget then.
    low: Bytes,
    excess: Bytes,
    /// The smallest that was enough, or more than can be had.
    high: Option<Bytes>,
    tries: usize,
}

impl Reserves {
    fn new(budget: Bytes) -> Reserves {
        Reserves { budget, low: Bytes::ZERO, excess: Bytes::ZERO, high: None, tries: 0 }
    }

    /// None at first; then what the arena had too much, until that is enough; then the middle.
    fn next(&mut self) -> Option<Bytes> {
        self.tries += 1;
        let next = match self.high {
            Some(high) => self.low + Bytes(high.saturating_sub(self.low).0 / 2),
            None => self.low + self.excess,
        };
        let is_new = self.tries == 1 || next.saturating_sub(self.low).0 > self.budget.0 / PARTS;
        (self.tries <= TRIES && is_new && next < self.budget).then_some(next)
    }

    fn is_too_little(&mut self, reserve: Bytes, excess: Bytes) {
        (self.low, self.excess) = (reserve, excess);
    }

    fn is_enough(&mut self, reserve: Bytes) {
        self.high = Some(reserve);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reserves that are tried where placing adds `adds` of the reserve, and so much at most can be had.
    fn tried(adds: impl Fn(u64) -> u64, most: u64) -> Vec<u64> {
        let (mut reserves, mut tried) = (Reserves::new(Bytes(4096)), Vec::new());
        while let Some(Bytes(reserve)) = reserves.next() {
            tried.push(reserve);
            let excess = adds(reserve).saturating_sub(reserve);
            match reserve > most || excess == 0 {
                true => reserves.is_enough(Bytes(reserve)),
                false => reserves.is_too_little(Bytes(reserve), Bytes(excess)),
            }
        }
        tried
    }

    #[test]
    fn reserves_close_in_on_the_least_that_does() {
        // 70 is enough; 65 would be no more than 4096 / 1024 above 61.
        assert_eq!(tried(|_| 70, 4096), [0, 70, 35, 52, 61]);
    }

    #[test]
    fn less_may_do_where_more_cannot_be_had() {
        assert_eq!(tried(|_| 100, 0), [0, 100, 50, 25, 12]);
        // Placing adds more the less there is to place: what is too little grows until it is enough.
        assert_eq!(tried(|reserve| 64 + reserve / 2, 4096)[..4], [0, 64, 96, 112]);
    }

    #[test]
    fn what_nothing_helps_ends() {
        assert_eq!(tried(|reserve| 2 * reserve + 8, 4096).len(), TRIES);
    }
}

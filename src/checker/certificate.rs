//! The numbers of a plan that was proven.

use rustc_hash::FxHashMap;

use super::identity::planned_ops;
use super::memory::Space;
use super::places;
use super::run::Run;
use crate::dialect::Facts;
use crate::ir::{Bytes, Function, Module, OpId, ValueId};

/// What was proven, in numbers. Reports print these, never a planner's own.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Certificate {
    /// Bytes of all arguments.
    pub arguments: Bytes,
    /// Bytes of all results.
    pub results: Bytes,
    /// Bytes of the arena.
    pub arena: Bytes,
    /// Arena, and results in the caller's memory that are no donated argument.
    pub planned: Bytes,
    /// Most bytes of the arena that hold a value still to be read, or are workspace, at one step.
    pub peak_live: Bytes,
    /// Bytes placed in donated arguments by `memopt.hosted` at that step.
    pub hosted: Bytes,
    /// Bytes that copies made by the plan move, each loop's counted once.
    pub copies: Bytes,
    /// Operations that ran, those of regions included.
    pub steps: u32,
}

/// The certificate of a run without errors.
pub(super) fn certificate(
    (module, function): (&Module, Function),
    facts: &Facts,
    ids: &FxHashMap<OpId, i64>,
    run: &Run<'_>,
) -> Certificate {
    let bytes = |values: &[ValueId]| values.iter().map(|&v| facts.bytes(v)).sum::<Bytes>();
    let results = function.results(module);
    let donations = places::donations(module, function);
    let in_arena = function.results_in_arena(module);
    let own = results.iter().enumerate().filter(|(k, _)| !donations.iter().any(|pair| pair[1] == *k as i64));
    let callers: Bytes = if in_arena { Bytes::ZERO } else { own.map(|(_, &v)| facts.bytes(v)).sum() };
    let copies = planned_ops(module, function, facts).into_iter().filter(|(op, _)| !ids.contains_key(op));
    let (peak_live, hosted) = live_peak(run);
    Certificate {
        arguments: bytes(function.arguments(module)),
        results: bytes(results),
        arena: Bytes(run.arena),
        planned: Bytes(run.arena) + callers,
        peak_live,
        hosted,
        copies: copies.map(|(op, _)| facts.bytes(module.op(op).result(0))).sum(),
        steps: run.memory.now,
    }
}

/// The most bytes of the arena that hold a value still to be read at one step, and the hosted bytes then.
fn live_peak(run: &Run<'_>) -> (Bytes, Bytes) {
    let steps = run.memory.now as usize + 2;
    let mut change = vec![(0i128, 0i128); steps];
    for write in &run.memory.writes {
        let in_arena = write.range.space == Space::Arena;
        if !in_arena && !write.hosted {
            continue;
        }
        let rounded = |bytes: u64| i128::from(Bytes(bytes).align_to(run.target.alignment).0);
        let (bytes, taken_over) = (rounded(write.range.end - write.range.start), rounded(write.taken_over));
        let (first, after) = (write.first as usize, write.last_read as usize + 1);
        // Bytes that are read and overwritten in one step count once in it.
        for (step, bytes) in [(first, bytes - taken_over), (first + 1, taken_over), (after, -bytes)] {
            match in_arena {
                true => change[step].0 += bytes,
                false => change[step].1 += bytes,
            }
        }
    }
    let mut live = (0i128, 0i128);
    let mut peak = (0i128, 0i128);
    for (arena, hosted) in change {
        live = (live.0 + arena, live.1 + hosted);
        peak = peak.max(live);
    }
    (Bytes(peak.0 as u64), Bytes(peak.1 as u64))
}

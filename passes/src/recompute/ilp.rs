//! The best clones there are, by integer programming: Checkmate's stages (Jain et al., MLSys 2020), with what it leaves out:
//! in-place ties, overwritten values, workspace, values with other keepers.
//!
//! *Slot* `(t, i)`, `i <= t`, is kernel `i` in step `t`: a clone, or for `i = t` the first run. Variables:
//!
//! ```text
//! R[t,i]    0 or 1    kernel i runs again in step t; 1 for i = t
//! L[t,v,q]  in [0,1]  value v is in memory in step t, between the q-th slot that makes or reads it and the next one
//! T[t,e]    in [0,1]  tie e of a kernel is taken in step t
//! ```
//!
//! ```text
//! minimise the cost of R, or the peak
//! R[t,i] <= L[t,v,..]        i finds what it reads
//! L[t,v,q+1] <= L[t,v,q]     nothing comes from nowhere, but
//! L[t,v,1] <= L[t,v,0] + R[t,writer(v)], and L[t+1,v,0] is at most the last of step t
//! L <= 1 - R[t,i]            after the slot i of a kernel that overwrites v
//! T[t,e] <= R[t,i], and <= 1 - L after the slot; one tie for each result and operand
//! sizes of L at the slot + (results + workspace) R[t,i] - sizes of ties taken <= budget, for each slot
//! ```
//!
//! Checkmate has binary variables for what is kept between stages and what is freed after each slot. Here only `R` is integral:
//! when it is, every read asks for a whole `L` back to the last run that made the value, and nothing asks for more, so that the
//! least `L` are integral by themselves. That is the idea of Moccasin's retention intervals (Bartan et al. 2023), which end at
//! readers; and a value needs three or four variables in a step instead of one for each slot.
//!
//! One copy of a value crosses each moment between steps. Two could only help where one of them is to be overwritten by a clone
//! and the other is still read.

use memopt::ir::Bytes;

use super::algorithm::Wanted;
use super::problem::{Keeper, RecomputeProblem, RecomputeTie};
use super::replay::{Again, replay};
use super::runs::Runs;
use crate::ilp::{Limits, Program, Verdict};

/// Problems with more kernels are not tried: the program grows with their square. microlp is for the smallest ones.
pub(super) const MOST_KERNELS: usize = if cfg!(feature = "highs") { 60 } else { 10 };

/// Nodes of the branch-and-bound tree.
const NODES: u64 = 1_000_000;

/// What the solver found.
#[derive(Clone, Debug)]
pub(super) struct Exact<'p> {
    /// The best schedule; `None` if there is none, or none was found.
    pub(super) runs: Option<Runs<'p>>,
    /// Whether it is proven that there is no better one, or none at all.
    pub(super) is_proven: bool,
}

/// The best schedule: the cheapest one with `wanted.enough` bytes; where that is nothing, the cheapest of those with the least
/// peak that cost no more than `wanted.most`.
pub(super) fn ilp<'p>(problem: &'p RecomputeProblem, wanted: Wanted) -> Exact<'p> {
    if wanted.enough > 0 {
        return Model::new(problem, Memory::AtMost(wanted.enough), wanted.most).solve();
    }
    let least = Model::new(problem, Memory::Least, wanted.most).solve();
    let Some(peak) = least.runs.as_ref().map(Runs::peak) else { return least };
    let cheapest = Model::new(problem, Memory::AtMost(peak), wanted.most).solve();
    let is_proven = least.is_proven && cheapest.is_proven;
    Exact { runs: cheapest.runs.or(least.runs), is_proven }
}

/// What the program does about memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Memory {
    AtMost(i64),
    Least,
}

/// A sum: variables with factors, and a number.
#[derive(Clone, Default)]
struct Sum {
    terms: Vec<(usize, f64)>,
    rest: f64,
}

struct Model<'p> {
    problem: &'p RecomputeProblem,
    program: Program,
    memory: Memory,
    /// The variable for the peak.
    peak: Option<usize>,
    /// Bytes that count as one in the rows.
    unit: f64,
    /// `runs[t][i]`, `None` where kernel i cannot run in step t; the first run is no variable.
    runs: Vec<Vec<Option<usize>>>,
    /// Value -> the kernels that make or read it, in order.
    events: Vec<Vec<u32>>,
    /// `lives[v]`: for each step from the writer's on, the variable before the first event of the step, and after each.
    lives: Vec<Vec<Vec<Option<usize>>>>,
}

impl<'p> Model<'p> {
    fn new(problem: &'p RecomputeProblem, memory: Memory, most: u64) -> Model<'p> {
        let largest = problem.values.iter().map(|value| value.size.0).max().unwrap_or(0).max(1);
        let mut events: Vec<Vec<u32>> = vec![Vec::new(); problem.values.len()];
        for kernel in 0..problem.kernels.len() as u32 {
            for &value in problem.writes.row(kernel as usize).iter().chain(problem.reads.row(kernel as usize)) {
                events[value as usize].push(kernel);
            }
        }
        let mut model = Model {
            problem,
            program: Program::default(),
            memory,
            peak: None,
            unit: largest as f64,
            runs: Vec::new(),
            lives: vec![Vec::new(); problem.values.len()],
            events,
        };
        model.add_runs(most);
        (0..problem.values.len() as u32).for_each(|value| model.add_lives(value));
        for step in 0..problem.kernels.len() as u32 {
            for kernel in 0..=step {
                if model.can_run(step, kernel) {
                    model.add_reads(step, kernel);
                    model.add_memory(step, kernel);
                }
            }
        }
        model
    }

    fn add_runs(&mut self, most: u64) {
        let kernels = &self.problem.kernels;
        if self.memory == Memory::Least {
            let peak = self.program.real(0.0, f64::INFINITY);
            self.program.cost(peak, 1.0);
            self.peak = Some(peak);
        }
        let total = self.problem.total_cost().max(1) as f64;
        let mut costs = Vec::new();
        for step in 0..kernels.len() as u32 {
            let mut row = Vec::new();
            for kernel in 0..step {
                let is_possible = kernels[kernel as usize].repeatable && self.finds_arguments(kernel, step);
                let run = is_possible.then(|| self.program.binary());
                costs.extend(run.map(|run| (run, kernels[kernel as usize].cost as f64 / total)));
                row.push(run);
            }
            self.runs.push(row);
        }
        if self.memory != Memory::Least {
            costs.iter().for_each(|&(run, cost)| self.program.cost(run, cost));
        }
        if most < u64::MAX {
            self.program.at_most(&costs, most as f64 / total);
        }
    }

    /// Whether what a kernel reads and nobody makes has not been overwritten before the first run of a step.
    fn finds_arguments(&self, kernel: u32, step: u32) -> bool {
        let values = self.problem.reads.row(kernel as usize).iter().map(|&value| self.problem.values[value as usize]);
        { values }.all(|facts| facts.writer.is_some() || facts.overwritten_by.is_none_or(|by| step <= by))
    }

    fn can_run(&self, step: u32, kernel: u32) -> bool {
        kernel == step || self.runs[step as usize][kernel as usize].is_some()
    }

    /// R of a slot.
    fn run(&self, step: u32, kernel: u32) -> Sum {
        match self.runs[step as usize].get(kernel as usize) {
            Some(&Some(run)) => Sum { terms: vec![(run, 1.0)], rest: 0.0 },
            Some(None) => Sum::default(),
            None => Sum { terms: Vec::new(), rest: 1.0 },
        }
    }

    /// Whether a value is in memory, or the caller's, without anybody asking for it: up to this step.
    fn is_kept(&self, value: u32, step: u32) -> bool {
        let facts = &self.problem.values[value as usize];
        (facts.keeper != Keeper::Readers || facts.writer.is_none()) && facts.overwritten_by.is_none_or(|by| step <= by)
    }

    /// The life of a value, forward through all steps.
    fn add_lives(&mut self, value: u32) {
        let facts = self.problem.values[value as usize];
        let Some(writer) = facts.writer else { return };
        // The one before; `None`: nothing is there.
        let mut before: Option<usize> = None;
        for step in writer..self.problem.kernels.len() as u32 {
            let events: Vec<u32> = self.events[value as usize].iter().copied().filter(|&event| event <= step).collect();
            let mut row = vec![None; events.len() + 1];
            if !self.is_kept(value, step) {
                if step > writer && before.is_some() {
                    row[0] = Some(self.program.real(0.0, 1.0));
                    self.no_more_than(row[0], before.into_iter().map(|before| (before, 1.0)).collect(), 0.0);
                }
                before = row[0];
                for (number, &event) in events.iter().enumerate() {
                    let made = if event == writer { self.run(step, writer) } else { Sum::default() };
                    if before.is_some() || !made.terms.is_empty() || made.rest > 0.0 {
                        let life = Some(self.program.real(0.0, 1.0));
                        let mut terms = made.terms;
                        terms.extend(before.map(|before| (before, 1.0)));
                        self.no_more_than(life, terms, made.rest);
                        if facts.overwritten_by == Some(event) {
                            let Sum { terms, rest } = self.run(step, event);
                            let terms = terms.into_iter().map(|(run, factor)| (run, -factor)).collect();
                            self.no_more_than(life, terms, 1.0 - rest);
                        }
                        before = life;
                    }
                    row[number + 1] = before;
                }
            }
            self.lives[value as usize].push(row);
        }
    }

    /// variable <= sum of terms + rest
    fn no_more_than(&mut self, variable: Option<usize>, terms: Vec<(usize, f64)>, rest: f64) {
        let mut row: Vec<(usize, f64)> = terms.into_iter().map(|(term, factor)| (term, -factor)).collect();
        row.extend(variable.map(|variable| (variable, 1.0)));
        self.program.at_most(&row, rest);
    }

    /// The life of a value before (`after` = 0) or after (1) the slot of a kernel; `None`: it is not there.
    fn life(&self, value: u32, step: u32, kernel: u32, after: u32) -> Option<usize> {
        let writer = self.problem.values[value as usize].writer?;
        let row = self.lives[value as usize].get(step.checked_sub(writer)? as usize)?;
        let events = self.events[value as usize].partition_point(|&event| event < kernel + after);
        row[events.min(row.len() - 1)]
    }

    /// A kernel finds what it reads.
    fn add_reads(&mut self, step: u32, kernel: u32) {
        for &value in self.problem.reads.row(kernel as usize) {
            if self.is_kept(value, step) {
                continue;
            }
            let Sum { terms: mut row, rest } = self.run(step, kernel);
            row.extend(self.life(value, step, kernel, 0).map(|life| (life, -1.0)));
            self.program.at_most(&row, -rest);
        }
    }

    /// What lies in memory while a kernel runs fits.
    fn add_memory(&mut self, step: u32, kernel: u32) {
        let problem = self.problem;
        let size = |value: u32| problem.values[value as usize].size.0 as f64 / self.unit;
        let mut terms: Vec<(usize, f64)> = Vec::new();
        let mut rest = 0.0;
        for (value, facts) in problem.values.iter().enumerate() {
            let value = value as u32;
            let is_made = facts.writer.is_some_and(|writer| writer < step);
            if self.is_kept(value, step) {
                rest += if is_made && facts.keeper == Keeper::Arena { size(value) } else { 0.0 };
            } else {
                terms.extend(self.life(value, step, kernel, 0).map(|life| (life, size(value))));
            }
        }
        let is_clone = kernel < step;
        let counts = |value: u32| is_clone || problem.values[value as usize].keeper != Keeper::Caller;
        let made: f64 =
            problem.writes.row(kernel as usize).iter().filter(|&&value| counts(value)).map(|&v| size(v)).sum();
        let need = made + problem.kernels[kernel as usize].workspace.0 as f64 / self.unit;
        let run = self.run(step, kernel);
        rest += need * run.rest;
        terms.extend(run.terms.iter().map(|&(variable, _)| (variable, need)));
        for tie in self.possible_ties(step, kernel) {
            terms.push((tie.0, -tie.1));
        }
        match (self.memory, self.peak) {
            (Memory::AtMost(bytes), _) => self.program.at_most(&terms, bytes as f64 / self.unit - rest),
            (Memory::Least, peak) => {
                terms.extend(peak.map(|peak| (peak, -1.0)));
                self.program.at_most(&terms, -rest);
            }
        }
    }

    /// Adds the ties of a slot, those of updates among them; the variables with the bytes that they save.
    fn possible_ties(&mut self, step: u32, kernel: u32) -> Vec<(usize, f64)> {
        let problem = self.problem;
        let updates = problem.writes.row(kernel as usize).iter().filter_map(|&result| {
            let operand = problem.values[result as usize].updates?;
            Some(RecomputeTie { kernel, result, operand })
        });
        let all: Vec<RecomputeTie> = updates.chain(problem.ties_of(kernel).iter().copied()).collect();
        let size = |value: u32| problem.values[value as usize].size;
        let is_callers = |value: u32| kernel == step && problem.values[value as usize].keeper == Keeper::Caller;
        let mut taken: Vec<(usize, RecomputeTie)> = Vec::new();
        for tie in all {
            let known = taken.iter().any(|&(_, other)| other == tie);
            if known || size(tie.result) != size(tie.operand) || size(tie.result) == Bytes::ZERO {
                continue;
            }
            if is_callers(tie.result) || self.is_kept(tie.operand, step) {
                continue;
            }
            let variable = self.program.real(0.0, 1.0);
            let Sum { terms, rest } = self.run(step, kernel);
            self.no_more_than(Some(variable), terms, rest);
            let after = self.life(tie.operand, step, kernel, 1);
            self.no_more_than(Some(variable), after.map(|after| (after, -1.0)).into_iter().collect(), 1.0);
            taken.push((variable, tie));
        }
        let sides: [fn(&RecomputeTie) -> u32; 2] = [|tie| tie.result, |tie| tie.operand];
        for side in sides {
            let mut ends: Vec<u32> = taken.iter().map(|(_, tie)| side(tie)).collect();
            ends.sort_unstable();
            ends.dedup();
            for end in ends {
                let row = taken.iter().filter(|(_, tie)| side(tie) == end).map(|&(variable, _)| (variable, 1.0));
                let row: Vec<(usize, f64)> = row.collect();
                if row.len() > 1 {
                    self.program.at_most(&row, 1.0);
                }
            }
        }
        taken.iter().map(|&(variable, tie)| (variable, size(tie.result).0 as f64 / self.unit)).collect()
    }

    fn solve(self) -> Exact<'p> {
        let answer = self.program.solve(Limits { nodes: NODES, time: None });
        let is_proven = answer.verdict != Verdict::Stopped;
        if answer.values.is_empty() {
            return Exact { runs: None, is_proven };
        }
        let is_set = |run: &Option<usize>| run.is_some_and(|run| answer.values[run] > 0.5);
        let slots = self.runs.iter().enumerate().flat_map(|(step, row)| {
            row.iter().enumerate().filter(|(_, run)| is_set(run)).map(move |(kernel, _)| (step, kernel))
        });
        let clones: Vec<Again> =
            slots.map(|(step, kernel)| Again { step: step as u32, kernel: kernel as u32 }).collect();
        let fits = |runs: &Runs<'_>| match self.memory {
            Memory::AtMost(bytes) => runs.peak() <= bytes,
            Memory::Least => true,
        };
        let runs = replay(self.problem, &clones).filter(fits);
        Exact { is_proven: is_proven && runs.is_some(), runs }
    }
}

//! The optimal order by integer programming: the least peak first, then as near to program order as that allows.
//!
//! Phases:
//! 1. what no order can change is taken out ([`flat`]), and kernels that some optimal order runs in one go become groups
//!    ([`groups`]);
//! 2. the graph falls apart at groups that all others are in order with, into *components* that run one after the other; the
//!    peak is the largest of theirs. From the highest down, each is solved ([`model`]) under the limit of what is known: is
//!    there an order that needs less than the best? A component no higher than what others are proven to need is skipped;
//! 3. under the peak found, each component takes program order, or if that needs more, an order with few inversions.
//!
//! Every answer is evaluated anew, and the incumbent is what the program's answers have to beat: the result is never worse
//! than it, and the peak is proven when the solver finds that no order of a component is below it.
//!
//! Without a time limit the work is bounded: by nodes of the branch-and-bound tree, by the size of the programs, and by the
//! product of the two. Then a graph whose program is too large keeps the incumbent, and the bound by cuts.

mod flat;
mod groups;
mod model;
mod rows;

use std::time::{Duration, Instant};

use memopt::analysis::problem_bound;
use memopt::ir::Bytes;
use memopt::plan::{OrderProblem, OrderValue, StopReason, evaluate};

use crate::ilp::{Limits, Program, Verdict};
use flat::{Flat, MOST_KERNELS};
use groups::Groups;
use model::{Component, Model, Objective, legal_order};
use rows::{GroupRows, rows_of};

/// What the joint program is made of, too.
pub(super) mod parts {
    pub(in crate::schedule) use super::flat::Flat;
    pub(in crate::schedule) use super::groups::Groups;
    pub(in crate::schedule) use super::model::{Component, Model, Objective};
    pub(in crate::schedule) use super::rows::rows_of;
}

/// How to solve.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IlpOptions {
    /// Nodes of the branch-and-bound tree for each program.
    pub nodes: u64,
    /// Time for all; plans then depend on the machine.
    pub time_limit: Option<Duration>,
    /// Whether to reduce the problem before it is handed to the solver. Without, the program has every pair of kernels, and
    /// the verdict is the solver's alone: for tests and comparisons.
    pub reduce: bool,
}

impl Default for IlpOptions {
    fn default() -> IlpOptions {
        IlpOptions { nodes: 10_000, time_limit: None, reduce: true }
    }
}

/// Without a time limit, what one program may take: coefficients, and coefficients times nodes. Measured in CPU time, to the
/// proof: 0.1 s with 110,000 coefficients (a GPT-2 step), 42 s with 560,000 and 64 s with 990,000 (GoogLeNet steps).
const MOST_ENTRIES: usize = 400_000;
const WORK: u64 = 100_000_000;

/// Nodes for the second objective, which proves nothing about memory.
const TIDY_NODES: u64 = 100;

/// An order, and what is known of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IlpOutcome {
    /// The kernels, first to last.
    pub order: Vec<u32>,
    /// What the order is worth.
    pub value: OrderValue,
    /// [`StopReason::Proven`] if no order is better by the solver's verdict, [`StopReason::BoundMet`] if only the bound by
    /// cuts says so, else the limit that was reached.
    pub stop: StopReason,
    /// No order has a lower peak.
    pub lower_bound: Bytes,
    /// What it took.
    pub effort: IlpEffort,
}

/// What a solution took.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct IlpEffort {
    /// Kernels of the problem.
    pub kernels: usize,
    /// Groups that are left of them.
    pub groups: usize,
    /// Programs that were solved.
    pub programs: usize,
    /// Variables of the largest.
    pub variables: usize,
    /// Rows of the largest.
    pub rows: usize,
    /// Nodes within which all were closed: see `crate::ilp`.
    pub nodes: u64,
    /// Programs that were too large to be tried.
    pub too_large: usize,
}

/// The best order that the limits allow to find; never worse than `incumbent`, which must be an order.
pub fn ilp(problem: &OrderProblem, incumbent: &[u32], options: &IlpOptions) -> IlpOutcome {
    let start = evaluate(problem, incumbent);
    let effort = IlpEffort { kernels: problem.kernels(), ..IlpEffort::default() };
    let Some(mut search) = Search::new(problem, incumbent, start.peak, options, effort) else {
        let effort = IlpEffort { too_large: 1, ..effort };
        return finished(problem, incumbent.to_vec(), start, Bytes::ZERO, StopReason::WorkLimit, effort);
    };
    let limit = search.lower_peaks();
    let best = search.peaks.iter().copied().max().unwrap_or(0).min(start.peak.0);
    let order = search.tidy(best).unwrap_or_else(|| incumbent.to_vec());
    let value = evaluate(problem, &order);
    let stop = if search.floor == value.peak.0 { StopReason::Proven } else { limit };
    finished(problem, order, value, Bytes(search.floor), stop, search.effort)
}

/// Adds what the bound by cuts says.
fn finished(
    problem: &OrderProblem,
    order: Vec<u32>,
    value: OrderValue,
    proven: Bytes,
    stop: StopReason,
    effort: IlpEffort,
) -> IlpOutcome {
    let lower_bound = if stop == StopReason::Proven { proven } else { proven.max(problem_bound(problem, &order).peak) };
    let stop = if stop != StopReason::Proven && lower_bound == value.peak { StopReason::BoundMet } else { stop };
    IlpOutcome { order, value, stop, lower_bound, effort }
}

/// The state of a solution.
struct Search<'a> {
    problem: &'a OrderProblem,
    options: &'a IlpOptions,
    started: Instant,
    flat: Flat,
    groups: Groups,
    /// The groups of each component with their rows, in the order of time.
    components: Vec<Vec<(u32, GroupRows)>>,
    /// The best known order of each component's groups.
    orders: Vec<Vec<u32>>,
    /// The peak of each.
    peaks: Vec<u64>,
    /// The peak of the incumbent.
    incumbent: u64,
    /// No order of the whole has a lower peak.
    floor: u64,
    /// All sizes are multiples of these bytes.
    unit: u64,
    effort: IlpEffort,
}

impl<'a> Search<'a> {
    /// `None` if the problem is too large.
    fn new(
        problem: &'a OrderProblem,
        incumbent: &[u32],
        peak: Bytes,
        options: &'a IlpOptions,
        mut effort: IlpEffort,
    ) -> Option<Search<'a>> {
        if problem.kernels() > MOST_KERNELS || problem.kernels() == 0 {
            return None;
        }
        let started = Instant::now();
        let singles = Groups::singles(problem)?;
        let flat = Flat::new(problem, &singles.reach, options.reduce)?;
        let groups = if options.reduce { Groups::joined(problem, &flat, singles)? } else { singles };
        effort.groups = groups.len();
        let with_rows = |group: u32| (group, rows_of(&flat, &groups, group, options.reduce));
        let parts =
            if options.reduce { groups.components() } else { std::iter::once(0..groups.len() as u32).collect() };
        let components: Vec<Vec<_>> = parts.into_iter().map(|part| part.map(with_rows).collect()).collect();
        let mut position = vec![0; problem.kernels()];
        incumbent.iter().enumerate().for_each(|(at, &kernel)| position[kernel as usize] = at);
        let orders = components.iter().map(|rows| {
            legal_order(&Component { flat: &flat, groups: &groups, rows }, |group| {
                position[groups.members[group as usize][0] as usize]
            })
        });
        let orders = orders.collect();
        let unit = flat.unit();
        let (peaks, incumbent) = (Vec::new(), peak.0);
        let mut search = Search {
            problem,
            options,
            started,
            flat,
            groups,
            components,
            orders,
            peaks,
            incumbent,
            floor: 0,
            unit,
            effort,
        };
        search.peaks = search.evaluated(&search.orders);
        Some(search)
    }

    /// The peak of each component.
    fn evaluated(&self, orders: &[Vec<u32>]) -> Vec<u64> {
        let mut live = evaluate(self.problem, &self.kernels(orders)).live.into_iter();
        let steps = |order: &Vec<u32>| order.iter().map(|&g| self.groups.members[g as usize].len()).sum();
        orders.iter().map(|order| live.by_ref().take(steps(order)).max().unwrap_or_default().0).collect()
    }

    fn kernels(&self, orders: &[Vec<u32>]) -> Vec<u32> {
        orders.iter().flatten().flat_map(|&group| &self.groups.members[group as usize]).copied().collect()
    }

    /// Solves component after component, the highest first, until none is above what is proven. Says which limit was
    /// reached, if one was.
    fn lower_peaks(&mut self) -> StopReason {
        let mut queue: Vec<usize> = (0..self.components.len()).collect();
        queue.sort_by_key(|&component| (std::cmp::Reverse(self.peaks[component]), component));
        for component in queue {
            if self.peaks[component].min(self.incumbent) <= self.floor {
                break;
            }
            if self.components[component].len() == 1 {
                // One group, one order.
                self.floor = self.floor.max(self.peaks[component].min(self.incumbent));
                continue;
            }
            let is_settled = self.lower(component);
            if !is_settled {
                let timed = self.options.time_limit.is_some_and(|limit| self.started.elapsed() >= limit);
                return if timed { StopReason::TimeLimit } else { StopReason::WorkLimit };
            }
        }
        StopReason::Saturated
    }

    /// Lowers the peak of a component as far as it matters. Whether the solver has settled that it goes no lower.
    fn lower(&mut self, component: usize) -> bool {
        loop {
            let best = self.peaks[component].min(self.incumbent);
            if best <= self.floor {
                return true;
            }
            let rows = &self.components[component];
            let of = Component { flat: &self.flat, groups: &self.groups, rows };
            let limit = best - self.unit.min(best);
            let Some(model) = Model::new(&of, limit, Objective::Peak { floor: self.floor }) else {
                self.effort.too_large += 1;
                return false;
            };
            let Some(nodes) = nodes_for(&model.program, self.options) else {
                self.effort.too_large += 1;
                return false;
            };
            let answer = model.program.solve(limits(self.options, self.started, nodes));
            self.effort.count(&model.program, answer.nodes);
            let bound = model.bytes(answer.bound).max(0.0) as u64;
            match answer.verdict {
                Verdict::Infeasible => {
                    self.floor = best;
                    return true;
                }
                _ if answer.values.is_empty() => {
                    self.floor = self.floor.max(bound.saturating_sub(self.unit).min(best));
                    return false;
                }
                verdict => {
                    let mut orders = self.orders.clone();
                    orders[component] = model.order(&answer.values);
                    let peak = self.evaluated(&orders)[component];
                    let is_better = peak < best;
                    if is_better {
                        (self.orders, self.peaks[component]) = (orders, peak);
                    }
                    if verdict == Verdict::Optimal && is_better && bound + self.unit > peak {
                        self.floor = self.floor.max(peak);
                        return true;
                    }
                    // Not better although the solver says so: its numbers are not exact enough for these sizes.
                    if verdict == Verdict::Stopped || !is_better {
                        self.floor = self.floor.max(bound.saturating_sub(self.unit).min(best));
                        return false;
                    }
                }
            }
        }
    }

    /// An order with at most `peak` bytes that is near to program order; `None` if none is known that low.
    fn tidy(&mut self, peak: u64) -> Option<Vec<u32>> {
        let program: Vec<u32> = (0..self.problem.kernels() as u32).collect();
        if evaluate(self.problem, &program).peak.0 <= peak {
            return Some(program);
        }
        if self.peaks.iter().any(|&own| own > peak) {
            return None;
        }
        // Groups are numbered near program order.
        let numbered = self.components.iter().map(|rows| rows.iter().map(|&(group, _)| group).collect());
        let numbered: Vec<Vec<u32>> = numbered.collect();
        let peaks = self.evaluated(&numbered);
        for (component, order) in numbered.into_iter().enumerate() {
            if peaks[component] <= peak {
                self.orders[component] = order;
                continue;
            }
            let of = Component { flat: &self.flat, groups: &self.groups, rows: &self.components[component] };
            let Some(mut model) = Model::new(&of, peak, Objective::Inversions) else { continue };
            let Some(nodes) = nodes_for(&model.program, self.options) else { continue };
            model.start_from(&self.orders[component]);
            let answer = model.program.solve(limits(self.options, self.started, TIDY_NODES.min(nodes)));
            if !answer.values.is_empty() {
                let mut orders = self.orders.clone();
                orders[component] = model.order(&answer.values);
                if self.evaluated(&orders)[component] <= peak {
                    self.orders = orders;
                }
            }
        }
        Some(self.kernels(&self.orders))
    }
}

impl IlpEffort {
    /// One program more.
    pub(super) fn count(&mut self, program: &Program, nodes: u64) {
        self.programs += 1;
        self.variables = self.variables.max(program.variables());
        self.rows = self.rows.max(program.rows());
        self.nodes = self.nodes.max(nodes);
    }
}

/// The nodes that a program may take; `None` if it is too large.
fn nodes_for(program: &Program, options: &IlpOptions) -> Option<u64> {
    if options.time_limit.is_some() {
        return Some(options.nodes);
    }
    let entries = program.entries();
    (entries <= MOST_ENTRIES).then(|| options.nodes.min(1 + WORK / entries.max(1) as u64))
}

fn limits(options: &IlpOptions, started: Instant, nodes: u64) -> Limits {
    Limits { nodes, time: options.time_limit.map(|limit| limit.saturating_sub(started.elapsed())) }
}

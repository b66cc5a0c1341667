//! `schedule`: the order of every block, inner blocks first, and the in-place ties that the order takes.

use memopt::analysis::{Analysis, ScopeOrder, TieSource, inner_first};
use memopt::diag::Diagnostic;
use memopt::ir::{Bytes, Module};
use memopt::pass::{Gap, OptionInfo, OptionValues, Pass, PassContext, PassInfo, PassKind, PassOptions, PassOutcome};
use memopt::plan::{OrderProblem, OrderValue, StopReason, evaluate, validate_order};
use rustc_hash::FxHashMap;

use super::{IlpEffort, IlpOptions, SearchOptions, greedy, ilp, joint, search};
use crate::attributes::write_order;

/// The table entry.
pub static INFO: PassInfo = PassInfo {
    name: "schedule",
    help: "chooses the order of operations and the operands that are overwritten",
    kind: PassKind::Plan,
    options: &[
        OptionInfo {
            name: "algorithm",
            help: "program: as written; greedy: list scheduling, the better of both directions; \
                   search: from there to what the bound leads to, then windows around the peak ordered anew; \
                   ilp: the least peak by integer programming; joint: the least arena, offsets too",
            values: OptionValues::OneOf(&["program", "greedy", "search", "ilp", "joint"]),
            default: "search",
        },
        OptionInfo {
            name: "effort",
            help: "how hard to search: 0 orders no windows, 1 the default, each step up twice the work for them; from 2 on \
                   by integer programs, too",
            values: OptionValues::Integer { min: 0, max: 12 },
            default: "1",
        },
        OptionInfo {
            name: "time-limit",
            help: "ends the search of each block; plans then depend on the machine",
            values: OptionValues::Seconds,
            default: "",
        },
    ],
    not_before: &[("inplace", "an order takes the ties that inplace finds")],
};

/// Makes the pass.
pub fn build(options: &PassOptions) -> Box<dyn Pass> {
    let time_limit = options.seconds("time-limit");
    let effort = options.integer("effort").map_or(1, |effort| effort as u32);
    let algorithm = match options.word("algorithm") {
        "program" => Algorithm::Program,
        "greedy" => Algorithm::Greedy,
        "ilp" => Algorithm::Ilp,
        "joint" => Algorithm::Joint,
        _ => Algorithm::Search,
    };
    Box::new(Schedule {
        algorithm,
        search: SearchOptions { effort, time_limit },
        exact: IlpOptions { time_limit, ..IlpOptions::default() },
    })
}

/// How an order is chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Algorithm {
    Program,
    Greedy,
    Search,
    Ilp,
    Joint,
}

struct Schedule {
    algorithm: Algorithm,
    /// For `search`, whose answer is also what the exact algorithms start from.
    search: SearchOptions,
    /// For `ilp` and `joint`.
    exact: IlpOptions,
}

/// An order of one block, as an algorithm leaves it.
struct Solved {
    order: Vec<u32>,
    value: OrderValue,
    stop: StopReason,
    /// How far from the least the answer can be, where the algorithm knows.
    gap: Option<Gap>,
    /// Offsets, where the algorithm chose them with the order.
    offsets: Option<Offsets>,
    /// What an exact algorithm found out, in words.
    note: Option<String>,
}

/// Offsets in the block's part of the arena.
struct Offsets {
    /// By buffer.
    buffers: Vec<Bytes>,
    /// By kernel.
    workspaces: Vec<Bytes>,
}

impl Schedule {
    fn solve(&self, problem: &OrderProblem) -> Solved {
        let (offsets, note) = (None, None);
        match self.algorithm {
            Algorithm::Program => {
                let order: Vec<u32> = (0..problem.kernels() as u32).collect();
                let value = evaluate(problem, &order);
                Solved { order, value, stop: StopReason::Saturated, gap: None, offsets, note }
            }
            Algorithm::Greedy => {
                let found = greedy(problem);
                Solved { order: found.order, value: found.value, stop: found.stop, gap: None, offsets, note }
            }
            Algorithm::Search => {
                let found = search(problem, &self.search);
                let gap = Some(Gap { bytes: found.value.peak, lower_bound: found.lower_bound });
                Solved { order: found.order, value: found.value, stop: found.stop, gap, offsets, note }
            }
            Algorithm::Ilp => {
                let found = ilp(problem, &search(problem, &self.search).order, &self.exact);
                let gap = Gap { bytes: found.value.peak, lower_bound: found.lower_bound };
                let note = Some(verdict("peak", gap, found.stop, &found.effort));
                Solved { order: found.order, value: found.value, stop: found.stop, gap: Some(gap), offsets, note }
            }
            Algorithm::Joint => {
                let found = joint(problem, &search(problem, &self.search).order, &self.exact);
                let gap = Gap { bytes: found.height, lower_bound: found.lower_bound };
                let note = Some(verdict("arena", gap, found.stop, &found.effort));
                let offsets = Some(Offsets { buffers: found.buffers, workspaces: found.workspaces });
                Solved { order: found.order, value: found.value, stop: found.stop, gap: Some(gap), offsets, note }
            }
        }
    }
}

/// What an exact algorithm says of a block.
fn verdict(what: &str, gap: Gap, stop: StopReason, effort: &IlpEffort) -> String {
    let distance = match gap.bytes.0.saturating_sub(gap.lower_bound.0) {
        0 => "optimal".to_owned(),
        above => format!("at most {above} above the least ({:.2} %)", 100.0 * gap.relative()),
    };
    let IlpEffort { kernels, groups, programs, variables, rows, nodes, too_large } = effort;
    let how = match (programs, too_large) {
        (0, 0) => "by reductions alone".to_owned(),
        (0, _) => "the program is too large for the solver".to_owned(),
        _ => format!("{programs} programs of up to {variables} variables and {rows} rows, within {nodes} nodes"),
    };
    format!("schedule: {what} {} bytes, {distance}: {stop}; {kernels} kernels in {groups} groups, {how}", gap.bytes.0)
}

/// Writes offsets that were chosen with the order; `place` takes them where it finds nothing better.
fn write_offsets(module: &mut Module, analysis: &Analysis, scope: &ScopeOrder, offsets: &Offsets) {
    let by_storage: FxHashMap<_, _> = scope.storages.iter().zip(&offsets.buffers).collect();
    for (kernel, &op) in scope.kernels.iter().enumerate() {
        let offset = |value| {
            let storage = analysis.aliases.value(value).storage();
            storage.and_then(|id| by_storage.get(&id)).map_or(-1, |offset| offset.0 as i64)
        };
        let of_results: Vec<i64> = module.op(op).results().map(offset).collect();
        if of_results.iter().any(|&offset| offset >= 0) {
            let attr = module.i64_array_attr(&of_results);
            module.set_attr(op, "memopt.offsets", attr);
        }
        if !scope.problem.workspace[kernel].is_zero() {
            let attr = module.integer_attr(offsets.workspaces[kernel].0 as i64);
            module.set_attr(op, "memopt.workspace_offset", attr);
        }
    }
}

impl Pass for Schedule {
    fn info(&self) -> &'static PassInfo {
        &INFO
    }

    fn run(&self, context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>> {
        let analysis = context.analysis()?;
        let mut moved = false;
        // The least of them: blocks that say more follow.
        let (mut stop, mut gap) = (StopReason::Proven, None);
        inner_first(&analysis.scopes.scopes, |scope, inner| {
            let extracted = ScopeOrder::extract(context.module, &analysis, scope, inner, TieSource::MayReuse);
            let solved = self.solve(&extracted.problem);
            validate_order(&extracted.problem, &solved.order).map_err(|error| {
                let span = context.module.op(scope.owner).span;
                vec![Diagnostic::error(span, format!("internal error: the scheduler's order is wrong: {error:?}"))]
            })?;
            moved |= write_order(context.module, &extracted, &solved.order, &solved.value);
            if let Some(offsets) = &solved.offsets {
                write_offsets(context.module, &analysis, &extracted, offsets);
            }
            let span = context.module.op(scope.owner).span;
            context.notes.extend(solved.note.map(|note| Diagnostic::note(span, note)));
            stop = stop.max(solved.stop);
            // The function's body is the last.
            gap = solved.gap;
            Ok::<_, Vec<Diagnostic>>(solved.value.peak)
        })?;
        if !moved {
            context.keep(analysis);
        }
        Ok(PassOutcome { gap, ..PassOutcome::new(stop) })
    }
}

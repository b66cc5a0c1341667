//! `recompute`: which operations run again, so that their results need not be kept.
//!
//! Works on the textual order, and so stands after a `schedule`; another one after it moves the clones where they need least.

use memopt::analysis::{Analysis, ScopeOrder, TieSource, inner_first, stable_order_by};
use memopt::cost::{CostModel, Objective};
use memopt::diag::Diagnostic;
use memopt::dialect::OpRef;
use memopt::ir::{Bytes, Module, OpId};
use memopt::pass::{
    AddedWork, Gap, OptionInfo, OptionValue, OptionValues, Pass, PassContext, PassInfo, PassOptions, PassOutcome,
};
use memopt::plan::{StopReason, evaluate};

use super::algorithm::RecomputeAlgorithm;
use super::apply::apply;
use super::extract::{Extracted, extract};
use super::goal::{RecomputeGoal, RecomputeOutcome, recompute};
use super::ilp::MOST_KERNELS;
use super::solution::validate_recompute;
use crate::attributes::{write_order, write_possible_ties};

/// The table entry.
pub static INFO: PassInfo = PassInfo {
    name: "recompute",
    help: "runs operations again, so that their results need not be kept",
    options: &[
        OptionInfo {
            name: "algorithm",
            help: "how the clones are chosen: minimum cuts; integer programming, for small functions; or as other systems do",
            values: OptionValues::OneOf(&RecomputeAlgorithm::WORDS),
            default: "mincut",
        },
        OptionInfo {
            name: "budget",
            help: "what the arena may have, for the least added cost; min: as little as can be",
            values: OptionValues::BytesOr("min"),
            default: "",
        },
        OptionInfo {
            name: "max-overhead",
            help: "the cost that may be added, of all cost, for the least arena; 1% where there is no budget either",
            values: OptionValues::Percent,
            default: "",
        },
        OptionInfo {
            name: "cost",
            help: "what counts as cost: time, measured or by the target's roofline, or floating-point operations",
            values: OptionValues::OneOf(&["time", "flops"]),
            default: "time",
        },
        OptionInfo {
            name: "effort",
            help: "how hard to search: 1 the default, each step up twice the work",
            values: OptionValues::Integer { min: 0, max: 12 },
            default: "1",
        },
    ],
    not_before: &[("inplace", "clones take part in the ties that inplace finds")],
};

/// Makes the pass.
pub fn build(options: &PassOptions) -> Box<dyn Pass> {
    let goal = match (options.get("budget"), options.share("max-overhead")) {
        (Some(OptionValue::Bytes(budget)), _) => RecomputeGoal::Budget(budget),
        (Some(_), _) => RecomputeGoal::Least,
        (None, share) => RecomputeGoal::Overhead(share.unwrap_or(DEFAULT_OVERHEAD)),
    };
    let objective = if options.word("cost") == "flops" { Objective::Flops } else { Objective::Time };
    let algorithm = RecomputeAlgorithm::by_word(options.word("algorithm"));
    Box::new(Recompute {
        algorithm,
        goal,
        objective,
        effort: options.integer("effort").map_or(1, |effort| effort as u32),
    })
}

/// What nobody minds.
const DEFAULT_OVERHEAD: f64 = 0.01;

/// Sizes beyond what any machine has are left alone, so that sums stay exact.
const MOST_BYTES: Bytes = Bytes(1 << 56);

struct Recompute {
    algorithm: RecomputeAlgorithm,
    goal: RecomputeGoal,
    objective: Objective,
    effort: u32,
}

impl Pass for Recompute {
    fn info(&self) -> &'static PassInfo {
        &INFO
    }

    fn budget(&self) -> Option<Bytes> {
        match self.goal {
            RecomputeGoal::Budget(budget) => Some(budget),
            _ => None,
        }
    }

    fn run(&self, context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>> {
        let goal = match self.goal {
            RecomputeGoal::Budget(budget) => RecomputeGoal::Budget(budget.saturating_sub(context.reserve)),
            other => other,
        };
        let Some(mut solved) = self.solve(context, goal)? else { return Ok(PassOutcome::new(StopReason::WorkLimit)) };
        if let RecomputeGoal::Budget(budget) = goal {
            self.try_order_as_read(context, budget, &mut solved)?;
        }
        let Solved { analysis, extracted, outcome, is_reordered } = &solved;
        // What the reserve leaves may be less than can be had, and the budget still be met.
        if let Some(budget) = self.budget().filter(|&budget| outcome.solution.peak > budget) {
            return Err(vec![infeasible(context.module, extracted, budget, outcome)]);
        }
        if *is_reordered || outcome.solution.runs.len() > extracted.kernels.len() {
            let PassContext { function, registry, target, .. } = *context;
            apply(context.module, function, analysis, extracted, &outcome.solution);
            let analysis = Analysis::of(context.module, function, registry, target)?;
            write_possible_ties(context.module, &analysis);
            let order = textual_order(context.module, &analysis);
            let kernels: Vec<u32> = (0..order.kernels.len() as u32).collect();
            let value = evaluate(&order.problem, &kernels);
            write_order(context.module, &order, &kernels, &value);
        }
        let share = |cost: u64| cost as f64 / extracted.problem.total_cost().max(1) as f64;
        Ok(PassOutcome {
            gap: Some(Gap { bytes: outcome.solution.peak, lower_bound: outcome.bound.memory }),
            added: Some(AddedWork {
                objective: self.objective,
                share: share(outcome.solution.cost),
                least: outcome.bound.cost.map_or(0.0, share),
            }),
            ..PassOutcome::new(outcome.stop)
        })
    }
}

/// The function's body in some order, and what runs again in it.
struct Solved {
    analysis: Analysis,
    extracted: Extracted,
    outcome: RecomputeOutcome,
    /// Whether the order is another one than that which the pass found.
    is_reordered: bool,
}

impl Recompute {
    /// Solves the problem of the textual order; `None` where it is too large.
    fn solve(&self, context: &PassContext<'_>, goal: RecomputeGoal) -> Result<Option<Solved>, Vec<Diagnostic>> {
        let PassContext { ref module, function, registry, target, .. } = *context;
        let analysis = Analysis::of(module, function, registry, target)?;
        let costs = CostModel { target: target.clone(), objective: self.objective };
        let extracted = extract(module, function, &analysis, &textual_order(module, &analysis), &costs);
        let span = module.op(function.op).span;
        if self.algorithm == RecomputeAlgorithm::Ilp && extracted.kernels.len() > MOST_KERNELS {
            let count = extracted.kernels.len();
            let what =
                format!("algorithm=ilp is for functions of at most {MOST_KERNELS} operations, this one has {count}");
            let solver = if cfg!(feature = "highs") { "" } else { "; this build is without HiGHS, which can do more" };
            let help = format!("algorithm=mincut has no such limit, and says how close it is{solver}");
            return Err(vec![Diagnostic::error(span, what).help(help)]);
        }
        if extracted.problem.sizes() > MOST_BYTES {
            return Ok(None);
        }
        let outcome = recompute(&extracted.problem, self.algorithm, goal, self.effort);
        validate_recompute(&extracted.problem, &outcome.solution)
            .map_err(|error| vec![Diagnostic::error(span, format!("internal error: the clones are wrong: {error}"))])?;
        Ok(Some(Solved { analysis, extracted, outcome, is_reordered: false }))
    }

    /// Solves the problem of the order as read too, where the answer may be far from the best, and keeps the better one.
    ///
    /// An order with the least peak may be a bad one to run things again in: what it brings together to save a few bytes may
    /// stand far from what it can be made again from.
    fn try_order_as_read(
        &self,
        context: &mut PassContext<'_>,
        budget: Bytes,
        solved: &mut Solved,
    ) -> Result<(), Vec<Diagnostic>> {
        let Some(order) = order_as_read(context.module, solved).filter(|_| solved.outcome.is_far()) else {
            return Ok(());
        };
        let body = context.function.body;
        let found = context.module.block(body).ops().to_vec();
        context.module.set_order(body, order);
        let as_read = self.solve(context, RecomputeGoal::Budget(budget))?;
        let worth = |solved: &Solved| (solved.outcome.solution.peak.max(budget), solved.outcome.solution.cost);
        match as_read.filter(|as_read| worth(as_read) < worth(solved)) {
            Some(as_read) => *solved = Solved { is_reordered: true, ..as_read },
            None => context.module.set_order(body, found),
        }
        Ok(())
    }
}

/// The operations of the body in the order as read, as far as hazards allow; `None` where they stand in it already, or some
/// of them are clones.
fn order_as_read(module: &Module, solved: &Solved) -> Option<Vec<OpId>> {
    let scope = textual_order(module, &solved.analysis);
    // Copies have no place in the program as read: they come when nothing else can.
    let id = |&op: &OpId| OpRef::new(module, op).integer("memopt.id").map_or(u32::MAX, |id| id as u32);
    let ranks: Vec<u32> = scope.kernels.iter().map(id).collect();
    let is_clone = |&op: &OpId| module.find_attr(op, "memopt.recompute_of").is_some();
    if scope.kernels.iter().any(is_clone) {
        return None;
    }
    let order = stable_order_by(&scope.problem.predecessors, &scope.problem.successors, &ranks);
    (!order.is_sorted()).then(|| scope.op_order(module, &order))
}

/// The function's body in its textual order, and what the regions inside need in theirs.
fn textual_order(module: &Module, analysis: &Analysis) -> ScopeOrder {
    let mut body = None;
    let solved = inner_first(&analysis.scopes.scopes, |scope, inner| {
        let order = ScopeOrder::extract(module, analysis, scope, inner, TieSource::MayReuse);
        let kernels: Vec<u32> = (0..order.kernels.len() as u32).collect();
        let peak = evaluate(&order.problem, &kernels).peak;
        body = Some(order);
        Ok::<_, std::convert::Infallible>(peak)
    });
    let Ok(_) = solved;
    body.expect("a function has a body")
}

/// The error for a budget that is not met: what can be had, what cannot, and what is in the way.
fn infeasible(module: &Module, extracted: &Extracted, budget: Bytes, outcome: &RecomputeOutcome) -> Diagnostic {
    let (found, bound) = (outcome.solution.peak, outcome.bound);
    let op = extracted.kernels[bound.step as usize];
    let proof = if bound.memory > budget {
        format!("in this order no plan needs less than {}, whatever runs again", bound.memory)
    } else {
        format!("it is not proven that there is no plan; none needs less than {}", bound.memory)
    };
    let mut error = Diagnostic::error(
        module.op(op).span,
        format!("the budget of {budget} cannot be met: the least arena found has {found}"),
    )
    .label(format!("{} needs most", module.op_name(op)))
    .help(format!("{proof}; ask for {found} or more, or for --budget=min"));
    let (reads, writes) = (&extracted.problem.reads, &extracted.problem.writes);
    let values = reads.row(bound.step as usize).iter().chain(writes.row(bound.step as usize));
    let mut values: Vec<u32> = values.copied().collect();
    values.sort_by_key(|&value| std::cmp::Reverse(extracted.problem.values[value as usize].size));
    for &value in values.iter().take(5) {
        let version = extracted.versions[value as usize];
        let size = extracted.problem.values[value as usize].size;
        let span = module.op(module.defining_op(version)).span;
        error = error.related(span, format!("{} is needed there, {size}", module.display_value(version)));
    }
    error
}

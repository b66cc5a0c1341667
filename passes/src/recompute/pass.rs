//! `recompute`: which operations run again, so that their results need not be kept.
//!
//! Works on the textual order, and so stands after a `schedule`; another one after it moves the clones where they need least.

use memopt::analysis::{Analysis, ScopeOrder, TieSource, inner_first};
use memopt::cost::{CostModel, Objective};
use memopt::diag::Diagnostic;
use memopt::ir::{Bytes, Module};
use memopt::pass::{
    Gap, OptionInfo, OptionValue, OptionValues, Pass, PassContext, PassInfo, PassKind, PassOptions, PassOutcome,
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
    kind: PassKind::Plan,
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

    fn run(&self, context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>> {
        let PassContext { function, registry, target, reserve, .. } = *context;
        let goal = match self.goal {
            RecomputeGoal::Budget(budget) => RecomputeGoal::Budget(budget.saturating_sub(reserve)),
            other => other,
        };
        let analysis = Analysis::of(context.module, function, registry, target)?;
        let costs = CostModel { target: target.clone(), objective: self.objective };
        let order = textual_order(context.module, &analysis);
        let extracted = extract(context.module, function, &analysis, &order, &costs);
        if self.algorithm == RecomputeAlgorithm::Ilp && extracted.kernels.len() > MOST_KERNELS {
            let (span, count) = (context.module.op(function.op).span, extracted.kernels.len());
            let what =
                format!("algorithm=ilp is for functions of at most {MOST_KERNELS} operations, this one has {count}");
            let solver = if cfg!(feature = "highs") { "" } else { "; this build is without HiGHS, which can do more" };
            let help = format!("algorithm=mincut has no such limit, and says how close it is{solver}");
            return Err(vec![Diagnostic::error(span, what).help(help)]);
        }
        if extracted.problem.sizes() > MOST_BYTES {
            return Ok(PassOutcome::new(StopReason::WorkLimit));
        }
        let outcome = recompute(&extracted.problem, self.algorithm, goal, self.effort);
        let span = context.module.op(function.op).span;
        validate_recompute(&extracted.problem, &outcome.solution)
            .map_err(|error| vec![Diagnostic::error(span, format!("internal error: the clones are wrong: {error}"))])?;
        if let (RecomputeGoal::Budget(budget), false) = (goal, outcome.is_met) {
            return Err(vec![infeasible(context.module, &extracted, budget + reserve, &outcome)]);
        }
        if outcome.solution.runs.len() > extracted.kernels.len() {
            apply(context.module, function, &analysis, &extracted, &outcome.solution);
            let analysis = Analysis::of(context.module, function, registry, target)?;
            write_possible_ties(context.module, &analysis);
            let order = textual_order(context.module, &analysis);
            let kernels: Vec<u32> = (0..order.kernels.len() as u32).collect();
            let value = evaluate(&order.problem, &kernels);
            write_order(context.module, &order, &kernels, &value);
        }
        let total = extracted.problem.total_cost().max(1) as f64;
        let least_overhead = outcome.bound.cost.filter(|_| self.objective == Objective::Time);
        Ok(PassOutcome {
            gap: Some(Gap { bytes: outcome.solution.peak, lower_bound: outcome.bound.memory }),
            budget: match self.goal {
                RecomputeGoal::Budget(budget) => Some(budget),
                _ => None,
            },
            least_overhead: least_overhead.map(|cost| cost as f64 / total),
            ..PassOutcome::new(outcome.stop)
        })
    }
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

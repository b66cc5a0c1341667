//! `recompute`: which operations run again, so that their results need not be kept.

use memopt::analysis::{Analysis, ScopeOrder, TieSource, inner_first};
use memopt::cost::{CostModel, Objective};
use memopt::diag::Diagnostic;
use memopt::ir::Bytes;
use memopt::pass::{OptionInfo, OptionValues, Pass, PassContext, PassInfo, PassOptions, PassOutcome};
use memopt::plan::{StopReason, evaluate};

use super::apply::apply;
use super::extract::extract;
use super::solution::{RecomputeSolution, validate_recompute};
use super::solve::solve;
use crate::attributes::{write_order, write_possible_ties};

/// The table entry.
pub static INFO: PassInfo = PassInfo {
    name: "recompute",
    help: "runs operations again, so that their results need not be kept",
    options: &[
        OptionInfo {
            name: "budget",
            help: "the bytes that the arena may have; the cheapest clones that reach it",
            values: OptionValues::Bytes,
            default: "",
        },
        OptionInfo {
            name: "cost",
            help: "what clones are to save: time, measured or by the target's roofline, or floating-point operations",
            values: OptionValues::OneOf(&["time", "flops"]),
            default: "time",
        },
    ],
    not_before: &[("inplace", "clones take part in the ties that inplace finds")],
};

/// Makes the pass.
pub fn build(options: &PassOptions) -> Box<dyn Pass> {
    let objective = if options.word("cost") == "flops" { Objective::Flops } else { Objective::Time };
    Box::new(Recompute { budget: options.bytes("budget"), objective })
}

struct Recompute {
    budget: Option<Bytes>,
    objective: Objective,
}

impl Pass for Recompute {
    fn info(&self) -> &'static PassInfo {
        &INFO
    }

    fn run(&self, context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>> {
        let analysis = Analysis::of(context.module, context.function, context.registry, context.target)?;
        let order = textual_order(context, &analysis);
        let costs = CostModel { target: context.target.clone(), objective: self.objective };
        let extracted = extract(context.module, context.function, &analysis, &order, &costs);
        let problem = &extracted.problem;
        let started = std::time::Instant::now();
        let mut work = std::env::var("WORK").map_or(20_000_000, |w| w.parse().unwrap());
        let Some(budget) = self.budget else { return Ok(PassOutcome::new(StopReason::Saturated)) };
        let plain = super::runs::Runs::new(problem).peak();
        match solve(problem, budget, &mut work) {
            Some(runs) => {
                let solution = RecomputeSolution::of(&runs);
                validate_recompute(problem, &solution).map_err(|error| {
                    let span = context.module.op(context.function.op).span;
                    vec![Diagnostic::error(span, format!("internal error: the clones are wrong: {error}"))]
                })?;
                eprintln!(
                    "plain {plain} budget {budget} peak {} clones {} cost {:.3} % in {:?}",
                    solution.peak,
                    solution.runs.len() - problem.kernels.len(),
                    100.0 * solution.cost as f64 / problem.total_cost() as f64,
                    started.elapsed()
                );
                apply(context.module, context.function, &analysis, &extracted, &solution);
                let analysis = Analysis::of(context.module, context.function, context.registry, context.target)?;
                write_possible_ties(context.module, &analysis);
                let order = textual_order(context, &analysis);
                let kernels: Vec<u32> = (0..order.kernels.len() as u32).collect();
                let value = evaluate(&order.problem, &kernels);
                eprintln!("evaluated {}", value.peak);
                write_order(context.module, &order, &kernels, &value);
            }
            None => eprintln!("no plan for {budget} in {:?}", started.elapsed()),
        }
        Ok(PassOutcome::new(StopReason::Saturated))
    }
}

/// The function's body in its textual order, and what the regions inside need in theirs.
fn textual_order(context: &PassContext<'_>, analysis: &Analysis) -> ScopeOrder {
    let mut body = None;
    let scopes = &analysis.scopes.scopes;
    let solved = inner_first(scopes, |scope, inner| {
        let order = ScopeOrder::extract(context.module, analysis, scope, inner, TieSource::MayReuse);
        let kernels: Vec<u32> = (0..order.kernels.len() as u32).collect();
        let peak = evaluate(&order.problem, &kernels).peak;
        body = Some(order);
        Ok::<_, std::convert::Infallible>(peak)
    });
    let Ok(_) = solved;
    body.expect("a function has a body")
}

//! `schedule`: the order of every block, inner blocks first, and the in-place ties that the order takes.

use memopt::analysis::{Analysis, ScopeOrder, TieSource, inner_first};
use memopt::diag::Diagnostic;
use memopt::dialect::Tie;
use memopt::ir::{Module, OpId};
use memopt::pass::{OptionInfo, OptionValues, Pass, PassContext, PassInfo, PassOptions, PassOutcome};
use memopt::plan::{OrderProblem, OrderValue, StopReason, evaluate, validate_order};
use rustc_hash::FxHashMap;

use super::greedy;
use crate::attributes::set_ties;

/// The table entry.
pub static INFO: PassInfo = PassInfo {
    name: "schedule",
    help: "chooses the order of operations and the operands that are overwritten",
    options: &[OptionInfo {
        name: "algorithm",
        help: "program: as written; greedy: list scheduling in both directions, alternating",
        values: OptionValues::OneOf(&["program", "greedy"]),
        default: "greedy",
    }],
    not_before: &[("inplace", "an order takes the ties that inplace finds")],
};

/// Makes the pass.
pub fn build(options: &PassOptions) -> Box<dyn Pass> {
    Box::new(Schedule {
        algorithm: if options.word("algorithm") == "program" { Algorithm::Program } else { Algorithm::Greedy },
    })
}

/// How an order is chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Algorithm {
    Program,
    Greedy,
}

struct Schedule {
    algorithm: Algorithm,
}

impl Schedule {
    fn solve(&self, problem: &OrderProblem) -> (Vec<u32>, OrderValue, StopReason) {
        match self.algorithm {
            Algorithm::Program => {
                let order: Vec<u32> = (0..problem.kernels() as u32).collect();
                let value = evaluate(problem, &order);
                (order, value, StopReason::Saturated)
            }
            Algorithm::Greedy => {
                let found = greedy(problem);
                (found.order, found.value, found.stop)
            }
        }
    }
}

/// Orders the block, and writes on every kernel the ties it takes.
fn apply(module: &mut Module, scope: &ScopeOrder, order: &[u32], value: &OrderValue) {
    let ops = scope.op_order(module, order);
    module.set_order(scope.scope.block, ops);
    let mut taken: FxHashMap<OpId, Vec<Tie>> = FxHashMap::default();
    for tie in &value.ties {
        // Ties are sorted; the IR's tie stands at the same index.
        if let Ok(index) = scope.problem.ties.binary_search(tie) {
            taken.entry(scope.kernels[tie.kernel as usize]).or_default().push(scope.ties[index]);
        }
    }
    for &(op, tie) in &scope.fixed_ties {
        taken.entry(op).or_default().push(tie);
    }
    for &op in &scope.kernels {
        set_ties(module, op, "memopt.reuse", taken.remove(&op).unwrap_or_default());
    }
}

impl Pass for Schedule {
    fn info(&self) -> &'static PassInfo {
        &INFO
    }

    fn run(&self, context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>> {
        let analysis = Analysis::of(context.module, context.function, context.registry, context.target)?;
        let mut stop = StopReason::BoundMet;
        inner_first(&analysis.scopes.scopes, |scope, inner| {
            let extracted = ScopeOrder::extract(context.module, &analysis, scope, inner, TieSource::MayReuse);
            let (order, value, why) = self.solve(&extracted.problem);
            validate_order(&extracted.problem, &order).map_err(|error| {
                let span = context.module.op(scope.owner).span;
                vec![Diagnostic::error(span, format!("internal error: the scheduler's order is wrong: {error:?}"))]
            })?;
            apply(context.module, &extracted, &order, &value);
            stop = stop.max(why);
            Ok::<_, Vec<Diagnostic>>(value.peak)
        })?;
        Ok(PassOutcome::new(stop))
    }
}

//! `inplace`: which operands each result *may* overwrite, whatever the order: `memopt.may_reuse = [[result, operand], ...]`.
//!
//! Legality is [`legal_ties`]'s; whether the operand dies at that operation is the order's business, and `schedule` decides
//! which ties are taken.

use memopt::analysis::{Analysis, legal_ties};
use memopt::diag::Diagnostic;
use memopt::dialect::Tie;
use memopt::ir::{Module, OpId};
use memopt::pass::{Pass, PassContext, PassInfo, PassOptions, PassOutcome};
use memopt::plan::StopReason;

/// The table entry.
pub static INFO: PassInfo = PassInfo {
    name: "inplace",
    help: "finds the operands that each result may overwrite",
    options: &[],
    not_before: &[("inplace", "what may be overwritten is found once")],
};

/// Makes the pass.
pub fn build(_options: &PassOptions) -> Box<dyn Pass> {
    Box::new(Inplace)
}

fn extract(module: &Module, analysis: &Analysis) -> Vec<(OpId, Vec<Tie>)> {
    let scopes = analysis.scopes.scopes.iter();
    let ops = scopes.flat_map(|scope| module.block(scope.block).ops());
    ops.map(|&op| (op, legal_ties(module, analysis, op).to_vec())).collect()
}

fn apply(module: &mut Module, found: Vec<(OpId, Vec<Tie>)>) {
    for (op, ties) in found {
        crate::attributes::set_ties(module, op, "memopt.may_reuse", ties);
    }
}

struct Inplace;

impl Pass for Inplace {
    fn info(&self) -> &'static PassInfo {
        &INFO
    }

    fn run(&self, context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>> {
        let analysis = Analysis::of(context.module, context.function, context.registry, context.target)?;
        let found = extract(context.module, &analysis);
        apply(context.module, found);
        Ok(PassOutcome::new(StopReason::Proven))
    }
}

//! `inplace`: which operands each result *may* overwrite, whatever the order: `memopt.may_reuse = [[result, operand], ...]`.
//!
//! Legality is [`legal_ties`](memopt::analysis::legal_ties)'s; whether the operand dies at that operation is the order's business, and `schedule` decides
//! which ties are taken.

use memopt::diag::Diagnostic;
use memopt::pass::{Pass, PassContext, PassInfo, PassKind, PassOptions, PassOutcome};
use memopt::plan::StopReason;

use crate::attributes::write_possible_ties;

/// The table entry.
pub static INFO: PassInfo = PassInfo {
    name: "inplace",
    help: "finds the operands that each result may overwrite",
    kind: PassKind::Plan,
    options: &[],
    not_before: &[("inplace", "what may be overwritten is found once")],
};

/// Makes the pass.
pub fn build(_options: &PassOptions) -> Box<dyn Pass> {
    Box::new(Inplace)
}

struct Inplace;

impl Pass for Inplace {
    fn info(&self) -> &'static PassInfo {
        &INFO
    }

    fn run(&self, context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>> {
        let analysis = context.analysis()?;
        write_possible_ties(context.module, &analysis);
        context.keep(analysis);
        Ok(PassOutcome::new(StopReason::Proven))
    }
}

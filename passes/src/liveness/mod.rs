//! `liveness`: decides nothing; writes down what the order allows and costs, for people and tests.
//!
//! Each kernel gets `memopt.window = array<i64: earliest, latest>` (the steps of its block in which some order can run it)
//! and `memopt.live` (bytes of the arena that are live while it runs, in the current order); the function gets
//! `memopt.peak_live`.

use memopt::analysis::{ScopeOrder, TieSource, inner_first, windows};
use memopt::diag::Diagnostic;
use memopt::ir::Bytes;
use memopt::pass::{Pass, PassContext, PassInfo, PassKind, PassOptions, PassOutcome};
use memopt::plan::{StopReason, evaluate};

/// The table entry.
pub static INFO: PassInfo = PassInfo {
    name: "liveness",
    help: "annotates each operation with the window of steps it can run in, and the bytes live then",
    kind: PassKind::Plan,
    options: &[],
    not_before: &[],
};

/// Makes the pass.
pub fn build(_options: &PassOptions) -> Box<dyn Pass> {
    Box::new(Liveness)
}

fn annotate(context: &mut PassContext<'_>, order: &ScopeOrder) -> Bytes {
    let windows = windows(&order.problem);
    let program: Vec<u32> = (0..order.kernels.len() as u32).collect();
    let value = evaluate(&order.problem, &program);
    for (kernel, &op) in order.kernels.iter().enumerate() {
        let window = [windows.earliest[kernel], windows.latest[kernel]].map(|step| i64::from(step.0));
        let window = context.module.i64_array_attr(&window);
        context.module.set_attr(op, "memopt.window", window);
        let live = context.module.integer_attr(value.live[kernel].0 as i64);
        context.module.set_attr(op, "memopt.live", live);
    }
    value.peak
}

struct Liveness;

impl Pass for Liveness {
    fn info(&self) -> &'static PassInfo {
        &INFO
    }

    fn run(&self, context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>> {
        let analysis = context.analysis()?;
        let peak = inner_first(&analysis.scopes.scopes, |scope, inner| {
            let order = ScopeOrder::extract(context.module, &analysis, scope, inner, TieSource::MayReuse);
            Ok::<_, Vec<Diagnostic>>(annotate(context, &order))
        })?;
        let peak = context.module.integer_attr(peak.0 as i64);
        context.module.set_attr(context.function.op, "memopt.peak_live", peak);
        context.keep(analysis);
        Ok(PassOutcome::new(StopReason::Proven))
    }
}

//! `fuse`: which values the kernels that read them compute on the fly, so that they need no bytes: `memopt.virtual`.
//!
//! Works on the textual order, so that it is worth most after a `schedule`; another one after it has fewer buffers to order.
//! It may stand before `inplace` or after it, and run more than once: what it finds marked is its starting point.

use memopt::analysis::{Analysis, ScopeOrder, TieSource, inner_first, stable_order};
use memopt::diag::Diagnostic;
use memopt::ir::{Bytes, Module, OpId};
use memopt::pass::{OptionInfo, OptionValues, Pass, PassContext, PassInfo, PassKind, PassOptions, PassOutcome};
use memopt::plan::{StopReason, evaluate, validate_order};
use rustc_hash::FxHashSet;

use super::apply::{apply, chosen, take_back, take_marks};
use super::extract::extract;
use super::solve::{FuseOptions, fuse};
use super::validate::validate_fuse;
use crate::attributes::{write_order, write_possible_ties};

/// The table entry.
pub static INFO: PassInfo = PassInfo {
    name: "fuse",
    kind: PassKind::Plan,
    help: "makes values virtual: the operations that read them compute them on the fly",
    options: &[
        OptionInfo {
            name: "max-overhead",
            help: "the floating-point operations that may be added, of all, by values that several operations compute",
            values: OptionValues::Percent,
            default: "2%",
        },
        OptionInfo {
            name: "effort",
            help: "how hard to search: 1 the default, each step up twice the work",
            values: OptionValues::Integer { min: 0, max: 12 },
            default: "1",
        },
    ],
    not_before: &[],
};

/// Makes the pass.
pub fn build(options: &PassOptions) -> Box<dyn Pass> {
    Box::new(Fuse(FuseOptions {
        max_overhead: options.share("max-overhead").unwrap_or_default(),
        effort: options.integer("effort").map_or(1, |effort| effort as u32),
    }))
}

/// Sizes beyond what any machine has are left alone, so that sums stay exact.
const MOST_BYTES: Bytes = Bytes(1 << 56);

struct Fuse(FuseOptions);

impl Pass for Fuse {
    fn info(&self) -> &'static PassInfo {
        &INFO
    }

    fn run(&self, context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>> {
        let PassContext { function, registry, target, .. } = *context;
        let analysis = context.analysis()?;
        let marked: FxHashSet<OpId> = take_marks(context.module, &planned_ops(context.module, &analysis));
        let analysis = match marked.is_empty() {
            true => analysis,
            false => Analysis::of(context.module, function, registry, target)?,
        };
        let span = context.module.op(function.op).span;
        let (mut stop, mut virtual_ops) = (StopReason::Proven, Vec::new());
        inner_first(&analysis.scopes.scopes, |scope, inner| {
            let extracted = extract(context.module, &analysis, target, scope, inner);
            if extracted.problem.sizes() > MOST_BYTES {
                stop = stop.max(StopReason::WorkLimit);
                return Ok(Bytes::ZERO);
            }
            let (solution, stopped) = fuse(&extracted.problem, &extracted.given(&marked), self.0);
            validate_fuse(&extracted.problem, &solution).map_err(|error| {
                vec![Diagnostic::error(span, format!("internal error: the virtual values are wrong: {error}"))]
            })?;
            virtual_ops.extend(chosen(&extracted, &solution));
            stop = stop.max(stopped);
            Ok::<_, Vec<Diagnostic>>(solution.peak)
        })?;
        apply(context.module, &virtual_ops);
        let analysis = take_back(context, virtual_ops)?;
        rewrite_ties(context.module, &analysis)?;
        Ok(PassOutcome::new(stop))
    }
}

fn planned_ops(module: &Module, analysis: &Analysis) -> Vec<OpId> {
    let scopes = analysis.scopes.scopes.iter();
    scopes.flat_map(|scope| module.block(scope.block).ops().iter().copied()).collect()
}

/// After `inplace`, ties are offered and taken as the buffers are now, in the order that is there.
fn rewrite_ties(module: &mut Module, analysis: &Analysis) -> Result<(), Vec<Diagnostic>> {
    let offers = |op: &OpId| module.find_attr(*op, "memopt.may_reuse").is_some();
    if planned_ops(module, analysis).iter().any(offers) {
        write_possible_ties(module, analysis);
    }
    inner_first(&analysis.scopes.scopes, |scope, inner| {
        let order = ScopeOrder::extract(module, analysis, scope, inner, TieSource::MayReuse);
        let mut kernels: Vec<u32> = (0..order.kernels.len() as u32).collect();
        // A broadcast that lost the reader for whose sake it had bytes is virtual now, and its readers read what it is made from.
        if validate_order(&order.problem, &kernels).is_err() {
            kernels = stable_order(&order.problem.predecessors, &order.problem.successors);
        }
        validate_order(&order.problem, &kernels).map_err(|error| {
            let span = module.op(scope.owner).span;
            vec![Diagnostic::error(span, format!("internal error: virtual values broke the order: {error:?}"))]
        })?;
        let value = evaluate(&order.problem, &kernels);
        write_order(module, &order, &kernels, &value);
        Ok::<_, Vec<Diagnostic>>(value.peak)
    })?;
    Ok(())
}

//! `indexing`: gathers and scatters that pick one element of each row are written so that no tensor of all rows is needed for
//! them.
//!
//! A cross-entropy picks the logarithm of one probability for each token, and its gradient adds one number to each token's row.
//! Written as a gather from all logarithms, and as a scatter into zeros, each is as large as all logits, for as many numbers as
//! there are tokens; and both must have bytes, since a gather and a scatter are no kernels that compute what they read. So
//! - a scatter into a splat becomes a select, where at most one update goes to each element ([`scatter`]): an elementwise tree
//!   over small roots, which needs no bytes where its readers compute it on the fly;
//! - a gather of what elementwise operations make for it alone is moved up: they run on the elements gathered ([`gather`]).
//!
//! Both are equal to what they replace bit by bit, for all inputs. [`inverse`] says when each element can find its update,
//! [`counting`] which indices are coordinates of the batch. Where that cannot be shown, all stays as it is, and so does what has
//! hints: its producer knows something about it.

mod build;
mod counting;
mod gather;
pub mod inverse;
mod scatter;
mod splat;

use memopt::analysis::Scopes;
use memopt::diag::Diagnostic;
use memopt::dialect::{Facts, Registry};
use memopt::ir::{Function, Module, OpId, ValueId};
use memopt::pass::{Pass, PassContext, PassInfo, PassKind, PassOptions, PassOutcome};
use memopt::plan::StopReason;
use rustc_hash::FxHashMap;

/// The table entry.
pub static INFO: PassInfo = PassInfo {
    name: "indexing",
    help: "writes gathers and scatters of one element for each row so that no tensor of all rows is needed for them",
    kind: PassKind::Rewrite,
    options: &[],
    not_before: &[],
};

/// Makes the pass.
pub fn build(_options: &PassOptions) -> Box<dyn Pass> {
    Box::new(Indexing)
}

/// What stands for an operation: other operations, in order, and the values that its results become.
struct Replacement {
    made: Vec<OpId>,
    results: Vec<ValueId>,
    /// Operations that nothing reads any more, with the one that is replaced.
    removed: Vec<OpId>,
}

/// Replaces all gathers and scatters of a function that can be.
fn rewrite(module: &mut Module, function: Function, registry: &Registry) -> Result<(), Vec<Diagnostic>> {
    let facts = Facts::of(module, function.op, registry)?;
    let mut readers = gather::Readers::of(module, function);
    let (mut replaced, mut removed) = (FxHashMap::default(), Vec::new());
    for scope in &Scopes::of(module, function, &facts).scopes {
        let mut order = Vec::new();
        let before = removed.len();
        for op in module.block(scope.block).ops().to_vec() {
            let replacement = match scatter::find(module, registry, op) {
                Some(found) => Some(build::selects(module, &found)),
                None => gather::move_up(module, &facts, &readers, op),
            };
            if let Some(replacement) = replacement {
                readers.update(module, &replacement);
                let Replacement { made, results, removed: mut gone } = replacement;
                order.extend(made);
                removed.append(&mut gone);
                for (old, new) in module.op(op).results().zip(results) {
                    // A scatter that only overwrites may become the update itself, which may be the result of another one.
                    let new = *replaced.get(&new).unwrap_or(&new);
                    replaced.insert(old, new);
                }
            }
            order.push(op);
        }
        if removed.len() > before {
            module.set_order(scope.block, order);
        }
    }
    if !removed.is_empty() {
        module.replace_all(&replaced, &removed);
    }
    Ok(())
}

struct Indexing;

impl Pass for Indexing {
    fn info(&self) -> &'static PassInfo {
        &INFO
    }

    fn run(&self, context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>> {
        rewrite(context.module, context.function, context.registry)?;
        Ok(PassOutcome::new(StopReason::Saturated))
    }
}

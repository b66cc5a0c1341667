//! A pass for tests: marks some of the results that their readers may compute, whatever that costs or saves.
//!
//! What a plan does with values without bytes has to be right for any choice of them, not only for the one that a planner
//! would make. A mark is taken back where the textual order would be none any more: where a reader of the value comes after
//! the operation that overwrites what the value is computed from.

use std::collections::BTreeSet;

use memopt::analysis::{Analysis, ScopeOrder, TieSource, inner_first, possible_ties, reads_in_step};
use memopt::diag::Diagnostic;
use memopt::ir::{Attr, Bytes, Definition, Module, OpId};
use memopt::pass::{OptionInfo, OptionValues, Pass, PassContext, PassInfo, PassKind, PassOptions, PassOutcome};
use memopt::plan::{Home, StopReason, StorageId, ValueStorage};

use crate::draw::{Draw, random_bytes};

/// The table entry.
pub static INFO: PassInfo = PassInfo {
    name: "mark",
    kind: PassKind::Plan,
    help: "makes some values virtual, for tests",
    options: &[
        OptionInfo {
            name: "seed",
            help: "which values",
            values: OptionValues::Integer { min: 0, max: i64::MAX },
            default: "0",
        },
        OptionInfo {
            name: "skip",
            help: "of so many values, one stays as it is",
            values: OptionValues::Integer { min: 1, max: 100 },
            default: "3",
        },
    ],
    not_before: &[],
};

/// Makes the pass.
pub fn build(options: &PassOptions) -> Box<dyn Pass> {
    let number = |name| options.integer(name).and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
    Box::new(Mark { seed: number("seed"), skip: number("skip").max(1) as usize })
}

struct Mark {
    seed: u64,
    skip: usize,
}

impl Pass for Mark {
    fn info(&self) -> &'static PassInfo {
        &INFO
    }

    fn run(&self, context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>> {
        let analysis = Analysis::of(context.module, context.function, context.registry, context.target)?;
        let blocks = analysis.scopes.scopes.iter().map(|scope| context.module.block(scope.block).ops().to_vec());
        let fusible = |op: &OpId| analysis.facts.op(*op).results.iter().any(|result| result.fusible.is_some());
        let candidates: Vec<OpId> = blocks.flatten().filter(fusible).collect();
        let bytes = random_bytes(self.seed, 2 * candidates.len() + 2);
        let mut draw = Draw::new(&bytes);
        for &op in &candidates {
            if !draw.one_in(self.skip) {
                context.module.set_attr(op, "memopt.virtual", Attr::Unit);
            }
        }
        while let Some(late) = first_too_late(context)? {
            unmark_trees(context.module, late);
        }
        // A mark that stays without effect, since some reader wants bytes, would have one on a clone without that reader.
        let analysis = Analysis::of(context.module, context.function, context.registry, context.target)?;
        for op in candidates {
            let result = context.module.op(op).result(0);
            if !matches!(analysis.aliases.value(result), ValueStorage::Virtual { .. }) {
                context.module.remove_attr(op, "memopt.virtual");
            }
        }
        Ok(PassOutcome::new(StopReason::Proven))
    }
}

/// A kernel that would have to run earlier than it stands, or that overwrites what it still reads.
fn first_too_late(context: &PassContext<'_>) -> Result<Option<OpId>, Vec<Diagnostic>> {
    let analysis = Analysis::of(context.module, context.function, context.registry, context.target)?;
    let mut late = None;
    inner_first(&analysis.scopes.scopes, |scope, inner| {
        let order = ScopeOrder::extract(context.module, &analysis, scope, inner, TieSource::Legal);
        for kernel in 0..order.kernels.len() {
            let before = order.problem.predecessors.row(kernel).iter().find(|&&before| before as usize > kernel);
            late = late.or(before.map(|&before| order.kernels[before as usize]));
        }
        for &argument in context.module.block(scope.block).arguments() {
            let Some(old) = analysis.aliases.value(argument).storage() else { continue };
            let mut touches = order.outer_touches(old).map(|kernel| order.kernels[kernel as usize]);
            late = late.or_else(|| touches.find(|&op| spoils_itself(context.module, &analysis, op, old)));
        }
        Ok::<_, Vec<Diagnostic>>(Bytes::ZERO)
    })?;
    Ok(late)
}

/// Whether an operation that reads `old` has a result which has to lie in the same bytes, and reads other elements there than
/// it writes.
fn spoils_itself(module: &Module, analysis: &Analysis, op: OpId, old: StorageId) -> bool {
    let home = analysis.aliases.storage(old).home;
    let mut results = module.op(op).results().enumerate();
    results.any(|(index, result)| {
        let Some(new) = analysis.aliases.value(result).storage().filter(|&new| new != old) else { return false };
        let of = analysis.aliases.storage(new);
        let mut ties = possible_ties(module, analysis, op).into_iter().filter(|(tie, _)| tie.result as usize == index);
        of.root == result
            && of.home == home
            && !matches!(home, Home::Arena | Home::ArenaUntilEnd)
            && !ties.any(|(tie, operand)| {
                let tied = analysis.aliases.value(operand).storage();
                tied == Some(old) && reads_in_step(module, analysis, op, tie, old)
            })
    })
}

/// Takes back the marks of all that an operation, or its regions, compute of values without bytes.
fn unmark_trees(module: &mut Module, reader: OpId) {
    let mut seen = BTreeSet::new();
    let mut work = vec![reader];
    let mut found = 0;
    while let Some(op) = work.pop() {
        if !seen.insert(op) {
            continue;
        }
        let regions = module.op(op).regions().iter();
        work.extend(regions.flat_map(|&r| module.region(r).blocks()).flat_map(|&b| module.block(b).ops()).copied());
        for &operand in module.op(op).operands() {
            if let Definition::Result { op: producer, .. } = module.value(operand).definition {
                work.push(producer);
            }
        }
        if module.find_attr(op, "memopt.virtual").is_some() {
            module.remove_attr(op, "memopt.virtual");
            found += 1;
        }
    }
    assert!(found > 0, "only a value that somebody marked can be read too late");
}

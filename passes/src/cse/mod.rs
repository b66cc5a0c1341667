//! `cse`: common subexpression elimination. Of the operations that compute one value, the first is left; what nothing reads
//! any more is dropped. Whether a value is then kept, computed again or never stored is decided by the passes that plan, and
//! no longer by how a producer happened to write it.
//!
//! Two operations compute one value if the checker gives their results one number
//! ([`value_numbers`](memopt::checker::value_numbers)), so what is merged here is proven against the program as read. One walk
//! in program order keeps the first operation of each number that is visible: those of its block, and of the blocks around it.
//! Linear in the size of the program.
//!
//! Left alone are
//! - effects: what draws random numbers or is seen outside runs exactly once;
//! - operations of which the text may not say all, as an optimization barrier: each equals only its own clones, so nothing is
//!   merged across one;
//! - copies: who wrote one wants the bytes twice;
//! - values whose bytes an update overwrites: the readers of the other one may run after it;
//! - operations with different hints: their producer knows how they differ.

use memopt::analysis::{Aliases, Scopes, planned_regions};
use memopt::checker::{Number, Numbers, value_numbers};
use memopt::diag::Diagnostic;
use memopt::dialect::{Effects, Facts, KernelKind, Registry, hints_of};
use memopt::ir::{BlockId, Function, Module, NamedAttr, OpId, ValueId};
use memopt::pass::{Pass, PassContext, PassInfo, PassKind, PassOptions, PassOutcome, textual_order};
use memopt::plan::{StopReason, StorageId, ValueStorage};
use memopt::target::Target;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

/// The table entry.
pub static INFO: PassInfo = PassInfo {
    name: "cse",
    help: "merges operations that compute the same, and drops those that nothing reads",
    kind: PassKind::Simplify,
    options: &[],
    not_before: &[],
};

/// Makes the pass.
pub fn build(_options: &PassOptions) -> Box<dyn Pass> {
    Box::new(Cse)
}

/// The operations of the planned blocks in textual order, and what becomes of them.
#[derive(Default)]
struct Merges {
    ops: Vec<OpId>,
    /// What stands for each result of an operation that was merged into an earlier one.
    replaced: FxHashMap<ValueId, ValueId>,
    /// Operations that are left out, by [`OpId`].
    is_removed: Vec<bool>,
}

/// What operations must have in common to be merged: their value number and their hints.
type Key = (Number, SmallVec<[NamedAttr; 2]>);

/// A block on the way.
struct Frame {
    block: BlockId,
    next: usize,
    /// How many keys were visible before it.
    visible: usize,
}

/// Finds for each operation that may be merged the first visible one with its key.
fn find_merges(module: &Module, function: Function, facts: &Facts, numbers: &Numbers, overwritten: &[bool]) -> Merges {
    let mut merges = Merges { is_removed: vec![false; module.op_bound()], ..Merges::default() };
    let mut first: FxHashMap<Key, OpId> = FxHashMap::default();
    let mut visible: Vec<Key> = Vec::new();
    let mut work = vec![Frame { block: function.body, next: 0, visible: 0 }];
    while let Some(frame) = work.last_mut() {
        let Some(&op) = module.block(frame.block).ops().get(frame.next) else {
            visible.drain(frame.visible..).for_each(|key| _ = first.remove(&key));
            work.pop();
            continue;
        };
        frame.next += 1;
        merges.ops.push(op);
        if may_merge(module, op, facts, numbers, overwritten) {
            let mut hints: SmallVec<_> = hints_of(module, op).collect();
            hints.sort_unstable();
            let key = (numbers.of(module.op(op).result(0)), hints);
            if let Some(&known) = first.get(&key) {
                merges.replaced.extend(module.op(op).results().zip(module.op(known).results()));
                merges.is_removed[op.index()] = true;
                continue;
            }
            first.insert(key.clone(), op);
            visible.push(key);
        }
        let inside = planned_regions(module, op, facts);
        work.extend(inside.iter().rev().map(|scope| Frame { block: scope.block, next: 0, visible: visible.len() }));
    }
    merges
}

/// Whether an operation is one of those that another may stand for, or that may stand for another.
fn may_merge(module: &Module, op: OpId, facts: &Facts, numbers: &Numbers, overwritten: &[bool]) -> bool {
    let (operation, of) = (module.op(op), facts.op(op));
    let Some(result) = operation.results().next() else { return false };
    let is_identity = operation.operands().iter().any(|&operand| numbers.of(operand) == numbers.of(result));
    let is_overwritten = operation.results().any(|result| overwritten[result.index()]);
    of.effects == Effects::None && of.says_all && of.updates.is_empty() && !is_identity && !is_overwritten
}

/// Which values, by [`ValueId`], some update overwrites, or are read through such a value.
fn overwritten(module: &Module, function: Function, facts: &Facts, target: &Target) -> Vec<bool> {
    let mut overwritten = vec![false; module.value_bound()];
    let scopes = Scopes::of(module, function, facts);
    let ops = || scopes.scopes.iter().flat_map(|scope| module.block(scope.block).ops());
    if ops().all(|&op| facts.op(op).updates.is_empty()) {
        return overwritten;
    }
    let aliases = Aliases::of(module, function, facts, &scopes, target);
    let updated = ops().flat_map(|&op| facts.op(op).updates.iter().map(move |tie| (op, tie.operand as usize)));
    let updated = updated.filter_map(|(op, operand)| aliases.value(module.op(op).operands()[operand]).storage());
    let updated: FxHashSet<StorageId> = updated.collect();
    let arguments = function.arguments(module).iter().map(|&argument| (argument, None));
    let results = ops().flat_map(|&op| module.op(op).results().map(move |result| (result, Some(op))));
    for (value, op) in arguments.chain(results) {
        overwritten[value.index()] = match aliases.value(value) {
            ValueStorage::In { storage, .. } => updated.contains(&storage),
            ValueStorage::Virtual { .. } | ValueStorage::Joined { .. } => {
                op.is_some_and(|op| module.op(op).operands().iter().any(|operand| overwritten[operand.index()]))
            }
            ValueStorage::Nothing | ValueStorage::Constant => false,
        };
    }
    overwritten
}

/// Marks what nothing reads, operations whose readers are dropped included.
fn drop_unread(module: &Module, function: Function, facts: &Facts, merges: &mut Merges) {
    let all = textual_order(module, function);
    let mut is_gone = merges.is_removed.clone();
    let mut readers = vec![0u32; module.value_bound()];
    let reads = |op: OpId, replaced: &FxHashMap<ValueId, ValueId>| -> SmallVec<[ValueId; 4]> {
        let operands = module.op(op).operands().iter();
        operands.map(|operand| *replaced.get(operand).unwrap_or(operand)).collect()
    };
    for &op in &all {
        // An operation comes before those inside it.
        let owner = module.op(op).parent().map(|block| module.block_owner(block));
        is_gone[op.index()] |= owner.is_some_and(|owner| is_gone[owner.index()]);
        if !is_gone[op.index()] {
            reads(op, &merges.replaced).iter().for_each(|value| readers[value.index()] += 1);
        }
    }
    for &op in merges.ops.iter().rev() {
        let (operation, of) = (module.op(op), facts.op(op));
        let is_read = operation.results().any(|result| readers[result.index()] > 0);
        let must_stay = operation.result_count() == 0 || of.effects != Effects::None || !of.updates.is_empty();
        // Whatever the hints promise of one that nobody described: what holds the region has its effects, and is known by them.
        let is_inside = operation.parent() != Some(function.body);
        let marks_region = is_inside && of.kind == KernelKind::Opaque;
        if is_gone[op.index()] || is_read || must_stay || marks_region {
            continue;
        }
        merges.is_removed[op.index()] = true;
        let mut inside = vec![op];
        while let Some(op) = inside.pop() {
            if std::mem::replace(&mut is_gone[op.index()], true) {
                continue;
            }
            reads(op, &merges.replaced).iter().for_each(|value| readers[value.index()] -= 1);
            let blocks = module.op(op).regions().iter().flat_map(|&region| module.region(region).blocks());
            inside.extend(blocks.flat_map(|&block| module.block(block).ops()));
        }
    }
}

/// Merges and drops operations of a numbered function.
fn eliminate(
    module: &mut Module,
    function: Function,
    registry: &Registry,
    target: &Target,
) -> Result<(), Vec<Diagnostic>> {
    let facts = Facts::of(module, function.op, registry)?;
    let numbers = value_numbers(module, function, &facts);
    let overwritten = overwritten(module, function, &facts, target);
    let mut merges = find_merges(module, function, &facts, &numbers, &overwritten);
    drop_unread(module, function, &facts, &mut merges);
    let removed: Vec<OpId> = merges.ops.iter().copied().filter(|op| merges.is_removed[op.index()]).collect();
    if !removed.is_empty() {
        module.replace_all(&merges.replaced, &removed);
    }
    Ok(())
}

struct Cse;

impl Pass for Cse {
    fn info(&self) -> &'static PassInfo {
        &INFO
    }

    fn run(&self, context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>> {
        eliminate(context.module, context.function, context.registry, context.target)?;
        Ok(PassOutcome::new(StopReason::Saturated))
    }
}

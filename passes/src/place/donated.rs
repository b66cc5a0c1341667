//! When the bytes of donated arguments are free, and which buffers may lie there.

use memopt::analysis::{Analysis, ScopeOrder, possible_ties, reads_in_step};
use memopt::dialect::{Regions, Tie};
use memopt::ir::{Bytes, Definition, OpId, Step, ValueId};
use memopt::pass::{PassContext, is_donated};
use memopt::plan::{Home, Part, StorageId, ValueStorage};
use rustc_hash::FxHashMap;

use super::host::Host;

/// A tie that an operation takes if a buffer enters, or leaves, a donated argument in place.
pub(super) type TakenTie = (OpId, Tie);

/// The free time of an argument, with the ties at its ends.
pub(super) struct Donated {
    pub(super) host: Host,
    pub(super) enters: Option<TakenTie>,
    pub(super) leaves: Option<TakenTie>,
}

/// The free time of all donated arguments, in the steps of the function's body. `buffer_of` tells the placement buffer of
/// each storage.
pub(super) fn donated(
    context: &PassContext<'_>,
    analysis: &Analysis,
    order: &ScopeOrder,
    buffer_of: &FxHashMap<StorageId, usize>,
) -> Vec<Donated> {
    let (module, function) = (&*context.module, context.function);
    let results = results_in_arguments(context, analysis, order);
    let mut found = Vec::new();
    for (index, &argument) in function.arguments(module).iter().enumerate() {
        let Some(old) = analysis.aliases.value(argument).storage() else { continue };
        // Without a storage of its own the result is the argument itself, updated.
        let new = results.get(&(index as u32)).copied();
        if !is_donated(module, function, index) || new.is_some_and(|(result, _)| result == old) {
            continue;
        }
        let last = order.outer_touches(old).max();
        let written = new.map(|(_, kernel)| kernel);
        let op_of = |kernel: u32| order.kernels[kernel as usize];
        let enters = last.and_then(|kernel| taken_over(context, analysis, op_of(kernel), argument));
        let leaves = new.and_then(|(result, kernel)| handed_on(context, analysis, op_of(kernel), result));
        let buffer = |storage: StorageId| buffer_of.get(&storage).copied();
        let host = Host {
            argument: index as u32,
            size: analysis.facts.bytes(argument),
            start: Step(last.map_or(0, |kernel| kernel + 1)),
            end: Step(written.unwrap_or(order.kernels.len() as u32)),
            enters: enters.and_then(|(storage, _)| buffer(storage)),
            leaves: leaves.and_then(|(storage, _)| buffer(storage)),
        };
        let is_chain = host.enters.is_some() && host.enters == host.leaves;
        if host.start < host.end || is_chain {
            found.push(Donated { host, enters: enters.map(|(_, tie)| tie), leaves: leaves.map(|(_, tie)| tie) });
        }
    }
    found
}

/// For each donated argument, the storage of the result that lies in it, and the kernel that writes it.
fn results_in_arguments(
    context: &PassContext<'_>,
    analysis: &Analysis,
    order: &ScopeOrder,
) -> FxHashMap<u32, (StorageId, u32)> {
    let kernel_of: FxHashMap<OpId, u32> = order.kernels.iter().enumerate().map(|(k, &op)| (op, k as u32)).collect();
    let mut found = FxHashMap::default();
    for &result in context.function.results(context.module) {
        let Some(id) = analysis.aliases.value(result).storage() else { continue };
        let storage = analysis.aliases.storage(id);
        if let Home::Argument(argument) = storage.home {
            let writer = match context.module.value(storage.root).definition {
                Definition::Result { op, .. } => kernel_of.get(&op).copied(),
                Definition::Argument { .. } => None,
            };
            found.insert(argument, (id, writer.unwrap_or(0)));
        }
    }
    found
}

/// The storage of a result that `op` may write over the bytes of `argument`.
fn taken_over(
    context: &PassContext<'_>,
    analysis: &Analysis,
    op: OpId,
    argument: ValueId,
) -> Option<(StorageId, TakenTie)> {
    let operation = context.module.op(op);
    let (tie, _) = possible_ties(context.module, analysis, op).into_iter().find(|&(tie, operand)| {
        let of_operand = whole(analysis, operand);
        of_operand.is_some() && of_operand == whole(analysis, argument) && fits(context, analysis, op, tie, operand)
    })?;
    Some((whole(analysis, operation.result(tie.result as usize))?, (op, tie)))
}

/// The storage of an operand whose bytes the result in `storage` may be written over.
fn handed_on(
    context: &PassContext<'_>,
    analysis: &Analysis,
    op: OpId,
    storage: StorageId,
) -> Option<(StorageId, TakenTie)> {
    let operation = context.module.op(op);
    let (tie, operand) = possible_ties(context.module, analysis, op).into_iter().find(|&(tie, operand)| {
        let result = whole(analysis, operation.result(tie.result as usize));
        result == Some(storage) && fits(context, analysis, op, tie, operand)
    })?;
    Some((whole(analysis, operand)?, (op, tie)))
}

/// Whether operand and result have as many bytes, and the operation reads them only where it writes.
fn fits(context: &PassContext<'_>, analysis: &Analysis, op: OpId, tie: Tie, operand: ValueId) -> bool {
    let is_plain = analysis.facts.op(op).regions == Regions::Scalar;
    let to = whole(analysis, context.module.op(op).result(tie.result as usize));
    let (Some(from), Some(to)) = (whole(analysis, operand), to) else { return false };
    let sizes = [from, to].map(|id| analysis.aliases.storage(id).size);
    is_plain && from != to && sizes[0] == sizes[1] && reads_in_step(context.module, analysis, op, tie, from)
}

fn whole(analysis: &Analysis, value: ValueId) -> Option<StorageId> {
    match analysis.aliases.value(value) {
        ValueStorage::In { storage, part: Part::Whole, .. } => Some(storage),
        _ => None,
    }
}

/// For each buffer the bytes that its storages really have; `None` for what has to be in the arena: results of the function,
/// and what loops and branches carry.
pub(super) fn sizes_of_guests(
    context: &PassContext<'_>,
    analysis: &Analysis,
    order: &ScopeOrder,
    buffer_of: &FxHashMap<StorageId, usize>,
    buffers: usize,
) -> Vec<Option<Bytes>> {
    let mut sizes = vec![None; buffers];
    let mut must_stay = vec![false; buffers];
    for (index, id) in order.storages.iter().enumerate() {
        let (storage, buffer) = (analysis.aliases.storage(*id), buffer_of[id]);
        let bytes = analysis.facts.bytes(storage.root);
        sizes[buffer] = sizes[buffer].max(Some(bytes));
        let writer = context.module.defining_op(storage.root);
        let is_plain = analysis.facts.op(writer).regions == Regions::Scalar;
        must_stay[buffer] |= order.problem.buffers[index].until_end || storage.home != Home::Arena || !is_plain;
        must_stay[buffer] |= storage.part_of.is_some();
    }
    sizes.iter().zip(must_stay).map(|(&size, stays)| size.filter(|_| !stays)).collect()
}

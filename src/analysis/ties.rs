//! In-place legality that no order can change: which operands each result may overwrite, if they die there.
//!
//! A result may also overwrite what a virtual operand is computed from: with `t = exp(a)` virtual, `y = t + b` reads element i
//! of `a` for element i of `y` only. Such a tie says an operand beyond the operands: they are followed by the roots of the
//! virtual operands, in first-visit order.

use smallvec::SmallVec;

use super::Analysis;
use crate::dialect::{Aliasing, Extent, Facts, Regions, Tie};
use crate::ir::{Definition, Module, OpId, Type, ValueId};
use crate::plan::{Home, Part, StorageId, ValueStorage};

/// The ties of `op` that some order may take.
///
/// A tie is legal if
/// - the operation reads the operand's bytes only at the index it writes (the dialect or a hint says so for this operand, and
///   for all the virtual operations on the way to a root), and reads them by no other way: not as another operand that it
///   reads elsewhere, not through a virtual value or view of another shape, not in a region;
/// - operand and result are the whole of their storages, of equal size;
/// - the bytes may be overwritten: they are the arena's, written in the same block and not kept to its end (the result may
///   be kept: the bytes are free from then on), or they are those that the result has to lie in anyway (a donated argument,
///   a loop slot).
pub fn legal_ties(module: &Module, analysis: &Analysis, op: OpId) -> SmallVec<[Tie; 2]> {
    possible_ties(module, analysis, op).into_iter().filter(|&tie| is_legal(module, analysis, op, tie)).collect()
}

/// The ties that the operation itself allows, whoever owns the bytes: those of its operands, and those of the roots of its
/// virtual operands that it reads at the index that it writes.
pub fn possible_ties(module: &Module, analysis: &Analysis, op: OpId) -> SmallVec<[Tie; 2]> {
    let facts = analysis.facts.op(op);
    let mut ties: SmallVec<[Tie; 2]> = facts.ties.iter().copied().collect();
    if facts.in_step.is_empty() || facts.fused {
        return ties;
    }
    let operands = module.op(op).operands();
    let is_virtual = |&operand: &u32| is_virtual(analysis, operands[operand as usize]);
    if !facts.in_step.iter().any(is_virtual) {
        return ties;
    }
    let result = module.op(op).result(0);
    for (index, root) in virtual_roots(module, analysis, op).into_iter().enumerate() {
        if are_as_wide(module, &analysis.facts, root, result) {
            ties.push(Tie { result: 0, operand: (operands.len() + index) as u32 });
        }
    }
    ties
}

/// The value that a tie of `op` names: an operand, or a root of its virtual operands.
pub fn tied_operand(module: &Module, analysis: &Analysis, op: OpId, tie: Tie) -> Option<ValueId> {
    let (operands, index) = (module.op(op).operands(), tie.operand as usize);
    match operands.get(index) {
        Some(&operand) => Some(operand),
        None => virtual_roots(module, analysis, op).get(index - operands.len()).copied(),
    }
}

fn is_virtual(analysis: &Analysis, value: ValueId) -> bool {
    matches!(analysis.aliases.value(value), ValueStorage::Virtual { .. })
}

/// The roots of the virtual operands of an operation, each once, in first-visit order.
fn virtual_roots(module: &Module, analysis: &Analysis, op: OpId) -> SmallVec<[ValueId; 8]> {
    let mut roots: SmallVec<[ValueId; 8]> = SmallVec::new();
    for &operand in module.op(op).operands().iter().filter(|&&operand| is_virtual(analysis, operand)) {
        analysis.aliases.for_each_root(module, operand, &mut |root| {
            if !roots.contains(&root) {
                roots.push(root);
            }
        });
    }
    roots
}

fn is_legal(module: &Module, analysis: &Analysis, op: OpId, tie: Tie) -> bool {
    let operand = tied_operand(module, analysis, op, tie);
    let from = operand.and_then(|operand| whole(analysis, operand));
    let (Some(from), Some(to)) = (from, whole(analysis, module.op(op).result(tie.result as usize))) else {
        return false;
    };
    let (source, target) = (analysis.aliases.storage(from), analysis.aliases.storage(to));
    let same_owner = match (source.home, target.home) {
        (Home::Arena, Home::Arena | Home::ArenaUntilEnd) => source.block == target.block,
        (source, target) => source == target && !matches!(source, Home::Arena | Home::ArenaUntilEnd),
    };
    from != to && same_owner && source.size == target.size && reads_in_step(module, analysis, op, tie, from)
}

/// The storage of which `value` is the whole.
fn whole(analysis: &Analysis, value: ValueId) -> Option<StorageId> {
    match analysis.aliases.value(value) {
        ValueStorage::In { storage, part: Part::Whole, .. } => Some(storage),
        _ => None,
    }
}

/// Whether the operation reads `storage` only as the tie's result may overwrite it: as the tie's operand, and beside that at
/// the index that it writes.
pub fn reads_in_step(module: &Module, analysis: &Analysis, op: OpId, tie: Tie, storage: StorageId) -> bool {
    let facts = analysis.facts.op(op);
    let is_loop = matches!(facts.regions, Regions::Loop { .. });
    let operands = module.op(op).operands().iter().enumerate();
    let elsewhere = operands.filter(|(index, _)| *index != tie.operand as usize).any(|(index, &value)| {
        if is_virtual(analysis, value) {
            return reads_elsewhere(module, analysis, op, index as u32, storage);
        }
        // A loop copies operands into their slots one by one: no second slot may need the bytes.
        let in_step = !is_loop && facts.ties.contains(&Tie { operand: index as u32, ..tie });
        touches(module, analysis, value, storage) && !(in_step && whole(analysis, value) == Some(storage))
    });
    !elsewhere && !analysis.scopes.captures(op).iter().any(|&value| touches(module, analysis, value, storage))
}

/// Whether reading `value` reads `storage`.
fn touches(module: &Module, analysis: &Analysis, value: ValueId, storage: StorageId) -> bool {
    let mut found = false;
    analysis.aliases.for_each_root(module, value, &mut |root| {
        found |= analysis.aliases.value(root).storage() == Some(storage);
    });
    found
}

/// Whether an operation reads elements of `storage` through a virtual operand at another index than that which it writes.
///
/// A value is reached in step if all the virtual operations on the way read their operands in step; it may be reached both
/// ways, so that each is looked at twice at most.
fn reads_elsewhere(module: &Module, analysis: &Analysis, op: OpId, operand: u32, storage: StorageId) -> bool {
    type Visit = (ValueId, bool);
    let first = (module.op(op).operands()[operand as usize], analysis.facts.op(op).in_step.contains(&operand));
    let mut seen: SmallVec<[Visit; 16]> = SmallVec::new();
    let mut work: SmallVec<[Visit; 16]> = smallvec::smallvec![first];
    while let Some((value, in_step)) = work.pop() {
        if seen.contains(&(value, in_step)) {
            continue;
        }
        seen.push((value, in_step));
        let source = match analysis.aliases.value(value) {
            ValueStorage::Virtual { source, .. } => source,
            ValueStorage::In { storage: of, .. }
                if of == storage && !(in_step && whole(analysis, value) == Some(of)) =>
            {
                return true;
            }
            _ => continue,
        };
        let in_step = in_step && renames(module, &analysis.facts, value, source);
        let source = module.defining_op(source);
        let facts = analysis.facts.op(source);
        let operands = module.op(source).operands().iter().enumerate();
        work.extend(operands.map(|(index, &value)| (value, in_step && facts.in_step.contains(&(index as u32)))));
    }
    false
}

/// Whether `value` is `source` under other shapes: the same elements in the same order, by views of it all.
fn renames(module: &Module, facts: &Facts, mut value: ValueId, source: ValueId) -> bool {
    while value != source {
        let Definition::Result { op, index } = module.value(value).definition else { return false };
        let Aliasing::View { operand, extent } = facts.op(op).results[index as usize].aliasing else { return false };
        let viewed = module.op(op).operands()[operand];
        let is_whole = matches!(extent, Extent::Exact { offset } if offset.is_zero())
            && facts.bytes(viewed) == facts.bytes(value)
            && are_as_wide(module, facts, viewed, value);
        if !is_whole {
            return false;
        }
        value = viewed;
    }
    true
}

/// Whether the elements of both tensors have as many bytes, and whole ones.
fn are_as_wide(module: &Module, facts: &Facts, a: ValueId, b: ValueId) -> bool {
    let width = |value: ValueId| {
        let Type::Tensor(tensor) = module.type_of(value) else { return None };
        let (bytes, elements) = (facts.bytes(value).0, tensor.elements()?);
        (elements > 0 && bytes % elements == 0).then(|| bytes / elements)
    };
    width(a).is_some() && width(a) == width(b)
}

/// The ties that an operation takes, as `memopt.reuse` says.
pub fn taken_ties(module: &Module, op: OpId) -> SmallVec<[Tie; 2]> {
    reuse_of(module, op, "memopt.reuse")
}

/// The ties that an attribute like `memopt.reuse` lists.
pub(super) fn reuse_of(module: &Module, op: OpId, name: &str) -> SmallVec<[Tie; 2]> {
    let rows = module.find_attr(op, name).and_then(|attr| module.tuples_of(attr)).unwrap_or_default();
    let tie = |row: &Vec<i64>| match row[..] {
        [result, operand] => Some(Tie { result: u32::try_from(result).ok()?, operand: u32::try_from(operand).ok()? }),
        _ => None,
    };
    rows.iter().filter_map(tie).collect()
}

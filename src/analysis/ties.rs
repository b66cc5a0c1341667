//! In-place legality that no order can change: which operands each result may overwrite, if they die there.
//!
//! A result may also overwrite what a virtual operand is computed from: with `t = exp(a)` virtual, `y = t + b` reads element i
//! of `a` for element i of `y` only. Such a tie says an operand beyond the operands: they are followed by the roots of the
//! virtual operands, in first-visit order.

use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use super::Analysis;
use super::alias::{are_as_wide, renames};
use crate::dialect::{Regions, Tie};
use crate::ir::{Attr, Module, OpId, ValueId};
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
    legal_ties_of(module, analysis, op).into_iter().map(|(tie, _)| tie).collect()
}

/// The same, each with the value that would be overwritten.
pub(super) fn legal_ties_of(module: &Module, analysis: &Analysis, op: OpId) -> SmallVec<[(Tie, ValueId); 2]> {
    let mut ties = possible_ties(module, analysis, op);
    ties.retain(|&mut (tie, operand)| is_legal(module, analysis, op, tie, operand));
    ties
}

/// The ties that the operation itself allows, whoever owns the bytes, each with the value that would be overwritten: an
/// operand, or a root of its virtual operands that it reads at the index that it writes.
pub fn possible_ties(module: &Module, analysis: &Analysis, op: OpId) -> SmallVec<[(Tie, ValueId); 2]> {
    let facts = analysis.facts.op(op);
    let operands = module.op(op).operands();
    let mut ties: SmallVec<[(Tie, ValueId); 2]> =
        facts.ties.iter().map(|&tie| (tie, operands[tie.operand as usize])).collect();
    let is_virtual = |&operand: &u32| is_virtual(analysis, operands[operand as usize]);
    if facts.fused || !facts.in_step.iter().any(is_virtual) {
        return ties;
    }
    let result = module.op(op).result(0);
    for (index, root) in (operands.len() as u32..).zip(virtual_roots(module, analysis, op)) {
        if are_as_wide(module, &analysis.facts, root, result) {
            ties.push((Tie { result: 0, operand: index }, root));
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
    let mut seen = FxHashSet::default();
    for &operand in module.op(op).operands() {
        let of_operand = analysis.aliases.roots(operand).iter().map(|root| root.value);
        roots.extend(of_operand.filter(|&root| seen.insert(root)));
    }
    roots
}

fn is_legal(module: &Module, analysis: &Analysis, op: OpId, tie: Tie, operand: ValueId) -> bool {
    let to = whole(analysis, module.op(op).result(tie.result as usize));
    let (Some(from), Some(to)) = (whole(analysis, operand), to) else { return false };
    let (source, target) = (analysis.aliases.storage(from), analysis.aliases.storage(to));
    let same_owner = match (source.home, target.home) {
        (Home::Arena, Home::Arena | Home::ArenaUntilEnd) => source.block == target.block,
        (source, target) => source == target && !matches!(source, Home::Arena | Home::ArenaUntilEnd),
    };
    // What is written over a part would have to lie where that lies, and may be a part of something else.
    from != to
        && source.part_of.is_none()
        && same_owner
        && source.size == target.size
        && reads_in_step(module, analysis, op, tie, from)
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
        if let ValueStorage::Virtual { source, .. } = analysis.aliases.value(value) {
            let in_step = facts.in_step.contains(&(index as u32)) && renames(module, &analysis.facts, value, source);
            let roots = analysis.aliases.roots(value).iter();
            return roots
                .filter(|root| !(in_step && root.in_step))
                .any(|root| touches(module, analysis, root.value, storage));
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

/// The ties that an operation takes, as `memopt.reuse` says.
pub fn taken_ties(module: &Module, op: OpId) -> SmallVec<[Tie; 2]> {
    module.find_attr(op, "memopt.reuse").map_or_else(SmallVec::new, |attr| ties_of(module, attr))
}

/// The ties that an attribute like `memopt.reuse` lists.
pub(super) fn ties_of(module: &Module, attr: &Attr) -> SmallVec<[Tie; 2]> {
    let pairs = module.pairs_of(attr).unwrap_or_default();
    let tie = |[result, operand]: [i64; 2]| {
        Some(Tie { result: u32::try_from(result).ok()?, operand: u32::try_from(operand).ok()? })
    };
    pairs.into_iter().filter_map(tie).collect()
}

/// The results of `op` that the plan in the text puts into donated arguments.
pub fn hosted(module: &Module, op: OpId) -> impl Iterator<Item = ValueId> {
    let rows = module.find_attr(op, "memopt.hosted").and_then(|attr| module.tuples_of(attr)).unwrap_or_default();
    let results: SmallVec<[ValueId; 1]> = module.op(op).results().collect();
    let index = |row: Vec<i64>| row.first().and_then(|&index| usize::try_from(index).ok());
    rows.into_iter().filter_map(move |row| results.get(index(row)?).copied())
}

//! In-place legality that no order can change: which operands each result may overwrite, if they die there.

use smallvec::SmallVec;

use super::Analysis;
use crate::dialect::{Regions, Tie};
use crate::ir::{Attr, Module, OpId, ValueId};
use crate::plan::{Home, Part, StorageId, ValueStorage};

/// The ties of `op` that some order may take.
///
/// A tie is legal if
/// - the operation reads the operand's bytes only at the index it writes (the dialect or a hint says so for this operand),
///   and reads them by no other way: not as another operand that it reads elsewhere, not through a virtual value or view of
///   another shape, not in a region;
/// - operand and result are the whole of their storages, of equal size;
/// - the bytes may be overwritten: they are the arena's, written in the same block and not kept to its end (the result may
///   be kept: the bytes are free from then on), or they are those that the result has to lie in anyway (a donated argument,
///   a loop slot).
pub fn legal_ties(module: &Module, analysis: &Analysis, op: OpId) -> SmallVec<[Tie; 2]> {
    let facts = analysis.facts.op(op);
    facts.ties.iter().copied().filter(|&tie| is_legal(module, analysis, op, tie)).collect()
}

fn is_legal(module: &Module, analysis: &Analysis, op: OpId, tie: Tie) -> bool {
    let operation = module.op(op);
    let operand = operation.operands()[tie.operand as usize];
    let (Some(from), Some(to)) = (whole(analysis, operand), whole(analysis, operation.result(tie.result as usize)))
    else {
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

/// Whether the operation reads `storage` only through operands that the result may overwrite.
pub fn reads_in_step(module: &Module, analysis: &Analysis, op: OpId, tie: Tie, storage: StorageId) -> bool {
    let facts = analysis.facts.op(op);
    let is_loop = matches!(facts.regions, Regions::Loop { .. });
    let touches = |value: ValueId| {
        let mut found = false;
        analysis.aliases.for_each_root(module, value, &mut |root| {
            found |= analysis.aliases.value(root).storage() == Some(storage);
        });
        found
    };
    let operands = module.op(op).operands().iter().enumerate();
    let elsewhere = operands.filter(|(index, _)| *index != tie.operand as usize).any(|(index, &value)| {
        // A loop copies operands into their slots one by one: no second slot may need the bytes.
        let in_step = !is_loop && facts.ties.contains(&Tie { operand: index as u32, ..tie });
        touches(value) && !(in_step && whole(analysis, value) == Some(storage))
    });
    !elsewhere && !analysis.scopes.captures(op).iter().any(|&value| touches(value))
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

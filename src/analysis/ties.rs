//! In-place legality that no order can change: which operands each result may overwrite, if they die there.
//!
//! A result may also overwrite what a virtual operand is computed from: with `t = exp(a)` virtual, `y = t + b` reads element i
//! of `a` for element i of `y` only. Such a tie says an operand beyond the operands: they are followed by the roots of the
//! virtual operands, in first-visit order.

use rustc_hash::FxHashSet;
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
    legal_ties_of(module, analysis, op).into_iter().map(|(tie, _)| tie).collect()
}

/// The same, each with the value that it names.
pub(super) fn legal_ties_of(module: &Module, analysis: &Analysis, op: OpId) -> SmallVec<[(Tie, ValueId); 2]> {
    let behind = Behind::of(module, analysis, op);
    let ties = ties_over(module, analysis, op, &behind).into_iter();
    ties.filter(|&(tie, operand)| is_legal(module, analysis, op, (tie, operand), &behind)).collect()
}

/// The ties that the operation itself allows, whoever owns the bytes: those of its operands, and those of the roots of its
/// virtual operands that it reads at the index that it writes.
pub fn possible_ties(module: &Module, analysis: &Analysis, op: OpId) -> SmallVec<[Tie; 2]> {
    let ties = ties_over(module, analysis, op, &Behind::of(module, analysis, op));
    ties.into_iter().map(|(tie, _)| tie).collect()
}

fn ties_over(module: &Module, analysis: &Analysis, op: OpId, behind: &Behind) -> SmallVec<[(Tie, ValueId); 2]> {
    let facts = analysis.facts.op(op);
    let operands = module.op(op).operands();
    let mut ties: SmallVec<[(Tie, ValueId); 2]> =
        facts.ties.iter().map(|&tie| (tie, operands[tie.operand as usize])).collect();
    let computes = |&operand: &u32| is_virtual(analysis, operands[operand as usize]);
    if facts.fused || !facts.in_step.iter().any(computes) {
        return ties;
    }
    let result = module.op(op).result(0);
    for (index, &root) in behind.roots.iter().enumerate() {
        if are_as_wide(module, &analysis.facts, root, result) {
            ties.push((Tie { result: 0, operand: (operands.len() + index) as u32 }, root));
        }
    }
    ties
}

/// The value that a tie of `op` names: an operand, or a root of its virtual operands.
pub fn tied_operand(module: &Module, analysis: &Analysis, op: OpId, tie: Tie) -> Option<ValueId> {
    let (operands, index) = (module.op(op).operands(), tie.operand as usize);
    match operands.get(index) {
        Some(&operand) => Some(operand),
        None => Behind::of(module, analysis, op).roots.get(index - operands.len()).copied(),
    }
}

fn is_virtual(analysis: &Analysis, value: ValueId) -> bool {
    matches!(analysis.aliases.value(value), ValueStorage::Virtual { .. })
}

/// What an operation reads through its virtual operands.
#[derive(Default)]
struct Behind {
    /// The roots, each once, in first-visit order.
    roots: Vec<ValueId>,
    /// The storages of which it reads elements at another index than that which it writes.
    elsewhere: FxHashSet<StorageId>,
}

impl Behind {
    fn of(module: &Module, analysis: &Analysis, op: OpId) -> Behind {
        let mut behind = Behind::default();
        let in_step = &analysis.facts.op(op).in_step;
        let operands = (0..).zip(module.op(op).operands().iter().copied());
        let first = operands.filter(|&(_, value)| is_virtual(analysis, value));
        let first: Vec<(ValueId, bool)> = first.map(|(index, value)| (value, in_step.contains(&index))).collect();
        let mut known: FxHashSet<ValueId> = FxHashSet::default();
        for &(value, _) in &first {
            let add = &mut |root| {
                if known.insert(root) {
                    behind.roots.push(root);
                }
            };
            analysis.aliases.for_each_place(module, value, add);
        }
        behind.find_elsewhere(module, analysis, first);
        behind
    }

    /// A value is reached in step if all the virtual operations on the way read their operands in step; it may be reached both
    /// ways, so that each is looked at twice at most.
    fn find_elsewhere(&mut self, module: &Module, analysis: &Analysis, mut work: Vec<(ValueId, bool)>) {
        let mut seen: FxHashSet<(ValueId, bool)> = FxHashSet::default();
        while let Some((value, in_step)) = work.pop() {
            if !seen.insert((value, in_step)) {
                continue;
            }
            let source = match analysis.aliases.value(value) {
                ValueStorage::Virtual { source, .. } | ValueStorage::Joined { source, .. } => source,
                ValueStorage::In { storage, .. } => {
                    if !in_step || whole(analysis, value) != Some(storage) {
                        self.elsewhere.insert(storage);
                    }
                    continue;
                }
                ValueStorage::Nothing | ValueStorage::Constant => continue,
            };
            let in_step = in_step && renames(module, &analysis.facts, value, source);
            let source = module.defining_op(source);
            let facts = analysis.facts.op(source);
            let operands = (0..).zip(module.op(source).operands());
            work.extend(operands.map(|(index, &value)| (value, in_step && facts.in_step.contains(&index))));
        }
    }
}

fn is_legal(module: &Module, analysis: &Analysis, op: OpId, tie: (Tie, ValueId), behind: &Behind) -> bool {
    let (tie, operand) = tie;
    let to = whole(analysis, module.op(op).result(tie.result as usize));
    let (Some(from), Some(to)) = (whole(analysis, operand), to) else {
        return false;
    };
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
        && is_read_in_step(module, analysis, op, tie, from, behind)
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
    is_read_in_step(module, analysis, op, tie, storage, &Behind::of(module, analysis, op))
}

fn is_read_in_step(
    module: &Module,
    analysis: &Analysis,
    op: OpId,
    tie: Tie,
    storage: StorageId,
    behind: &Behind,
) -> bool {
    let facts = analysis.facts.op(op);
    let is_loop = matches!(facts.regions, Regions::Loop { .. });
    let stored = (0..).zip(module.op(op).operands()).filter(|&(_, &value)| !is_virtual(analysis, value));
    let elsewhere = stored.filter(|(index, _)| *index != tie.operand).any(|(operand, &value)| {
        // A loop copies operands into their slots one by one: no second slot may need the bytes.
        let in_step = !is_loop && facts.ties.contains(&Tie { operand, ..tie });
        touches(module, analysis, value, storage) && !(in_step && whole(analysis, value) == Some(storage))
    });
    let captured = analysis.scopes.captures(op);
    !elsewhere
        && !behind.elsewhere.contains(&storage)
        && !captured.iter().any(|&value| touches(module, analysis, value, storage))
}

/// Whether reading `value` reads `storage`.
fn touches(module: &Module, analysis: &Analysis, value: ValueId, storage: StorageId) -> bool {
    let mut found = false;
    analysis.aliases.for_each_root(module, value, &mut |root| {
        found |= analysis.aliases.value(root).storage() == Some(storage);
    });
    found
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

//! Aliasing: the storage of every value of a function.
//!
//! One walk in program order decides for each result whether it is a view, an update, virtual, a constant, or has a storage
//! of its own; a second pass gives each storage its home. Order-independent: the answer is the same for every schedule.

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::{SmallVec, smallvec};

use crate::dialect::{Aliasing, Extent, Facts, KernelKind, Regions, Virtual};
use crate::ir::{Align, BlockId, Bytes, Definition, Function, Module, OpId, ValueId};
use crate::plan::{Csr, Home, Part, Storage, StorageId, ValueStorage};
use crate::target::Target;

use super::scope::{ScopeKind, Scopes, planned_regions};

/// The storage of every value of a function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Aliases {
    values: Vec<ValueStorage>,
    storages: Vec<Storage>,
    /// By planned block: the first storage of its results.
    firsts: FxHashMap<BlockId, StorageId>,
}

impl Aliases {
    /// Decides the storages, all with the home that their definition gives them: see [`assign_homes`](Self::assign_homes).
    pub fn of(module: &Module, function: Function, facts: &Facts, scopes: &Scopes, target: &Target) -> Aliases {
        let mut walk = Walk {
            module,
            facts,
            target,
            readers: readers(module, scopes, facts),
            aliases: Aliases {
                values: vec![ValueStorage::Nothing; module.value_bound()],
                storages: Vec::new(),
                firsts: FxHashMap::default(),
            },
            tree_size: FxHashMap::default(),
        };
        for (index, &argument) in function.arguments(module).iter().enumerate() {
            walk.own(argument, function.body, Home::Argument(index as u32));
        }
        for scope in &scopes.scopes {
            walk.aliases.firsts.insert(scope.block, StorageId::new(walk.aliases.storages.len()));
            for &op in module.block(scope.block).ops() {
                walk.operation(scope.block, op);
            }
        }
        walk.aliases
    }

    /// Where a value lies.
    pub fn value(&self, value: ValueId) -> ValueStorage {
        self.values[value.index()]
    }

    /// All storages.
    pub fn storages(&self) -> &[Storage] {
        &self.storages
    }

    /// A storage.
    pub fn storage(&self, id: StorageId) -> &Storage {
        &self.storages[id.index()]
    }

    /// The storages of the results of a block are numbered one after another, from this one on; those of slots inside lie
    /// between them.
    pub fn first_of(&self, block: BlockId) -> StorageId {
        self.firsts[&block]
    }

    /// The storage whose bytes these are in the end: slots lie where the value of the block around them lies.
    pub fn resolve_slot(&self, mut id: StorageId) -> StorageId {
        while let Home::Slot(outer) = self.storage(id).home {
            id = outer;
        }
        id
    }

    /// Calls `visit` for every value with bytes that a kernel reads when it reads `value`: the value itself, or the roots of
    /// a virtual one, each once, in first-visit order. Iterative: trees of virtual values may be deep and share parts.
    pub fn for_each_root(&self, module: &Module, value: ValueId, visit: &mut dyn FnMut(ValueId)) {
        match self.value(value) {
            ValueStorage::In { .. } => return visit(value),
            ValueStorage::Virtual { kind: Virtual::Addressing, .. } => {}
            _ => return,
        }
        let mut seen: SmallVec<[ValueId; 8]> = SmallVec::new();
        let mut work: SmallVec<[ValueId; 8]> = smallvec![value];
        while let Some(value) = work.pop() {
            if seen.contains(&value) {
                continue;
            }
            seen.push(value);
            match self.value(value) {
                ValueStorage::Nothing | ValueStorage::Constant => {}
                ValueStorage::Virtual { kind: Virtual::Nullary, .. } => {}
                ValueStorage::In { .. } => visit(value),
                ValueStorage::Virtual { source, .. } => {
                    work.extend(module.op(module.defining_op(source)).operands().iter().rev().copied());
                }
            }
        }
    }

    /// Gives every storage its home: function results in the caller's memory (or in the arena until the end), donated
    /// results in their argument, yields in their slot.
    ///
    /// Holds only for prepared functions, where copies make sure that each result, and each yield that is not an unchanged
    /// slot, is the whole of a storage of its own.
    pub fn assign_homes(
        &mut self,
        module: &Module,
        function: Function,
        facts: &Facts,
        scopes: &Scopes,
        homes: &ResultHomes,
    ) {
        for (index, &result) in function.results(module).iter().enumerate() {
            let home = match homes.donor[index] {
                Some(argument) => Home::Argument(argument),
                None if homes.in_arena => Home::ArenaUntilEnd,
                None => Home::Result(index as u32),
            };
            self.set_home(result, function.body, home);
        }
        for scope in &scopes.scopes {
            let Some(&terminator) = module.block(scope.block).ops().last() else { continue };
            let yields = module.op(terminator).operands();
            for (index, &value) in yields.iter().enumerate() {
                match scope.kind {
                    ScopeKind::Function => {}
                    ScopeKind::Condition => self.set_home(value, scope.block, Home::ArenaUntilEnd),
                    ScopeKind::Body if is_invariant(module, scope.owner, facts, index) => {}
                    ScopeKind::Body | ScopeKind::Branch => {
                        let result = module.op(scope.owner).result(index);
                        if let Some(slot) = self.value(result).storage() {
                            self.set_home(value, scope.block, Home::Slot(slot));
                        }
                    }
                }
            }
        }
    }

    /// A storage that is first written in this block and has no home but the arena moves there.
    fn set_home(&mut self, value: ValueId, block: BlockId, home: Home) {
        if let Some(id) = self.value(value).storage() {
            let storage = &mut self.storages[id.index()];
            if storage.block == block && storage.home == Home::Arena {
                storage.home = home;
            }
        }
    }
}

/// Who owns the results of a function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResultHomes {
    /// For each result, the argument that gives its bytes to it.
    pub donor: Vec<Option<u32>>,
    /// Whether the others lie in the arena, not in the caller's memory.
    pub in_arena: bool,
}

/// Whether a loop yields its `index`-th block argument unchanged: then the slot is a view of the operand.
pub fn is_invariant(module: &Module, op: OpId, facts: &Facts, index: usize) -> bool {
    matches!(facts.op(op).results.get(index), Some(result) if matches!(result.aliasing, Aliasing::View { .. }))
        && matches!(facts.op(op).regions, Regions::Loop { .. })
        && index < module.op(op).operands().len()
}

/// For each value, the operations of planned blocks that read it; captured values are read by the operation that holds the
/// region, unless the region is planned itself.
fn readers(module: &Module, scopes: &Scopes, facts: &Facts) -> Csr {
    let mut pairs = Vec::new();
    for scope in &scopes.scopes {
        for &op in module.block(scope.block).ops() {
            let read = module.op(op).operands();
            pairs.extend(read.iter().map(|v| (v.index() as u32, op.index() as u32)));
            if matches!(facts.op(op).regions, Regions::Scalar | Regions::Unknown) {
                pairs.extend(scopes.captures(op).iter().map(|v| (v.index() as u32, op.index() as u32)));
            }
        }
    }
    Csr::from_pairs(module.value_bound(), &pairs)
}

struct Walk<'m> {
    module: &'m Module,
    facts: &'m Facts,
    target: &'m Target,
    readers: Csr,
    aliases: Aliases,
    /// Operations in the tree of a virtual value.
    tree_size: FxHashMap<ValueId, usize>,
}

/// No kernel computes more virtual operations than this for one operand: expanding trees stays cheap on any input.
const MAX_TREE: usize = 64;

impl Walk<'_> {
    fn align(&self) -> Align {
        self.target.alignment
    }

    fn set(&mut self, value: ValueId, storage: ValueStorage) {
        self.aliases.values[value.index()] = storage;
    }

    /// A storage of its own, unless there is nothing to store.
    fn own(&mut self, value: ValueId, block: BlockId, home: Home) {
        let size = self.facts.bytes(value).align_to(self.align());
        if size.is_zero() {
            return;
        }
        let storage = StorageId::new(self.aliases.storages.len());
        self.aliases.storages.push(Storage { root: value, size, block, home });
        self.set(value, ValueStorage::In { storage, part: Part::Whole, version: value });
    }

    fn operation(&mut self, block: BlockId, op: OpId) {
        for index in 0..self.module.op(op).result_count() {
            let result = self.module.op(op).result(index);
            self.result(block, op, index, result);
        }
        if matches!(self.facts.op(op).regions, Regions::Loop { .. }) {
            for scope in planned_regions(self.module, op, self.facts) {
                self.slots(op, scope.block);
            }
        }
    }

    /// The block arguments of a loop's region: unchanged slots view the operand, the others lie where the result lies.
    fn slots(&mut self, op: OpId, block: BlockId) {
        for (index, &argument) in self.module.block(block).arguments().iter().enumerate() {
            if is_invariant(self.module, op, self.facts, index) {
                let operand = self.module.op(op).operands()[index];
                let place = self.aliases.value(operand);
                self.set(argument, place);
            } else if let Some(result) = self.module.op(op).results().nth(index)
                && let Some(slot) = self.aliases.value(result).storage()
            {
                self.own(argument, block, Home::Slot(slot));
            }
        }
    }

    fn result(&mut self, block: BlockId, op: OpId, index: usize, result: ValueId) {
        let facts = self.facts.op(op);
        let of = facts.results[index];
        if let Some(update) = facts.updates.iter().find(|tie| tie.result as usize == index) {
            let operand = self.module.op(op).operands()[update.operand as usize];
            match self.aliases.value(operand) {
                ValueStorage::In { storage, part, .. } => {
                    return self.set(result, ValueStorage::In { storage, part, version: result });
                }
                // Nothing to overwrite; prepare refuses updates of constants, and virtual values are made real for updates.
                _ => return self.own(result, block, Home::Arena),
            }
        }
        if of.bytes.is_zero() {
            return;
        }
        match of.aliasing {
            Aliasing::Constant => self.set(result, ValueStorage::Constant),
            Aliasing::View { operand, extent } => {
                let operand = self.module.op(op).operands()[operand];
                let place = self.view(operand, extent, of.bytes);
                match place {
                    ValueStorage::Nothing => self.own(result, block, Home::Arena),
                    place => self.set(result, place),
                }
            }
            Aliasing::Fresh => match self.virtual_kind(op, index, result) {
                Some(kind) => self.set(result, ValueStorage::Virtual { kind, source: result }),
                None => self.own(result, block, Home::Arena),
            },
        }
    }

    fn view(&self, operand: ValueId, extent: Extent, bytes: Bytes) -> ValueStorage {
        let place = self.aliases.value(operand);
        let ValueStorage::In { storage, part, version } = place else { return place };
        let part = match (part, extent) {
            (Part::Opaque, _) | (_, Extent::Opaque) => Part::Opaque,
            (Part::Whole, Extent::Exact { offset }) if offset.is_zero() && bytes == self.facts.bytes(operand) => {
                Part::Whole
            }
            (Part::Whole, Extent::Exact { offset }) => Part::Exact { offset },
            (Part::Exact { offset: base }, Extent::Exact { offset }) => Part::Exact { offset: base + offset },
        };
        ValueStorage::In { storage, part, version }
    }

    /// How a result is computed on the fly, if it may be and every kernel that reads it may do so.
    fn virtual_kind(&mut self, op: OpId, index: usize, result: ValueId) -> Option<Virtual> {
        let own = self.facts.op(op).results[index].virtual_kind?;
        let from_nothing = |v: &ValueId| {
            matches!(
                self.aliases.value(*v),
                ValueStorage::Virtual { kind: Virtual::Nullary, .. } | ValueStorage::Nothing
            )
        };
        let kind = match self.module.op(op).operands().iter().all(from_nothing) {
            true => Virtual::Nullary,
            false => own,
        };
        // What is made from nothing reads none of its operands, if it has any.
        let operands = self.module.op(op).operands().iter().filter(|_| own != Virtual::Nullary);
        let tree = 1 + operands.map(|&v| self.tree_size.get(&self.source(v)).copied().unwrap_or(0)).sum::<usize>();
        if tree > MAX_TREE || !self.all_may_read(result, kind) {
            return None;
        }
        self.tree_size.insert(result, tree);
        Some(kind)
    }

    /// What a virtual value views; any other value is its own source.
    fn source(&self, value: ValueId) -> ValueId {
        match self.aliases.value(value) {
            ValueStorage::Virtual { source, .. } => source,
            _ => value,
        }
    }

    /// Whether every kernel that reads `value`, directly or through views and unchanged loop slots, may compute it itself.
    fn all_may_read(&self, value: ValueId, kind: Virtual) -> bool {
        let mut work: SmallVec<[ValueId; 8]> = smallvec![value];
        let mut seen = FxHashSet::default();
        while let Some(value) = work.pop() {
            for &reader in self.readers.row(value.index()) {
                let reader = OpId::new(reader as usize);
                let mut through: Vec<ValueId> = Vec::new();
                if !self.may_read(reader, value, kind, &mut through) {
                    return false;
                }
                for next in through {
                    if seen.insert(next) {
                        work.push(next);
                    }
                }
            }
        }
        true
    }

    /// Whether `reader` may read a virtual `value`; values that only pass it on are added to `through`.
    fn may_read(&self, reader: OpId, value: ValueId, kind: Virtual, through: &mut Vec<ValueId>) -> bool {
        let facts = self.facts.op(reader);
        let operation = self.module.op(reader);
        let mut reads_bytes = self.module.op(reader).operands().iter().all(|&v| v != value); // then it is captured
        for (operand, _) in operation.operands().iter().enumerate().filter(|(_, v)| **v == value) {
            if facts.updates.iter().any(|tie| tie.operand as usize == operand) {
                return false;
            }
            let views =
                |r: usize| matches!(facts.results[r].aliasing, Aliasing::View { operand: o, .. } if o == operand);
            let viewed: Vec<usize> = (0..operation.result_count()).filter(|&r| views(r)).collect();
            reads_bytes |= viewed.is_empty();
            through.extend(viewed.iter().map(|&r| operation.result(r)));
            if !viewed.is_empty() && matches!(facts.regions, Regions::Loop { .. }) {
                let scopes = planned_regions(self.module, reader, self.facts);
                through.extend(scopes.iter().filter_map(|s| self.module.block(s.block).arguments().get(operand)));
            }
        }
        if !reads_bytes {
            return true;
        }
        if facts.kind == KernelKind::Control && self.is_terminator(reader) {
            return self.returns_slot_unchanged(reader, value);
        }
        self.target.may_read(facts.kind, kind)
    }

    fn is_terminator(&self, op: OpId) -> bool {
        self.module.op(op).parent().is_some_and(|block| self.module.block(block).ops().last() == Some(&op))
    }

    /// A result or yield needs bytes, except a block argument that a loop hands on unchanged.
    fn returns_slot_unchanged(&self, terminator: OpId, value: ValueId) -> bool {
        let Definition::Argument { block, index } = self.module.value(value).definition else { return false };
        let operands = self.module.op(terminator).operands().iter().enumerate();
        self.module.op(terminator).parent() == Some(block)
            && operands.filter(|(_, v)| **v == value).all(|(at, _)| at == index as usize)
    }
}

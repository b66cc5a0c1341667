//! The walk that decides for each result where it lies.

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::super::scope::{Scopes, planned_regions};
use super::{Aliases, Root, is_invariant, renames};
use crate::dialect::{Aliasing, Extent, Facts, KernelKind, Regions, Virtual};
use crate::ir::{Align, BlockId, Bytes, Definition, Function, Module, OpId, ValueId};
use crate::plan::{Csr, Home, Part, Storage, StorageId, ValueStorage};
use crate::target::Target;

/// Decides the storages of all values.
pub(super) fn walk(module: &Module, function: Function, facts: &Facts, scopes: &Scopes, target: &Target) -> Aliases {
    let mut walk = Walk {
        module,
        facts,
        target,
        readers: readers(module, scopes, facts),
        aliases: Aliases {
            values: vec![ValueStorage::Nothing; module.value_bound()],
            storages: Vec::new(),
            firsts: FxHashMap::default(),
            roots: Vec::new(),
            roots_of: FxHashMap::default(),
        },
        tree_size: FxHashMap::default(),
        listed: FxHashMap::default(),
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
    /// Where in the list that is made each root stands.
    listed: FxHashMap<ValueId, usize>,
}

/// No kernel computes more virtual operations than this for one operand, each counted as often as it is reached: expanding
/// trees stays cheap on any input.
pub(crate) const MAX_TREE: usize = 512;

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
        self.aliases.storages.push(Storage { root: value, size, block, home, part_of: None });
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
                None if self.join(block, op, result) => {
                    self.set(result, ValueStorage::Joined { source: result, part: Part::Whole });
                }
                None => self.own(result, block, Home::Arena),
            },
        }
    }

    fn view(&self, operand: ValueId, extent: Extent, bytes: Bytes) -> ValueStorage {
        let place = self.aliases.value(operand);
        let (ValueStorage::In { part, .. } | ValueStorage::Joined { part, .. }) = place else { return place };
        let part = match (part, extent) {
            (Part::Opaque, _) | (_, Extent::Opaque) => Part::Opaque,
            (Part::Whole, Extent::Exact { offset }) if offset.is_zero() && bytes == self.facts.bytes(operand) => {
                Part::Whole
            }
            (Part::Whole, Extent::Exact { offset }) => Part::Exact { offset },
            (Part::Exact { offset: base }, Extent::Exact { offset }) => Part::Exact { offset: base + offset },
        };
        match place {
            ValueStorage::In { storage, version, .. } => ValueStorage::In { storage, part, version },
            ValueStorage::Joined { source, .. } => ValueStorage::Joined { source, part },
            other => other,
        }
    }

    /// Makes the operands of `op` parts of its result, if they may be: then nothing is copied, and their bytes live as long as
    /// the result is read. That never takes more bytes than a copy, which needs them all twice.
    ///
    /// Each is the whole of a storage of its own in the arena that is written once, starts at an aligned byte, and leaves the
    /// block neither as a result nor through a loop or branch; the same holds for the result.
    fn join(&mut self, block: BlockId, op: OpId, result: ValueId) -> bool {
        let operands = self.module.op(op).operands();
        if !self.facts.op(op).joins || operands.len() < 2 {
            return false;
        }
        let mut parts: SmallVec<[StorageId; 4]> = SmallVec::new();
        for (index, &operand) in operands.iter().enumerate() {
            let ValueStorage::In { storage: id, part: Part::Whole, version } = self.aliases.value(operand) else {
                return false;
            };
            let storage = self.aliases.storage(id);
            let bytes = self.facts.bytes(operand);
            let is_last = index + 1 == operands.len();
            let fits = Some(bytes) == self.module.type_bytes(operand).ok()
                && (is_last || bytes == bytes.align_to(self.align()))
                && bytes == self.facts.bytes(storage.root);
            let is_free = storage.block == block && storage.home == Home::Arena && storage.part_of.is_none();
            if !fits || !is_free || version != storage.root || parts.contains(&id) || !self.stays(storage.root) {
                return false;
            }
            parts.push(id);
        }
        if !self.stays(result) {
            return false;
        }
        for id in parts {
            self.aliases.storages[id.index()].part_of = Some(result);
        }
        true
    }

    /// Whether nobody who reads `value`, or a view of it, changes its bytes or hands them on, and only one operation at most
    /// wants it for a part: which of two is the first, is a matter of the order.
    fn stays(&self, value: ValueId) -> bool {
        let mut joining = None;
        let mut work = vec![value];
        let mut seen = FxHashSet::from_iter([value]);
        while let Some(value) = work.pop() {
            for &reader in self.readers.row(value.index()) {
                let reader = OpId::new(reader as usize);
                let facts = self.facts.op(reader);
                let wants_too = facts.joins && joining.replace(reader).is_some_and(|other| other != reader);
                if wants_too || !facts.updates.is_empty() || matches!(facts.kind, KernelKind::Control) {
                    return false;
                }
                let operands = self.module.op(reader).operands();
                for (result, of) in facts.results.iter().enumerate() {
                    if let Aliasing::View { operand, .. } = of.aliasing
                        && operands[operand] == value
                    {
                        let view = self.module.op(reader).result(result);
                        work.extend(seen.insert(view).then_some(view));
                    }
                }
            }
        }
        true
    }

    /// How a result is computed on the fly, if it may be and every kernel that reads it may do so.
    fn virtual_kind(&mut self, op: OpId, index: usize, result: ValueId) -> Option<Virtual> {
        let own = self.facts.op(op).virtual_kind(index)?;
        // What is made from nothing reads none of its operands, if it has any.
        let operands = || self.module.op(op).operands().iter().filter(|_| own != Virtual::Nullary);
        let of_operands = operands().map(|&v| match self.aliases.value(v) {
            ValueStorage::Virtual { kind, .. } => kind,
            ValueStorage::Nothing => Virtual::Nullary,
            ValueStorage::Constant | ValueStorage::In { .. } | ValueStorage::Joined { .. } => Virtual::Addressing,
        });
        let demand = of_operands.max().unwrap_or(Virtual::Nullary);
        // Elements of what is made from nothing, at whatever index, are made from nothing.
        let kind = if own == Virtual::Computed { own } else { demand };
        let operands = operands();
        let tree = 1 + operands.map(|&v| self.tree_size.get(&self.source(v)).copied().unwrap_or(0)).sum::<usize>();
        if tree > MAX_TREE || !self.all_may_read(result, kind) {
            return None;
        }
        self.tree_size.insert(result, tree);
        if own != Virtual::Nullary {
            self.list_roots(op, result);
        }
        Some(kind)
    }

    /// Lists what a virtual result is computed from: its operands, or their roots.
    fn list_roots(&mut self, op: OpId, result: ValueId) {
        self.listed.clear();
        let from = self.aliases.roots.len();
        for (operand, &value) in (0..).zip(self.module.op(op).operands()) {
            let in_step = self.facts.op(op).in_step.contains(&operand);
            let place = self.aliases.value(value);
            match place {
                ValueStorage::Nothing | ValueStorage::Constant => {}
                ValueStorage::In { part, .. } => self.list(from, value, in_step && part == Part::Whole),
                ValueStorage::Joined { .. } => self.list(from, value, false),
                ValueStorage::Virtual { source, .. } => {
                    let in_step = in_step && renames(self.module, self.facts, value, source);
                    let (first, last) = self.aliases.roots_of.get(&source).copied().unwrap_or_default();
                    for at in first..last {
                        let root = self.aliases.roots[at as usize];
                        self.list(from, root.value, in_step && root.in_step);
                    }
                }
            }
        }
        self.aliases.roots_of.insert(result, (from as u32, self.aliases.roots.len() as u32));
    }

    /// Of several ways to one root, the one that reads other elements counts.
    fn list(&mut self, from: usize, value: ValueId, in_step: bool) {
        let at = *self.listed.entry(value).or_insert(self.aliases.roots.len() - from);
        match self.aliases.roots.get_mut(from + at) {
            Some(known) => known.in_step &= in_step,
            None => self.aliases.roots.push(Root { value, in_step }),
        }
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
        let mut work: SmallVec<[ValueId; 8]> = smallvec::smallvec![value];
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

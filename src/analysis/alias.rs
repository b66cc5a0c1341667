//! Aliasing: the storage of every value of a function.
//!
//! One walk in program order decides for each result whether it is a view, an update, virtual, a constant, or has a storage
//! of its own; a second pass gives each storage its home. Order-independent: the answer is the same for every schedule.

mod walk;

use rustc_hash::FxHashMap;

use crate::dialect::{Aliasing, Extent, Facts, Regions};
use crate::ir::{BlockId, Definition, Function, Module, OpId, Type, ValueId};
use crate::plan::{Home, Storage, StorageId, ValueStorage};
use crate::target::Target;

use super::scope::{ScopeKind, Scopes};

/// The storage of every value of a function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Aliases {
    values: Vec<ValueStorage>,
    storages: Vec<Storage>,
    /// By planned block: the first storage of its results.
    firsts: FxHashMap<BlockId, StorageId>,
    /// The roots of all virtual values, and where those of each begin and end.
    roots: Vec<Root>,
    roots_of: FxHashMap<ValueId, (u32, u32)>,
}

/// A value with a place that a virtual value is computed from, through all that is virtual between them. Each is listed once,
/// in the order in which a walk over the operands first comes to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Root {
    /// Which.
    pub value: ValueId,
    /// Whether element i of it, in row-major order, is read for element i of the virtual value, and for no other.
    pub in_step: bool,
}

impl Aliases {
    /// Decides the storages, all with the home that their definition gives them: see [`assign_homes`](Self::assign_homes).
    pub fn of(module: &Module, function: Function, facts: &Facts, scopes: &Scopes, target: &Target) -> Aliases {
        walk::walk(module, function, facts, scopes, target)
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

    /// The parts of a joined value, from its first byte on.
    pub fn parts(&self, module: &Module, joined: ValueId) -> Vec<StorageId> {
        let operands = module.op(module.defining_op(joined)).operands();
        operands.iter().filter_map(|&operand| self.value(operand).storage()).collect()
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

    /// Calls `visit` for every value with bytes of its own that a kernel reads when it reads `value`: the value itself, the
    /// roots of a virtual one, the parts of a joined one, in first-visit order. Parts may come twice.
    pub fn for_each_root(&self, module: &Module, value: ValueId, visit: &mut dyn FnMut(ValueId)) {
        let mut place = |place: ValueId| match self.value(place) {
            ValueStorage::Joined { source, .. } => {
                module.op(module.defining_op(source)).operands().iter().for_each(|&part| visit(part));
            }
            _ => visit(place),
        };
        match self.value(value) {
            ValueStorage::In { .. } | ValueStorage::Joined { .. } => place(value),
            ValueStorage::Virtual { .. } => self.roots(value).iter().for_each(|root| place(root.value)),
            ValueStorage::Nothing | ValueStorage::Constant => {}
        }
    }

    /// What a virtual value is computed from; nothing for any other.
    pub fn roots(&self, value: ValueId) -> &[Root] {
        let ValueStorage::Virtual { source, .. } = self.value(value) else { return &[] };
        let (from, to) = self.roots_of.get(&source).copied().unwrap_or_default();
        &self.roots[from as usize..to as usize]
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

/// Whether `value` is `source` under other shapes: the same elements in the same order, by views of it all.
pub(super) fn renames(module: &Module, facts: &Facts, mut value: ValueId, source: ValueId) -> bool {
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
pub(super) fn are_as_wide(module: &Module, facts: &Facts, a: ValueId, b: ValueId) -> bool {
    let width = |value: ValueId| {
        let Type::Tensor(tensor) = module.type_of(value) else { return None };
        let (bytes, elements) = (facts.bytes(value).0, tensor.elements()?);
        (elements > 0 && bytes % elements == 0).then(|| bytes / elements)
    };
    width(a).is_some() && width(a) == width(b)
}

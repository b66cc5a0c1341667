//! Value numbers: two values with one number are equal in every run.
//!
//! The number of a result is the interned tuple of operation name, properties and attributes (without `memopt.*` and
//! locations), operand numbers, result types, canonical summaries of its regions, and result index. Numbers are compared as
//! whole keys, never by hash alone.

use rustc_hash::FxHashMap;

use super::canon::{Canon, Translation};
use crate::dialect::{Effects, Facts, Regions};
use crate::ir::{BlockId, Function, Module, OpId, ValueId};

/// A value number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Number(pub(super) u32);

/// Interned keys. An operation's results have consecutive numbers from its key's number on.
#[derive(Default, Debug)]
pub(super) struct NumberTable {
    keys: FxHashMap<Box<[u32]>, u32>,
    next: u32,
}

/// The kinds of keys.
#[derive(Clone, Copy)]
enum Tag {
    Argument,
    BlockArgument,
    Operation,
    Region,
}

impl NumberTable {
    fn intern(&mut self, key: &[u32], count: u32) -> Number {
        if let Some(&known) = self.keys.get(key) {
            return Number(known);
        }
        let number = self.next;
        self.next += count.max(1);
        self.keys.insert(key.into(), number);
        Number(number)
    }
}

/// The numbers of all values of one function.
pub struct Numbers {
    of_value: Vec<Option<Number>>,
    /// Of each operation with effects, by its id: what it does, and with which operands.
    pub(super) effects: FxHashMap<i64, Number>,
}

impl Numbers {
    /// The number of a value of a planned block.
    pub fn of(&self, value: ValueId) -> Number {
        self.of_value[value.index()].unwrap_or(Number(u32::MAX))
    }
}

/// Numbers a function. `ids` says, for each operation, the id that keys operations which only equal themselves.
pub(super) fn number(
    module: &Module,
    function: Function,
    facts: &Facts,
    ids: &FxHashMap<OpId, i64>,
    canon: &mut Canon,
    table: &mut NumberTable,
) -> Numbers {
    let translation = canon.translation(module);
    let mut numbering = Numbering {
        module,
        facts,
        ids,
        canon,
        translation,
        table,
        of_value: vec![None; module.value_bound()],
        effects: FxHashMap::default(),
    };
    for (index, &argument) in function.arguments(module).iter().enumerate() {
        let ty = numbering.canon.ty(&mut numbering.translation, module, module.value(argument).ty);
        let number = numbering.table.intern(&[Tag::Argument as u32, index as u32, ty], 1);
        numbering.of_value[argument.index()] = Some(number);
    }
    for &op in module.block(function.body).ops() {
        numbering.operation(op, 0);
    }
    Numbers { of_value: numbering.of_value, effects: numbering.effects }
}

struct Numbering<'a> {
    module: &'a Module,
    facts: &'a Facts,
    ids: &'a FxHashMap<OpId, i64>,
    canon: &'a mut Canon,
    translation: Translation,
    table: &'a mut NumberTable,
    of_value: Vec<Option<Number>>,
    effects: FxHashMap<i64, Number>,
}

impl Numbering<'_> {
    /// Numbers the results of an operation in a planned block. `depth` counts regions around it; the parser bounds it.
    fn operation(&mut self, op: OpId, depth: u32) {
        if self.module.op_name(op) == crate::dialect::memopt::COPY {
            // A copy is an identity.
            let number = self.of_value[self.module.op(op).operands()[0].index()];
            self.of_value[self.module.op(op).result(0).index()] = number;
            return;
        }
        let facts = self.facts.op(op);
        let planned = matches!(facts.regions, Regions::Loop { .. } | Regions::Branches);
        // Random and side-effecting operations equal nothing but themselves, and so do operations whose text may leave
        // arguments out.
        let keyed_by_id = facts.effects != Effects::None || !facts.says_all;
        let id = self.ids.get(&op).copied().filter(|_| keyed_by_id);
        let number = self.key(op, depth, planned, id);
        if let Some(id) = id.filter(|_| facts.effects != Effects::None) {
            self.effects.insert(id, number);
        }
        for (index, result) in self.module.op(op).results().enumerate() {
            self.of_value[result.index()] = Some(Number(number.0 + index as u32));
        }
    }

    fn key(&mut self, op: OpId, depth: u32, planned: bool, id: Option<i64>) -> Number {
        let operation = self.module.op(op);
        let mut key =
            vec![Tag::Operation as u32, self.canon.symbol(&mut self.translation, self.module, operation.name)];
        self.canon.attributes(&mut self.translation, self.module, op, &mut key);
        key.push(operation.operands().len() as u32);
        key.extend(operation.operands().iter().map(|v| self.of_value[v.index()].map_or(u32::MAX, |n| n.0)));
        key.push(operation.result_count() as u32);
        for result in operation.results() {
            key.push(self.canon.ty(&mut self.translation, self.module, self.module.value(result).ty));
        }
        key.push(operation.regions().len() as u32);
        for index in 0..operation.regions().len() {
            let summary = self.region(op, index, depth + 1, planned);
            key.push(summary.0);
        }
        if let Some(id) = id {
            key.extend([1, id as u32, (id >> 32) as u32]);
        }
        self.table.intern(&key, operation.result_count() as u32)
    }

    /// What a region computes, with its block arguments numbered by depth and index, so that equal regions have equal
    /// summaries: its yields and its operations with effects; of unplanned regions every operation.
    fn region(&mut self, op: OpId, index: usize, depth: u32, planned: bool) -> Number {
        let region = self.module.op(op).regions()[index];
        let blocks: Vec<BlockId> = self.module.region(region).blocks().to_vec();
        let mut key = vec![Tag::Region as u32, blocks.len() as u32];
        for (position, &block) in blocks.iter().enumerate() {
            for (argument, &value) in self.module.block(block).arguments().iter().enumerate() {
                let ty = self.canon.ty(&mut self.translation, self.module, self.module.value(value).ty);
                let name = [Tag::BlockArgument as u32, depth, index as u32, position as u32, argument as u32, ty];
                self.of_value[value.index()] = Some(self.table.intern(&name, 1));
                key.push(ty);
            }
            let ops = self.module.block(block).ops();
            // Sorted: the order of those that keep one is compared for the whole function.
            let mut effects: Vec<u32> = Vec::new();
            for &inner in ops {
                if !planned {
                    // Nothing is known about these operations, so all of them count, in order.
                    let number = self.key(inner, depth, false, None);
                    key.push(number.0);
                    for (at, result) in self.module.op(inner).results().enumerate() {
                        self.of_value[result.index()] = Some(Number(number.0 + at as u32));
                    }
                    continue;
                }
                self.operation(inner, depth);
                if self.facts.op(inner).effects != Effects::None {
                    effects.extend(self.ids.get(&inner).map(|&id| id as u32));
                }
            }
            effects.sort_unstable();
            key.push(effects.len() as u32);
            key.extend(effects);
            let yields = ops.last().map_or(&[][..], |&last| self.module.op(last).operands());
            key.push(yields.len() as u32);
            key.extend(yields.iter().map(|v| self.of_value[v.index()].map_or(u32::MAX, |n| n.0)));
        }
        self.table.intern(&key, 1)
    }
}

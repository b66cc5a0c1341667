//! Changes to a module: what a pass applies.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::attrs::Attr;
use super::entities::{AttrId, BlockId, OpId, Symbol, TypeId, ValueId};
use super::graph::Use;
use super::module::Module;
use super::nodes::OpParts;
use super::types::{Signedness, Type};

impl Module {
    /// Makes `op` read `value` as its `operand`-th operand.
    pub fn set_operand(&mut self, op: OpId, operand: usize, value: ValueId) {
        let old = self.op(op).operands()[operand];
        let edge = Use { op, operand: operand as u32 };
        let (from, to) = (self.defining_op(old), self.defining_op(value));
        self.graph.disconnect(from, edge);
        self.graph.connect(to, edge);
        self.graph.get_mut(op).operands[operand] = value;
    }

    /// Appends an operand.
    pub fn push_operand(&mut self, op: OpId, value: ValueId) {
        let operand = self.op(op).operands().len() as u32;
        self.graph.connect(self.defining_op(value), Use { op, operand });
        self.graph.get_mut(op).operands.push(value);
    }

    /// Makes every reader of `old` read `new` instead.
    pub fn replace_uses(&mut self, old: ValueId, new: ValueId) {
        let readers: Vec<Use> = self.uses(old).collect();
        for reader in readers {
            self.set_operand(reader.op, reader.operand as usize, new);
        }
    }

    /// Puts a detached operation into a block, before the operation at `position`.
    pub fn insert(&mut self, block: BlockId, position: usize, op: OpId) {
        debug_assert!(self.op(op).parent.is_none(), "an operation stands in one block");
        self.blocks[block.index()].ops.insert(position, op);
        self.graph.get_mut(op).parent = Some(block);
    }

    /// Orders the operations of a block. `order` holds those of the block, and detached ones that join it.
    ///
    /// # Panics
    /// If an operation of the block is missing.
    pub fn set_order(&mut self, block: BlockId, order: Vec<OpId>) {
        let before = self.blocks[block.index()].ops.len();
        assert!(order.len() >= before, "an order must hold every operation of its block");
        if order.len() > before {
            for &op in &order {
                self.graph.get_mut(op).parent = Some(block);
            }
        }
        debug_assert!(
            order.iter().all(|&op| self.op(op).parent == Some(block)),
            "detached operations join, none is replaced"
        );
        self.blocks[block.index()].ops = order;
    }

    /// Removes an operation, with its regions, from its block and the graph. Nothing may read its results any more.
    pub fn erase(&mut self, op: OpId) {
        if let Some(block) = self.op(op).parent {
            self.blocks[block.index()].ops.retain(|&other| other != op);
        }
        self.discard(op);
    }

    /// Removes an operation that stands in no block any more, with its regions.
    fn discard(&mut self, op: OpId) {
        let mut doomed = vec![op];
        while let Some(op) = doomed.pop() {
            for region in self.op(op).regions().to_vec() {
                for block in self.region(region).blocks().to_vec() {
                    doomed.append(&mut self.blocks[block.index()].ops);
                }
            }
            self.graph.remove(op);
        }
    }

    /// Makes every reader of a value that is replaced read its replacement, and removes operations, with their regions: nothing
    /// else may read their results. Linear in the module, however many are replaced.
    pub fn replace_all(&mut self, replaced: &FxHashMap<ValueId, ValueId>, removed: &[OpId]) {
        let mut is_removed = vec![false; self.op_bound()];
        removed.iter().for_each(|op| is_removed[op.index()] = true);
        let mut blocks: Vec<BlockId> = removed.iter().filter_map(|&op| self.op(op).parent).collect();
        blocks.sort_unstable();
        blocks.dedup();
        for block in blocks {
            self.blocks[block.index()].ops.retain(|op| !is_removed[op.index()]);
        }
        // Edges are made anew: taking them away one by one would search the long lists of values with many readers.
        self.graph.disconnect_all();
        removed.iter().for_each(|&op| self.discard(op));
        for op in self.graph.ops() {
            for operand in 0..self.op(op).operands().len() {
                let old = self.op(op).operands()[operand];
                let value = replaced.get(&old).copied().unwrap_or(old);
                self.graph.get_mut(op).operands[operand] = value;
                self.graph.connect(self.defining_op(value), Use { op, operand: operand as u32 });
            }
        }
    }

    /// A detached copy of `op` with its regions; inner uses of inner values are redirected to the copies.
    pub fn clone_op(&mut self, op: OpId) -> OpId {
        let mut renamed = FxHashMap::default();
        let copy = self.clone_shallow(op, &renamed);
        let mut work = vec![(op, copy)];
        while let Some((old, new)) = work.pop() {
            renamed.extend(self.op(old).results().zip(self.op(new).results()));
            for region in self.op(old).regions().to_vec() {
                let new_region = self.add_region(new);
                for block in self.region(region).blocks().to_vec() {
                    let new_block = self.add_block(new_region);
                    for argument in self.block(block).arguments().to_vec() {
                        let new_argument = self.add_argument(new_block, self.value(argument).ty);
                        self.value_mut(new_argument).location = self.value(argument).location;
                        renamed.insert(argument, new_argument);
                    }
                    for inner in self.block(block).ops().to_vec() {
                        let new_inner = self.clone_shallow(inner, &renamed);
                        renamed.extend(self.op(inner).results().zip(self.op(new_inner).results()));
                        self.append(new_block, new_inner);
                        work.push((inner, new_inner));
                    }
                }
            }
        }
        copy
    }

    fn clone_shallow(&mut self, op: OpId, renamed: &FxHashMap<ValueId, ValueId>) -> OpId {
        let old = self.op(op);
        let name = old.name;
        let parts = OpParts {
            operands: old.operands().iter().map(|v| *renamed.get(v).unwrap_or(v)).collect(),
            result_types: old.results().map(|v| self.value(v).ty).collect(),
            properties: old.properties.clone(),
            attributes: old.attributes.clone(),
            location: old.location,
            span: old.span,
        };
        self.create_op(name, parts)
    }

    /// Sets a discardable attribute.
    pub fn set_attr(&mut self, op: OpId, name: &str, value: Attr) {
        let (name, value) = (self.symbol(name), self.intern_attr(value));
        self.set_named(op, name, value);
    }

    /// [`set_attr`](Self::set_attr), for those who write the same attributes on many operations.
    pub fn set_named(&mut self, op: OpId, name: Symbol, value: AttrId) {
        let attributes = &mut self.op_mut(op).attributes;
        match attributes.iter_mut().find(|(key, _)| *key == name) {
            Some(entry) => entry.1 = value,
            None => attributes.push((name, value)),
        }
    }

    /// Removes a discardable attribute, if it is there.
    pub fn remove_attr(&mut self, op: OpId, name: &str) {
        if let Some(name) = self.find_symbol(name) {
            self.remove_named(op, name);
        }
    }

    /// [`remove_attr`](Self::remove_attr), for those who look the name up once.
    pub fn remove_named(&mut self, op: OpId, name: Symbol) {
        self.op_mut(op).attributes.retain(|(key, _)| *key != name);
    }

    /// `i64`, the type of integer attributes.
    pub fn i64_type(&mut self) -> TypeId {
        self.intern_type(Type::Integer { width: 64, signedness: Signedness::Signless })
    }

    /// An integer attribute, `n : i64`.
    pub fn integer_attr(&mut self, n: i64) -> Attr {
        Attr::Integer { value: i128::from(n), ty: self.i64_type() }
    }

    /// A string attribute.
    pub fn string_attr(&mut self, text: &str) -> Attr {
        Attr::String { value: text.as_bytes().into(), ty: None }
    }

    /// An attribute `array<i64: ...>`.
    pub fn i64_array_attr(&mut self, values: &[i64]) -> Attr {
        Attr::DenseArray { element: self.i64_type(), values: super::attrs::DenseArray::Integers(values.into()) }
    }

    /// An attribute `[[a, b, ...], ...]` of integers: the form of `memopt.reuse` and its like.
    pub fn tuples_attr<'a>(&mut self, tuples: impl IntoIterator<Item = &'a [i64]>) -> Attr {
        let mut rows: SmallVec<[_; 4]> = SmallVec::new();
        for tuple in tuples {
            let mut row: SmallVec<[_; 3]> = SmallVec::new();
            for &n in tuple {
                let n = self.integer_attr(n);
                row.push(self.intern_attr(n));
            }
            rows.push(self.intern_attr(Attr::Array(row.to_vec().into())));
        }
        Attr::Array(rows.to_vec().into())
    }

    /// Reads an attribute `[[a, b], ...]` of integers; `None` if it has another form.
    pub fn pairs_of(&self, attr: &Attr) -> Option<SmallVec<[[i64; 2]; 2]>> {
        let Attr::Array(rows) = attr else { return None };
        let integer = |id| match self.attr(id) {
            Attr::Integer { value, .. } => i64::try_from(*value).ok(),
            _ => None,
        };
        let pair = |&id: &_| match self.attr(id) {
            Attr::Array(row) => match row[..] {
                [a, b] => Some([integer(a)?, integer(b)?]),
                _ => None,
            },
            _ => None,
        };
        rows.iter().map(pair).collect()
    }

    /// Reads an attribute `[[a, b, ...], ...]` of integers; `None` if it has another form.
    pub fn tuples_of(&self, attr: &Attr) -> Option<Vec<Vec<i64>>> {
        let Attr::Array(rows) = attr else { return None };
        let integer = |&id: &_| match self.attr(id) {
            Attr::Integer { value, .. } => i64::try_from(*value).ok(),
            _ => None,
        };
        let row = |&id: &_| match self.attr(id) {
            Attr::Array(row) => row.iter().map(integer).collect(),
            _ => None,
        };
        rows.iter().map(row).collect()
    }
}

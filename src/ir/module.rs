//! A module: one arena that holds all operations, values, blocks and regions of one file, with its interned types,
//! attributes and names.

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;
use smallvec::SmallVec;

use super::attrs::Attr;
use super::entities::{AttrId, BlockId, Bytes, OpId, RegionId, Span, Symbol, TypeId, ValueId};
use super::function::Function;
use super::graph::{Graph, Use};
use super::nodes::{Block, Definition, OpParts, Operation, Region, Value};
use super::types::{SizeError, Type, TypeTable};

/// All operations of one file.
#[derive(Clone, Debug)]
pub struct Module {
    pub(super) graph: Graph,
    pub(super) values: Vec<Value>,
    pub(super) blocks: Vec<Block>,
    pub(super) regions: Vec<Region>,
    types: TypeTable,
    attrs: IndexSet<Attr, FxBuildHasher>,
    symbols: IndexSet<Box<str>, FxBuildHasher>,
    root: OpId,
    /// Sections after the module, `{-# ... #-}`, kept as they are.
    pub resources: Option<Box<str>>,
}

impl Default for Module {
    fn default() -> Self {
        Self::new()
    }
}

impl Module {
    /// A module without functions: `"builtin.module"() ({}) : () -> ()` with one empty block.
    pub fn new() -> Module {
        let mut symbols = IndexSet::<Box<str>, FxBuildHasher>::default();
        let name = Symbol::new(symbols.insert_full("builtin.module".into()).0);
        let mut graph = Graph::default();
        let root = graph.add(Operation {
            name,
            operands: SmallVec::new(),
            first_result: ValueId::new(0),
            result_count: 0,
            properties: None,
            attributes: Vec::new(),
            regions: SmallVec::new(),
            parent: None,
            location: None,
            span: Span::default(),
        });
        let mut module = Module {
            graph,
            values: Vec::new(),
            blocks: Vec::new(),
            regions: Vec::new(),
            types: TypeTable::default(),
            attrs: IndexSet::default(),
            symbols,
            root,
            resources: None,
        };
        let region = module.add_region(root);
        module.add_block(region);
        module
    }

    /// The `builtin.module` operation.
    pub fn root(&self) -> OpId {
        self.root
    }

    /// The block of the module: functions and whatever else stands at top level.
    pub fn top_level(&self) -> BlockId {
        self.regions[self.op(self.root).regions[0].index()].blocks[0]
    }

    /// The functions with a body, in order.
    pub fn functions(&self) -> Vec<Function> {
        let top_level = self.block(self.top_level()).ops.iter();
        top_level.filter_map(|&op| Function::new(self, op)).collect()
    }

    /// An operation.
    pub fn op(&self, op: OpId) -> &Operation {
        self.graph.get(op)
    }

    /// An operation, to change its attributes. Operands, results and regions change through the methods of `edit`.
    pub fn op_mut(&mut self, op: OpId) -> &mut Operation {
        self.graph.get_mut(op)
    }

    /// One more than the largest operation id: the length of a table by [`OpId`].
    pub fn op_bound(&self) -> usize {
        self.graph.bound()
    }

    /// A value.
    pub fn value(&self, value: ValueId) -> &Value {
        &self.values[value.index()]
    }

    /// A value, to change its name or location.
    pub fn value_mut(&mut self, value: ValueId) -> &mut Value {
        &mut self.values[value.index()]
    }

    /// The length of a table by [`ValueId`].
    pub fn value_bound(&self) -> usize {
        self.values.len()
    }

    /// A block.
    pub fn block(&self, block: BlockId) -> &Block {
        &self.blocks[block.index()]
    }

    /// The length of a table by [`BlockId`].
    pub fn block_bound(&self) -> usize {
        self.blocks.len()
    }

    /// A region.
    pub fn region(&self, region: RegionId) -> &Region {
        &self.regions[region.index()]
    }

    /// The operation that holds a block.
    pub fn block_owner(&self, block: BlockId) -> OpId {
        self.region(self.block(block).region).owner
    }

    /// The operation that defines a value: for a block argument, the owner of its region.
    pub fn defining_op(&self, value: ValueId) -> OpId {
        match self.value(value).definition {
            Definition::Result { op, .. } => op,
            Definition::Argument { block, .. } => self.block_owner(block),
        }
    }

    /// The uses of a value, in no particular order; time grows with the uses of all values of its defining operation.
    pub fn uses(&self, value: ValueId) -> impl Iterator<Item = Use> {
        let uses = self.graph.uses_of(self.defining_op(value));
        uses.filter(move |u| self.op(u.op).operands[u.operand as usize] == value)
    }

    /// The name of an operation.
    pub fn op_name(&self, op: OpId) -> &str {
        self.str(self.op(op).name)
    }

    /// An interned string.
    pub fn str(&self, symbol: Symbol) -> &str {
        &self.symbols[symbol.index()]
    }

    /// The id of a string.
    pub fn symbol(&mut self, text: &str) -> Symbol {
        if let Some(known) = self.symbols.get_index_of(text) {
            return Symbol::new(known);
        }
        Symbol::new(self.symbols.insert_full(text.into()).0)
    }

    /// The id of a string, if any entity has that name.
    pub fn find_symbol(&self, text: &str) -> Option<Symbol> {
        self.symbols.get_index_of(text).map(Symbol::new)
    }

    /// The length of a table by [`Symbol`].
    pub fn symbol_bound(&self) -> usize {
        self.symbols.len()
    }

    /// A type.
    pub fn ty(&self, ty: TypeId) -> &Type {
        self.types.get(ty)
    }

    /// The type of a value.
    pub fn type_of(&self, value: ValueId) -> &Type {
        self.ty(self.value(value).ty)
    }

    /// All types.
    pub fn types(&self) -> &TypeTable {
        &self.types
    }

    /// The id of a type.
    pub fn intern_type(&mut self, ty: Type) -> TypeId {
        self.types.intern(ty)
    }

    /// The exact bytes of a value by its type, without rounding and without hints. A token (`!stablehlo.token` and its
    /// like) has none: it only orders.
    pub fn type_bytes(&self, value: ValueId) -> Result<Bytes, SizeError> {
        if matches!(self.type_of(value), Type::Opaque(name) if self.str(*name).ends_with(".token")) {
            return Ok(Bytes::ZERO);
        }
        self.types.bytes(self.value(value).ty)
    }

    /// An attribute.
    pub fn attr(&self, attr: AttrId) -> &Attr {
        &self.attrs[attr.index()]
    }

    /// The id of an attribute.
    pub fn intern_attr(&mut self, attr: Attr) -> AttrId {
        if let Some(known) = self.attrs.get_index_of(&attr) {
            return AttrId::new(known);
        }
        AttrId::new(self.attrs.insert_full(attr).0)
    }

    /// The length of a table by [`AttrId`].
    pub fn attr_bound(&self) -> usize {
        self.attrs.len()
    }

    /// An attribute of an operation by name: properties first, then discardable attributes.
    pub fn find_attr(&self, op: OpId, name: &str) -> Option<&Attr> {
        // An operation has few attributes: comparing their names costs less than looking the name up.
        let op = self.op(op);
        let mut all = op.properties.iter().flatten().chain(&op.attributes);
        all.find(|(key, _)| self.str(*key) == name).map(|&(_, value)| self.attr(value))
    }

    /// The attribute that [`find_attr`](Self::find_attr) finds, for those who look the name up once and ask for many operations.
    pub fn find_named(&self, op: OpId, name: Symbol) -> Option<AttrId> {
        let op = self.op(op);
        let mut all = op.properties.iter().flatten().chain(&op.attributes);
        all.find(|(key, _)| *key == name).map(|&(_, value)| value)
    }

    /// A new operation without regions, in no block yet.
    pub fn create_op(&mut self, name: Symbol, parts: OpParts) -> OpId {
        let first_result = ValueId::new(self.values.len());
        let op = self.graph.add(Operation {
            name,
            operands: parts.operands,
            first_result,
            result_count: parts.result_types.len() as u32,
            properties: parts.properties,
            attributes: parts.attributes,
            regions: SmallVec::new(),
            parent: None,
            location: parts.location,
            span: parts.span,
        });
        for (index, ty) in parts.result_types.into_iter().enumerate() {
            let definition = Definition::Result { op, index: index as u32 };
            self.values.push(Value { ty, definition, name: None, location: None });
        }
        self.connect_operands(op);
        op
    }

    fn connect_operands(&mut self, op: OpId) {
        for operand in 0..self.op(op).operands.len() {
            let definition = self.defining_op(self.op(op).operands[operand]);
            self.graph.connect(definition, Use { op, operand: operand as u32 });
        }
    }

    /// Gives an operation its results, if their types were not known when it was created.
    ///
    /// # Panics
    /// If it has results already.
    pub fn add_results(&mut self, op: OpId, types: &[TypeId]) {
        assert_eq!(self.op(op).result_count, 0, "the results of an operation are consecutive values");
        let first_result = ValueId::new(self.values.len());
        for (index, &ty) in types.iter().enumerate() {
            let definition = Definition::Result { op, index: index as u32 };
            self.values.push(Value { ty, definition, name: None, location: None });
        }
        let operation = self.graph.get_mut(op);
        (operation.first_result, operation.result_count) = (first_result, types.len() as u32);
    }

    /// A new, last region of an operation.
    pub fn add_region(&mut self, owner: OpId) -> RegionId {
        let region = RegionId::new(self.regions.len());
        self.regions.push(Region { blocks: Vec::new(), owner });
        self.graph.get_mut(owner).regions.push(region);
        region
    }

    /// A new, last block of a region.
    pub fn add_block(&mut self, region: RegionId) -> BlockId {
        let block = BlockId::new(self.blocks.len());
        self.blocks.push(Block { arguments: Vec::new(), ops: Vec::new(), region });
        self.regions[region.index()].blocks.push(block);
        block
    }

    /// A new, last argument of a block.
    pub fn add_argument(&mut self, block: BlockId, ty: TypeId) -> ValueId {
        let value = ValueId::new(self.values.len());
        let index = self.blocks[block.index()].arguments.len() as u32;
        let definition = Definition::Argument { block, index };
        self.values.push(Value { ty, definition, name: None, location: None });
        self.blocks[block.index()].arguments.push(value);
        value
    }

    /// Appends a detached operation to a block.
    pub fn append(&mut self, block: BlockId, op: OpId) {
        debug_assert!(self.op(op).parent.is_none(), "an operation stands in one block");
        self.blocks[block.index()].ops.push(op);
        self.graph.get_mut(op).parent = Some(block);
    }
}

//! What a module is made of: operations, values, blocks and regions.

use smallvec::SmallVec;

use super::attrs::Dictionary;
use super::entities::{AttrId, BlockId, OpId, RegionId, Span, Symbol, TypeId, ValueId};

/// An operation: a node of the graph.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Full name, e.g. `stablehlo.add`.
    pub name: Symbol,
    /// What it reads.
    pub(super) operands: SmallVec<[ValueId; 4]>,
    /// First result; the results are consecutive values.
    pub(super) first_result: ValueId,
    /// Number of results.
    pub(super) result_count: u32,
    /// Inherent attributes, `<{...}>`; absent and empty print differently.
    pub properties: Option<Dictionary>,
    /// Discardable attributes, `{...}`.
    pub attributes: Dictionary,
    /// Nested regions.
    pub(super) regions: SmallVec<[RegionId; 2]>,
    /// The block that holds it; `None` for the module itself and for detached operations.
    pub(super) parent: Option<BlockId>,
    /// `loc(...)`, if one was written.
    pub location: Option<AttrId>,
    /// Where its name stands in the source text.
    pub span: Span,
}

impl Operation {
    /// What it reads.
    pub fn operands(&self) -> &[ValueId] {
        &self.operands
    }

    /// What it defines.
    pub fn results(&self) -> impl ExactSizeIterator<Item = ValueId> + DoubleEndedIterator + Clone + use<> {
        let first = self.first_result.index();
        (0..self.result_count as usize).map(move |i| ValueId::new(first + i))
    }

    /// Number of results.
    pub fn result_count(&self) -> usize {
        self.result_count as usize
    }

    /// Its `i`-th result.
    ///
    /// # Panics
    /// If it has fewer.
    pub fn result(&self, i: usize) -> ValueId {
        assert!(i < self.result_count(), "result {i} of {}", self.result_count);
        ValueId::new(self.first_result.index() + i)
    }

    /// Nested regions.
    pub fn regions(&self) -> &[RegionId] {
        &self.regions
    }

    /// The block that holds it.
    pub fn parent(&self) -> Option<BlockId> {
        self.parent
    }
}

/// Where a value comes from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Definition {
    /// The `index`-th result of `op`.
    Result {
        /// The defining operation.
        op: OpId,
        /// Which result.
        index: u32,
    },
    /// The `index`-th argument of `block`.
    Argument {
        /// The block.
        block: BlockId,
        /// Which argument.
        index: u32,
    },
}

/// An SSA value.
#[derive(Clone, Debug)]
pub struct Value {
    /// Its type.
    pub ty: TypeId,
    /// Where it comes from.
    pub definition: Definition,
    /// Its name in the source text without `%`, if it had one; printing numbers values afresh.
    pub name: Option<Symbol>,
    /// `loc(...)` of a block argument, if one was written.
    pub location: Option<AttrId>,
}

/// A block: arguments and operations in order. The order is the schedule.
#[derive(Clone, Debug)]
pub struct Block {
    pub(super) arguments: Vec<ValueId>,
    pub(super) ops: Vec<OpId>,
    pub(super) region: RegionId,
}

impl Block {
    /// Its arguments.
    pub fn arguments(&self) -> &[ValueId] {
        &self.arguments
    }

    /// Its operations in order, the terminator last.
    pub fn ops(&self) -> &[OpId] {
        &self.ops
    }

    /// The region that holds it.
    pub fn region(&self) -> RegionId {
        self.region
    }
}

/// A region: a list of blocks.
#[derive(Clone, Debug)]
pub struct Region {
    pub(super) blocks: Vec<BlockId>,
    pub(super) owner: OpId,
}

impl Region {
    /// Its blocks.
    pub fn blocks(&self) -> &[BlockId] {
        &self.blocks
    }

    /// The operation that holds it.
    pub fn owner(&self) -> OpId {
        self.owner
    }
}

/// What [`Module::create_op`](super::Module::create_op) makes an operation from.
#[derive(Clone, Default, Debug)]
pub struct OpParts {
    /// Operands.
    pub operands: SmallVec<[ValueId; 4]>,
    /// Types of the results.
    pub result_types: SmallVec<[TypeId; 2]>,
    /// Inherent attributes.
    pub properties: Option<Dictionary>,
    /// Discardable attributes.
    pub attributes: Dictionary,
    /// Location.
    pub location: Option<AttrId>,
    /// Where it stands in the source.
    pub span: Span,
}

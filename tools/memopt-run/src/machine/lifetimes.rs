//! Which operation reads a value last, from the text alone.
//!
//! An operation inside a region reads for the operation of the value's own block that holds it: in a loop, every round may
//! read again. What a terminator reads lives to the end of its block, and is handed on there.

use memopt::ir::{BlockId, Definition, Function, Module, OpId, ValueId};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// The values that die at each operation.
pub(super) struct Lifetimes {
    dying: FxHashMap<OpId, SmallVec<[ValueId; 2]>>,
}

impl Lifetimes {
    /// Of a function, with all of its regions. `owners` are the values whose bytes reading a value reads.
    pub(super) fn of(
        module: &Module,
        function: Function,
        owners: impl Fn(ValueId) -> SmallVec<[ValueId; 2]>,
    ) -> Lifetimes {
        let mut last: FxHashMap<ValueId, OpId> = FxHashMap::default();
        for op in all_ops(module, function.body) {
            // A value that nobody reads dies where it is made.
            for value in module.op(op).results() {
                last.entry(value).or_insert(op);
            }
            for &operand in module.op(op).operands() {
                for value in owners(operand) {
                    last.insert(value, ancestor_in(module, op, block_of(module, value)));
                }
            }
        }
        let mut dying: FxHashMap<OpId, SmallVec<[ValueId; 2]>> = FxHashMap::default();
        for (value, op) in last {
            dying.entry(op).or_default().push(value);
        }
        dying.values_mut().for_each(|values| values.sort_unstable());
        Lifetimes { dying }
    }

    /// Of a scalar region: nothing there is worth forgetting.
    pub(super) fn none() -> Lifetimes {
        Lifetimes { dying: FxHashMap::default() }
    }

    /// The values that nobody reads after this operation.
    pub(super) fn dying(&self, op: OpId) -> SmallVec<[ValueId; 2]> {
        self.dying.get(&op).cloned().unwrap_or_default()
    }
}

/// All operations in and below a block, in textual order.
fn all_ops(module: &Module, block: BlockId) -> Vec<OpId> {
    let mut ops = Vec::new();
    let mut work = vec![(block, 0)];
    while let Some((block, at)) = work.pop() {
        let Some(&op) = module.block(block).ops().get(at) else { continue };
        ops.push(op);
        work.push((block, at + 1));
        let regions = module.op(op).regions().iter().rev();
        work.extend(regions.flat_map(|&region| module.region(region).blocks().iter().rev()).map(|&inner| (inner, 0)));
    }
    ops
}

fn block_of(module: &Module, value: ValueId) -> Option<BlockId> {
    match module.value(value).definition {
        Definition::Result { op, .. } => module.op(op).parent(),
        Definition::Argument { block, .. } => Some(block),
    }
}

/// The operation of `block` that is, or holds, `op`.
fn ancestor_in(module: &Module, mut op: OpId, block: Option<BlockId>) -> OpId {
    while module.op(op).parent() != block {
        let Some(parent) = module.op(op).parent() else { return op };
        op = module.block_owner(parent);
    }
    op
}

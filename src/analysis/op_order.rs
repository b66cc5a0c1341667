//! From an order of kernels back to an order of operations.
//!
//! Views and virtual values do nothing at run time: their operations are put right before the first operation that reads
//! them.

use super::order::ScopeOrder;
use crate::ir::{BlockId, Definition, Module, OpId};

impl ScopeOrder {
    /// The operations of the scope in the order of its kernels, with views, virtual values and the terminator.
    pub fn op_order(&self, module: &Module, order: &[u32]) -> Vec<OpId> {
        let kernels: Vec<OpId> = order.iter().map(|&kernel| self.kernels[kernel as usize]).collect();
        ScopeOrder::order_of(module, self.scope.block, &kernels)
    }

    /// The operations of a block in the order of its kernels, with views, virtual values and the terminator.
    pub fn order_of(module: &Module, block: BlockId, kernels: &[OpId]) -> Vec<OpId> {
        let ops = module.block(block).ops();
        let mut states = States::new(ops);
        ops.iter().for_each(|&op| states.set(op, State::Waiting));
        kernels.iter().for_each(|&op| states.set(op, State::Kernel));
        let mut emitted = Vec::with_capacity(ops.len());
        let mut work = Vec::new();
        for &op in kernels.iter().chain(ops.last()) {
            emit(module, op, &mut states, &mut work, &mut emitted);
        }
        emitted
    }
}

/// What has become of an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// It stands in another block, or was emitted.
    Done,
    /// It is no kernel, and was not read yet.
    Waiting,
    /// Its turn will come.
    Kernel,
}

/// A state for every operation of a block, by id. The ids of a block lie together, but for those of copies and clones.
struct States {
    first: usize,
    states: Vec<State>,
}

impl States {
    fn new(ops: &[OpId]) -> States {
        let ids = ops.iter().map(|op| op.index());
        let (first, last) = (ids.clone().min().unwrap_or(0), ids.max().unwrap_or(0));
        States { first, states: vec![State::Done; last - first + 1] }
    }

    fn get(&self, op: OpId) -> State {
        let index = op.index().wrapping_sub(self.first);
        self.states.get(index).copied().unwrap_or(State::Done)
    }

    /// For operations of the block.
    fn set(&mut self, op: OpId, state: State) {
        self.states[op.index() - self.first] = state;
    }
}

/// Appends `op` after the operations it needs that wait. `work` is empty, before and after.
fn emit(module: &Module, op: OpId, states: &mut States, work: &mut Vec<OpId>, emitted: &mut Vec<OpId>) {
    work.push(op);
    while let Some(&next) = work.last() {
        let before = work.len();
        push_needed(module, next, states, work);
        if work.len() == before {
            work.pop();
            if states.get(next) != State::Done {
                states.set(next, State::Done);
                emitted.push(next);
            }
        }
    }
}

/// Pushes the waiting operations whose results `op`, or an operation in its regions, reads.
fn push_needed(module: &Module, op: OpId, states: &States, work: &mut Vec<OpId>) {
    let mut inside = Vec::new();
    let mut next = Some(op);
    while let Some(reader) = next {
        let reader = module.op(reader);
        for &operand in reader.operands() {
            if let Definition::Result { op: producer, .. } = module.value(operand).definition
                && states.get(producer) == State::Waiting
                && producer != op
            {
                work.push(producer);
            }
        }
        let blocks = reader.regions().iter().flat_map(|&region| module.region(region).blocks());
        inside.extend(blocks.flat_map(|&block| module.block(block).ops()));
        next = inside.pop();
    }
}

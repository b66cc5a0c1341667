//! The reference that everyone computes: the peak of the file as read, in its order.
//!
//! Every result of a top-level operation has a buffer of its own (unrounded bytes) from its operation to its last reader; only
//! hints written in the file share or resize buffers; an operation with tensor regions adds the peak of its body; nothing is
//! in place, nothing virtual; results of the function live to the end and count, arguments do not.

use crate::ir::{BlockId, Bytes, Function, Module, OpId, Type, ValueId};

/// The peak of live bytes in program order. Values whose bytes nobody knows count nothing.
pub fn program_order_peak(module: &Module, function: Function) -> Bytes {
    // Blocks of tensor regions, each after the one around it; solved from the inside out.
    let mut blocks: Vec<(BlockId, Option<OpId>)> = vec![(function.body, None)];
    let mut next = 0;
    while let Some(&(block, _)) = blocks.get(next) {
        next += 1;
        for &op in module.block(block).ops() {
            let regions = module.op(op).regions().iter().flat_map(|&region| module.region(region).blocks());
            blocks.extend(regions.filter(|&&inner| holds_tensors(module, inner)).map(|&inner| (inner, Some(op))));
        }
    }
    let mut of_op = vec![Bytes::ZERO; module.op_bound()];
    let mut storage = Storage { root: vec![None; module.value_bound()], size: vec![Bytes::ZERO; module.value_bound()] };
    blocks.iter().for_each(|&(block, _)| storage.define(module, block));
    for &(block, owner) in blocks.iter().rev() {
        let peak = block_peak(module, block, &storage, &of_op);
        match owner {
            Some(op) => of_op[op.index()] = of_op[op.index()].max(peak),
            None => return peak,
        }
    }
    Bytes::ZERO
}

/// Whether a block computes with tensors of rank one and more; scalar bodies cost no tensor memory.
fn holds_tensors(module: &Module, block: BlockId) -> bool {
    let is_tensor = |value: ValueId| match module.type_of(value) {
        Type::Tensor(tensor) => !tensor.shape.is_empty(),
        _ => false,
    };
    let content = module.block(block);
    let mut results = content.ops().iter().flat_map(|&op| module.op(op).results());
    content.arguments().iter().any(|&v| is_tensor(v)) || results.any(is_tensor)
}

/// Which buffer each value has by the hints in the file: `None` for arguments and what shares with them.
struct Storage {
    root: Vec<Option<ValueId>>,
    size: Vec<Bytes>,
}

impl Storage {
    fn define(&mut self, module: &Module, block: BlockId) {
        for &op in module.block(block).ops() {
            let pairs = |name| module.find_attr(op, name).and_then(|a| module.tuples_of(a)).unwrap_or_default();
            let has_attributes = !module.op(op).attributes.is_empty();
            for result in module.op(op).results() {
                self.root[result.index()] = Some(result);
                self.size[result.index()] = module.type_bytes(result).unwrap_or_default();
            }
            for name in ["memopt.alias", "memopt.update"].into_iter().filter(|_| has_attributes) {
                for pair in pairs(name) {
                    if let Some((result, operand)) = shared(module, op, &pair) {
                        self.root[result.index()] = self.root[operand.index()];
                    }
                }
            }
            for pair in if has_attributes { pairs("memopt.bytes") } else { Vec::new() } {
                if let [result, bytes] = pair[..]
                    && let Some(result) = module.op(op).results().nth(result as usize)
                {
                    self.size[result.index()] = Bytes(bytes.max(0) as u64);
                }
            }
        }
    }
}

fn shared(module: &Module, op: OpId, pair: &[i64]) -> Option<(ValueId, ValueId)> {
    let &[result, operand] = pair else { return None };
    let operand = module.op(op).operands().get(usize::try_from(operand).ok()?)?;
    Some((module.op(op).results().nth(usize::try_from(result).ok()?)?, *operand))
}

/// Operands of `op` and of everything inside its regions.
fn all_reads(module: &Module, op: OpId) -> Vec<ValueId> {
    let mut reads = Vec::new();
    let mut work = vec![op];
    while let Some(op) = work.pop() {
        reads.extend_from_slice(module.op(op).operands());
        let blocks = module.op(op).regions().iter().flat_map(|&region| module.region(region).blocks());
        work.extend(blocks.flat_map(|&block| module.block(block).ops()));
    }
    reads
}

fn block_peak(module: &Module, block: BlockId, storage: &Storage, of_op: &[Bytes]) -> Bytes {
    let ops = module.block(block).ops();
    let mut ends: Vec<Bytes> = vec![Bytes::ZERO; ops.len()];
    let mut live_until: rustc_hash::FxHashMap<ValueId, u32> = rustc_hash::FxHashMap::default();
    let here = |root: ValueId| module.op(module.defining_op(root)).parent() == Some(block);
    for (index, &op) in ops.iter().enumerate() {
        for value in all_reads(module, op).into_iter().chain(module.op(op).results()) {
            if let Some(root) = storage.root[value.index()]
                && here(root)
            {
                let until = live_until.entry(root).or_default();
                *until = (*until).max(index as u32);
            }
        }
    }
    for (&root, &until) in &live_until {
        ends[until as usize] += storage.size[root.index()];
    }
    let (mut live, mut peak) = (Bytes::ZERO, Bytes::ZERO);
    for (index, &op) in ops.iter().enumerate() {
        let own = |result: &ValueId| storage.root[result.index()] == Some(*result);
        live += module.op(op).results().filter(own).map(|v| storage.size[v.index()]).sum();
        peak = peak.max(live + of_op[op.index()]);
        live -= ends[index];
    }
    peak
}

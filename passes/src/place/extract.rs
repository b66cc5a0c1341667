//! From a scheduled block to its placement problem: one buffer for each storage with all that is tied to it, for the
//! scratch bytes of an operation, and for what its regions need.

use memopt::analysis::{Analysis, ScopeOrder, taken_ties, tied_operand};
use memopt::ir::{Bytes, Module, OpId, Step, ValueId};
use memopt::pass::PassContext;
use memopt::plan::{LayoutBuffer, LayoutProblem, LayoutWithin, StorageId};
use rustc_hash::FxHashMap;

/// What a buffer of the problem is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content {
    /// A storage with all that is tied to it.
    Storages,
    /// The parts of a value, which lie inside.
    Joined(ValueId),
    /// Scratch bytes of an operation.
    Workspace(OpId),
    /// All that the regions of an operation need.
    Regions(OpId),
}

/// The placement problem of one block.
pub(super) struct Extracted {
    pub(super) problem: LayoutProblem,
    pub(super) contents: Vec<Content>,
    /// The buffer of each storage.
    pub(super) buffer_of: FxHashMap<StorageId, usize>,
}

/// The problem of a block. `inner` holds the bytes that the regions of each operation need.
pub(super) fn extract(
    context: &PassContext<'_>,
    analysis: &Analysis,
    order: &ScopeOrder,
    inner: &FxHashMap<OpId, Bytes>,
) -> Extracted {
    let last = order.kernels.len();
    let mut tied = tied_storages(context.module, analysis, order);
    let mut buffer_of = FxHashMap::default();
    let (mut buffers, mut contents) = (Vec::new(), Vec::new());
    for (index, buffer) in order.problem.buffers.iter().enumerate() {
        let root = tied.find(index);
        let readers = order.problem.readers.row(index).iter().copied();
        let end = if buffer.until_end { last } else { 1 + readers.fold(buffer.writer, u32::max) as usize };
        let at = *buffer_of.entry(order.storages[root]).or_insert_with(|| {
            contents.push(Content::Storages);
            buffers.push(LayoutBuffer::new(buffer.size, Step(u32::MAX), Step(0)));
            buffers.len() - 1
        });
        buffer_of.insert(order.storages[index], at);
        let merged: &mut LayoutBuffer = &mut buffers[at];
        merged.size = merged.size.max(buffer.size);
        merged.start = merged.start.min(Step(buffer.writer));
        merged.end = merged.end.max(Step::new(end));
    }
    for (value, parts) in joined(context.module, analysis, order) {
        let of_parts = parts.iter().map(|id| &buffers[buffer_of[id]]);
        let (starts, ends) = of_parts.map(|part| (part.start, part.end)).unzip::<_, _, Vec<_>, Vec<_>>();
        // While all parts live; each has its own life besides.
        let start = starts.into_iter().max().unwrap_or_default();
        let end = ends.into_iter().min().unwrap_or_default().max(Step(start.0 + 1));
        let (parent, mut at) = (buffers.len(), Bytes::ZERO);
        for id in parts {
            let part = &mut buffers[buffer_of[&id]];
            part.within = Some(LayoutWithin { parent, at });
            at += part.size;
        }
        buffers.push(LayoutBuffer::new(at, start, end));
        contents.push(Content::Joined(value));
    }
    for (step, &op) in order.kernels.iter().enumerate() {
        let own = analysis.facts.op(op).workspace.bytes();
        let of_regions = inner.get(&op).copied().unwrap_or_default();
        for (size, content) in [(own, Content::Workspace(op)), (of_regions, Content::Regions(op))] {
            if !size.is_zero() {
                buffers.push(LayoutBuffer::new(size, Step::new(step), Step::new(step + 1)));
                contents.push(content);
            }
        }
    }
    Extracted { problem: LayoutProblem::new(buffers, context.target.alignment), contents, buffer_of }
}

/// The joined values of a block, each with its parts from the first byte on.
fn joined(module: &Module, analysis: &Analysis, order: &ScopeOrder) -> Vec<(ValueId, Vec<StorageId>)> {
    let part_of = |id: &StorageId| Some((analysis.aliases.storage(*id).part_of?, *id));
    let mut parts: Vec<(ValueId, StorageId)> = order.storages.iter().filter_map(part_of).collect();
    parts.sort_unstable();
    parts.dedup();
    let groups = parts.chunk_by(|a, b| a.0 == b.0);
    groups.map(|group| (group[0].0, analysis.aliases.parts(module, group[0].0))).collect()
}

/// Buffers of a block joined by the ties that `memopt.reuse` takes.
struct Tied {
    parent: Vec<usize>,
}

impl Tied {
    fn find(&mut self, mut at: usize) -> usize {
        while self.parent[at] != at {
            self.parent[at] = self.parent[self.parent[at]];
            at = self.parent[at];
        }
        at
    }
}

fn tied_storages(module: &Module, analysis: &Analysis, order: &ScopeOrder) -> Tied {
    let index: FxHashMap<StorageId, usize> = order.storages.iter().enumerate().map(|(i, &s)| (s, i)).collect();
    let mut tied = Tied { parent: (0..order.storages.len()).collect() };
    for &op in &order.kernels {
        for tie in taken_ties(module, op) {
            let buffer = |value: Option<ValueId>| {
                value.and_then(|v| analysis.aliases.value(v).storage()).and_then(|s| index.get(&s)).copied()
            };
            let result = module.op(op).results().nth(tie.result as usize);
            let operand = tied_operand(module, analysis, op, tie);
            if let (Some(result), Some(operand)) = (buffer(result), buffer(operand)) {
                let (a, b) = (tied.find(result), tied.find(operand));
                tied.parent[a] = b;
            }
        }
    }
    tied
}

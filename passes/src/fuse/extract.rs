//! From a block of a function to the fusion problem.

use memopt::analysis::{Analysis, Scope, runs};
use memopt::cost::flops;
use memopt::dialect::{Aliasing, Effects, Extent, KernelKind, Recompute, Regions, Virtual};
use memopt::ir::{Bytes, Definition, Module, OpId, Type, ValueId};
use memopt::plan::{Csr, Home, Part, StorageId, ValueStorage};
use memopt::target::Target;
use rustc_hash::{FxHashMap, FxHashSet};

use super::problem::{FuseBuffer, FuseOp, FuseProblem, FuseRead, FuseValue, Fusible};

/// The problem of a block, with the way back.
#[derive(Clone, Debug)]
pub(super) struct Extracted {
    pub(super) problem: FuseProblem,
    /// The operation of each step.
    pub(super) ops: Vec<OpId>,
}

impl Extracted {
    /// Which values are virtual if those of these operations are, as far as they can be.
    pub(super) fn given(&self, marked: &FxHashSet<OpId>) -> Vec<bool> {
        let given = self.problem.values.iter().map(|value| match value.fusible {
            Fusible::Always(_) | Fusible::Joined => true,
            Fusible::May(_) => value.writer.is_some_and(|op| marked.contains(&self.ops[op as usize])),
            Fusible::Never => false,
        });
        given.collect()
    }
}

/// Extracts the problem of a block in its textual order. `inner` holds the bytes that the regions of each operation need.
pub(super) fn extract(
    module: &Module,
    analysis: &Analysis,
    target: &Target,
    scope: Scope,
    inner: &FxHashMap<OpId, Bytes>,
) -> Extracted {
    let ops = module.block(scope.block).ops();
    let mut extraction = Extraction {
        module,
        analysis,
        target,
        scope,
        problem: FuseProblem::default(),
        versions: Vec::new(),
        numbers: FxHashMap::default(),
        buffers: FxHashMap::default(),
        whole: FxHashSet::default(),
        readers: Vec::new(),
        stored: FxHashSet::default(),
    };
    if let Some((&terminator, body)) = ops.split_last() {
        body.iter().for_each(|&op| extraction.operation(op, inner));
        extraction.terminator(terminator);
    }
    extraction.find_overwritten();
    Extracted { problem: extraction.finish(), ops: ops.to_vec() }
}

struct Extraction<'m> {
    module: &'m Module,
    analysis: &'m Analysis,
    target: &'m Target,
    scope: Scope,
    problem: FuseProblem,
    /// The version of a storage, or the virtual value, that each value is; and back.
    versions: Vec<ValueId>,
    numbers: FxHashMap<ValueId, u32>,
    buffers: FxHashMap<StorageId, u32>,
    /// Views of all elements of virtual values, in their order.
    whole: FxHashSet<ValueId>,
    /// (value, operation) pairs.
    readers: Vec<(u32, u32)>,
    /// Values that something needs the bytes of: an update, a region.
    stored: FxHashSet<u32>,
}

impl Extraction<'_> {
    /// Adds an operation of the body.
    fn operation(&mut self, op: OpId, inner: &FxHashMap<OpId, Bytes>) {
        let step = self.problem.ops.len() as u32;
        let facts = self.analysis.facts.op(op);
        let (mut makes, first_read) = (None, self.problem.reads.len() as u32);
        for (index, result) in self.module.op(op).results().enumerate() {
            match self.analysis.aliases.value(result) {
                ValueStorage::In { version, .. } if version == result => {
                    let fusible = self.candidate(op, result);
                    let number = self.add(result, Some(step), fusible);
                    makes = makes.or((fusible != Fusible::Never).then_some(number));
                }
                ValueStorage::Virtual { kind, source } if source == result => {
                    makes = Some(self.add(result, Some(step), Fusible::Always(kind)));
                }
                ValueStorage::Virtual { .. } => self.note_whole(op, index, result),
                // It has no bytes either; its parts have to have them.
                ValueStorage::Joined { source, .. } if source == result => {
                    makes = Some(self.add(result, Some(step), Fusible::Joined));
                    let parts = self.module.op(op).operands();
                    let parts: Vec<u32> = parts.iter().filter_map(|&part| Some(self.place(part)?.0)).collect();
                    self.stored.extend(parts);
                }
                _ => {}
            }
        }
        let runs = runs(self.module, self.analysis, op);
        if runs || makes.is_some() {
            self.reads(op, step);
        }
        let workspace = facts.workspace.bytes().align_to(self.analysis.alignment);
        self.problem.ops.push(FuseOp {
            runs,
            makes,
            writes: only_result(self.module, op).and_then(|result| self.buffer(result)),
            first_read,
            read_count: self.problem.reads.len() as u32 - first_read,
            computes: self.computes(op),
            flops: if runs || makes.is_some() { flops(self.module, &self.analysis.facts, op) } else { 0 },
            workspace: workspace + inner.get(&op).copied().unwrap_or_default(),
        });
    }

    /// What a block returns is read at its end, by nobody who could compute it.
    fn terminator(&mut self, op: OpId) {
        let first_read = self.problem.reads.len() as u32;
        self.reads(op, self.problem.ops.len() as u32);
        self.stored.extend(self.problem.reads[first_read as usize..].iter().map(|read| read.value));
        let read_count = self.problem.reads.len() as u32 - first_read;
        self.problem.ops.push(FuseOp { first_read, read_count, ..FuseOp::default() });
    }

    /// Whether this pass may make a result with bytes virtual, as far as its own operation goes.
    fn candidate(&self, op: OpId, result: ValueId) -> Fusible {
        let facts = self.analysis.facts.op(op);
        let Some(kind) = facts.results.first().and_then(|of| of.fusible) else { return Fusible::Never };
        let storage = self.analysis.aliases.value(result).storage().map(|id| self.analysis.aliases.storage(id));
        let is_free = storage.is_some_and(|storage| storage.root == result && storage.home == Home::Arena);
        let is_plain = facts.effects == Effects::None
            && facts.regions == Regions::Scalar
            && facts.recompute != Recompute::Never
            && facts.workspace.bytes().is_zero()
            && self.analysis.scopes.captures(op).is_empty()
            && self.module.op(op).result_count() == 1;
        if is_free && is_plain { Fusible::May(kind) } else { Fusible::Never }
    }

    /// Adds what an operation reads.
    fn reads(&mut self, op: OpId, step: u32) {
        let facts = self.analysis.facts.op(op);
        let operation = self.module.op(op);
        let all = match facts.kind {
            KernelKind::Reduction => operation.operands().iter().map(|&value| self.elements(value)).max(),
            _ => operation.results().map(|value| self.elements(value)).max(),
        };
        let all = all.unwrap_or(0);
        let only_index = facts.results.first().is_some_and(|of| of.fusible == Some(Virtual::Addressing));
        for (operand, &value) in (0..).zip(operation.operands()) {
            let Some((number, is_whole)) = self.place(value) else { continue };
            let in_step = facts.in_step.contains(&operand);
            let elements = if in_step || only_index { all } else { self.elements(value).min(all) };
            let tie = facts.ties.iter().find(|tie| tie.operand == operand && is_whole);
            let overwritten_by = tie.and_then(|tie| self.buffer(operation.result(tie.result as usize)));
            let same_index = in_step && is_whole;
            self.problem.reads.push(FuseRead { value: number, elements, same_index, overwritten_by });
            self.readers.push((number, step));
            if facts.kind == KernelKind::Control || facts.updates.iter().any(|tie| tie.operand == operand) {
                self.stored.insert(number);
            }
        }
        for &value in self.analysis.scopes.captures(op) {
            let Some((number, _)) = self.place(value) else { continue };
            let elements = self.elements(value);
            self.problem.reads.push(FuseRead { value: number, elements, same_index: false, overwritten_by: None });
            self.readers.push((number, step));
            self.stored.insert(number);
        }
    }

    /// The value of the problem that is read where `value` is, and whether all of it is, in its order.
    fn place(&mut self, value: ValueId) -> Option<(u32, bool)> {
        let (source, is_whole) = match self.analysis.aliases.value(value) {
            ValueStorage::Nothing => return None,
            ValueStorage::Constant => (value, false),
            ValueStorage::In { version, part, .. } => (version, part == Part::Whole),
            ValueStorage::Virtual { source, .. } => (source, source == value || self.whole.contains(&value)),
            ValueStorage::Joined { source, part } => (source, part == Part::Whole),
        };
        let number = match self.numbers.get(&source) {
            Some(&number) => number,
            None => self.add(source, None, Fusible::Never),
        };
        Some((number, is_whole))
    }

    /// Remembers a view of all of a virtual value.
    fn note_whole(&mut self, op: OpId, index: usize, result: ValueId) {
        let of = self.analysis.facts.op(op).results[index];
        if let Aliasing::View { operand, extent: Extent::Exact { offset: Bytes::ZERO } } = of.aliasing {
            let operand = self.module.op(op).operands()[operand];
            let equal = self.analysis.facts.bytes(operand) == of.bytes;
            if equal && self.place(operand).is_some_and(|(_, is_whole)| is_whole) {
                self.whole.insert(result);
            }
        }
    }

    fn add(&mut self, value: ValueId, writer: Option<u32>, fusible: Fusible) -> u32 {
        let number = self.versions.len() as u32;
        self.numbers.insert(value, number);
        self.versions.push(value);
        let elements = self.elements(value);
        let mut buffer = None;
        if let ValueStorage::In { storage, .. } = self.analysis.aliases.value(value) {
            let of = self.analysis.aliases.storage(storage);
            if let (Some(writer), Home::Arena | Home::ArenaUntilEnd, true) = (writer, of.home, of.root == value) {
                let until_end = of.home == Home::ArenaUntilEnd;
                self.buffers.insert(storage, self.problem.buffers.len() as u32);
                let is_part = of.part_of.is_some();
                self.problem.buffers.push(FuseBuffer { size: of.size, writer, until_end, is_part });
            }
            buffer = self.buffers.get(&storage).copied();
        }
        self.problem.values.push(FuseValue { writer, buffer, elements, fusible, stored: false, overwritten: None });
        number
    }

    /// The buffer that a result lies in.
    fn buffer(&self, result: ValueId) -> Option<u32> {
        let storage = self.analysis.aliases.value(result).storage()?;
        self.buffers.get(&storage).copied()
    }

    fn elements(&self, value: ValueId) -> u64 {
        match self.module.type_of(value) {
            Type::Tensor(tensor) => tensor.elements().unwrap_or(0),
            _ => 1,
        }
    }

    /// Finds the step that overwrites each value: an update, or the writer of what lies in the same bytes of the caller, or
    /// of the same slot.
    fn find_overwritten(&mut self) {
        let mut writers: FxHashMap<Home, u32> = FxHashMap::default();
        for (step, &op) in self.module.block(self.scope.block).ops().iter().enumerate() {
            let operation = self.module.op(op);
            for tie in &self.analysis.facts.op(op).updates {
                if let ValueStorage::In { version, .. } =
                    self.analysis.aliases.value(operation.operands()[tie.operand as usize])
                    && let Some(&number) = self.numbers.get(&version)
                {
                    self.problem.values[number as usize].overwritten = Some(step as u32);
                }
            }
            for result in operation.results() {
                let Some(id) = self.analysis.aliases.value(result).storage() else { continue };
                let storage = self.analysis.aliases.storage(id);
                if storage.root == result && !matches!(storage.home, Home::Arena | Home::ArenaUntilEnd) {
                    writers.entry(storage.home).or_insert(step as u32);
                }
            }
        }
        for (facts, &version) in self.problem.values.iter_mut().zip(&self.versions) {
            let Some(id) = self.analysis.aliases.value(version).storage() else { continue };
            let storage = self.analysis.aliases.storage(id);
            let is_argument = matches!(self.module.value(storage.root).definition, Definition::Argument { .. });
            if is_argument && facts.overwritten.is_none() {
                facts.overwritten = writers.get(&storage.home).copied();
            }
        }
    }

    /// The most that a kernel can compute on the fly.
    fn computes(&self, op: OpId) -> Option<Virtual> {
        let kind = self.analysis.facts.op(op).kind;
        let kinds = [Virtual::Computed, Virtual::Addressing, Virtual::Nullary];
        kinds.into_iter().find(|&value| self.target.may_read(kind, value))
    }

    fn finish(self) -> FuseProblem {
        let Extraction { mut problem, mut readers, stored, .. } = self;
        stored.iter().for_each(|&value| problem.values[value as usize].stored = true);
        readers.sort_unstable();
        readers.dedup();
        problem.readers = Csr::from_pairs(problem.values.len(), &readers);
        problem
    }
}

fn only_result(module: &Module, op: OpId) -> Option<ValueId> {
    let operation = module.op(op);
    (operation.result_count() == 1).then(|| operation.result(0))
}

//! From a scope to the ordering problem, and from an order of kernels back to an order of operations.
//!
//! Views and virtual values do nothing at run time: their operations are no kernels. They pass dependences on, and are put
//! right before the first operation that reads them.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::Analysis;
use super::scope::Scope;
use super::ties::{legal_ties_of, reuse_of};
use crate::dialect::{Effects, Regions, Tie, is_reference};
use crate::ir::{BlockId, Bytes, Definition, Module, OpId, ValueId};
use crate::plan::{Csr, Home, OrderBuffer, OrderProblem, OrderTie, StorageId, ValueStorage};

/// Which ties the problem offers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TieSource {
    /// Those of `memopt.may_reuse`: what the `inplace` pass found.
    MayReuse,
    /// All that are legal: for bounds.
    Legal,
}

/// The ordering problem of a scope, with the way back.
#[derive(Clone, Debug)]
pub struct ScopeOrder {
    /// The scope.
    pub scope: Scope,
    /// The problem.
    pub problem: OrderProblem,
    /// The operation that each kernel is.
    pub kernels: Vec<OpId>,
    /// The storage that each buffer is.
    pub storages: Vec<StorageId>,
    /// For each tie of the problem, what it ties.
    pub ties: Vec<Tie>,
    /// Ties that every order takes: results that lie in the caller's bytes of an operand.
    pub fixed_ties: Vec<(OpId, Tie)>,
    /// The kernels that touch each storage that is no buffer of the problem: arguments, slots, captured values.
    pub outer_touches: FxHashMap<StorageId, SmallVec<[u32; 2]>>,
}

/// Calls `solve` for every scope, inner scopes first; it returns the bytes that the scope needs, which count as workspace of
/// the operation that holds it. Returns the bytes of the function's body.
///
/// # Errors
/// The first that `solve` returns.
pub fn inner_first<E>(
    scopes: &[Scope],
    mut solve: impl FnMut(Scope, &FxHashMap<OpId, Bytes>) -> Result<Bytes, E>,
) -> Result<Bytes, E> {
    let mut inner: FxHashMap<OpId, Bytes> = FxHashMap::default();
    let mut height = Bytes::ZERO;
    for &scope in scopes.iter().rev() {
        height = solve(scope, &inner)?;
        // The regions of one operation never hold temporaries at the same time, so they share the bytes.
        let needed = inner.entry(scope.owner).or_default();
        *needed = (*needed).max(height);
    }
    Ok(height)
}

impl ScopeOrder {
    /// Extracts the problem of a scope. `inner` holds the bytes that the regions of each operation need.
    pub fn extract(
        module: &Module,
        analysis: &Analysis,
        scope: Scope,
        inner: &FxHashMap<OpId, Bytes>,
        ties: TieSource,
    ) -> ScopeOrder {
        let mut extraction = Extraction::new(module, analysis, scope);
        extraction.find_kernels();
        extraction.find_touches();
        extraction.order_updates();
        extraction.order_donations();
        extraction.order_effects();
        extraction.finish(inner, ties)
    }

    /// The operations of the scope in the order of its kernels, with views, virtual values and the terminator.
    pub fn op_order(&self, module: &Module, order: &[u32]) -> Vec<OpId> {
        let kernels: Vec<OpId> = order.iter().map(|&kernel| self.kernels[kernel as usize]).collect();
        ScopeOrder::order_of(module, self.scope.block, &kernels)
    }

    /// The operations of a block in the order of its kernels, with views, virtual values and the terminator.
    pub fn order_of(module: &Module, block: BlockId, kernels: &[OpId]) -> Vec<OpId> {
        let ops = module.block(block).ops();
        let mut place: FxHashMap<OpId, bool> = ops.iter().map(|&op| (op, false)).collect();
        kernels.iter().for_each(|op| _ = place.insert(*op, true));
        let mut emitted = Vec::with_capacity(ops.len());
        for &kernel in kernels {
            emit(module, kernel, &mut place, &mut emitted);
        }
        if let Some(&terminator) = ops.last() {
            emit(module, terminator, &mut place, &mut emitted);
        }
        emitted
    }
}

/// Appends `op` after the operations it needs that are not placed yet: only views and virtual values can be missing.
fn emit(module: &Module, op: OpId, waiting: &mut FxHashMap<OpId, bool>, emitted: &mut Vec<OpId>) {
    let mut work = vec![op];
    while let Some(&next) = work.last() {
        let before = work.len();
        let mut inside: Vec<OpId> = vec![next];
        while let Some(reader) = inside.pop() {
            for &operand in module.op(reader).operands() {
                if let Definition::Result { op: producer, .. } = module.value(operand).definition
                    && waiting.get(&producer) == Some(&false)
                    && producer != next
                {
                    work.push(producer);
                }
            }
            let regions = module.op(reader).regions().iter();
            let blocks = regions.flat_map(|&region| module.region(region).blocks());
            inside.extend(blocks.flat_map(|&block| module.block(block).ops()));
        }
        if work.len() == before {
            work.pop();
            if waiting.remove(&next).is_some() {
                emitted.push(next);
            }
        }
    }
}

/// Whether an operation does something at run time: it writes, has effects, or runs regions. Making a view or a virtual value
/// is nothing.
pub fn runs(module: &Module, analysis: &Analysis, op: OpId) -> bool {
    let facts = analysis.facts.op(op);
    let writes = |v: ValueId| match analysis.aliases.value(v) {
        ValueStorage::In { version, .. } => version == v,
        _ => false,
    };
    // Regions and scratch bytes are used even where all results are views or have no bytes.
    let needs_bytes = facts.regions != Regions::Scalar || !facts.workspace.bytes().is_zero();
    let mut results = module.op(op).results();
    facts.effects != Effects::None || needs_bytes || results.len() == 0 || results.any(writes)
}

struct Extraction<'m> {
    module: &'m Module,
    analysis: &'m Analysis,
    scope: Scope,
    kernels: Vec<OpId>,
    /// For each operation of the block, the kernels that must run before a reader of its results.
    provides: FxHashMap<OpId, SmallVec<[u32; 2]>>,
    edges: Vec<(u32, u32)>,
    storages: Vec<StorageId>,
    buffers: Vec<OrderBuffer>,
    buffer_of: FxHashMap<StorageId, u32>,
    /// (buffer, kernel) pairs.
    reads: Vec<(u32, u32)>,
    /// The kernels that read each version of a storage, and those that touch each storage that is not the arena's.
    version_readers: FxHashMap<ValueId, SmallVec<[u32; 2]>>,
    outer_touches: FxHashMap<StorageId, SmallVec<[u32; 2]>>,
}

impl<'m> Extraction<'m> {
    fn new(module: &'m Module, analysis: &'m Analysis, scope: Scope) -> Self {
        Extraction {
            module,
            analysis,
            scope,
            kernels: Vec::new(),
            provides: FxHashMap::default(),
            edges: Vec::new(),
            storages: Vec::new(),
            buffers: Vec::new(),
            buffer_of: FxHashMap::default(),
            reads: Vec::new(),
            version_readers: FxHashMap::default(),
            outer_touches: FxHashMap::default(),
        }
    }

    fn body(&self) -> &'m [OpId] {
        let ops = self.module.block(self.scope.block).ops();
        &ops[..ops.len().saturating_sub(1)]
    }

    /// What an operation reads: its operands, and what its regions read from outside.
    fn read_values(&self, op: OpId) -> impl Iterator<Item = ValueId> + use<'m> {
        let (module, analysis) = (self.module, self.analysis);
        module.op(op).operands().iter().chain(analysis.scopes.captures(op)).copied()
    }

    /// Numbers the kernels and their buffers, and adds the edges of the data flow.
    fn find_kernels(&mut self) {
        let mut used = rustc_hash::FxHashSet::default();
        for &op in self.module.block(self.scope.block).ops() {
            used.extend(self.read_values(op));
        }
        for &op in self.body() {
            let mut needs: SmallVec<[u32; 2]> = SmallVec::new();
            for value in self.read_values(op) {
                if let Definition::Result { op: producer, .. } = self.module.value(value).definition
                    && let Some(kernels) = self.provides.get(&producer)
                {
                    needs.extend_from_slice(kernels);
                }
            }
            needs.sort_unstable();
            needs.dedup();
            if !self.is_kernel(op, &used) {
                self.provides.insert(op, needs);
                continue;
            }
            let kernel = self.kernels.len() as u32;
            self.kernels.push(op);
            self.edges.extend(needs.iter().map(|&before| (before, kernel)));
            self.provides.insert(op, smallvec::smallvec![kernel]);
            self.find_buffers(op, kernel);
        }
    }

    /// Whether an operation has a place of its own in the order: it does something, or nobody reads it.
    fn is_kernel(&self, op: OpId, used: &rustc_hash::FxHashSet<ValueId>) -> bool {
        self.runs(op) || !self.module.op(op).results().any(|v| used.contains(&v))
    }

    fn runs(&self, op: OpId) -> bool {
        runs(self.module, self.analysis, op)
    }

    fn find_buffers(&mut self, op: OpId, kernel: u32) {
        for result in self.module.op(op).results() {
            let ValueStorage::In { storage, version, .. } = self.analysis.aliases.value(result) else { continue };
            let of = self.analysis.aliases.storage(storage);
            if of.root != result || version != result || !matches!(of.home, Home::Arena | Home::ArenaUntilEnd) {
                continue;
            }
            self.buffer_of.insert(storage, self.buffers.len() as u32);
            let until_end = of.home == Home::ArenaUntilEnd;
            // A guest of a donated argument needs no bytes of the arena.
            let size = if is_hosted(self.module, op, result) { Bytes::ZERO } else { of.size };
            self.buffers.push(OrderBuffer { size, writer: kernel, until_end });
            self.storages.push(storage);
        }
    }

    /// Records which kernels touch which storages.
    fn find_touches(&mut self) {
        for kernel in 0..self.kernels.len() as u32 {
            let op = self.kernels[kernel as usize];
            if !self.runs(op) {
                continue;
            }
            let mut roots: SmallVec<[(StorageId, ValueId); 8]> = SmallVec::new();
            for value in self.read_values(op) {
                self.analysis.aliases.for_each_root(self.module, value, &mut |root| {
                    if let ValueStorage::In { storage, version, .. } = self.analysis.aliases.value(root) {
                        roots.push((storage, version));
                    }
                });
            }
            roots.sort_unstable();
            roots.dedup();
            for (storage, version) in roots {
                self.version_readers.entry(version).or_default().push(kernel);
                match self.buffer_of.get(&storage) {
                    Some(&buffer) if self.buffers[buffer as usize].writer != kernel => {
                        self.reads.push((buffer, kernel));
                    }
                    Some(_) => {}
                    None => self.outer_touches.entry(storage).or_default().push(kernel),
                }
            }
        }
    }

    /// Readers of an old version run before the update that makes it old.
    fn order_updates(&mut self) {
        for update in 0..self.kernels.len() as u32 {
            let op = self.kernels[update as usize];
            for tie in &self.analysis.facts.op(op).updates {
                let operand = self.module.op(op).operands()[tie.operand as usize];
                let ValueStorage::In { version, .. } = self.analysis.aliases.value(operand) else { continue };
                let readers = self.version_readers.get(&version).into_iter().flatten();
                self.edges.extend(readers.filter(|&&reader| reader != update).map(|&reader| (reader, update)));
            }
        }
    }

    /// Whatever touches a donated argument, or the old content of a slot, runs before the writer of the new content.
    fn order_donations(&mut self) {
        let mut writers: FxHashMap<Home, SmallVec<[(StorageId, u32); 1]>> = FxHashMap::default();
        for (kernel, &op) in self.kernels.iter().enumerate() {
            for result in self.module.op(op).results() {
                let Some(id) = self.analysis.aliases.value(result).storage() else { continue };
                let storage = self.analysis.aliases.storage(id);
                if storage.root == result && !matches!(storage.home, Home::Arena | Home::ArenaUntilEnd) {
                    writers.entry(storage.home).or_default().push((id, kernel as u32));
                }
            }
        }
        for &argument in self.module.block(self.scope.block).arguments() {
            let Some(old) = self.analysis.aliases.value(argument).storage() else { continue };
            let home = self.analysis.aliases.storage(old).home;
            for &(_, writer) in writers.get(&home).into_iter().flatten().filter(|(new, _)| *new != old) {
                let touches = self.outer_touches.get(&old).into_iter().flatten();
                self.edges.extend(touches.filter(|&&kernel| kernel != writer).map(|&kernel| (kernel, writer)));
            }
        }
    }

    /// Operations with effects keep their order; so do all that hold references to memory, which may alias.
    fn order_effects(&mut self) {
        let mut last = None;
        for (index, &op) in self.kernels.iter().enumerate() {
            let refers = |v: ValueId| is_reference(self.module.type_of(v));
            let refers = self.read_values(op).any(refers) || self.module.op(op).results().any(refers);
            if refers || self.analysis.facts.op(op).effects.is_ordered() {
                self.edges.extend(last.map(|before| (before, index as u32)));
                last = Some(index as u32);
            }
        }
    }

    fn finish(mut self, inner: &FxHashMap<OpId, Bytes>, source: TieSource) -> ScopeOrder {
        let kernels = self.kernels.len();
        self.edges.sort_unstable();
        self.edges.dedup();
        let successors = Csr::from_pairs(kernels, &self.edges);
        let predecessors = successors.transposed(kernels);
        let readers = Csr::from_pairs(self.buffers.len(), &self.reads);
        let reads = readers.transposed(kernels);
        let written: Vec<_> = self.buffers.iter().enumerate().map(|(b, buffer)| (buffer.writer, b as u32)).collect();
        let workspace = self.kernels.iter().map(|op| {
            let own = self.analysis.facts.op(*op).workspace.bytes();
            own.align_to(self.analysis.alignment) + inner.get(op).copied().unwrap_or_default()
        });
        let workspace = workspace.collect();
        let (ties, tie_ops, fixed_ties) = self.ties(source);
        ScopeOrder {
            scope: self.scope,
            problem: OrderProblem {
                successors,
                predecessors,
                readers,
                reads,
                writes: Csr::from_pairs(kernels, &written),
                buffers: self.buffers,
                workspace,
                ties,
            },
            kernels: self.kernels,
            storages: self.storages,
            ties: tie_ops,
            fixed_ties,
            outer_touches: self.outer_touches,
        }
    }

    fn ties(&self, source: TieSource) -> (Vec<OrderTie>, Vec<Tie>, Vec<(OpId, Tie)>) {
        let (mut ties, mut fixed) = (Vec::new(), Vec::new());
        for (kernel, &op) in self.kernels.iter().enumerate() {
            let offered = match source {
                TieSource::Legal => None,
                TieSource::MayReuse => Some(reuse_of(self.module, op, "memopt.may_reuse")),
            };
            for (tie, operand) in legal_ties_of(self.module, self.analysis, op) {
                let buffer = |v: ValueId| {
                    let storage = self.analysis.aliases.value(v).storage();
                    storage.and_then(|id| self.buffer_of.get(&id)).copied()
                };
                match (buffer(self.module.op(op).result(tie.result as usize)), buffer(operand)) {
                    (Some(result), Some(operand)) => {
                        if offered.as_ref().is_none_or(|offered| offered.contains(&tie)) {
                            ties.push((OrderTie { kernel: kernel as u32, result, operand }, tie));
                        }
                    }
                    // The result lies in these bytes whatever the order is.
                    _ => fixed.push((op, tie)),
                }
            }
        }
        // Sorted as the problem promises; of two operands with the same bytes the first stands for both.
        ties.sort_unstable();
        ties.dedup_by_key(|(tie, _)| *tie);
        let (ties, ops) = ties.into_iter().unzip();
        (ties, ops, fixed)
    }
}

/// Whether the plan in the text puts a result of `op` into a donated argument.
fn is_hosted(module: &Module, op: OpId, result: ValueId) -> bool {
    hosted(module, op).any(|hosted| hosted == result)
}

/// The results of `op` that the plan in the text puts into donated arguments.
pub fn hosted(module: &Module, op: OpId) -> impl Iterator<Item = ValueId> {
    let rows = module.find_attr(op, "memopt.hosted").and_then(|attr| module.tuples_of(attr)).unwrap_or_default();
    let results: SmallVec<[ValueId; 1]> = module.op(op).results().collect();
    let index = |row: Vec<i64>| row.first().and_then(|&index| usize::try_from(index).ok());
    rows.into_iter().filter_map(move |row| results.get(index(row)?).copied())
}

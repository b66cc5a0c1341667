//! From a scope to the ordering problem, and from an order of kernels back to an order of operations.
//!
//! Views and virtual values do nothing at run time: their operations are no kernels. They pass dependences on, and are put
//! right before the first operation that reads them.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::Analysis;
use super::scope::Scope;
use super::ties::{legal_ties_of, ties_of};
use crate::dialect::{Effects, Regions, Tie, is_reference};
use crate::ir::{AttrId, Bytes, Definition, Module, OpId, Symbol, ValueId};
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
    outer_touches: Vec<(StorageId, u32)>,
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
        let mut extraction = Extraction::new(module, analysis, scope, ties);
        extraction.find_kernels();
        extraction.order_updates();
        extraction.order_donations();
        extraction.order_effects();
        extraction.finish(inner)
    }

    /// The kernels that touch a storage that is no buffer of the problem (of an argument, a slot, a captured value), in program
    /// order.
    pub fn outer_touches(&self, storage: StorageId) -> impl Iterator<Item = u32> + '_ {
        touches(&self.outer_touches, storage)
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

/// The kernels in the pairs of a storage; `pairs` are sorted.
fn touches(pairs: &[(StorageId, u32)], storage: StorageId) -> impl Iterator<Item = u32> + '_ {
    let from = pairs.partition_point(|&(other, _)| other < storage);
    pairs[from..].iter().take_while(move |&&(other, _)| other == storage).map(|&(_, kernel)| kernel)
}

/// The buffers of a block.
struct Buffers {
    list: Vec<OrderBuffer>,
    /// The storage of each.
    storages: Vec<StorageId>,
    /// The buffer of each storage from `first` on, or `u32::MAX`.
    of_storage: Vec<u32>,
    first: StorageId,
}

impl Buffers {
    fn new(first: StorageId, capacity: usize) -> Buffers {
        let (storages, of_storage) = (Vec::with_capacity(capacity), Vec::with_capacity(capacity));
        Buffers { list: Vec::with_capacity(capacity), storages, of_storage, first }
    }

    fn push(&mut self, storage: StorageId, buffer: OrderBuffer) {
        let index = storage.index() - self.first.index();
        self.of_storage.resize(self.of_storage.len().max(index + 1), u32::MAX);
        self.of_storage[index] = self.list.len() as u32;
        self.list.push(buffer);
        self.storages.push(storage);
    }

    /// The buffer of a storage, if it is among those so far.
    fn of(&self, storage: StorageId) -> Option<u32> {
        let index = storage.index().wrapping_sub(self.first.index());
        self.of_storage.get(index).copied().filter(|&buffer| buffer != u32::MAX)
    }
}

/// What is found in one walk over the block, in tables by the index of operations in it and by storage.
struct Extraction<'m> {
    module: &'m Module,
    analysis: &'m Analysis,
    scope: Scope,
    /// Names of attributes, looked up once.
    hosted: Option<Symbol>,
    may_reuse: Option<Symbol>,
    source: TieSource,
    /// What the attributes seen so far say: most operations have the same few.
    offers: FxHashMap<AttrId, SmallVec<[Tie; 2]>>,
    kernels: Vec<OpId>,
    /// The kernels that must run before a reader of an operation's results: those from `starts[i]` to `starts[i + 1]` in
    /// `provided` for the `i`-th operation of the block.
    provided: Vec<u32>,
    starts: Vec<u32>,
    /// (later, earlier) kernels.
    edges: Vec<(u32, u32)>,
    buffers: Buffers,
    /// (buffer, kernel) pairs.
    reads: Vec<(u32, u32)>,
    /// (version, kernel that reads it), (version, kernel that makes it old), (storage that is no buffer, kernel that touches
    /// it).
    version_reads: Vec<(ValueId, u32)>,
    updates: Vec<(ValueId, u32)>,
    outer_touches: Vec<(StorageId, u32)>,
    /// The storages that lie in the bytes of others, and their writers.
    written_homes: Vec<(Home, StorageId, u32)>,
    ties: Vec<(OrderTie, Tie)>,
    fixed_ties: Vec<(OpId, Tie)>,
}

impl<'m> Extraction<'m> {
    fn new(module: &'m Module, analysis: &'m Analysis, scope: Scope, source: TieSource) -> Self {
        let ops = module.block(scope.block).ops().len();
        let mut starts = Vec::with_capacity(ops + 1);
        starts.push(0);
        Extraction {
            module,
            analysis,
            scope,
            hosted: module.find_symbol("memopt.hosted"),
            may_reuse: module.find_symbol("memopt.may_reuse"),
            source,
            offers: FxHashMap::default(),
            kernels: Vec::with_capacity(ops),
            provided: Vec::with_capacity(ops),
            starts,
            edges: Vec::with_capacity(2 * ops),
            buffers: Buffers::new(analysis.aliases.first_of(scope.block), ops),
            reads: Vec::with_capacity(2 * ops),
            version_reads: Vec::with_capacity(2 * ops),
            updates: Vec::new(),
            outer_touches: Vec::new(),
            written_homes: Vec::new(),
            ties: Vec::new(),
            fixed_ties: Vec::new(),
        }
    }

    /// What an operation reads: its operands, and what its regions read from outside.
    fn read_values(&self, op: OpId) -> impl Iterator<Item = ValueId> + use<'m> {
        let (module, analysis) = (self.module, self.analysis);
        module.op(op).operands().iter().chain(analysis.scopes.captures(op)).copied()
    }

    /// Numbers the kernels and their buffers, adds the edges of the data flow, and records which kernels touch which storages.
    fn find_kernels(&mut self) {
        let ops = self.module.block(self.scope.block).ops();
        let mut needs: Vec<u32> = Vec::new();
        for &op in &ops[..ops.len().saturating_sub(1)] {
            needs.clear();
            for value in self.read_values(op) {
                if let Definition::Result { op: producer, .. } = self.module.value(value).definition {
                    needs.extend_from_slice(self.provided_by(producer));
                }
            }
            needs.sort_unstable();
            needs.dedup();
            let runs = runs(self.module, self.analysis, op);
            // Whatever nobody reads has a place of its own in the order, too.
            if runs || !self.module.op(op).results().any(|v| self.module.uses(v).next().is_some()) {
                let kernel = self.kernels.len() as u32;
                self.kernels.push(op);
                self.edges.extend(needs.iter().map(|&before| (kernel, before)));
                self.provided.push(kernel);
                self.find_buffers(op, kernel);
                if runs {
                    self.find_touches(op, kernel);
                }
                self.find_ties(op, kernel);
            } else {
                self.provided.extend_from_slice(&needs);
            }
            self.starts.push(self.provided.len() as u32);
        }
    }

    /// The kernels that must run before a reader of the results of `producer`: none if it stands in another block.
    fn provided_by(&self, producer: OpId) -> &[u32] {
        let index = self.analysis.scopes.index_in(self.scope.block, producer);
        match self.starts.get(index..).and_then(|starts| starts.get(..2)) {
            Some(&[from, to]) => &self.provided[from as usize..to as usize],
            _ => &[],
        }
    }

    fn find_buffers(&mut self, op: OpId, kernel: u32) {
        for result in self.module.op(op).results() {
            let ValueStorage::In { storage, version, .. } = self.analysis.aliases.value(result) else { continue };
            let of = self.analysis.aliases.storage(storage);
            if of.root != result || version != result {
                continue;
            }
            if !matches!(of.home, Home::Arena | Home::ArenaUntilEnd) {
                self.written_homes.push((of.home, storage, kernel));
                continue;
            }
            let until_end = of.home == Home::ArenaUntilEnd;
            // A guest of a donated argument needs no bytes of the arena.
            let size = if self.is_hosted(op, result) { Bytes::ZERO } else { of.size };
            self.buffers.push(storage, OrderBuffer { size, writer: kernel, until_end });
        }
    }

    /// Records which storages a kernel touches.
    fn find_touches(&mut self, op: OpId, kernel: u32) {
        let aliases = &self.analysis.aliases;
        let mut roots: SmallVec<[(StorageId, ValueId); 8]> = SmallVec::new();
        for value in self.read_values(op) {
            aliases.for_each_root(self.module, value, &mut |root| {
                if let ValueStorage::In { storage, version, .. } = aliases.value(root) {
                    roots.push((storage, version));
                }
            });
        }
        roots.sort_unstable();
        roots.dedup();
        for (storage, version) in roots {
            self.version_reads.push((version, kernel));
            match self.buffers.of(storage) {
                Some(buffer) if self.buffers.list[buffer as usize].writer != kernel => {
                    self.reads.push((buffer, kernel));
                }
                Some(_) => {}
                None => self.outer_touches.push((storage, kernel)),
            }
        }
        for tie in &self.analysis.facts.op(op).updates {
            let operand = self.module.op(op).operands()[tie.operand as usize];
            if let ValueStorage::In { version, .. } = aliases.value(operand) {
                self.updates.push((version, kernel));
            }
        }
    }

    /// Readers of an old version run before the update that makes it old.
    fn order_updates(&mut self) {
        self.updates.sort_unstable();
        for &(version, reader) in self.version_reads.iter().filter(|_| !self.updates.is_empty()) {
            let from = self.updates.partition_point(|&(old, _)| old < version);
            let updates = self.updates[from..].iter().take_while(|&&(old, _)| old == version);
            self.edges.extend(updates.filter(|&&(_, update)| update != reader).map(|&(_, update)| (update, reader)));
        }
    }

    /// Whatever touches a donated argument, or the old content of a slot, runs before the writer of the new content.
    fn order_donations(&mut self) {
        self.outer_touches.sort_unstable();
        self.written_homes.sort_unstable();
        for &argument in self.module.block(self.scope.block).arguments() {
            let Some(old) = self.analysis.aliases.value(argument).storage() else { continue };
            let home = self.analysis.aliases.storage(old).home;
            let from = self.written_homes.partition_point(|(other, ..)| *other < home);
            let writers = self.written_homes[from..].iter().take_while(|(other, ..)| *other == home);
            for &(_, _, writer) in writers.filter(|(_, new, _)| *new != old) {
                let touches = touches(&self.outer_touches, old).filter(|&kernel| kernel != writer);
                self.edges.extend(touches.map(|kernel| (writer, kernel)));
            }
        }
    }

    /// Operations with effects keep their order; so do all that hold references to memory, which may alias.
    fn order_effects(&mut self) {
        let facts = &self.analysis.facts;
        let mut last = None;
        for (index, &op) in self.kernels.iter().enumerate() {
            let mut touched = self.read_values(op).chain(self.module.op(op).results());
            let refers = facts.have_references() && touched.any(|v| is_reference(self.module.type_of(v)));
            if refers || facts.op(op).effects.is_ordered() {
                self.edges.extend(last.map(|before| (index as u32, before)));
                last = Some(index as u32);
            }
        }
    }

    fn finish(mut self, inner: &FxHashMap<OpId, Bytes>) -> ScopeOrder {
        let kernels = self.kernels.len();
        let predecessors = Csr::from_pairs(kernels, &self.edges).into_sets();
        let readers = Csr::from_pairs(self.buffers.list.len(), &self.reads);
        let written: Vec<_> =
            self.buffers.list.iter().enumerate().map(|(b, buffer)| (buffer.writer, b as u32)).collect();
        let workspace = self.kernels.iter().map(|op| {
            let own = self.analysis.facts.op(*op).workspace.bytes();
            own.align_to(self.analysis.alignment) + inner.get(op).copied().unwrap_or_default()
        });
        // Sorted as the problem promises; of two operands with the same bytes the first stands for both.
        self.ties.sort_unstable();
        self.ties.dedup_by_key(|(tie, _)| *tie);
        let (ties, tie_ops) = self.ties.into_iter().unzip();
        ScopeOrder {
            scope: self.scope,
            problem: OrderProblem {
                successors: predecessors.transposed(kernels),
                predecessors,
                reads: readers.transposed(kernels),
                readers,
                writes: Csr::from_pairs(kernels, &written),
                buffers: self.buffers.list,
                workspace: workspace.collect(),
                ties,
            },
            kernels: self.kernels,
            storages: self.buffers.storages,
            ties: tie_ops,
            fixed_ties: self.fixed_ties,
            outer_touches: self.outer_touches,
        }
    }

    /// The ties that a kernel may take.
    fn find_ties(&mut self, op: OpId, kernel: u32) {
        let legal = legal_ties_of(self.module, self.analysis, op);
        if legal.is_empty() {
            return;
        }
        let attr = self.may_reuse.and_then(|name| self.module.find_named(op, name));
        let listed = |attr| ties_of(self.module, self.module.attr(attr));
        let offered = attr.map(|attr| &*self.offers.entry(attr).or_insert_with(|| listed(attr)));
        for (tie, operand) in legal {
            let buffer = |v: ValueId| self.analysis.aliases.value(v).storage().and_then(|id| self.buffers.of(id));
            match (buffer(self.module.op(op).result(tie.result as usize)), buffer(operand)) {
                (Some(result), Some(operand)) => {
                    if self.source == TieSource::Legal || offered.is_some_and(|offered| offered.contains(&tie)) {
                        self.ties.push((OrderTie { kernel, result, operand }, tie));
                    }
                }
                // The result lies in these bytes whatever the order is.
                _ => self.fixed_ties.push((op, tie)),
            }
        }
    }

    /// Whether the plan in the text puts a result of `op` into a donated argument.
    fn is_hosted(&self, op: OpId, result: ValueId) -> bool {
        let Some(attr) = self.hosted.and_then(|name| self.module.find_named(op, name)) else { return false };
        let rows = self.module.tuples_of(self.module.attr(attr)).unwrap_or_default();
        let index = result.index() - self.module.op(op).result(0).index();
        rows.iter().any(|row| row.first() == Some(&(index as i64)))
    }
}

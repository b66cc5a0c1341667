//! From a function to the recomputation problem.

use memopt::analysis::{Analysis, ScopeOrder, runs, tied_operand};
use memopt::cost::{CostModel, Objective, bytes_moved, flops};
use memopt::dialect::{Effects, KernelKind, Recompute, Regions};
use memopt::ir::{Bytes, Function, Module, OpId, ValueId};
use memopt::plan::{Csr, Home, StorageId, ValueStorage};
use rustc_hash::FxHashMap;

use super::problem::{Keeper, RecomputeKernel, RecomputeProblem, RecomputeTie, RecomputeValue};

/// The problem of a function's body, with the way back.
#[derive(Clone, Debug)]
pub(super) struct Extracted {
    pub(super) problem: RecomputeProblem,
    /// The operation that each kernel is.
    pub(super) kernels: Vec<OpId>,
    /// The version of a storage that each value is.
    pub(super) versions: Vec<ValueId>,
}

/// Costs are whole numbers: picoseconds, or flops. None is larger than this, so that sums stay exact.
const DEAREST: f64 = (1u64 << 44) as f64;

/// Extracts the problem of the function's body, in its textual order.
pub(super) fn extract(
    module: &Module,
    function: Function,
    analysis: &Analysis,
    order: &ScopeOrder,
    costs: &CostModel,
) -> Extracted {
    let mut numbers = Numbers::default();
    for (kernel, &op) in order.kernels.iter().enumerate() {
        for result in module.op(op).results() {
            if let ValueStorage::In { version, .. } = analysis.aliases.value(result)
                && version == result
            {
                numbers.add(analysis, result, Some(kernel as u32));
            }
        }
        // One that does nothing reads nothing.
        let reads = if runs(module, analysis, op) { read_versions(module, analysis, op) } else { Vec::new() };
        for version in reads {
            let number = numbers.number(analysis, version);
            numbers.reads.push((kernel as u32, number));
        }
    }
    numbers.find_overwriters(module, function, analysis, order);
    let average = average_pace(module, analysis, &order.kernels);
    let kernels = order.kernels.iter().zip(&order.problem.workspace).map(|(&op, &workspace)| RecomputeKernel {
        cost: cost(module, analysis, costs, op),
        repeatable: is_repeatable(analysis, op),
        is_light: is_light(module, analysis, costs, op, average),
        workspace,
    });
    let mut kernels: Vec<RecomputeKernel> = kernels.collect();
    // A value that an operation with work of its own views can only be read as what that operation made.
    for &op in &order.kernels {
        for result in module.op(op).results() {
            if let ValueStorage::In { version, .. } = analysis.aliases.value(result)
                && version != result
                && let Some(&number) = numbers.of.get(&version)
                && let Some(writer) = numbers.values[number as usize].writer
            {
                kernels[writer as usize].repeatable = false;
            }
        }
    }
    let Numbers { of, values, versions, mut reads, .. } = numbers;
    reads.sort_unstable();
    reads.dedup();
    let mut last_reader = vec![None; values.len()];
    for &(kernel, value) in &reads {
        last_reader[value as usize] = last_reader[value as usize].max(Some(kernel));
    }
    let writes = values.iter().enumerate().filter_map(|(number, value)| Some((value.writer?, number as u32)));
    let writes: Vec<(u32, u32)> = writes.collect();
    let problem = RecomputeProblem {
        reads: Csr::from_pairs(kernels.len(), &reads),
        writes: Csr::from_pairs(kernels.len(), &writes),
        ties: ties(module, analysis, order, &of),
        kernels,
        values,
        last_reader,
    };
    Extracted { problem, kernels: order.kernels.clone(), versions }
}

/// The versions of storages that an operation reads, through views and virtual values, without duplicates.
fn read_versions(module: &Module, analysis: &Analysis, op: OpId) -> Vec<ValueId> {
    let mut versions = Vec::new();
    for &value in module.op(op).operands().iter().chain(analysis.scopes.captures(op)) {
        analysis.aliases.for_each_root(module, value, &mut |root| {
            if let ValueStorage::In { version, .. } = analysis.aliases.value(root) {
                versions.push(version);
            }
        });
    }
    versions.sort_unstable();
    versions.dedup();
    versions
}

/// The cost of running an operation once, in picoseconds or flops.
fn cost(module: &Module, analysis: &Analysis, costs: &CostModel, op: OpId) -> u64 {
    let unit = match costs.objective {
        Objective::Time => 1e3,
        Objective::Flops => 1.0,
    };
    (costs.cost(module, &analysis.facts, op) * unit).min(DEAREST) as u64
}

/// Whether an operation may run twice. Loops are too long for that: nobody knows how long. A clone of what has bytes for the
/// sake of one of its readers only could do without them, and its readers would read what it is made from.
fn is_repeatable(analysis: &Analysis, op: OpId) -> bool {
    let facts = analysis.facts.op(op);
    let could_be_virtual = (0..facts.results.len()).any(|result| facts.virtual_kind(result).is_some());
    !could_be_virtual
        && facts.effects == Effects::None
        && facts.recompute != Recompute::Never
        && facts.regions == Regions::Scalar
}

/// Whether an operation is bound by memory: what its kind says; else, where its time was measured, whether it takes no longer
/// for a byte than `average`; else by the target's roofline.
fn is_light(module: &Module, analysis: &Analysis, costs: &CostModel, op: OpId, average: f64) -> bool {
    let facts = analysis.facts.op(op);
    match facts.kind {
        KernelKind::Elementwise | KernelKind::Movement | KernelKind::Reduction => true,
        KernelKind::Contraction | KernelKind::Control => false,
        KernelKind::Other | KernelKind::Opaque => {
            let bytes = bytes_moved(module, &analysis.facts, op);
            match facts.cost_ns {
                Some(measured) => measured as f64 <= average * bytes.0 as f64,
                None => {
                    let flops = flops(module, &analysis.facts, op);
                    costs.target.machine.roofline(flops, Bytes::ZERO) <= costs.target.machine.roofline(0, bytes)
                }
            }
        }
    }
}

/// Nanoseconds for a byte read or written, on average over the operations whose time was measured.
fn average_pace(module: &Module, analysis: &Analysis, kernels: &[OpId]) -> f64 {
    let (mut time, mut bytes) = (0.0, 0.0);
    for &op in kernels {
        if let Some(measured) = analysis.facts.op(op).cost_ns {
            time += measured as f64;
            bytes += bytes_moved(module, &analysis.facts, op).0 as f64;
        }
    }
    if bytes > 0.0 { time / bytes } else { 0.0 }
}

/// Values by number.
#[derive(Default)]
struct Numbers {
    of: FxHashMap<ValueId, u32>,
    values: Vec<RecomputeValue>,
    versions: Vec<ValueId>,
    /// (kernel, value)
    reads: Vec<(u32, u32)>,
}

impl Numbers {
    fn number(&mut self, analysis: &Analysis, version: ValueId) -> u32 {
        match self.of.get(&version) {
            Some(&number) => number,
            None => self.add(analysis, version, None),
        }
    }

    fn add(&mut self, analysis: &Analysis, version: ValueId, writer: Option<u32>) -> u32 {
        let number = self.values.len() as u32;
        let storage = analysis.aliases.value(version).storage().map(|id| analysis.aliases.storage(id));
        let keeper = match storage.map(|storage| storage.home) {
            Some(Home::Arena) => Keeper::Readers,
            Some(Home::ArenaUntilEnd) => Keeper::Arena,
            _ => Keeper::Caller,
        };
        let size = storage.map_or_else(Default::default, |storage| storage.size);
        self.values.push(RecomputeValue { size, writer, updates: None, overwritten_by: None, keeper });
        self.versions.push(version);
        self.of.insert(version, number);
        number
    }

    /// Finds which kernel overwrites which value: by an update, or by writing the result that an argument is donated to.
    fn find_overwriters(&mut self, module: &Module, function: Function, analysis: &Analysis, order: &ScopeOrder) {
        let mut donated: FxHashMap<u32, u32> = FxHashMap::default();
        for (kernel, &op) in order.kernels.iter().enumerate() {
            for tie in &analysis.facts.op(op).updates {
                let (result, operand) = (module.op(op).result(tie.result as usize), tie.operand as usize);
                let ValueStorage::In { version, .. } = analysis.aliases.value(module.op(op).operands()[operand]) else {
                    continue;
                };
                if let (Some(&old), Some(&new)) = (self.of.get(&version), self.of.get(&result)) {
                    self.values[old as usize].overwritten_by = Some(kernel as u32);
                    self.values[new as usize].updates = Some(old);
                    if self.values[old as usize].keeper == Keeper::Arena {
                        self.values[old as usize].keeper = Keeper::Readers;
                    }
                }
            }
            for result in module.op(op).results() {
                let Some(id) = analysis.aliases.value(result).storage() else { continue };
                let storage = analysis.aliases.storage(id);
                if let Home::Argument(index) = storage.home
                    && storage.root == result
                {
                    donated.insert(index, kernel as u32);
                }
            }
        }
        // The last version of a donated argument ends where the result is written.
        let mut ends: FxHashMap<StorageId, u32> = FxHashMap::default();
        for (index, &argument) in function.arguments(module).iter().enumerate() {
            let storage = analysis.aliases.value(argument).storage();
            ends.extend(storage.zip(donated.get(&(index as u32)).copied()));
        }
        for (value, &version) in self.values.iter_mut().zip(&self.versions) {
            let end = analysis.aliases.value(version).storage().and_then(|storage| ends.get(&storage));
            value.overwritten_by = value.overwritten_by.or(end.copied());
        }
    }
}

/// The ties of the order, between values.
fn ties(module: &Module, analysis: &Analysis, order: &ScopeOrder, of: &FxHashMap<ValueId, u32>) -> Vec<RecomputeTie> {
    let version = |value: ValueId| match analysis.aliases.value(value) {
        ValueStorage::In { version, .. } => of.get(&version).copied(),
        _ => None,
    };
    let ties = order.problem.ties.iter().zip(&order.ties).filter_map(|(at, tie)| {
        let op = order.kernels[at.kernel as usize];
        let operand = version(tied_operand(module, analysis, op, *tie)?)?;
        let result = version(module.op(op).result(tie.result as usize))?;
        Some(RecomputeTie { kernel: at.kernel, result, operand })
    });
    let mut ties: Vec<RecomputeTie> = ties.collect();
    ties.sort_unstable();
    ties.dedup();
    ties
}

//! From a solution to the function: clones of operations, right where they run.

use memopt::analysis::{Analysis, ScopeOrder};
use memopt::ir::{BlockId, Definition, Function, Module, OpId, ValueId};
use memopt::plan::ValueStorage;
use rustc_hash::{FxHashMap, FxHashSet};

use super::extract::Extracted;
use super::solution::{RecomputeSolution, SolutionRun};

/// Puts the clones into the function's body, and makes every run read what the solution says. Views and virtual values of
/// what was made again are cloned with it.
pub(super) fn apply(
    module: &mut Module,
    function: Function,
    analysis: &Analysis,
    extracted: &Extracted,
    solution: &RecomputeSolution,
) {
    let known = module.value_bound();
    // All clones first: an original that reads clones is no longer what others are to be cloned from.
    let op = |run: &SolutionRun| match extracted.kernels[run.kernel as usize] {
        original if run.is_clone => clone_of(module, original),
        original => original,
    };
    let mut copier = Copier {
        analysis,
        known,
        body: function.body,
        kernels: extracted.kernels.iter().copied().collect(),
        ops: solution.runs.iter().map(op).collect(),
        helpers: FxHashMap::default(),
        new_helpers: Vec::new(),
        left: Vec::new(),
    };
    for (at, run) in solution.runs.iter().enumerate() {
        let reads = extracted.problem.reads.row(run.kernel as usize);
        let clones = reads.iter().zip(&run.sources).filter_map(|(&value, &source)| Some((value, source?)));
        let clones = clones.filter(|&(_, source)| solution.runs[source as usize].is_clone);
        let renamed = clones.map(|(value, source)| {
            let version = extracted.versions[value as usize];
            (version, copier.result_of(module, source, version))
        });
        let renamed: FxHashMap<ValueId, ValueId> = renamed.collect();
        if !renamed.is_empty() {
            copier.rewire(module, copier.ops[at], &renamed);
        }
    }
    // Clones join the block at its end; the order puts them where they belong.
    let clones: Vec<OpId> =
        copier.ops.iter().zip(&solution.runs).filter(|(_, run)| run.is_clone).map(|(&op, _)| op).collect();
    for &op in clones.iter().chain(&copier.new_helpers) {
        let end = module.block(function.body).ops().len() - 1;
        module.insert(function.body, end, op);
    }
    copier.erase_unread(module);
    let order = ScopeOrder::order_of(module, function.body, &copier.ops);
    module.set_order(function.body, order);
}

/// A detached copy that says what it is a clone of, and nothing of the plan.
fn clone_of(module: &mut Module, original: OpId) -> OpId {
    let copy = module.clone_op(original);
    let mut work = vec![copy];
    while let Some(op) = work.pop() {
        if let Some(id) = module.find_attr(op, "memopt.id").cloned() {
            module.remove_attr(op, "memopt.id");
            module.set_attr(op, "memopt.recompute_of", id);
        }
        let blocks = module.op(op).regions().iter().flat_map(|&region| module.region(region).blocks());
        work.extend(blocks.flat_map(|&block| module.block(block).ops()).copied());
    }
    copy
}

struct Copier<'a> {
    analysis: &'a Analysis,
    /// Values from here on are none that the analysis knows: they are defined in regions of clones.
    known: usize,
    body: BlockId,
    kernels: FxHashSet<OpId>,
    /// The operation that each run is.
    ops: Vec<OpId>,
    /// Clones of views and virtual values, by what they are a clone of and what they read.
    helpers: FxHashMap<(OpId, Vec<ValueId>), OpId>,
    new_helpers: Vec<OpId>,
    /// Views and virtual values that lost a reader.
    left: Vec<OpId>,
}

impl Copier<'_> {
    /// What a run made of the value that its original makes as `version`.
    fn result_of(&self, module: &Module, run: u32, version: ValueId) -> ValueId {
        match module.value(version).definition {
            Definition::Result { index, .. } => module.op(self.ops[run as usize]).result(index as usize),
            Definition::Argument { .. } => version,
        }
    }

    /// Renames what an operation reads, in its regions too.
    fn rewire(&mut self, module: &mut Module, op: OpId, renamed: &FxHashMap<ValueId, ValueId>) {
        let mut work = vec![op];
        while let Some(op) = work.pop() {
            for operand in 0..module.op(op).operands().len() {
                let old = module.op(op).operands()[operand];
                let new = self.resolve(module, old, renamed);
                if new != old {
                    self.left.extend(self.helper(module, old));
                    module.set_operand(op, operand, new);
                }
            }
            let blocks = module.op(op).regions().iter().flat_map(|&region| module.region(region).blocks());
            work.extend(blocks.flat_map(|&block| module.block(block).ops()).copied());
        }
    }

    /// The value to read in place of `value` where the versions in `renamed` have been made again. Iterative, since chains of
    /// views may be long.
    fn resolve(&mut self, module: &mut Module, value: ValueId, renamed: &FxHashMap<ValueId, ValueId>) -> ValueId {
        let mut resolved = renamed.clone();
        let mut work = vec![value];
        while let Some(&next) = work.last() {
            if resolved.contains_key(&next) {
                work.pop();
                continue;
            }
            let Some(op) = self.helper(module, next) else {
                resolved.insert(next, next);
                continue;
            };
            let before = work.len();
            work.extend(module.op(op).operands().iter().copied().filter(|operand| !resolved.contains_key(operand)));
            if work.len() > before {
                continue;
            }
            let operands: Vec<ValueId> = module.op(op).operands().iter().map(|operand| resolved[operand]).collect();
            let op = self.with_operands(module, op, operands);
            let Definition::Result { index, .. } = module.value(next).definition else { continue };
            let result = module.op(op).result(index as usize);
            resolved.insert(next, result);
        }
        resolved[&value]
    }

    /// Whether an operation of the body stands around its kernels.
    fn is_around(&self, module: &Module, op: OpId) -> bool {
        module.op(op).parent() == Some(self.body) && !self.kernels.contains(&op)
    }

    /// The operation of a value that is made where it is read: a view, or virtual.
    fn helper(&self, module: &Module, value: ValueId) -> Option<OpId> {
        if value.index() >= self.known {
            return None;
        }
        match (self.analysis.aliases.value(value), module.value(value).definition) {
            (ValueStorage::In { version, .. }, _) if version == value => None,
            (_, Definition::Result { op, .. }) if self.is_around(module, op) => Some(op),
            _ => None,
        }
    }

    /// An operation like `op` that reads `operands`.
    fn with_operands(&mut self, module: &mut Module, op: OpId, operands: Vec<ValueId>) -> OpId {
        if module.op(op).operands() == operands {
            return op;
        }
        if let Some(&known) = self.helpers.get(&(op, operands.clone())) {
            return known;
        }
        let copy = clone_of(module, op);
        for (operand, &value) in operands.iter().enumerate() {
            module.set_operand(copy, operand, value);
        }
        self.helpers.insert((op, operands), copy);
        self.new_helpers.push(copy);
        copy
    }

    /// Erases views and virtual values that nobody reads any more, so that they do not keep alive what they are made of.
    fn erase_unread(&mut self, module: &mut Module) {
        let mut work = std::mem::take(&mut self.left);
        let mut erased: FxHashSet<OpId> = FxHashSet::default();
        while let Some(op) = work.pop() {
            if erased.contains(&op) || module.op(op).results().any(|result| module.uses(result).next().is_some()) {
                continue;
            }
            work.extend(module.op(op).operands().iter().filter_map(|&operand| self.helper(module, operand)));
            module.erase(op);
            erased.insert(op);
        }
    }
}

//! Results and yields: each gets bytes of its own, or those of the argument donated to it.
//!
//! A result whose writer runs after everything that touches the donated argument can be produced in its bytes; that holds
//! if hazard edges from all those to the writer close no cycle. Otherwise a copy at the end of the block moves it there,
//! which is always possible: nothing follows it. The copies of a block are a parallel copy: each runs before the one that
//! overwrites what it reads, and where that goes in a circle (two arguments that are returned swapped), the content of one
//! is saved early, into the arena. So is content that an operation overwrites.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::inputs::{aliased_result, is_donated};
use crate::analysis::{
    Analysis, EdgeRefused, IncrementalOrder, Scope, ScopeKind, ScopeOrder, TieSource, is_invariant, reads_in_step,
};
use crate::diag::Diagnostic;
use crate::dialect::memopt::COPY;
use crate::ir::{Definition, Function, Module, OpId, OpParts, ValueId};
use crate::plan::{Home, Part, StorageId, ValueStorage};

/// Nodes that all cycle searches of a block may visit: some seconds. Beyond it, results are copied.
const CYCLE_WORK: u64 = 200_000_000;

/// Decides donations, writes `memopt.donations`, and inserts the copies that are needed. Returns notes, and how many results
/// and yields needed copies.
///
/// # Errors
/// Donations that name no result.
pub(super) fn make_explicit(
    module: &mut Module,
    function: Function,
    analysis: &Analysis,
) -> Result<(Vec<Diagnostic>, usize), Vec<Diagnostic>> {
    let (donors, notes) = donors(module, function, analysis)?;
    let mut inserted = 0;
    for &scope in &analysis.scopes.scopes {
        let donors = match scope.kind {
            ScopeKind::Function => donors.clone(),
            ScopeKind::Body => loop_donors(module, analysis, scope),
            ScopeKind::Branch => vec![Donor::None; module.op(scope.owner).result_count()],
            ScopeKind::Condition => continue,
        };
        let order = ScopeOrder::extract(module, analysis, scope, &FxHashMap::default(), TieSource::MayReuse);
        let copies = Placing::new(module, analysis, scope, &order).decide(&donors);
        inserted += copies.len();
        insert_copies(module, scope, copies);
    }
    let pairs: Vec<[i64; 2]> = donors.iter().enumerate().filter_map(|(result, donor)| donor.pair(result)).collect();
    let donations = module.tuples_attr(pairs.iter().map(|pair| &pair[..]));
    module.set_attr(function.op, "memopt.donations", donations);
    Ok((notes, inserted))
}

/// Whose bytes a result gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Donor {
    /// Bytes of its own.
    None,
    /// Those of this argument of the block.
    Argument(usize),
    /// The slot hands its argument on.
    Unchanged,
}

impl Donor {
    fn argument(self) -> Option<usize> {
        match self {
            Donor::Argument(argument) => Some(argument),
            Donor::None | Donor::Unchanged => None,
        }
    }

    fn pair(self, result: usize) -> Option<[i64; 2]> {
        self.argument().map(|argument| [argument as i64, result as i64])
    }
}

/// Matches the function's donated arguments with its results.
fn donors(
    module: &Module,
    function: Function,
    analysis: &Analysis,
) -> Result<(Vec<Donor>, Vec<Diagnostic>), Vec<Diagnostic>> {
    let (arguments, results) = (function.arguments(module), function.results(module));
    let span = module.op(function.op).span;
    let mut donors = vec![Donor::None; results.len()];
    let (mut notes, mut errors) = (Vec::new(), Vec::new());
    for (index, &argument) in arguments.iter().enumerate() {
        let Some(result) = aliased_result(module, function, index) else { continue };
        let name = module.display_value(argument);
        match usize::try_from(result).ok().filter(|&k| k < results.len()) {
            None => errors.push(
                Diagnostic::error(
                    span,
                    format!("{name} is donated to result {result}, but there are {}", results.len()),
                )
                .help("tf.aliasing_output counts results from 0"),
            ),
            Some(k) if donors[k] != Donor::None => {
                notes
                    .push(Diagnostic::note(span, format!("the donation of {name} is refused: result {k} has a donor")));
            }
            Some(k) if analysis.facts.bytes(argument) != analysis.facts.bytes(results[k]) => {
                notes.push(Diagnostic::note(
                    span,
                    format!("the donation of {name} is refused: result {k} has another size"),
                ));
            }
            Some(k) => donors[k] = Donor::Argument(index),
        }
    }
    for (index, &argument) in arguments.iter().enumerate() {
        if aliased_result(module, function, index).is_none() && is_donated(module, function, index) {
            let same_storage = |&&k: &&usize| {
                let storage = |v| analysis.aliases.value(v).storage();
                storage(results[k]).is_some() && storage(results[k]) == storage(argument)
            };
            let same_type = |&k: &usize| {
                let same_bytes = analysis.facts.bytes(results[k]) == analysis.facts.bytes(argument);
                donors[k] == Donor::None && module.value(results[k]).ty == module.value(argument).ty && same_bytes
            };
            let free: Vec<usize> = (0..results.len()).filter(same_type).collect();
            if let Some(&k) = free.iter().find(same_storage).or(free.first()) {
                donors[k] = Donor::Argument(index);
            }
        }
    }
    if errors.is_empty() { Ok((donors, notes)) } else { Err(errors) }
}

/// A loop's slot is donated to its yield.
fn loop_donors(module: &Module, analysis: &Analysis, scope: Scope) -> Vec<Donor> {
    let slots = 0..module.op(scope.owner).result_count();
    let donor = |slot| match is_invariant(module, scope.owner, &analysis.facts, slot) {
        true => Donor::Unchanged,
        false => Donor::Argument(slot),
    };
    slots.map(donor).collect()
}

/// A copy to insert at the end of the block.
#[derive(Clone, Debug)]
struct CopyPlan {
    /// The terminator's operand that is copied.
    operand: usize,
    /// The arguments of the block whose content it reads: several for a virtual value.
    sources: SmallVec<[usize; 1]>,
    /// The argument of the block that it overwrites.
    target: Option<usize>,
    /// Whether the content must be saved early, because it is gone at the end.
    save_early: bool,
}

/// The order in which copies read before others overwrite. Of copies in a circle, one is saved early. Linear.
fn parallel_copy(mut copies: Vec<CopyPlan>) -> Vec<CopyPlan> {
    // How many copies still have to read each argument, and which copy overwrites it: at most one.
    let mut readers: FxHashMap<usize, usize> = FxHashMap::default();
    let mut writer: FxHashMap<usize, usize> = FxHashMap::default();
    for (index, copy) in copies.iter().enumerate() {
        for &source in copy.sources.iter().filter(|_| !copy.save_early) {
            *readers.entry(source).or_default() += 1;
        }
        writer.extend(copy.target.map(|target| (target, index)));
    }
    let is_free = |copy: &CopyPlan| copy.target.is_none_or(|target| !readers.contains_key(&target));
    let mut ready: VecDeque<usize> = (0..copies.len()).filter(|&i| is_free(&copies[i])).collect();
    let mut order = Vec::with_capacity(copies.len());
    let mut done = vec![false; copies.len()];
    let mut next = 0;
    while order.len() < copies.len() {
        let read = match ready.pop_front() {
            Some(index) if done[index] => continue,
            Some(index) => {
                done[index] = true;
                order.push(index);
                if copies[index].save_early { SmallVec::new() } else { copies[index].sources.clone() }
            }
            None => {
                // Every copy waits for one that has not read yet: the content of the first of them is saved.
                while done[next] || copies[next].save_early {
                    next += 1;
                }
                copies[next].save_early = true;
                copies[next].sources.clone()
            }
        };
        for source in read {
            let waiting = readers.entry(source).or_default();
            *waiting = waiting.saturating_sub(1);
            ready.extend(writer.get(&source).filter(|_| *waiting == 0));
        }
    }
    order.into_iter().map(|index| copies[index].clone()).collect()
}

struct Placing<'m> {
    module: &'m Module,
    analysis: &'m Analysis,
    scope: Scope,
    order: &'m ScopeOrder,
    hazards: IncrementalOrder,
    kernel_of: FxHashMap<OpId, u32>,
    taken: FxHashSet<StorageId>,
}

impl<'m> Placing<'m> {
    fn new(module: &'m Module, analysis: &'m Analysis, scope: Scope, order: &'m ScopeOrder) -> Self {
        let mut hazards = IncrementalOrder::new(order.kernels.len(), CYCLE_WORK);
        for kernel in 0..order.kernels.len() as u32 {
            for &next in order.problem.successors.row(kernel as usize) {
                // Edges of the text lead forward, so none of them is refused.
                let added = hazards.add_edge(kernel, next);
                debug_assert!(added.is_ok(), "the text is ordered");
            }
        }
        let kernel_of = order.kernels.iter().enumerate().map(|(k, &op)| (op, k as u32)).collect();
        Placing { module, analysis, scope, order, hazards, kernel_of, taken: FxHashSet::default() }
    }

    fn decide(mut self, donors: &[Donor]) -> Vec<CopyPlan> {
        let terminator = self.module.block(self.scope.block).ops().last().copied();
        let operands = terminator.map_or(&[][..], |op| self.module.op(op).operands());
        let mut copies = Vec::new();
        let mut overwritten: FxHashSet<usize> = FxHashSet::default();
        for (operand, (&value, &donor)) in operands.iter().zip(donors).enumerate() {
            let (sources, target) = (self.arguments_under(value), donor.argument());
            if !self.lies_well(value, donor) {
                copies.push(CopyPlan { operand, sources, target, save_early: false });
            } else if let Some(target) = target.filter(|target| !sources.contains(target)) {
                overwritten.insert(target);
            }
        }
        for copy in &mut copies {
            let gone = |source: &usize| overwritten.contains(source) || copy.target == Some(*source);
            copy.save_early = copy.sources.iter().any(gone);
        }
        parallel_copy(copies)
    }

    /// Whether a result can be where it has to be without a copy.
    fn lies_well(&mut self, value: ValueId, donor: Donor) -> bool {
        if donor == Donor::Unchanged {
            return true;
        }
        let (storage, part) = match self.analysis.aliases.value(value) {
            ValueStorage::Nothing => return true,
            ValueStorage::Virtual { .. } | ValueStorage::Joined { .. } | ValueStorage::Constant => return false,
            ValueStorage::In { storage, part, .. } => (storage, part),
        };
        let of = *self.analysis.aliases.storage(storage);
        // An opaque view of all bytes is handed to the caller as it is: its dialect knows what it means. A slot holds plain
        // values with the bytes of their type, so there a view is copied. An update may have fewer bytes than its storage.
        let bytes = self.analysis.facts.bytes(value);
        let all_bytes = bytes == self.analysis.facts.bytes(of.root);
        let whole = all_bytes
            && match self.scope.kind {
                ScopeKind::Function => part == Part::Whole || self.views_whole(value),
                _ => part == Part::Whole && self.module.type_bytes(value).ok() == Some(bytes),
            };
        let own = Some(storage);
        let argument = match donor {
            Donor::Argument(index) => Some(self.module.block(self.scope.block).arguments()[index]),
            _ => None,
        };
        let donated = argument.and_then(|a| self.analysis.aliases.value(a).storage());
        let fits = whole
            && of.block == self.scope.block
            && !self.taken.contains(&storage)
            && (own == donated
                || (of.home == Home::Arena && donated.is_none_or(|old| self.can_overwrite(of.root, old))));
        fits && self.taken.insert(storage)
    }

    /// Whether a value views its storage by opaque views of the whole only, not of a part.
    fn views_whole(&self, mut value: ValueId) -> bool {
        loop {
            let Definition::Result { op, index } = self.module.value(value).definition else { return false };
            let Some(operand) = self.analysis.facts.op(op).shares(index as usize) else { return false };
            value = self.module.op(op).operands()[operand as usize];
            match self.analysis.aliases.value(value) {
                ValueStorage::In { part: Part::Whole, .. } => return true,
                ValueStorage::In { part: Part::Opaque, .. } => {}
                _ => return false,
            }
        }
    }

    /// The arguments of the block that a copy of a value reads. What had bytes only because it is returned may be virtual
    /// once it is copied: then the copy reads what it is computed from.
    fn arguments_under(&self, value: ValueId) -> SmallVec<[usize; 1]> {
        let mut arguments = SmallVec::new();
        let mut seen = FxHashSet::from_iter([value]);
        let mut work = vec![value];
        while let Some(value) = work.pop() {
            self.analysis.aliases.for_each_root(self.module, value, &mut |root| {
                let Some(storage) = self.analysis.aliases.value(root).storage() else { return };
                match self.module.value(self.analysis.aliases.storage(storage).root).definition {
                    Definition::Argument { block, index } if block == self.scope.block => {
                        arguments.push(index as usize);
                    }
                    Definition::Argument { .. } => {}
                    Definition::Result { op, index } => {
                        let may_be_virtual = self.analysis.facts.op(op).results[index as usize].virtual_kind.is_some();
                        let operands = self.module.op(op).operands().iter().copied().filter(|_| may_be_virtual);
                        work.extend(operands.filter(|&operand| seen.insert(operand)));
                    }
                }
            });
        }
        arguments
    }

    /// Whether the operation that defines `root` can write the bytes of the argument's storage `old`: it reads them at the
    /// same index or not at all, and everything else that touches them can run before it.
    fn can_overwrite(&mut self, root: ValueId, old: StorageId) -> bool {
        let Definition::Result { op, index } = self.module.value(root).definition else { return false };
        let (Some(&writer), Some(size)) = (self.kernel_of.get(&op), Some(self.analysis.aliases.storage(old).size))
        else {
            return false;
        };
        let new = self.analysis.aliases.value(root).storage();
        if new.is_none_or(|id| self.analysis.aliases.storage(id).size != size) {
            return false;
        }
        let touches: SmallVec<[u32; 4]> = self.order.outer_touches(old).collect();
        if touches.contains(&writer) && !self.reads_old_in_step(op, index, old) {
            return false;
        }
        // An edge that was added stays even if a later one is refused: it only forbids orders that a copy does not need.
        let before = touches.iter().filter(|&&kernel| kernel != writer);
        before.map(|&kernel| self.hazards.add_edge(kernel, writer)).all(|added| match added {
            Ok(()) => true,
            Err(EdgeRefused::Cycle | EdgeRefused::WorkLimit) => false,
        })
    }

    fn reads_old_in_step(&self, op: OpId, result: u32, old: StorageId) -> bool {
        let facts = self.analysis.facts.op(op);
        facts.ties.iter().filter(|tie| tie.result == result).any(|&tie| {
            let operand = self.module.op(op).operands()[tie.operand as usize];
            let whole = matches!(self.analysis.aliases.value(operand),
                ValueStorage::In { storage, part: Part::Whole, .. } if storage == old);
            whole && reads_in_step(self.module, self.analysis, op, tie, old)
        })
    }
}

fn insert_copies(module: &mut Module, scope: Scope, copies: Vec<CopyPlan>) {
    let Some(&terminator) = module.block(scope.block).ops().last() else { return };
    for CopyPlan { operand, save_early, .. } in copies {
        let mut value = module.op(terminator).operands()[operand];
        if save_early {
            let position = match module.value(value).definition {
                Definition::Result { op, .. } if module.op(op).parent() == Some(scope.block) => {
                    1 + module.block(scope.block).ops().iter().position(|&other| other == op).unwrap_or(0)
                }
                _ => 0,
            };
            value = insert_copy(module, scope, position, value);
        }
        let end = module.block(scope.block).ops().len() - 1;
        let copy = insert_copy(module, scope, end, value);
        module.set_operand(terminator, operand, copy);
    }
}

fn insert_copy(module: &mut Module, scope: Scope, position: usize, value: ValueId) -> ValueId {
    let name = module.symbol(COPY);
    let parts = OpParts {
        operands: smallvec::smallvec![value],
        result_types: smallvec::smallvec![module.value(value).ty],
        span: module.op(module.defining_op(value)).span,
        ..OpParts::default()
    };
    let copy = module.create_op(name, parts);
    module.insert(scope.block, position, copy);
    module.op(copy).result(0)
}

//! The proof that a planned function computes what the original does, inside its arena.
//!
//! [`check`] runs the planned function symbolically. It takes the meaning of operations from the registry and from the hints
//! of the original only; whatever the planned file says besides is a claim. It uses no liveness and no planner's analysis.
//!
//! - *Value number*: the interned tuple of operation name, properties and attributes (without `memopt.*` and locations),
//!   operand numbers, result types, what its regions yield, result index. Operations with effects, and those that no dialect
//!   describes, also carry their `memopt.id`. `memopt.copy` is the identity.
//! - *Memory*: each byte of each space (the arena, every argument, every result of the caller) holds a set of labels: a
//!   number, and which of its bytes this is. A write kills every label that it overlaps; a view adds labels.
//! - *Step*: every operand's bytes hold the operand's number. A virtual operand is expanded, and each of its roots must hold
//!   its own; the reading kernel must be one that may compute it. Results overlap no operand and no root but by a legal tie
//!   or an update; workspace overlaps nothing of its step and kills what lay there; then the results are written.
//! - *Regions*: all that the regions of an operation write, results aside, is killed first, so nothing can be read that a
//!   second round of a loop would not find. Slots hold their operands, then fresh symbols. The condition writes no slot; at
//!   the end of the body each slot holds what the body yields. Each branch must leave its yields in the results' bytes.
//! - *End*: every result's bytes hold the number that the original returns, a donated result in its argument; operations with
//!   effects ran exactly once, in the original order; arguments that are not donated were never written; everything was
//!   aligned and inside its space.
//!
//! Theorem: if no error is found, then in every run of the planned function each operand that a kernel reads has the value
//! that the original's operand with that number has. By induction over the steps: a read finds the bytes labelled with the
//! number, labels are only set by the write of a value with that number or by a view of it, and every overlapping write in
//! between would have killed them.

mod canon;
mod certificate;
mod error;
mod memory;
mod numbers;
mod places;
mod regions;
mod run;

pub use error::{CheckerError, CheckerErrors, Violation};
pub use memory::{Range, Space};

use rustc_hash::FxHashMap;

use crate::dialect::memopt::COPY;
use crate::dialect::{Effects, Facts, Recompute, Regions, Registry};
use crate::ir::{Attr, Bytes, Function, Module, OpId};
use crate::target::Target;
use canon::Canon;
use memory::Memory;
use numbers::NumberTable;
use run::Run;

/// What was proven, in numbers. Reports print these, never a planner's own.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Certificate {
    /// Bytes of all arguments.
    pub arguments: Bytes,
    /// Bytes of all results.
    pub results: Bytes,
    /// Bytes of the arena.
    pub arena: Bytes,
    /// Arena, and results in the caller's memory that are no donated argument.
    pub planned: Bytes,
    /// Most bytes of the arena that hold a value still to be read, or are workspace, at one step.
    pub peak_live: Bytes,
    /// Bytes placed in donated arguments by `memopt.hosted` at that step.
    pub hosted: Bytes,
    /// Bytes that copies made by the plan move, each loop's counted once.
    pub copies: Bytes,
    /// Operations that ran, those of regions included.
    pub steps: u32,
}

/// Checks the planned function `after` against the original `before`.
///
/// # Errors
/// Every claim found wrong, up to [`CheckerErrors::MAX_ERRORS`].
pub fn check(
    before: (&Module, Function),
    after: (&Module, Function),
    registry: &Registry,
    target: &Target,
) -> Result<Certificate, CheckerErrors> {
    let (module, function) = after;
    let mut errors = same_interface(before, after, target);
    let facts =
        Facts::of(before.0, before.1.op, registry).and_then(|b| Ok((b, Facts::of(module, function.op, registry)?)));
    let (facts_before, facts) = match facts {
        Ok(facts) if errors.is_empty() => facts,
        Ok(_) => return Err(CheckerErrors { errors }),
        Err(problems) => {
            let mismatch = |what: String| error_at(module, function.op, Violation::Mismatch { what });
            errors.extend(problems.into_iter().map(|problem| mismatch(problem.message)));
            return Err(CheckerErrors { errors });
        }
    };
    let original = Original::of(before, &facts_before);
    let ids = original.identify(after, &facts, &mut errors);
    if !errors.is_empty() {
        return Err(CheckerErrors { errors });
    }
    let (mut canon, mut table) = (Canon::default(), NumberTable::default());
    let expected = numbers::number(before.0, before.1, &facts_before, &original.ids, &mut canon, &mut table);
    let numbers = numbers::number(module, function, &facts, &ids, &mut canon, &mut table);
    let results = before.1.results(before.0).iter().zip(function.results(module)).enumerate();
    for (result, (&old, &new)) in results {
        if expected.of(old) != numbers.of(new) {
            errors.push(error_at(module, terminator(after), Violation::WrongResult { result }));
        }
    }
    let places = places::places(module, function, &facts);
    errors.extend(places.errors.iter().map(|(op, violation)| error_at(module, *op, violation.clone())));
    let arena = match module.find_attr(function.op, "memopt.arena_size") {
        Some(Attr::Integer { value, .. }) => u64::try_from(*value).unwrap_or(0),
        _ => {
            let what = "it has no memopt.arena_size".to_owned();
            errors.push(error_at(module, function.op, Violation::Mismatch { what }));
            0
        }
    };
    let mut run = Run {
        module,
        function,
        facts: &facts,
        numbers: &numbers,
        places: &places,
        target,
        arena,
        donated: donated(before),
        memory: Memory::default(),
        errors,
    };
    if run.errors.is_empty() {
        run.function();
    }
    if !run.errors.is_empty() {
        return Err(CheckerErrors { errors: run.errors });
    }
    Ok(certificate::certificate(after, &facts, &ids, &run))
}

fn error_at(module: &Module, op: OpId, violation: Violation) -> CheckerError {
    CheckerError { op, span: module.op(op).span, violation }
}

fn terminator((module, function): (&Module, Function)) -> OpId {
    function.terminator(module).unwrap_or(function.op)
}

/// Names, types, argument attributes and hints of the two functions agree; donations are allowed; the target is that of the
/// check.
fn same_interface(before: (&Module, Function), after: (&Module, Function), target: &Target) -> Vec<CheckerError> {
    let (module, function) = after;
    let mut errors = Vec::new();
    let mut canon = Canon::default();
    let mut key = |(module, function): (&Module, Function)| {
        let mut translation = canon.translation(module);
        let mut key = Vec::new();
        canon.attributes(&mut translation, module, function.op, &mut key);
        for op in [function.op, module.root()] {
            let hints = module.find_symbol("memopt.hints");
            let found = module.op(op).attributes.iter().find(|(name, _)| Some(*name) == hints);
            key.extend(found.map(|&(_, value)| canon.attr(&mut translation, module, value)));
            key.push(u32::MAX);
        }
        key
    };
    if key(before) != key(after) {
        let what = "its type, its attributes or its promise memopt.hints differ".to_owned();
        errors.push(error_at(module, function.op, Violation::Mismatch { what }));
    }
    if before.1.results(before.0).len() != function.results(module).len() {
        let what = "it returns another number of values".to_owned();
        errors.push(error_at(module, function.op, Violation::Mismatch { what }));
    }
    if let Some(Attr::String { value, .. }) = module.find_attr(function.op, "memopt.target")
        && **value != *target.name.as_bytes()
    {
        let what = format!("it is planned for the target {}, not {}", String::from_utf8_lossy(value), target.name);
        errors.push(error_at(module, function.op, Violation::Mismatch { what }));
    }
    for [argument, result] in places::donations(module, function) {
        if !may_donate(before, argument, result) {
            errors.push(error_at(module, function.op, Violation::Donation { argument, result }));
        }
    }
    errors
}

fn may_donate((module, function): (&Module, Function), argument: i64, result: i64) -> bool {
    let (Ok(argument), Ok(result)) = (usize::try_from(argument), usize::try_from(result)) else { return false };
    if argument >= function.arguments(module).len() || result >= function.results(module).len() {
        return false;
    }
    match function.argument_attr(module, argument, "tf.aliasing_output") {
        Some(Attr::Integer { value, .. }) => *value == result as i128,
        _ => matches!(function.argument_attr(module, argument, "jax.buffer_donor"), Some(Attr::Bool(true))),
    }
}

fn donated((module, function): (&Module, Function)) -> Vec<bool> {
    let arguments = 0..function.arguments(module).len();
    let donates = |argument| {
        function.argument_attr(module, argument, "tf.aliasing_output").is_some()
            || matches!(function.argument_attr(module, argument, "jax.buffer_donor"), Some(Attr::Bool(true)))
    };
    arguments.map(donates).collect()
}

/// The operations of the original by their ids, and the order of those with effects.
struct Original<'m> {
    module: &'m Module,
    ids: FxHashMap<OpId, i64>,
    ops: FxHashMap<i64, OpId>,
    effects: Vec<(i64, Effects)>,
}

impl<'m> Original<'m> {
    fn of((module, function): (&'m Module, Function), facts: &Facts) -> Self {
        let order = planned_ops(module, function, facts);
        let ids: FxHashMap<OpId, i64> = order.iter().copied().collect();
        let ops = order.iter().map(|&(op, id)| (id, op)).collect();
        let with_effects = order.iter().map(|&(op, id)| (id, facts.op(op).effects));
        let effects = with_effects.filter(|(_, effects)| *effects != Effects::None).collect();
        Original { module, ids, ops, effects }
    }

    /// The id of every operation of the planned function; each must be what the original has under that id.
    fn identify(
        &self,
        (module, function): (&Module, Function),
        facts: &Facts,
        errors: &mut Vec<CheckerError>,
    ) -> FxHashMap<OpId, i64> {
        let mut ids = FxHashMap::default();
        let mut effects = Vec::new();
        let mut canon = Canon::default();
        let mut translations = (canon.translation(self.module), canon.translation(module));
        for (op, _) in planned_ops(module, function, facts) {
            let own = integer(module, op, "memopt.id");
            let Some(id) = own.or_else(|| integer(module, op, "memopt.recompute_of")) else {
                if module.op_name(op) != COPY
                    || module.op(op).operands().len() != 1
                    || module.op(op).result_count() != 1
                {
                    let name = module.op_name(op).to_owned();
                    errors.push(error_at(module, op, Violation::UnknownOp { name }));
                }
                continue;
            };
            let Some(&original) = self.ops.get(&id) else {
                let name = format!("{} with id {id}", module.op_name(op));
                errors.push(error_at(module, op, Violation::UnknownOp { name }));
                continue;
            };
            if let Some(violation) = self.differs(original, module, op, &mut canon, &mut translations) {
                errors.push(error_at(module, op, violation));
            }
            if own.is_none() && facts.op(op).recompute == Recompute::Never {
                let rule = "it says memopt.recompute = \"never\"";
                let what = format!("{} must not be recomputed: {rule}", module.op_name(op));
                errors.push(error_at(module, op, Violation::Effects { what }));
            }
            ids.insert(op, id);
            if facts.op(op).effects != Effects::None {
                effects.push((id, facts.op(op).effects));
                if own.is_none() {
                    let what = format!("{} has effects and must not be recomputed", module.op_name(op));
                    errors.push(error_at(module, op, Violation::Effects { what }));
                }
            }
        }
        self.compare_effects(effects, terminator((module, function)), module, errors);
        ids
    }

    /// How an operation differs from the original's under its id: name, attributes, types, hints.
    fn differs(
        &self,
        original: OpId,
        module: &Module,
        op: OpId,
        canon: &mut Canon,
        (of_before, of_after): &mut (canon::Translation, canon::Translation),
    ) -> Option<Violation> {
        let mut key = |translation: &mut canon::Translation, module: &Module, op: OpId| {
            let operation = module.op(op);
            let mut key = vec![canon.symbol(translation, module, operation.name)];
            canon.attributes(translation, module, op, &mut key);
            key.extend([operation.operands().len() as u32, operation.result_count() as u32]);
            let values = operation.operands().iter().copied().chain(operation.results());
            for value in values {
                key.push(canon.ty(translation, module, module.value(value).ty));
            }
            let own = key.len();
            for hint in HINTS {
                if let Some(name) = module.find_symbol(hint)
                    && let Some(&(_, value)) = operation.attributes.iter().find(|(key, _)| *key == name)
                {
                    key.extend([canon.symbol(translation, module, name), canon.attr(translation, module, value)]);
                }
            }
            (key, own)
        };
        let (expected, own_expected) = key(of_before, self.module, original);
        let (found, own_found) = key(of_after, module, op);
        if expected == found {
            return None;
        }
        if expected[..own_expected] == found[..own_found] {
            return Some(Violation::HintChanged { hint: format!("a hint of {}", module.op_name(op)) });
        }
        let what = format!("{} is not the operation that has its id", module.op_name(op));
        Some(Violation::Mismatch { what })
    }

    /// Everything with effects exactly once, ordered effects in the original order.
    fn compare_effects(&self, found: Vec<(i64, Effects)>, at: OpId, module: &Module, errors: &mut Vec<CheckerError>) {
        let ordered = |all: &[(i64, Effects)]| -> Vec<i64> {
            all.iter().filter(|(_, effects)| effects.is_ordered()).map(|&(id, _)| id).collect()
        };
        let sorted = |all: &[(i64, Effects)]| {
            let mut ids: Vec<i64> = all.iter().map(|&(id, _)| id).collect();
            ids.sort_unstable();
            ids
        };
        if sorted(&self.effects) != sorted(&found) {
            let what = "an operation with effects is missing or repeated".to_owned();
            errors.push(error_at(module, at, Violation::Effects { what }));
        } else if ordered(&self.effects) != ordered(&found) {
            let what = "operations with side effects are out of order".to_owned();
            errors.push(error_at(module, at, Violation::Effects { what }));
        }
    }
}

/// The hints of operations: a planned file repeats them as they are.
const HINTS: [&str; 9] = [
    "memopt.alias",
    "memopt.inplace",
    "memopt.update",
    "memopt.bytes",
    "memopt.workspace",
    "memopt.flops",
    "memopt.cost_ns",
    "memopt.recompute",
    "memopt.effects",
];

fn integer(module: &Module, op: OpId, name: &str) -> Option<i64> {
    match module.find_attr(op, name) {
        Some(Attr::Integer { value, .. }) => i64::try_from(*value).ok(),
        _ => None,
    }
}

/// The operations of planned blocks in textual order, each with its index among all operations of the function, those of
/// scalar bodies included.
fn planned_ops(module: &Module, function: Function, facts: &Facts) -> Vec<(OpId, i64)> {
    let mut ops = Vec::new();
    let mut index = 0;
    let mut work = vec![(function.body, 0usize, true)];
    while let Some((block, at, planned)) = work.pop() {
        let Some(&op) = module.block(block).ops().get(at) else { continue };
        work.push((block, at + 1, planned));
        if planned {
            ops.push((op, index));
        }
        index += 1;
        let inside = planned && matches!(facts.op(op).regions, Regions::Loop { .. } | Regions::Branches);
        let blocks = module.op(op).regions().iter().rev().flat_map(|&r| module.region(r).blocks().iter().rev());
        work.extend(blocks.map(|&inner| (inner, 0, inside)));
    }
    ops
}

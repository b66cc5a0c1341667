//! The proof that a planned function computes what the original does, inside its arena.
//!
//! [`check`] runs the planned function symbolically. It takes the meaning of operations from the registry and from the hints
//! of the original only; whatever the planned file says besides is a claim. It uses no liveness and no planner's analysis.
//!
//! - *Value number*: the interned tuple of operation name, properties and attributes (without `memopt.*` and locations),
//!   operand numbers, result types, what its regions yield, result index. Operations with effects, and those whose
//!   text leaves something out, as far as anybody knows, also carry their `memopt.id`. `memopt.copy` is the identity.
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
mod identity;
mod memory;
mod numbers;
mod places;
mod regions;
mod run;
mod writes;

pub use certificate::Certificate;
pub use error::{CheckerError, CheckerErrors, Violation};
pub use memory::{Range, Space};
pub use numbers::{Number, Numbers};
pub use places::{Places, Reading};

use rustc_hash::FxHashMap;

use crate::dialect::{Facts, Registry};
use crate::ir::{Attr, Function, Module, OpId};
use crate::target::Target;
use canon::Canon;
use identity::Original;
use memory::Memory;
use numbers::NumberTable;
use run::Run;

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
    for (id, number) in &expected.effects {
        if numbers.effects.get(id) != Some(number) {
            let what = format!("the operation with id {id} has effects, and other operands than in the original");
            errors.push(error_at(module, terminator(after), Violation::Effects { what }));
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
        virtuals: FxHashMap::default(),
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

/// The value numbers of a function, as a check of it would give them: what is merged by them is proven by them.
pub fn value_numbers(module: &Module, function: Function, facts: &Facts) -> Numbers {
    let ids = identity::planned_ops(module, function, facts).into_iter().collect();
    numbers::number(module, function, facts, &ids, &mut Canon::default(), &mut NumberTable::default())
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
    let alignment = i128::from(target.alignment.bytes());
    if let Some(Attr::Integer { value, .. }) = module.find_attr(function.op, "memopt.alignment")
        && *value != alignment
    {
        let what = format!("it is planned for an alignment of {value} bytes, not {alignment}");
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

//! Which operation of the original each operation of the planned function is, by its id.

use rustc_hash::{FxHashMap, FxHashSet};

use super::canon::{self, Canon};
use super::error::{CheckerError, Violation};
use super::{error_at, terminator};
use crate::dialect::memopt::COPY;
use crate::dialect::{Effects, Facts, HINTS, Recompute, Regions};
use crate::ir::{Attr, Function, Module, OpId};

/// The operations of the original by their ids, and the order of those with effects.
pub(super) struct Original<'m> {
    module: &'m Module,
    pub(super) ids: FxHashMap<OpId, i64>,
    ops: FxHashMap<i64, OpId>,
    effects: Vec<(i64, Effects)>,
}

impl<'m> Original<'m> {
    pub(super) fn of((module, function): (&'m Module, Function), facts: &Facts) -> Self {
        let order = planned_ops(module, function, facts);
        let ids: FxHashMap<OpId, i64> = order.iter().copied().collect();
        let ops = order.iter().map(|&(op, id)| (id, op)).collect();
        let with_effects = order.iter().map(|&(op, id)| (id, facts.op(op).effects));
        let effects = with_effects.filter(|(_, effects)| *effects != Effects::None).collect();
        Original { module, ids, ops, effects }
    }

    /// The id of every operation of the planned function; each must be what the original has under that id.
    pub(super) fn identify(
        &self,
        (module, function): (&Module, Function),
        facts: &Facts,
        errors: &mut Vec<CheckerError>,
    ) -> FxHashMap<OpId, i64> {
        let mut ids = FxHashMap::default();
        let mut own_ids = FxHashSet::default();
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
            if own.is_some() && !own_ids.insert(id) {
                let what = format!("{} repeats the id {id}: a clone says memopt.recompute_of", module.op_name(op));
                errors.push(error_at(module, op, Violation::Mismatch { what }));
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

fn integer(module: &Module, op: OpId, name: &str) -> Option<i64> {
    match module.find_attr(op, name) {
        Some(Attr::Integer { value, .. }) => i64::try_from(*value).ok(),
        _ => None,
    }
}

/// The operations of planned blocks in textual order, each with its index among all operations of the function, those of
/// scalar bodies included.
pub(super) fn planned_ops(module: &Module, function: Function, facts: &Facts) -> Vec<(OpId, i64)> {
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

//! Input that no plan can be right for: malformed control flow, updates of what may not be overwritten, reads of old values.

use rustc_hash::FxHashMap;

use crate::analysis::{Analysis, planned_regions};
use crate::diag::Diagnostic;
use crate::dialect::{Facts, Regions};
use crate::ir::{Attr, Function, Module, OpId, ValueId};
use crate::plan::{Home, StorageId, ValueStorage};

/// Checks that loops and branches have the regions, arguments and yields that planning relies on.
///
/// # Errors
/// All violations.
pub(super) fn check_regions(module: &Module, function: Function, facts: &Facts) -> Result<(), Vec<Diagnostic>> {
    let mut errors = Vec::new();
    let mut blocks = vec![function.body];
    while let Some(block) = blocks.pop() {
        for &op in module.block(block).ops() {
            match check_region_op(module, op, facts) {
                Ok(()) => blocks.extend(planned_regions(module, op, facts).iter().map(|scope| scope.block)),
                Err(problem) => errors.push(
                    Diagnostic::error(module.op(op).span, format!("{} {problem}", module.op_name(op)))
                        .help("compare with the specification of the operation"),
                ),
            }
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn check_region_op(module: &Module, op: OpId, facts: &Facts) -> Result<(), String> {
    let operation = module.op(op);
    let kind = facts.op(op).regions;
    if !matches!(kind, Regions::Loop { .. } | Regions::Branches) {
        return Ok(());
    }
    let types = |values: &[ValueId]| values.iter().map(|&v| module.value(v).ty).collect::<Vec<_>>();
    let results: Vec<_> = types(&operation.results().collect::<Vec<_>>());
    for (index, &region) in operation.regions().iter().enumerate() {
        let &[block] = module.region(region).blocks() else {
            return Err(format!("needs one block in region {index}, found {}", module.region(region).blocks().len()));
        };
        let yields = module.block(block).ops().last().map(|&last| types(module.op(last).operands()));
        let arguments = types(module.block(block).arguments());
        let (expected_arguments, expected_yields) = match kind {
            Regions::Loop { condition, .. } if condition == index => (types(operation.operands()), None),
            Regions::Loop { .. } => (types(operation.operands()), Some(results.clone())),
            _ => (Vec::new(), Some(results.clone())),
        };
        if arguments != expected_arguments {
            return Err(format!("needs block arguments in region {index} with the types of its operands"));
        }
        match (yields, expected_yields) {
            (None, _) => return Err(format!("needs a terminator in region {index}")),
            (Some(found), None) if found.len() != 1 => return Err("needs one yield of its condition".to_owned()),
            (Some(found), Some(expected)) if found != expected => {
                return Err(format!("needs yields in region {index} with the types of its results"));
            }
            _ => {}
        }
    }
    match kind {
        Regions::Loop { condition, body } if operation.regions().len() <= condition.max(body) => {
            Err("needs a region for its condition and one for its body".to_owned())
        }
        Regions::Loop { .. } if results != types(operation.operands()) => {
            Err("needs results with the types of its operands".to_owned())
        }
        _ => Ok(()),
    }
}

/// Checks updates: what they overwrite is theirs to overwrite, and nothing reads the old value afterwards.
///
/// # Errors
/// All violations.
pub(super) fn check_updates(module: &Module, function: Function, analysis: &Analysis) -> Result<(), Vec<Diagnostic>> {
    let mut errors = Vec::new();
    for scope in &analysis.scopes.scopes {
        // The newest version of each storage that this block updates, and the operation that made it.
        let mut newest: FxHashMap<StorageId, (ValueId, OpId)> = FxHashMap::default();
        for &op in module.block(scope.block).ops() {
            let operands = module.op(op).operands().iter().chain(analysis.scopes.captures(op));
            for &operand in operands {
                analysis.aliases.for_each_root(module, operand, &mut |root| {
                    let ValueStorage::In { storage, version, .. } = analysis.aliases.value(root) else { return };
                    if let Some(&(current, update)) = newest.get(&storage).filter(|(current, _)| *current != version) {
                        errors.push(reads_old(module, op, operand, current, update));
                    }
                });
            }
            for tie in &analysis.facts.op(op).updates {
                let (operation, operand) = (module.op(op), module.op(op).operands()[tie.operand as usize]);
                if let Some(problem) = refuse_update(module, function, analysis, scope.block, operand) {
                    let target = module.display_value(operand);
                    let message = format!("{} updates {target}, {problem}", module.op_name(op));
                    errors.push(Diagnostic::error(operation.span, message).help(
                        "donate the argument (tf.aliasing_output = k or jax.buffer_donor = true), or update a copy of it",
                    ));
                } else if let Some(storage) = analysis.aliases.value(operand).storage() {
                    newest.insert(storage, (operation.result(tie.result as usize), op));
                }
            }
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn reads_old(module: &Module, op: OpId, operand: ValueId, current: ValueId, update: OpId) -> Diagnostic {
    let (old, new) = (module.display_value(operand), module.display_value(current));
    let message = format!("{} reads {old}, whose bytes {new} has overwritten", module.op_name(op));
    Diagnostic::error(module.op(op).span, message)
        .label("the old value is gone here")
        .related(module.op(update).span, "overwritten here")
        .help(format!("read before the update, or read {new}, or a view of it"))
}

/// Why `operand` must not be overwritten, if so.
fn refuse_update(
    module: &Module,
    function: Function,
    analysis: &Analysis,
    block: crate::ir::BlockId,
    operand: ValueId,
) -> Option<&'static str> {
    match analysis.aliases.value(operand) {
        ValueStorage::Nothing => None,
        ValueStorage::Constant | ValueStorage::Virtual { .. } => Some("a constant"),
        // What is overwritten is nobody's part.
        ValueStorage::Joined { .. } => None,
        ValueStorage::In { storage, .. } => {
            let storage = analysis.aliases.storage(storage);
            match storage.home {
                _ if storage.block != block => Some("a value from outside its region"),
                Home::Argument(index) if !is_donated(module, function, index as usize) => {
                    Some("an argument that is not donated")
                }
                _ => None,
            }
        }
    }
}

/// Whether the caller gives up an argument's content.
pub fn is_donated(module: &Module, function: Function, index: usize) -> bool {
    aliased_result(module, function, index).is_some()
        || matches!(function.argument_attr(module, index, "jax.buffer_donor"), Some(Attr::Bool(true)))
}

/// The result that an argument gives its bytes to by `tf.aliasing_output`.
pub(super) fn aliased_result(module: &Module, function: Function, index: usize) -> Option<i128> {
    match function.argument_attr(module, index, "tf.aliasing_output") {
        Some(Attr::Integer { value, .. }) => Some(*value),
        _ => None,
    }
}

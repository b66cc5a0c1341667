//! `while`: which slots of a loop never change, and which may start in their operand's bytes.

use super::elementwise::is_alike;
use super::shapes::exact_view;
use crate::dialect::interface::{Aliasing, OpRef, Overwrite, Regions};
use crate::ir::Bytes;

/// Which region of a `while` is its body.
const BODY: usize = 1;

/// The regions of a `while`.
pub(super) const WHILE: Regions = Regions::Loop { condition: 0, body: BODY };

/// A slot whose body yields the block argument it was given is its operand, before, during and after the loop.
pub(super) fn while_slot(op: OpRef<'_>, result: usize) -> Aliasing {
    if is_invariant(op, result) { exact_view(op, result, result, Bytes::ZERO) } else { Aliasing::Fresh }
}

/// A slot that changes may take over its operand's bytes.
///
/// Two slots never start in the same bytes: of several slots with the same operand the first one may take them over, and
/// none of them if another one must find them unchanged. An operation of the regions that captures the operand reads it
/// while the loop runs; whoever takes this tie counts captures as such readers.
pub(super) fn while_overwrite(op: OpRef<'_>, result: usize, operand: usize) -> Overwrite {
    if result != operand || !is_alike(op, result, operand) || is_invariant(op, result) {
        return Overwrite::Never;
    }
    let value = op.operands()[operand];
    let twins = op.operands().iter().enumerate().filter(|&(slot, &other)| slot != operand && other == value);
    for (slot, _) in twins {
        if slot < operand || is_invariant(op, slot) {
            return Overwrite::Never;
        }
    }
    Overwrite::May
}

/// Whether the body yields its own argument in this slot.
fn is_invariant(op: OpRef<'_>, slot: usize) -> bool {
    let invariant = || {
        let &body = op.op().regions().get(BODY)?;
        let &[block] = op.module.region(body).blocks() else { return None };
        let block = op.module.block(block);
        let yielded = op.module.op(*block.ops().last()?).operands().get(slot)?;
        Some(block.arguments().get(slot)? == yielded)
    };
    invariant() == Some(true)
}

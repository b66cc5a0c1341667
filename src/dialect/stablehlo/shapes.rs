//! Small questions about types that the classes share.

use crate::dialect::interface::{Aliasing, Extent, OpRef};
use crate::ir::{Bytes, TensorType, Type};

/// Storage bits of one element; `None` where the element type says nothing about them.
pub(in crate::dialect) fn element_bits(op: OpRef<'_>, tensor: &TensorType) -> Option<u64> {
    op.module.types().element_bits(tensor.element).ok()
}

/// Storage bits of all elements; `None` for dynamic shapes.
pub(super) fn total_bits(op: OpRef<'_>, tensor: &TensorType) -> Option<u64> {
    tensor.elements()?.checked_mul(element_bits(op, tensor)?)
}

/// Elements of an operand; `None` if it is no tensor of static shape.
pub(in crate::dialect) fn operand_elements(op: OpRef<'_>, operand: usize) -> Option<u64> {
    op.operand_tensor(operand)?.elements()
}

/// Elements of a result; `None` if it is no tensor of static shape.
pub(in crate::dialect) fn result_elements(op: OpRef<'_>, result: usize) -> Option<u64> {
    op.result_tensor(result)?.elements()
}

/// Whether two tensors spell their elements alike: same element type, same encoding.
pub(in crate::dialect) fn same_elements(a: &TensorType, b: &TensorType) -> bool {
    a.element == b.element && a.encoding == b.encoding
}

/// Whether a tensor has elements of exactly one bit, which are stored one to a byte.
pub(super) fn is_boolean(op: OpRef<'_>, tensor: &TensorType) -> bool {
    matches!(op.module.ty(tensor.element), Type::Integer { width: 1, .. })
}

/// An exact view of an operand from a byte on, or a buffer of its own where the view would leave the operand. A wrong
/// program is for others to refuse; no view may make it worse.
pub(in crate::dialect) fn exact_view(op: OpRef<'_>, result: usize, operand: usize, offset: Bytes) -> Aliasing {
    let bytes = |value| op.module.type_bytes(value).ok();
    let whole = op.operands().get(operand).and_then(|&value| bytes(value));
    let part = (result < op.op().result_count()).then(|| op.op().result(result)).and_then(bytes);
    match (whole, part) {
        (Some(whole), Some(part)) if offset.0.checked_add(part.0).is_some_and(|end| end <= whole.0) => {
            Aliasing::View { operand, extent: Extent::Exact { offset } }
        }
        _ => Aliasing::Fresh,
    }
}

/// [`exact_view`] of the whole operand, if a condition holds.
pub(super) fn view_whole_if(condition: bool, op: OpRef<'_>, result: usize, operand: usize) -> Aliasing {
    if condition { exact_view(op, result, operand, Bytes::ZERO) } else { Aliasing::Fresh }
}

/// The operand's and the result's type of an operation that moves elements of its first operand.
pub(super) fn moved(op: OpRef<'_>, result: usize) -> Option<(&TensorType, &TensorType)> {
    let (from, to) = (op.operand_tensor(0)?, op.result_tensor(result)?);
    same_elements(from, to).then_some((from, to))
}

//! What the other operations cost, in floating-point operations and in bytes.

use super::attributes::integers;
use super::shapes::{operand_elements, result_elements};
use crate::dialect::interface::OpRef;
use crate::ir::{Bytes, ValueId};

/// Moves or says something, computes nothing.
pub(in crate::dialect) fn none(_op: OpRef<'_>) -> Option<u64> {
    Some(0)
}

/// One application of the body for each element of each input; the other half of the operands are initial values.
pub(super) fn reduce(op: OpRef<'_>) -> Option<u64> {
    let inputs = op.operands().len() / 2;
    (0..inputs).try_fold(0u64, |sum, input| sum.checked_add(operand_elements(op, input)?))
}

/// One application of the body for each element of each window.
pub(super) fn reduce_window(op: OpRef<'_>) -> Option<u64> {
    let results = op.op().result_count();
    let elements = (0..results).try_fold(0u64, |sum, result| sum.checked_add(result_elements(op, result)?))?;
    elements.checked_mul(window(op)?)
}

/// One selection for each element of each window, of which the source has one element each.
pub(super) fn select_and_scatter(op: OpRef<'_>) -> Option<u64> {
    operand_elements(op, 1)?.checked_mul(window(op)?)
}

fn window(op: OpRef<'_>) -> Option<u64> {
    let extents = integers(op, "window_dimensions")?;
    extents.iter().try_fold(1u64, |n, &extent| n.checked_mul(u64::try_from(extent).ok()?))
}

/// One application of the body for each element that is scattered.
pub(super) fn scatter(op: OpRef<'_>) -> Option<u64> {
    let inputs = op.operands().len().checked_sub(1)? / 2;
    (inputs + 1..op.operands().len()).try_fold(0u64, |sum, update| sum.checked_add(operand_elements(op, update)?))
}

/// Reads as many bytes as it writes, however large the operand is.
pub(in crate::dialect) fn result_twice(op: OpRef<'_>) -> Option<Bytes> {
    let bytes = bytes_of(op, op.op().results().next()?)?;
    bytes.0.checked_mul(2).map(Bytes)
}

/// As [`result_twice`], and all indices.
pub(super) fn gather(op: OpRef<'_>) -> Option<Bytes> {
    let indices = bytes_of(op, *op.operands().get(1)?)?;
    result_twice(op)?.0.checked_add(indices.0).map(Bytes)
}

pub(in crate::dialect) fn bytes_of(op: OpRef<'_>, value: ValueId) -> Option<Bytes> {
    op.module.type_bytes(value).ok()
}

//! Operations that compute each result element from the operand elements at the same index.

use super::shapes::element_bits;
use crate::dialect::interface::{OpRef, Overwrite};

/// A result may overwrite an operand of its shape whose elements are as wide as its own.
///
/// An operand of another shape (the scalar predicate of a select, the scalar bounds of a clamp, what a `chlo.broadcast_*`
/// operation repeats) is read for many result elements.
pub(in crate::dialect) fn same_index(op: OpRef<'_>, result: usize, operand: usize) -> Overwrite {
    if op.op().result_count() == 1 && is_alike(op, result, operand) { Overwrite::May } else { Overwrite::Never }
}

/// Whether a result and an operand have as many elements, equally wide, at the same places.
pub(in crate::dialect) fn is_alike(op: OpRef<'_>, result: usize, operand: usize) -> bool {
    let (Some(to), Some(from)) = (op.result_tensor(result), op.operand_tensor(operand)) else { return false };
    let bits = element_bits(op, to);
    to.elements().is_some()
        && to.shape == from.shape
        && to.encoding == from.encoding
        && bits.is_some()
        && bits == element_bits(op, from)
}

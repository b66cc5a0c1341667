//! What operations cost that are no matrix products.

use crate::dialect::interface::OpRef;
use crate::dialect::stablehlo::cost::{bytes_of, result_twice};
use crate::dialect::stablehlo::shapes::operand_elements;
use crate::ir::Bytes;

/// One operation for each element that is combined. Windows that overlap combine some of them more often; how large they are
/// is not in the text.
pub(super) fn each_input(op: OpRef<'_>) -> Option<u64> {
    operand_elements(op, 0)
}

/// Reads as many bytes as it writes, however large the first operand is, and all indices.
pub(super) fn gather(op: OpRef<'_>) -> Option<Bytes> {
    let mut indices = op.operands().iter().skip(1);
    let sum = indices.try_fold(result_twice(op)?.0, |sum, &value| sum.checked_add(bytes_of(op, value)?.0));
    sum.map(Bytes)
}

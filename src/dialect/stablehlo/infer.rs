//! Result types that are the type of an operand. Types that no operand has must be written: inference makes no new ones.

use super::attributes::integers;
use crate::dialect::interface::OpRef;
use crate::ir::{Type, TypeId};

/// The type of the first operand.
pub(in crate::dialect) fn like_first(op: OpRef<'_>) -> Option<Vec<TypeId>> {
    like(op, 0)
}

/// The type of the second operand.
pub(super) fn like_second(op: OpRef<'_>) -> Option<Vec<TypeId>> {
    like(op, 1)
}

/// One result for each operand, of its type.
pub(super) fn all_operands(op: OpRef<'_>) -> Option<Vec<TypeId>> {
    let operands = 0..op.operands().len();
    operands.map(|operand| definite_type(op, operand)).collect()
}

/// One result for each input of a scatter; the operands are the inputs, the indices, the updates.
pub(super) fn scatter_inputs(op: OpRef<'_>) -> Option<Vec<TypeId>> {
    let inputs = op.operands().len().checked_sub(1)? / 2;
    (0..inputs).map(|operand| definite_type(op, operand)).collect()
}

/// The operand's type, if the permutation leaves its shape as it is.
pub(super) fn transpose(op: OpRef<'_>) -> Option<Vec<TypeId>> {
    let shape = &op.operand_tensor(0)?.shape;
    let permutation = integers(op, "permutation")?;
    let extent = |&d: &i64| usize::try_from(d).ok().and_then(|d| shape.get(d).copied());
    let permuted: Option<Vec<i64>> = permutation.iter().map(extent).collect();
    if permuted? == **shape { like(op, 0) } else { None }
}

fn like(op: OpRef<'_>, operand: usize) -> Option<Vec<TypeId>> {
    definite_type(op, operand).map(|ty| vec![ty])
}

/// The type of an operand, if it leaves nothing open: a dynamic extent may be known better in the result, and a
/// quantized element type may have other parameters there.
fn definite_type(op: OpRef<'_>, operand: usize) -> Option<TypeId> {
    let tensor = op.operand_tensor(operand)?;
    tensor.elements()?;
    let element = op.module.ty(tensor.element);
    let plain = matches!(element, Type::Integer { .. } | Type::Index | Type::Float(_) | Type::Complex(_));
    plain.then(|| op.module.value(op.operands()[operand]).ty)
}

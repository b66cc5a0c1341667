//! Where views lie in their operand: exactly where the types alone tell, anywhere in it otherwise.

use crate::dialect::interface::{Aliasing, Extent, OpRef};
use crate::dialect::stablehlo::shapes::same_elements;
use crate::ir::{Bytes, TensorType};

/// A view whose elements stand in the order of the operand's: all of them, or some that the text does not name (a slice),
/// or some more than once (an expansion).
pub(super) fn in_order(op: OpRef<'_>, result: usize) -> Aliasing {
    exact_if(op, result, is_whole)
}

/// A view whose dimensions are permuted, by what the text does not say: in order if no two of them hold several elements.
pub(super) fn permuted(op: OpRef<'_>, result: usize) -> Aliasing {
    let one_line = |tensor: &TensorType| tensor.shape.iter().filter(|&&extent| extent != 1).count() <= 1;
    exact_if(op, result, |from, to| is_whole(from, to) && one_line(from))
}

/// A view of which the types say nothing.
pub(super) fn anywhere(op: OpRef<'_>, result: usize) -> Aliasing {
    exact_if(op, result, |_, _| false)
}

fn is_whole(from: &TensorType, to: &TensorType) -> bool {
    same_elements(from, to) && from.elements().is_some() && from.elements() == to.elements()
}

/// A view of the first operand; a buffer of its own for an operation that has none, which is wrong.
fn exact_if(op: OpRef<'_>, result: usize, is_exact: impl Fn(&TensorType, &TensorType) -> bool) -> Aliasing {
    let exact = match (op.operand_tensor(0), op.result_tensor(result)) {
        (Some(from), Some(to)) => is_exact(from, to),
        _ => false,
    };
    match (op.operands().is_empty(), exact) {
        (true, _) => Aliasing::Fresh,
        (false, true) => Aliasing::View { operand: 0, extent: Extent::Exact { offset: Bytes::ZERO } },
        (false, false) => Aliasing::View { operand: 0, extent: Extent::Opaque },
    }
}

//! Constants: a splat is computed again wherever it is read, any other constant lies in the program.

use super::shapes::{element_bits, is_boolean};
use crate::dialect::interface::{Aliasing, OpRef, Virtual};
use crate::ir::{Attr, TensorType};

/// [`Virtual::Nullary`] for a constant whose elements are all the same by how it is written.
pub(in crate::dialect) fn is_splat(op: OpRef<'_>, result: usize) -> Option<Virtual> {
    let tensor = op.result_tensor(result)?;
    let Attr::DenseElements { literal, .. } = op.attr("value")? else { return None };
    let splat = tensor.elements()? == 1 || literal_is_splat(op, literal, tensor);
    splat.then_some(Virtual::Nullary)
}

/// [`Aliasing::Constant`] for any other constant.
pub(in crate::dialect) fn splat_aliasing(op: OpRef<'_>, result: usize) -> Aliasing {
    if is_splat(op, result).is_some() { Aliasing::Fresh } else { Aliasing::Constant }
}

/// Whether a literal holds one element: `1.0`, `(1.0, 2.0)`, `"0x0000803F"`. A list of equal elements counts as none:
/// nobody writes it, and reading long lists would cost more than it gains.
fn literal_is_splat(op: OpRef<'_>, literal: &str, tensor: &TensorType) -> bool {
    let Some(quoted) = literal.strip_prefix('"') else {
        return !literal.is_empty() && !literal.starts_with('[');
    };
    let Some(digits) = quoted.strip_suffix('"').and_then(|text| text.strip_prefix("0x")) else { return false };
    // Booleans are packed, eight to a byte: one byte is a splat only if all its bits agree, whatever the shape.
    if is_boolean(op, tensor) {
        return digits == "00" || digits.eq_ignore_ascii_case("ff");
    }
    element_bits(op, tensor).is_some_and(|bits| digits.len() as u64 == 2 * bits.div_ceil(8))
}

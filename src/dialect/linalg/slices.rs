//! Slices of tensors, as `tensor` writes them: static offsets, sizes and strides, one for each dimension.

use crate::dialect::interface::{Aliasing, OpRef, Overwrite};
use crate::dialect::stablehlo::shapes::{element_bits, exact_view, same_elements};
use crate::ir::Bytes;

/// A view where the slice is contiguous: before the last dimension that is not taken whole, one element of each.
pub(super) fn extract(op: OpRef<'_>, result: usize) -> Aliasing {
    let offset = || {
        let (from, to) = (op.operand_tensor(0)?, op.result_tensor(result)?);
        let lists = ["static_offsets", "static_sizes", "static_strides"].map(|name| op.integers(name));
        let [Some(offsets), Some(sizes), Some(strides)] = lists else { return None };
        let rank = from.shape.len();
        let fits = [offsets, sizes, strides].iter().all(|list| list.len() == rank) && same_elements(from, to);
        let inside = |d: usize| {
            offsets[d] >= 0 && sizes[d] >= 0 && offsets[d].checked_add(sizes[d]).is_some_and(|end| end <= from.shape[d])
        };
        if !fits || op.operands().len() != 1 || !(0..rank).all(inside) || strides.iter().any(|&s| s != 1) {
            return None;
        }
        let cut = (0..rank).rev().find(|&d| sizes[d] != from.shape[d]).unwrap_or(0);
        if sizes.iter().take(cut).any(|&size| size != 1) {
            return None;
        }
        let first = from
            .shape
            .iter()
            .zip(offsets)
            .try_fold(0i64, |first, (&extent, &offset)| first.checked_mul(extent)?.checked_add(offset))?;
        let bits = u64::try_from(first).ok()?.checked_mul(element_bits(op, from)?)?;
        (bits % 8 == 0).then_some(Bytes(bits / 8))
    };
    offset().map_or(Aliasing::Fresh, |offset| exact_view(op, result, 0, offset))
}

/// The result may overwrite the tensor that the slice is inserted into.
pub(super) fn insert(op: OpRef<'_>, result: usize, operand: usize) -> Overwrite {
    if operand == 1 && op.operand_type(1) == op.result_type(result) { Overwrite::May } else { Overwrite::Never }
}

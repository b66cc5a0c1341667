//! Operations that move elements without arithmetic, and when they move nothing at all.
//!
//! ```text
//! slice [2:4, 0:3] of 6x3          slice [0:6, 0:2] of 6x3
//!   . . .                            # # .
//!   . . .                            # # .
//!   # # #   contiguous: a view       # # .   strided: a buffer of its own
//!   # # #   from byte 2*3*width on   # # .
//!   . . .                            # # .
//!   . . .                            # # .
//! ```

use super::attributes::integers;
use super::elementwise::is_alike;
use super::shapes::{element_bits, exact_view, is_boolean, moved, same_elements, total_bits, view_whole_if};
use crate::dialect::interface::{Aliasing, Extent, OpRef, Overwrite, Virtual};
use crate::ir::{Bytes, TensorType};

/// The same elements in the same order under another shape. Where a `dynamic_reshape` has a result of known shape, the
/// operand that says it need not be read.
pub(in crate::dialect) fn reshape(op: OpRef<'_>, result: usize) -> Aliasing {
    let keeps = moved(op, result).is_some_and(|(from, to)| same_count(from, to));
    view_whole_if(keeps, op, result, 0)
}

/// A conversion to the type that the operand has.
pub(super) fn view_whole_of_equal(op: OpRef<'_>, result: usize) -> Aliasing {
    let equal = moved(op, result).is_some_and(|(from, to)| from == to);
    view_whole_if(equal, op, result, 0)
}

/// The same bits under another type. Where the rank changes, StableHLO splits or joins elements in row-major order.
pub(super) fn bitcast_convert(op: OpRef<'_>, result: usize) -> Aliasing {
    let keeps = match (op.operand_tensor(0), op.result_tensor(result)) {
        (Some(from), Some(to)) => keeps_bytes(op, from, to),
        _ => false,
    };
    view_whole_if(keeps, op, result, 0)
}

/// Whether reading the storage of one type as the other is the bitcast. Elements that do not fill bytes are packed in an
/// order that only the backend knows, and a boolean's byte holds more than its bit.
fn keeps_bytes(op: OpRef<'_>, from: &TensorType, to: &TensorType) -> bool {
    if from == to {
        return true;
    }
    let whole_bytes = |tensor| element_bits(op, tensor).is_some_and(|bits| bits % 8 == 0) && !is_boolean(op, tensor);
    let bits = total_bits(op, from);
    whole_bytes(from) && whole_bytes(to) && bits.is_some() && bits == total_bits(op, to) && from.encoding == to.encoding
}

/// A view if it only inserts dimensions of extent 1: as many elements, and none changes its place among the others.
pub(super) fn broadcast_in_dim(op: OpRef<'_>, result: usize) -> Aliasing {
    let in_order = |from: &TensorType, to: &TensorType| {
        let dimensions = integers(op, "broadcast_dimensions")?;
        Some(same_count(from, to) && keeps_order(from, &dimensions))
    };
    let keeps = moved(op, result).and_then(|(from, to)| in_order(from, to));
    view_whole_if(keeps == Some(true), op, result, 0)
}

/// [`Virtual::Addressing`] where [`broadcast_in_dim`] is no view, and says which element goes where.
pub(super) fn broadcast_in_dim_addressing(op: OpRef<'_>, result: usize) -> Option<Virtual> {
    let (from, _) = moved(op, result)?;
    let says = integers(op, "broadcast_dimensions")?.len() == from.shape.len();
    (says && broadcast_in_dim(op, result) == Aliasing::Fresh).then_some(Virtual::Addressing)
}

/// [`Virtual::Addressing`] where `broadcast`, which only adds dimensions in front, is no view.
pub(super) fn broadcast_addressing(op: OpRef<'_>, result: usize) -> Option<Virtual> {
    moved(op, result)?;
    (reshape(op, result) == Aliasing::Fresh).then_some(Virtual::Addressing)
}

/// A view if only dimensions of extent 1 change their place.
pub(super) fn transpose(op: OpRef<'_>, result: usize) -> Aliasing {
    let in_order = |from: &TensorType, to: &TensorType| {
        let target = inverse(&integers(op, "permutation")?)?;
        Some(same_count(from, to) && keeps_order(from, &target))
    };
    let keeps = moved(op, result).and_then(|(from, to)| in_order(from, to));
    view_whole_if(keeps == Some(true), op, result, 0)
}

/// Where a permutation `result[i] = operand[p[i]]` moves each operand dimension; `None` if it is no permutation.
fn inverse(permutation: &[i64]) -> Option<Vec<i64>> {
    let mut target = vec![-1; permutation.len()];
    for (to, &from) in permutation.iter().enumerate() {
        *target.get_mut(usize::try_from(from).ok()?)? = to as i64;
    }
    (!target.contains(&-1)).then_some(target)
}

/// Whether the dimensions that hold more than one element stay in order when dimension `i` becomes `target[i]`.
fn keeps_order(from: &TensorType, target: &[i64]) -> bool {
    let large = from.shape.iter().zip(target).filter(|(extent, _)| **extent != 1).map(|(_, &to)| to);
    from.shape.len() == target.len() && large.is_sorted_by(|a, b| a < b)
}

/// A view if it reverses nothing.
pub(super) fn reverse(op: OpRef<'_>, result: usize) -> Aliasing {
    let Some((from, to)) = moved(op, result) else { return Aliasing::Fresh };
    let Some(dimensions) = integers(op, "dimensions") else { return Aliasing::Fresh };
    let is_unit = |&d: &i64| usize::try_from(d).ok().and_then(|d| from.shape.get(d)) == Some(&1);
    view_whole_if(from.shape == to.shape && dimensions.iter().all(is_unit), op, result, 0)
}

/// A view if it pads nothing.
pub(super) fn pad(op: OpRef<'_>, result: usize) -> Aliasing {
    let is_zero = |name| integers(op, name).is_some_and(|padding| padding.iter().all(|&n| n == 0));
    let nothing = ["edge_padding_low", "edge_padding_high", "interior_padding"].into_iter().all(is_zero);
    let same_shape = moved(op, result).is_some_and(|(from, to)| from.shape == to.shape);
    view_whole_if(nothing && same_shape, op, result, 0)
}

/// A view if there is nothing to join.
pub(super) fn concatenate(op: OpRef<'_>, result: usize) -> Aliasing {
    let same_shape = moved(op, result).is_some_and(|(from, to)| from.shape == to.shape);
    view_whole_if(op.operands().len() == 1 && same_shape, op, result, 0)
}

/// Whether nothing varies outside the dimension along which operands are joined, and each fills whole bytes.
pub(super) fn concatenate_joins(op: OpRef<'_>) -> bool {
    let Some(to) = op.result_tensor(0) else { return false };
    let Some(dimension) = op.integer("dimension").and_then(|d| usize::try_from(d).ok()) else { return false };
    let outer_is_one = to.shape.get(..dimension).is_some_and(|outer| outer.iter().all(|&extent| extent == 1));
    let fits = |operand: usize| {
        let from = op.operand_tensor(operand)?;
        let alike = from.element == to.element && from.encoding == to.encoding && from.shape.len() == to.shape.len();
        let whole_bytes = total_bits(op, from)? % 8 == 0;
        (alike && whole_bytes && from.shape.get(dimension + 1..)? == to.shape.get(dimension + 1..)?)
            .then(|| from.elements())?
    };
    let parts: Option<u64> = (0..op.operands().len()).map(fits).sum();
    outer_is_one && parts.is_some() && parts == to.elements()
}

/// Each result is the whole operand of its number, tokens and tuples too.
pub(super) fn barrier(op: OpRef<'_>, result: usize) -> Aliasing {
    match op.operand_type(result) {
        Some(ty) if Some(ty) == op.result_type(result) => {
            Aliasing::View { operand: result, extent: Extent::Exact { offset: Bytes::ZERO } }
        }
        _ => Aliasing::Fresh,
    }
}

/// A view if its elements are contiguous, and start and end at whole bytes.
pub(super) fn slice(op: OpRef<'_>, result: usize) -> Aliasing {
    let offset = moved(op, result).and_then(|(from, to)| slice_offset(op, from, to));
    offset.map_or(Aliasing::Fresh, |offset| exact_view(op, result, 0, offset))
}

/// Where a contiguous slice starts.
///
/// The elements are contiguous if, inside the outermost dimension of which more than one index is taken, every dimension
/// is taken whole.
fn slice_offset(op: OpRef<'_>, from: &TensorType, to: &TensorType) -> Option<Bytes> {
    let starts = integers(op, "start_indices")?;
    let strides = integers(op, "strides")?;
    let rank = from.shape.len();
    if to.elements()? == 0 || [starts.len(), strides.len(), to.shape.len()] != [rank; 3] {
        return None;
    }
    let mut offset = 0u64;
    let mut inside = false;
    for d in 0..rank {
        let (extent, taken) = (from.shape[d], to.shape[d]);
        let whole = starts[d] == 0 && taken == extent;
        let in_bounds = starts[d] >= 0 && starts[d].checked_add(taken)? <= extent;
        if inside && !whole || taken > 1 && strides[d] != 1 || !in_bounds {
            return None;
        }
        inside |= taken > 1;
        offset = offset.checked_mul(extent as u64)?.checked_add(starts[d] as u64)?;
    }
    let bits = offset.checked_mul(element_bits(op, from)?)?;
    let whole_bytes = bits % 8 == 0 && total_bits(op, to)? % 8 == 0;
    whole_bytes.then_some(Bytes(bits / 8))
}

/// The result is its first operand but for the part that is replaced.
pub(super) fn dynamic_update_slice(op: OpRef<'_>, result: usize, operand: usize) -> Overwrite {
    may_if(result == 0 && operand == 0 && is_alike(op, 0, 0) && reads_once(op, 0))
}

/// Result i is input i but for what is scattered into it. The operands are the inputs, the indices, the updates.
pub(super) fn scatter(op: OpRef<'_>, result: usize, operand: usize) -> Overwrite {
    let inputs = op.operands().len().saturating_sub(1) / 2;
    may_if(result == operand && operand < inputs && is_alike(op, result, operand) && reads_once(op, operand))
}

fn may_if(condition: bool) -> Overwrite {
    if condition { Overwrite::May } else { Overwrite::Never }
}

/// Whether an operand's value is no other operand too: that one is read at other indices.
fn reads_once(op: OpRef<'_>, operand: usize) -> bool {
    let value = op.operands()[operand];
    op.operands().iter().filter(|&&other| other == value).count() == 1
}

fn same_count(a: &TensorType, b: &TensorType) -> bool {
    debug_assert!(same_elements(a, b), "only tensors of equal elements are compared");
    a.elements().is_some() && a.elements() == b.elements()
}

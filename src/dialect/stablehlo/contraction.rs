//! Floating-point operations of matrix products and convolutions: two for each product that is summed up.

use super::attributes::{ConvDimensions, DotDimensions};
use super::shapes::result_elements;
use crate::dialect::interface::OpRef;
use crate::ir::Attr;

/// `dot`: the last dimension of the left operand is summed over.
pub(super) fn dot(op: OpRef<'_>) -> Option<u64> {
    let last = op.operand_tensor(0)?.shape.last().map_or(Some(1), |&extent| u64::try_from(extent).ok())?;
    two_for_each(result_elements(op, 0)?, last)
}

/// `dot_general`: 2 * batch * M * N * K, of which the result's elements are batch * M * N.
pub(super) fn dot_general(op: OpRef<'_>) -> Option<u64> {
    let dimensions = DotDimensions::of(op.attr("dot_dimension_numbers")?)?;
    let summed = extents(&op.operand_tensor(0)?.shape, &dimensions.lhs_contracting)?;
    two_for_each(result_elements(op, 0)?, summed)
}

/// `convolution`: each result element sums over the window and over the input features of its group, which are the
/// kernel's input features. Padding and dilation holes are counted, as everybody does.
pub(super) fn convolution(op: OpRef<'_>) -> Option<u64> {
    let dimensions = ConvDimensions::of(op.attr("dimension_numbers")?)?;
    let kernel = &op.operand_tensor(1)?.shape;
    let window = extents(kernel, &dimensions.kernel_spatial)?;
    let features = extents(kernel, &[dimensions.kernel_input_feature])?;
    two_for_each(result_elements(op, 0)?, window.checked_mul(features)?)
}

/// `einsum`: every combination of index values is one product. `None` for an ellipsis.
pub(super) fn einsum(op: OpRef<'_>) -> Option<u64> {
    let Attr::String { value, .. } = op.attr("einsum_config")? else { return None };
    let config = std::str::from_utf8(value).ok()?;
    let (inputs, _) = config.split_once("->")?;
    let mut indices: Vec<char> = Vec::new();
    let mut combinations = 1u64;
    for (operand, letters) in inputs.split(',').enumerate() {
        let shape = &op.operand_tensor(operand)?.shape;
        let letters: Vec<char> = letters.chars().filter(|c| !c.is_whitespace()).collect();
        if letters.len() != shape.len() || letters.contains(&'.') {
            return None;
        }
        for (letter, &extent) in letters.into_iter().zip(shape) {
            if !indices.contains(&letter) {
                indices.push(letter);
                combinations = combinations.checked_mul(u64::try_from(extent).ok()?)?;
            }
        }
    }
    two_for_each(combinations, 1)
}

pub(in crate::dialect) fn two_for_each(elements: u64, summed: u64) -> Option<u64> {
    elements.checked_mul(summed)?.checked_mul(2)
}

/// The product of some extents of a shape.
fn extents(shape: &[i64], dimensions: &[i64]) -> Option<u64> {
    dimensions.iter().try_fold(1u64, |product, &dimension| {
        let extent = *shape.get(usize::try_from(dimension).ok()?)?;
        product.checked_mul(u64::try_from(extent).ok()?)
    })
}

//! Floating-point operations of matrix products, convolutions and attention, and of their gradients: two for each product
//! that is summed up, as `torch.utils.flop_counter` counts them. It takes the kernel's gradient of a convolution in groups for
//! one without, which is `groups` times too much; that is not repeated here.

use crate::dialect::interface::OpRef;
use crate::dialect::stablehlo::contraction::two_for_each;
use crate::dialect::stablehlo::shapes::result_elements;

/// Each result element sums over the last dimension of the first operand.
pub(super) fn product(op: OpRef<'_>) -> Option<u64> {
    summing_over_last_of(op, 0)
}

/// The same with a term that is added, which is the first operand.
pub(super) fn added_product(op: OpRef<'_>) -> Option<u64> {
    summing_over_last_of(op, 1)
}

fn summing_over_last_of(op: OpRef<'_>, operand: usize) -> Option<u64> {
    let summed = *op.operand_tensor(operand)?.shape.last()?;
    two_for_each(result_elements(op, 0)?, u64::try_from(summed).ok()?)
}

/// The operands are the input and the kernel.
pub(super) fn convolution(op: OpRef<'_>) -> Option<u64> {
    let (input, output) = (&op.operand_tensor(0)?.shape, &op.result_tensor(0)?.shape);
    products_of_convolution(input, output, &op.operand_tensor(1)?.shape)
}

/// The operands are the gradient of the output, the input and the kernel; the results those gradients of input, kernel and
/// bias that are wanted. Input and kernel take as much work as the convolution, each; a bias is not worth counting.
pub(super) fn convolution_backward(op: OpRef<'_>) -> Option<u64> {
    let shape = |operand: usize| Some(&op.operand_tensor(operand)?.shape);
    let (gradient, input, kernel) = (shape(0)?, shape(1)?, shape(2)?);
    let is_bias = |result: &usize| op.result_tensor(*result).is_some_and(|tensor| tensor.shape.len() == 1);
    let gradients = (0..op.op().result_count()).filter(|result| !is_bias(result)).count();
    products_of_convolution(input, gradient, kernel)?.checked_mul(gradients as u64)
}

/// Two operations for each pair of a place and a kernel element that meet there; padding is counted, as everybody does.
///
/// The kernel is `[out, in / groups, window...]`, and each output element meets `in / groups * window` of it. Of a transposed
/// convolution it is `[in, out / groups, window...]`, and each input element meets `out / groups * window` of it; whether it
/// is transposed is not in the text, but it is where the kernel's first dimension does not fit the output.
fn products_of_convolution(input: &[i64], output: &[i64], kernel: &[i64]) -> Option<u64> {
    let is_transposed = kernel.first()? != output.get(1)?;
    let places = if is_transposed { input } else { output };
    two_for_each(product_of(places)?, product_of(kernel.get(1..)?)?)
}

/// The operands are queries `[batch, heads, rows, width]`, keys and values: the products of queries and keys, and those of
/// their softmax and the values.
pub(super) fn attention(op: OpRef<'_>) -> Option<u64> {
    products_of_attention(op, 0, [1, 1])
}

/// The operands begin with the gradient of the output. Queries and keys meet three times (again, and for either gradient),
/// the values twice.
pub(super) fn attention_backward(op: OpRef<'_>) -> Option<u64> {
    products_of_attention(op, 1, [3, 2])
}

fn products_of_attention(op: OpRef<'_>, queries: usize, [times, times_of_values]: [u64; 2]) -> Option<u64> {
    let shape = |operand: usize| Some(&*op.operand_tensor(operand)?.shape);
    let ([batch, heads, rows, width], [_, _, columns, _], [_, _, _, of_values]) =
        (shape(queries)?, shape(queries + 1)?, shape(queries + 2)?)
    else {
        return None;
    };
    let pairs = product_of(&[*batch, *heads, *rows, *columns])?;
    let widths = product_of(&[*width])?.checked_mul(times)?;
    let of_values = product_of(&[*of_values])?.checked_mul(times_of_values)?;
    two_for_each(pairs, widths.checked_add(of_values)?)
}

fn product_of(extents: &[i64]) -> Option<u64> {
    extents.iter().try_fold(1u64, |product, &extent| product.checked_mul(u64::try_from(extent).ok()?))
}

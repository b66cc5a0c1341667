//! Reductions over whole dimensions.
//!
//! The specification lets neighbours combine in any order that keeps left from right. Here they combine in a balanced tree,
//! whose rounding errors grow with the logarithm of the number of elements; the initial value comes first.

use super::{Call, Evaluated, Problem, Row, ensure};
use crate::tensor::{Tensor, strided, strides_of};

pub(super) static ROWS: &[Row] = &[Row::kernel("stablehlo.reduce", reduce)];

fn reduce(call: &mut Call<'_>) -> Evaluated {
    let (inputs, initials) = halves(call)?;
    let shape = inputs[0].shape.clone();
    let reduced = call.dimensions("dimensions", shape.len())?;
    let kept: Vec<usize> = (0..shape.len()).filter(|d| !reduced.contains(d)).collect();
    let outputs: Vec<usize> = kept.iter().map(|&d| shape[d]).collect();
    let (count, mut left) = (outputs.iter().product::<usize>(), reduced.iter().map(|&d| shape[d]).product::<usize>());
    // Dimensions in their own order: which one of the reduced ones was named first means nothing.
    let order: Vec<usize> = (0..shape.len()).filter(|d| reduced.contains(d)).chain(kept).collect();
    let own = strides_of(&shape);
    let strides: Vec<isize> = order.iter().map(|&d| own[d]).collect();
    let extents: Vec<usize> = order.iter().map(|&d| shape[d]).collect();
    // Row r holds the r-th element of every output.
    let mut rows: Vec<Tensor> = inputs.iter().map(|x| strided(x, &extents, &strides, 0)).collect();
    while left > 1 {
        let (pairs, odd) = (left / 2, left % 2);
        let halved = |row: &Tensor, which: usize| every_other(row, which, pairs, count);
        let arguments: Vec<Tensor> = (0..2).flat_map(|which| rows.iter().map(move |row| halved(row, which))).collect();
        let mut combined = call.bodies.apply(0, arguments)?;
        same_types(&combined, &rows)?;
        for (combined, row) in combined.iter_mut().zip(&rows) {
            let width = row.element.width();
            let last = &row.bytes[row.bytes.len() - odd * count * width..];
            combined.bytes.extend_from_slice(last);
        }
        rows = combined;
        left = pairs + odd;
    }
    let spread: Vec<Tensor> = initials.iter().map(|initial| initial.splat(&[count])).collect();
    let made = match left {
        0 => spread,
        _ => {
            let rows = rows.into_iter().map(|row| flat(row, count));
            let made = call.bodies.apply(0, spread.into_iter().chain(rows).collect())?;
            same_types(&made, &initials)?;
            made
        }
    };
    Ok(made.into_iter().map(|row| row.reshaped(&outputs)).collect())
}

/// Operands as inputs of one shape, and as many scalars.
pub(super) fn halves(call: &Call<'_>) -> Result<(Vec<Tensor>, Vec<Tensor>), Problem> {
    let (inputs, initials) = call.inputs.split_at(call.inputs.len() / 2);
    let fits = inputs.len() == initials.len()
        && !inputs.is_empty()
        && inputs.iter().all(|x| x.shape == inputs[0].shape)
        && inputs.iter().zip(initials).all(|(x, initial)| initial.len() == 1 && initial.element == x.element);
    ensure(fits, || "its operands are not inputs of one shape, and a scalar for each of them".to_owned())?;
    let copies = |tensors: &[std::rc::Rc<Tensor>]| tensors.iter().map(|x| (**x).clone()).collect();
    Ok((copies(inputs), copies(initials)))
}

/// A region must return what it combines.
pub(super) fn same_types(made: &[Tensor], like: &[Tensor]) -> Result<(), Problem> {
    let fits = made.len() == like.len() && made.iter().zip(like).all(|(made, like)| made.element == like.element);
    ensure(fits, || "its region does not return values of the types that it combines".to_owned())
}

fn flat(row: Tensor, count: usize) -> Tensor {
    Tensor { shape: vec![count], ..row }
}

/// Of `2 * pairs` rows of `count` elements, the ones of even or odd number.
fn every_other(rows: &Tensor, which: usize, pairs: usize, count: usize) -> Tensor {
    let row = count * rows.element.width();
    let mut bytes = Vec::with_capacity(pairs * row);
    for pair in 0..pairs {
        bytes.extend_from_slice(&rows.bytes[(2 * pair + which) * row..][..row]);
    }
    Tensor { element: rows.element, shape: vec![pairs * count], bytes }
}

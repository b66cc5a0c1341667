//! Products that sum over dimensions of both operands: batches of matrix products, once the dimensions are in order.

use memopt::dialect::stablehlo::attributes::DotDimensions;

use super::attributes::distinct;
use super::matrix::{Number, by_class, load};
use super::{Call, Evaluated, Problem, Row, describe, ensure};
use crate::tensor::{Tensor, TensorSpec, strided, strides_of};

pub(super) static ROWS: &[Row] = &[
    Row::kernel("stablehlo.dot_general", |call| {
        let attr = call.op.attr("dot_dimension_numbers").and_then(DotDimensions::of);
        let dimensions = attr.ok_or_else(|| "it has no dot_dimension_numbers that can be read".to_owned())?;
        dot_general(call, &dimensions)
    }),
    // The last dimension of the left operand with the first one of the right operand.
    Row::kernel("stablehlo.dot", |call| {
        let rank = call.input(0)?.shape.len() as i64;
        let (lhs_contracting, rhs_contracting) = (vec![rank - 1], vec![0]);
        dot_general(call, &DotDimensions { lhs_contracting, rhs_contracting, ..DotDimensions::default() })
    }),
];

/// An operand's dimensions in three groups.
struct Groups {
    batching: Vec<usize>,
    free: Vec<usize>,
    contracting: Vec<usize>,
}

impl Groups {
    fn of(x: &Tensor, batching: &[i64], contracting: &[i64]) -> Result<Groups, Problem> {
        let rank = x.shape.len();
        let named = distinct(&[batching, contracting].concat(), rank);
        let named = named.ok_or_else(|| format!("it sums over dimensions that {} has not", describe(&x.spec())))?;
        let free = (0..rank).filter(|d| !named.contains(d)).collect();
        let (batching, contracting) = named.split_at(batching.len());
        Ok(Groups { batching: batching.to_vec(), free, contracting: contracting.to_vec() })
    }
}

fn extents(x: &Tensor, dimensions: &[usize]) -> Vec<usize> {
    dimensions.iter().map(|&d| x.shape[d]).collect()
}

/// The operand with its dimensions in this order.
fn ordered(x: &Tensor, order: &[usize]) -> Tensor {
    let own = strides_of(&x.shape);
    strided(x, &extents(x, order), &order.iter().map(|&d| own[d]).collect::<Vec<_>>(), 0)
}

fn dot_general(call: &mut Call<'_>, numbers: &DotDimensions) -> Evaluated {
    let (a, b, spec) = (call.input(0)?, call.input(1)?, call.result(0)?);
    let of_a = Groups::of(a, &numbers.lhs_batching, &numbers.lhs_contracting)?;
    let of_b = Groups::of(b, &numbers.rhs_batching, &numbers.rhs_contracting)?;
    let agree = |p: &[usize], q: &[usize]| extents(a, p) == extents(b, q);
    let agrees = agree(&of_a.batching, &of_b.batching) && agree(&of_a.contracting, &of_b.contracting);
    ensure(agrees, || "its operands have different extents in the dimensions that they share".to_owned())?;
    let shape = [extents(a, &of_a.batching), extents(a, &of_a.free), extents(b, &of_b.free)].concat();
    ensure(shape == spec.shape, || format!("its product has another shape than {}", describe(spec)))?;
    let count = |x: &Tensor, dimensions: &[usize]| extents(x, dimensions).iter().product::<usize>();
    let batches = count(a, &of_a.batching);
    let size = [count(a, &of_a.free), count(a, &of_a.contracting), count(b, &of_b.free)];
    let left = ordered(a, &[of_a.batching, of_a.free, of_a.contracting].concat());
    let right = ordered(b, &[of_b.batching, of_b.contracting, of_b.free].concat());
    by_class!(spec.element, products(&left, &right, spec, batches, size))
}

fn products<T: Number>(a: &Tensor, b: &Tensor, spec: &TensorSpec, batches: usize, [m, k, n]: [usize; 3]) -> Evaluated {
    let (a, b) = (load::<T>(a, spec)?, load::<T>(b, spec)?);
    let mut values = Vec::with_capacity(batches * m * n);
    for batch in 0..batches {
        let (a, b) = (&a[batch * m * k..(batch + 1) * m * k], &b[batch * k * n..(batch + 1) * k * n]);
        values.append(&mut T::product(a, b, [m, k, n]));
    }
    Ok(vec![T::store(spec, &values)])
}

//! Sorting along a dimension, and the largest elements of rows.

use std::cmp::Ordering;

use super::{Call, Evaluated, Problem, Row, ensure};
use crate::tensor::{Element, Tensor, odometer, strides_of};

pub(super) static ROWS: &[Row] = &[Row::kernel("stablehlo.sort", sort), Row::kernel("chlo.top_k", top_k)];

/// All operands are sorted together. The sort is stable whether it has to be or not, so that its answer is one.
fn sort(call: &mut Call<'_>) -> Evaluated {
    let inputs: Vec<Tensor> = call.inputs.iter().map(|x| (**x).clone()).collect();
    let shape = call.input(0)?.shape.clone();
    ensure(inputs.iter().all(|x| x.shape == shape), || "its operands differ in shape".to_owned())?;
    let rank = shape.len() as i64;
    let dimension = call.op.integer("dimension").unwrap_or(-1);
    let dimension = if dimension < 0 { dimension + rank } else { dimension };
    ensure((0..rank).contains(&dimension), || "its dimension is none of its operands".to_owned())?;
    let dimension = dimension as usize;
    let own = strides_of(&shape);
    let step = own[dimension] as usize;
    let mut rows = shape.clone();
    rows[dimension] = 1;
    let mut starts = Vec::new();
    odometer(&rows, |index| starts.push(index.iter().zip(&own).map(|(&i, &s)| i * s as usize).sum::<usize>()));
    let mut made = inputs.clone();
    for start in starts {
        let order = sorted(shape[dimension], &mut |a, b| before(call, &inputs, start + a * step, start + b * step))?;
        for (made, x) in made.iter_mut().zip(&inputs) {
            let width = x.element.width();
            for (to, &from) in order.iter().enumerate() {
                let (to, from) = ((start + to * step) * width, (start + from * step) * width);
                made.bytes[to..to + width].copy_from_slice(&x.bytes[from..from + width]);
            }
        }
    }
    Ok(made)
}

/// Whether the region puts the elements at one place before those at another.
fn before(call: &mut Call<'_>, inputs: &[Tensor], a: usize, b: usize) -> Result<bool, Problem> {
    let element = |x: &Tensor, at: usize| {
        let width = x.element.width();
        Tensor { element: x.element, shape: vec![1], bytes: x.bytes[at * width..(at + 1) * width].to_vec() }
    };
    let arguments = inputs.iter().flat_map(|x| [element(x, a), element(x, b)]).collect();
    match &call.bodies.apply(0, arguments)?[..] {
        [answer] if answer.element == Element::BOOL && answer.len() == 1 => Ok(answer.bytes[0] & 1 == 1),
        _ => Err("its region does not return a boolean".to_owned()),
    }
}

/// The numbers below `len` in order: merging from pairs up. Whatever the comparison answers, every number comes out once.
fn sorted(len: usize, before: &mut impl FnMut(usize, usize) -> Result<bool, Problem>) -> Result<Vec<usize>, Problem> {
    let mut order: Vec<usize> = (0..len).collect();
    let mut run = 1;
    while run < len {
        let mut merged = Vec::with_capacity(len);
        for pair in order.chunks(2 * run) {
            let (mut left, mut right) = pair.split_at(run.min(pair.len()));
            while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right) {
                // Equal elements keep their order: the right one goes first only if it has to.
                if before(*b, *a)? {
                    (right, _) = (right_rest, merged.push(*b));
                } else {
                    (left, _) = (left_rest, merged.push(*a));
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        order = merged;
        run *= 2;
    }
    Ok(order)
}

/// The `k` largest elements of each row, largest first, and where they were; of equal ones the first. Floats are in total
/// order: NaN is larger than everything.
fn top_k(call: &mut Call<'_>) -> Evaluated {
    let (x, values, indices) = (call.input(0)?, call.result(0)?, call.result(1)?);
    let row = *x.shape.last().ok_or_else(|| "it needs an operand of rows".to_owned())?;
    let k = call.op.integer("k").and_then(|k| usize::try_from(k).ok()).filter(|&k| k <= row);
    let k = k.ok_or_else(|| format!("k is no number up to {row}"))?;
    let shape = [&x.shape[..x.shape.len() - 1], &[k]].concat();
    let fits = values.shape == shape && indices.shape == shape && values.element == x.element;
    ensure(fits && indices.element.as_int().is_some(), || format!("its results are not rows of {k}"))?;
    let (floats, ints) = (x.floats(), x.ints());
    let larger = |a: usize, b: usize| match x.element.as_int() {
        Some(int) => int.compare(ints[b], ints[a]),
        None => floats[b].total_cmp(&floats[a]),
    };
    ensure(!x.element.is_complex(), || "complex numbers have no order".to_owned())?;
    let width = x.element.width();
    let (mut bytes, mut places) = (Vec::new(), Vec::new());
    for first in (0..x.len()).step_by(row.max(1)) {
        let mut order: Vec<usize> = (0..row).collect();
        order.sort_by(|&a, &b| match larger(first + a, first + b) {
            Ordering::Equal => a.cmp(&b),
            other => other,
        });
        for &at in &order[..k] {
            bytes.extend_from_slice(&x.bytes[(first + at) * width..(first + at + 1) * width]);
            places.push(at as i64);
        }
    }
    Ok(vec![Tensor::new(values, bytes), Tensor::from_ints(indices, &places)])
}

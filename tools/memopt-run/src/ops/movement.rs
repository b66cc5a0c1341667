//! Elements moved without arithmetic. Most of it is walking through the operand with other strides.

use super::{Call, Evaluated, InPlace, Meaning, Problem, Row, describe, ensure};
use crate::tensor::{Tensor, TensorSpec, odometer, strided, strides_of};

pub(super) static ROWS: &[Row] = &[
    Row::kernel("memopt.copy", |call| Ok(vec![call.input(0)?.clone()])),
    Row::kernel("stablehlo.optimization_barrier", |call| Ok(call.inputs.iter().map(|x| (**x).clone()).collect())),
    Row::kernel("stablehlo.reshape", reshape),
    Row::kernel("stablehlo.dynamic_reshape", reshape),
    Row::kernel("chlo.dynamic_reshape", reshape),
    Row::kernel("stablehlo.broadcast_in_dim", broadcast_in_dim),
    Row::kernel("stablehlo.dynamic_broadcast_in_dim", broadcast_in_dim),
    Row::kernel("stablehlo.broadcast", broadcast),
    Row::kernel("stablehlo.transpose", transpose),
    Row::kernel("stablehlo.slice", slice),
    Row::kernel("stablehlo.real_dynamic_slice", real_dynamic_slice),
    Row::kernel("stablehlo.dynamic_slice", dynamic_slice),
    Row {
        name: "stablehlo.dynamic_update_slice",
        meaning: Meaning::Kernel(dynamic_update_slice),
        in_place: InPlace::Kept(|_, result| (result == 0).then_some(0)),
    },
    Row::kernel("stablehlo.reverse", reverse),
    Row::kernel("stablehlo.pad", pad),
    Row::kernel("stablehlo.dynamic_pad", dynamic_pad),
    Row::kernel("stablehlo.concatenate", concatenate),
];

fn same_element(x: &Tensor, spec: &TensorSpec) -> Result<(), Problem> {
    ensure(x.element == spec.element, || {
        format!("it moves {} into a result of {}", x.element.name(), spec.element.name())
    })
}

fn reshape(call: &mut Call<'_>) -> Evaluated {
    let (x, spec) = (call.input(0)?, call.result(0)?);
    same_element(x, spec)?;
    ensure(x.len() == spec.len(), || {
        format!("{} has not as many elements as {}", describe(&x.spec()), describe(spec))
    })?;
    Ok(vec![x.clone().reshaped(&spec.shape)])
}

fn broadcast_in_dim(call: &mut Call<'_>) -> Evaluated {
    let (x, spec) = (call.input(0)?, call.result(0)?);
    same_element(x, spec)?;
    let targets = call.dimensions("broadcast_dimensions", spec.shape.len())?;
    ensure(targets.len() == x.shape.len(), || "broadcast_dimensions has not one entry for each dimension".to_owned())?;
    let own = strides_of(&x.shape);
    let mut strides = vec![0; spec.shape.len()];
    for (d, &target) in targets.iter().enumerate() {
        let (from, to) = (x.shape[d], spec.shape[target]);
        ensure(from == to || from == 1, || format!("dimension {d} has extent {from}, and is broadcast to {to}"))?;
        if from == to {
            strides[target] = own[d];
        }
    }
    Ok(vec![strided(x, &spec.shape, &strides, 0)])
}

/// New dimensions in front.
fn broadcast(call: &mut Call<'_>) -> Evaluated {
    let (x, spec) = (call.input(0)?, call.result(0)?);
    same_element(x, spec)?;
    ensure(spec.shape.ends_with(&x.shape), || "its result does not end in the shape of its operand".to_owned())?;
    let times: usize = spec.shape[..spec.shape.len() - x.shape.len()].iter().product();
    Ok(vec![Tensor::new(spec, x.bytes.repeat(times))])
}

fn transpose(call: &mut Call<'_>) -> Evaluated {
    let (x, spec) = (call.input(0)?, call.result(0)?);
    same_element(x, spec)?;
    let permutation = call.dimensions("permutation", x.shape.len())?;
    let shape: Vec<usize> = permutation.iter().map(|&d| x.shape[d]).collect();
    ensure(shape.len() == x.shape.len() && shape == spec.shape, || "permutation does not make its result".to_owned())?;
    let own = strides_of(&x.shape);
    Ok(vec![strided(x, &shape, &permutation.iter().map(|&d| own[d]).collect::<Vec<_>>(), 0)])
}

fn slice(call: &mut Call<'_>) -> Evaluated {
    let x = call.input(0)?;
    let rank = x.shape.len();
    let (starts, limits) = (call.list("start_indices", rank)?, call.list("limit_indices", rank)?);
    let steps = call.positive("strides", rank)?;
    slice_of(call, &starts, &limits, &steps)
}

fn real_dynamic_slice(call: &mut Call<'_>) -> Evaluated {
    let rank = call.input(0)?.shape.len();
    let numbers = |operand: usize| -> Result<Vec<i64>, Problem> {
        let numbers = call.input(operand)?.ints();
        ensure(numbers.len() == rank, || format!("operand {operand} has not one entry for each dimension"))?;
        Ok(numbers)
    };
    let (starts, limits, steps) = (numbers(1)?, numbers(2)?, numbers(3)?);
    ensure(steps.iter().all(|&step| step >= 1), || "a stride is below 1".to_owned())?;
    slice_of(call, &starts, &limits, &steps)
}

/// Every `steps`-th element of `[starts, limits)`.
fn slice_of(call: &Call<'_>, starts: &[i64], limits: &[i64], steps: &[i64]) -> Evaluated {
    let (x, spec) = (call.input(0)?, call.result(0)?);
    same_element(x, spec)?;
    let own = strides_of(&x.shape);
    let (mut first, mut strides, mut shape) = (0, Vec::new(), Vec::new());
    for d in 0..x.shape.len() {
        let (start, limit, step) = (starts[d], limits[d], steps[d]);
        let inside = 0 <= start && start <= limit && limit <= x.shape[d] as i64;
        ensure(inside, || format!("[{start}, {limit}) leaves dimension {d} of extent {}", x.shape[d]))?;
        shape.push((limit - start).div_ceil_of(step) as usize);
        strides.push(own[d].saturating_mul(step as isize));
        first += start as isize * own[d];
    }
    ensure(shape == spec.shape, || "it takes another number of elements than its result has".to_owned())?;
    Ok(vec![strided(x, &shape, &strides, first)])
}

trait DivCeil {
    fn div_ceil_of(self, by: Self) -> Self;
}

impl DivCeil for i64 {
    /// Of numbers that are not negative.
    fn div_ceil_of(self, by: i64) -> i64 {
        self / by + i64::from(self % by != 0)
    }
}

/// Where a window of this shape starts, moved so that it lies inside: scalar operands from `from` on.
fn clamped_starts(call: &Call<'_>, from: usize, shape: &[usize], window: &[usize]) -> Result<Vec<usize>, Problem> {
    ensure(window.len() == shape.len(), || "its window has another rank than its operand".to_owned())?;
    let start = |d: usize| {
        let operand = call.input(from + d)?;
        let int = operand.element.as_int().filter(|_| operand.len() == 1);
        let int = int.ok_or_else(|| format!("operand {} is no integer scalar", from + d))?;
        ensure(window[d] <= shape[d], || format!("its window is larger than its operand in dimension {d}"))?;
        let most = (shape[d] - window[d]) as i128;
        Ok(int.widen(operand.ints()[0]).clamp(0, most) as usize)
    };
    (0..shape.len()).map(start).collect()
}

fn dynamic_slice(call: &mut Call<'_>) -> Evaluated {
    let (x, spec) = (call.input(0)?, call.result(0)?);
    same_element(x, spec)?;
    let starts = clamped_starts(call, 1, &x.shape, &spec.shape)?;
    let own = strides_of(&x.shape);
    let first = starts.iter().zip(&own).map(|(&start, &stride)| start as isize * stride).sum();
    Ok(vec![strided(x, &spec.shape, &own, first)])
}

fn dynamic_update_slice(call: &mut Call<'_>) -> Evaluated {
    let (x, update, spec) = (call.input(0)?, call.input(1)?, call.result(0)?);
    same_element(update, spec)?;
    ensure(x.spec() == *spec, || "its result is not of the type of its operand".to_owned())?;
    let starts = clamped_starts(call, 2, &x.shape, &update.shape)?;
    let mut made = x.clone();
    let own = strides_of(&x.shape);
    let first = starts.iter().zip(&own).map(|(&start, &stride)| start as isize * stride).sum();
    put(&mut made, update, &own, first);
    Ok(vec![made])
}

/// Writes every element of `from` at `start + index * strides` of `into`, where that is inside for all of them.
fn put(into: &mut Tensor, from: &Tensor, strides: &[isize], start: isize) {
    let width = from.element.width();
    let mut at = 0;
    odometer(&from.shape, |index| {
        let to = index.iter().zip(strides).fold(start, |to, (&i, &stride)| to + i as isize * stride) as usize * width;
        into.bytes[to..to + width].copy_from_slice(&from.bytes[at..at + width]);
        at += width;
    });
}

fn reverse(call: &mut Call<'_>) -> Evaluated {
    let (x, spec) = (call.input(0)?, call.result(0)?);
    ensure(x.spec() == *spec, || "its result is not of the type of its operand".to_owned())?;
    let dimensions = call.dimensions("dimensions", x.shape.len())?;
    if x.is_empty() {
        return Ok(vec![x.clone()]);
    }
    let mut strides = strides_of(&x.shape);
    let mut first = 0;
    for d in dimensions {
        first += (x.shape[d] - 1) as isize * strides[d];
        strides[d] = -strides[d];
    }
    Ok(vec![strided(x, &x.shape, &strides, first)])
}

fn pad(call: &mut Call<'_>) -> Evaluated {
    let rank = call.input(0)?.shape.len();
    let (low, high) = (call.list("edge_padding_low", rank)?, call.list("edge_padding_high", rank)?);
    let between = call.list_or("interior_padding", rank, 0)?;
    pad_by(call, &low, &high, &between)
}

fn dynamic_pad(call: &mut Call<'_>) -> Evaluated {
    let rank = call.input(0)?.shape.len();
    let numbers = |operand: usize| -> Result<Vec<i64>, Problem> {
        let numbers = call.input(operand)?.ints();
        let usable = numbers.len() == rank && numbers.iter().all(|n| n.abs() <= 1 << 40);
        ensure(usable, || format!("operand {operand} has not one number for each dimension"))?;
        Ok(numbers)
    };
    let (low, high, between) = (numbers(2)?, numbers(3)?, numbers(4)?);
    pad_by(call, &low, &high, &between)
}

/// Negative edges cut off.
fn pad_by(call: &Call<'_>, low: &[i64], high: &[i64], between: &[i64]) -> Evaluated {
    let (x, value, spec) = (call.input(0)?, call.input(1)?, call.result(0)?);
    same_element(x, spec)?;
    ensure(value.element == x.element && value.len() == 1, || "its padding value is no scalar of its type".to_owned())?;
    for d in 0..x.shape.len() {
        let inner = x.shape[d] as i128 + (x.shape[d] as i128 - 1).max(0) * i128::from(between[d]);
        let extent = i128::from(low[d]) + inner + i128::from(high[d]);
        let fits = between[d] >= 0 && spec.shape.get(d).is_some_and(|&to| to as i128 == extent.max(0));
        ensure(fits, || format!("dimension {d} is padded to {extent}, which is not the extent of its result"))?;
    }
    ensure(spec.shape.len() == x.shape.len(), || "its result has another rank".to_owned())?;
    let mut made = value.splat(&spec.shape);
    let (width, own) = (spec.element.width(), strides_of(&spec.shape));
    let mut at = 0;
    odometer(&x.shape, |index| {
        let target = |d: usize| low[d] as i128 + index[d] as i128 * (i128::from(between[d]) + 1);
        let inside = (0..index.len()).all(|d| (0..spec.shape[d] as i128).contains(&target(d)));
        if inside {
            let to = (0..index.len()).map(|d| target(d) as usize * own[d] as usize).sum::<usize>() * width;
            made.bytes[to..to + width].copy_from_slice(&x.bytes[at..at + width]);
        }
        at += width;
    });
    Ok(vec![made])
}

fn concatenate(call: &mut Call<'_>) -> Evaluated {
    let spec = call.result(0)?;
    let dimension = call.dimension("dimension", spec.shape.len())?;
    let mut total = 0;
    for (index, x) in call.inputs.iter().enumerate() {
        let mut like = spec.shape.clone();
        like[dimension] = x.shape.get(dimension).copied().unwrap_or(0);
        let fits = x.element == spec.element && x.shape == like;
        ensure(fits, || format!("operand {index} is {}, which does not fit {}", describe(&x.spec()), describe(spec)))?;
        total += like[dimension];
    }
    ensure(total == spec.shape[dimension], || "its operands do not fill its result".to_owned())?;
    let rows: usize = spec.shape[..dimension].iter().product();
    let mut bytes = Vec::with_capacity(spec.bytes());
    for row in 0..rows {
        for x in call.inputs {
            let of_row = x.bytes.len() / rows;
            bytes.extend_from_slice(&x.bytes[row * of_row..(row + 1) * of_row]);
        }
    }
    Ok(vec![Tensor::new(spec, bytes)])
}

//! Whether the types of an operation fit each other. Code for memory relies on it, and no verifier has looked: a program whose
//! shapes lie is refused here, and not run past the end of a buffer.

use memopt::dialect::OpRef;
use memopt::dialect::stablehlo::attributes::GatherDimensions;
use memopt::ir::Type;

use super::kernel::{Done, Kernel};

/// Refuses an operation whose shapes do not fit.
pub(super) fn check(kernel: &Kernel<'_>, op: OpRef<'_>) -> Done {
    match fits(kernel, op) {
        Some(true) => Ok(()),
        _ => Err(Box::new(kernel.context.refuse(op.id, "its types and attributes do not fit each other"))),
    }
}

/// The extents of a value; a scalar has none.
fn shape_of(ty: Option<&Type>) -> Option<&[i64]> {
    match ty? {
        Type::Tensor(tensor) => Some(&tensor.shape),
        Type::Integer { .. } | Type::Float(_) | Type::Index => Some(&[]),
        _ => None,
    }
}

/// `None` where something is missing.
fn fits(kernel: &Kernel<'_>, op: OpRef<'_>) -> Option<bool> {
    let operand = |k: usize| shape_of(op.operand_type(k));
    let count = |shape: &[i64]| shape.iter().try_fold(1i64, |n, &e| n.checked_mul(e));
    let rank = |shape: &[i64]| shape.len();
    let list = |name: &str, rank: usize, default: i64| kernel.integers_of(op, name, rank, default);
    let Some(to) = shape_of(op.result_type(0)) else { return Some(op.op().result_count() == 0) };
    Some(match op.name() {
        name if super::arithmetic::is_elementwise(name) => {
            (0..op.operands().len()).all(|k| operand(k).is_some_and(|shape| shape == to || shape.is_empty()))
        }
        "stablehlo.reshape" | "tensor.expand_shape" | "tensor.collapse_shape" | "tensor.cast" => {
            count(operand(0)?)? == count(to)?
        }
        "memopt.copy" | "linalg.copy" | "stablehlo.reverse" | "stablehlo.optimization_barrier" => operand(0)? == to,
        "stablehlo.broadcast_in_dim" => {
            let (from, dimensions) = (operand(0)?, list("broadcast_dimensions", rank(operand(0)?), -1)?);
            let fits = |(&d, &e): (&i64, &i64)| {
                usize::try_from(d).ok().and_then(|d| to.get(d)).is_some_and(|&t| e == 1 || e == t)
            };
            dimensions.iter().zip(from).all(fits)
        }
        "stablehlo.broadcast" => to.ends_with(operand(0)?),
        "stablehlo.transpose" | "linalg.transpose" => {
            let (from, permutation) = (operand(0)?, list("permutation", rank(to), -1)?);
            let mut seen = permutation.clone();
            seen.sort_unstable();
            let moved = |(&d, &e): (&i64, &i64)| from.get(d as usize) == Some(&e);
            rank(from) == rank(to)
                && seen.iter().copied().eq(0..rank(to) as i64)
                && permutation.iter().zip(to).all(moved)
        }
        "stablehlo.slice" => {
            let from = operand(0)?;
            let (starts, steps) = (list("start_indices", rank(to), 0)?, list("strides", rank(to), 1)?);
            let last = |d: usize| (to[d] - 1).checked_mul(steps[d]).and_then(|n| n.checked_add(starts[d]));
            rank(from) == rank(to)
                && (0..rank(to))
                    .all(|d| starts[d] >= 0 && steps[d] >= 1 && (to[d] == 0 || last(d).is_some_and(|n| n < from[d])))
        }
        "stablehlo.pad" => {
            let (low, interior) = (list("edge_padding_low", rank(to), 0)?, list("interior_padding", rank(to), 0)?);
            let small = |n: &i64| n.abs() < 1 << 40;
            rank(operand(0)?) == rank(to) && low.iter().all(small) && interior.iter().all(|n| *n >= 0 && small(n))
        }
        "stablehlo.concatenate" => {
            let dimension = usize::try_from(op.integer("dimension")?).ok().filter(|&d| d < rank(to))?;
            let mut sum = 0i64;
            for k in 0..op.operands().len() {
                let from = operand(k)?;
                let others = |d: usize| d == dimension || from[d] == to[d];
                if rank(from) != rank(to) || !(0..rank(to)).all(others) {
                    return Some(false);
                }
                sum = sum.checked_add(from[dimension])?;
            }
            sum == to[dimension]
        }
        "stablehlo.dynamic_slice" => {
            let from = operand(0)?;
            rank(from) == rank(to) && from.iter().zip(to).all(|(f, t)| t <= f) && op.operands().len() > rank(to)
        }
        "stablehlo.gather" => gather(op, operand(0)?, operand(1)?, to, &list("slice_sizes", rank(operand(0)?), 1)?)?,
        "stablehlo.reduce" => {
            let from = operand(0)?;
            let reduced = memopt::dialect::stablehlo::attributes::integers(op, "dimensions")?;
            let kept = (0..rank(from)).filter(|&d| !reduced.contains(&(d as i64))).map(|d| from[d]);
            let results = op.op().result_count();
            let alike = (0..results).all(|k| operand(k) == Some(from) && shape_of(op.result_type(k)) == Some(to));
            kept.eq(to.iter().copied()) && alike
        }
        "stablehlo.reduce_window" => {
            let results = op.op().result_count();
            (0..results).all(|k| operand(k) == operand(0) && shape_of(op.result_type(k)) == Some(to))
                && rank(operand(0)?) == rank(to)
        }
        "stablehlo.select_and_scatter" => operand(0)? == to && rank(operand(1)?) == rank(to),
        "stablehlo.dynamic_update_slice" => {
            let update = operand(1)?;
            operand(0)? == to && rank(update) == rank(to) && update.iter().zip(to).all(|(u, t)| u <= t)
        }
        "stablehlo.sort" => {
            (0..op.operands().len()).all(|k| operand(k) == Some(to) && shape_of(op.result_type(k)) == Some(to))
        }
        "stablehlo.scatter" => {
            let results = op.op().result_count();
            let update = operand(results + 1)?;
            (0..results).all(|k| {
                operand(k) == Some(to)
                    && operand(results + 1 + k) == Some(update)
                    && shape_of(op.result_type(k)) == Some(to)
            })
        }
        "chlo.top_k" => {
            let from = operand(0)?;
            rank(from) == rank(to)
                && !to.is_empty()
                && from[..rank(from) - 1] == to[..rank(to) - 1]
                && shape_of(op.result_type(1)) == Some(to)
        }
        "stablehlo.rng_bit_generator" => operand(0)? == to,
        _ => true,
    })
}

fn gather(op: OpRef<'_>, from: &[i64], starts: &[i64], to: &[i64], sizes: &[i64]) -> Option<bool> {
    let numbers = op.attr("dimension_numbers").and_then(GatherDimensions::of)?;
    let below = |list: &[i64], rank: usize| list.iter().all(|&d| d >= 0 && (d as usize) < rank);
    let gone =
        |d: usize| numbers.collapsed_slice.contains(&(d as i64)) || numbers.operand_batching.contains(&(d as i64));
    let offsets: Vec<i64> = (0..from.len()).filter(|&d| !gone(d)).map(|d| sizes[d]).collect();
    let in_range = below(&numbers.offset, to.len())
        && below(&numbers.start_index_map, from.len())
        && below(&numbers.operand_batching, from.len())
        && below(&numbers.start_indices_batching, starts.len())
        && numbers.operand_batching.len() == numbers.start_indices_batching.len();
    if !in_range {
        return Some(false);
    }
    let explicit = (numbers.index_vector as usize) < starts.len();
    let components = if explicit { starts[numbers.index_vector as usize] } else { 1 };
    let batch = starts.iter().enumerate().filter(|(d, _)| *d as i64 != numbers.index_vector).map(|(_, &e)| e);
    let of_result = (0..to.len()).filter(|d| !numbers.offset.contains(&(*d as i64))).map(|d| to[d]);
    Some(
        sizes.iter().zip(from).all(|(&size, &extent)| (0..=extent).contains(&size))
            && (0..from.len()).all(|d| !gone(d) || sizes[d] <= 1)
            && numbers.offset.iter().map(|&d| to[d as usize]).eq(offsets)
            && components == numbers.start_index_map.len() as i64
            && batch.eq(of_result),
    )
}

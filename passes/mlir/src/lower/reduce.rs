//! Reductions: many elements combined into one by a scalar body.
//!
//! A sum of thousands of floats, one after the other, is wrong in its last four digits. So long sums are cut: some dozens of
//! elements make a partial sum, and the partial sums are added up. Where the results lie beside each other, the partial sums
//! do too, in the planned workspace.

use memopt::dialect::OpRef;
use memopt::ir::{Bytes, RegionId, Type, ValueId};

use super::code::{Name, Names};
use super::kernel::{At, Done, Kernel};

/// `stablehlo.reduce`
pub(super) fn reduce(kernel: &mut Kernel<'_>) -> Done {
    let parts = parts(kernel)?;
    let shape = kernel.shape(parts.inputs[0])?.to_vec();
    let reduced = kernel.dimensions("dimensions", shape.len())?;
    let kept: Vec<usize> = (0..shape.len()).filter(|d| !reduced.contains(d)).collect();
    if let Some(cut) = Cut::of(kernel.op) {
        return in_pieces(kernel, &cut, &shape, &kept, &parts);
    }
    let Parts { inputs, inits, results, body } = parts;
    if shape.contains(&0) {
        return fill(kernel, &results, &inits);
    }
    let innermost = (0..shape.len()).rev().find(|&d| shape[d] != 1);
    if innermost.is_some_and(|d| kept.contains(&d)) {
        return into_memory(kernel, &shape, &kept, &inputs, &inits, &results, body);
    }
    // A sum along the innermost dimension is fast only if it may be split, and its order is not specified.
    kernel.reassociate = true;
    let of_kept: Vec<i64> = kept.iter().map(|&d| shape[d]).collect();
    let of_reduced: Vec<i64> = reduced.iter().map(|&d| shape[d]).collect();
    let at = |outer: &[Name], inner: &[Name]| {
        let mut at = Names::from_elem(inner.first().copied().unwrap_or_else(|| outer[0]), shape.len());
        kept.iter().zip(outer).for_each(|(&d, &index)| at[d] = index);
        reduced.iter().zip(inner).for_each(|(&d, &index)| at[d] = index);
        At::Multi(at)
    };
    kernel.nest(&of_kept, &mut |kernel, outer| {
        let init = carried(kernel, &inits)?;
        let values = kernel.nest_carrying(&of_reduced, &init, &mut |kernel, inner, so_far| {
            combine(kernel, so_far, &inputs, &at(outer, inner), body)
        })?;
        for (&result, value) in results.iter().zip(values) {
            kernel.write(result, &At::multi(outer), value)?;
        }
        Ok(())
    })
}

/// So many elements may be summed up one after the other in memory.
const LONG_SUM: i64 = 64;

/// How a long reduction of floats into memory is cut: its longest dimension into pieces of this length, the last of which
/// may be shorter.
struct Cut {
    dimension: usize,
    length: i64,
}

impl Cut {
    /// `None` where the partial results are no floats, few, or lie apart.
    fn of(op: OpRef<'_>) -> Option<Cut> {
        let is_float = |k| op.result_tensor(k).is_some_and(|t| matches!(op.module.ty(t.element), Type::Float(_)));
        let shape = &op.operand_tensor(0)?.shape;
        let reduced = memopt::dialect::stablehlo::attributes::integers(op, "dimensions")?;
        let is_reduced = |d: usize| reduced.contains(&(d as i64));
        let innermost = (0..shape.len()).rev().find(|&d| shape[d] != 1)?;
        let count = (0..shape.len()).filter(|&d| is_reduced(d)).try_fold(1i64, |n, d| n.checked_mul(shape[d]))?;
        if shape.contains(&0) || is_reduced(innermost) || count <= LONG_SUM {
            return None;
        }
        let dimension = (0..shape.len()).filter(|&d| is_reduced(d)).max_by_key(|&d| shape[d])?;
        // As many pieces as each has elements, if there are very many.
        let longest = LONG_SUM.max(count.isqrt());
        let pieces = (shape[dimension] + longest - 1) / longest;
        let length = (shape[dimension] + pieces - 1) / pieces;
        (0..op.op().result_count()).all(is_float).then_some(Cut { dimension, length })
    }
}

/// Scratch bytes: a partial result for each result, one behind the other.
pub(crate) fn workspace(op: OpRef<'_>) -> Option<Bytes> {
    Cut::of(op)?;
    let all = op.op().results().map(|result| op.module.type_bytes(result).ok().map(|bytes| bytes.0));
    Some(Bytes(all.sum::<Option<u64>>()?))
}

/// Partial results beside each other, each of which is then combined with its result.
fn in_pieces(kernel: &mut Kernel<'_>, cut: &Cut, shape: &[i64], kept: &[usize], parts: &Parts) -> Done {
    let Parts { inputs, inits, results, body } = parts;
    fill(kernel, results, inits)?;
    let (mut partial, mut offset) = (Vec::new(), 0);
    for &result in results {
        let (scalar, elements) = (kernel.scalar(result)?, kernel.elements(result)?);
        partial.push((kernel.workspace(offset, scalar, elements)?, scalar, elements));
        offset += scalar.bytes() * elements as u64;
    }
    let of_results: Vec<i64> = kept.iter().map(|&d| shape[d]).collect();
    let (full, rest) = (shape[cut.dimension] / cut.length, shape[cut.dimension] % cut.length);
    // Around a piece: the other reduced dimensions, and which piece it is. Inside: the rest of the piece, what is kept.
    let mut around: Vec<i64> = shape.to_vec();
    kept.iter().for_each(|&d| around[d] = 1);
    let mut inside: Vec<i64> = vec![1; shape.len()];
    kept.iter().for_each(|&d| inside[d] = shape[d]);
    for (first, pieces, length) in [(0, full, cut.length), (full * cut.length, 1, rest)] {
        if pieces * length == 0 {
            continue;
        }
        around[cut.dimension] = pieces;
        kernel.nest(&around, &mut |kernel, outer| {
            let start = kernel.code.scale(outer[cut.dimension], cut.length);
            let start = kernel.code.add_constant(start, first);
            let at = |kernel: &mut Kernel<'_>, inner: &[Name]| {
                let mut at = Names::from_slice(outer);
                kept.iter().for_each(|&d| at[d] = inner[d]);
                at[cut.dimension] = kernel.code.add(start, inner[cut.dimension]);
                let to: Names = kept.iter().map(|&d| inner[d]).collect();
                (At::Multi(at), kernel.linear(&of_results, &At::Multi(to)))
            };
            inside[cut.dimension] = 1;
            kernel.nest(&inside, &mut |kernel, inner| {
                let (at, to) = at(kernel, inner);
                for (&input, &(param, scalar, elements)) in inputs.iter().zip(&partial) {
                    let value = kernel.element(input, &at)?;
                    kernel.store(value, param, scalar, elements, to);
                }
                Ok(())
            })?;
            let mut others = inside.clone();
            others[cut.dimension] = length - 1;
            if length > 1 {
                kernel.nest(&others, &mut |kernel, inner| {
                    let mut next = Names::from_slice(inner);
                    next[cut.dimension] = kernel.code.add_constant(inner[cut.dimension], 1);
                    let (at, to) = at(kernel, &next);
                    let so_far: Vec<Name> = partial.iter().map(|&(p, s, n)| kernel.load(p, s, n, to)).collect();
                    let values = combine(kernel, &so_far, inputs, &at, *body)?;
                    for (value, &(param, scalar, elements)) in values.into_iter().zip(&partial) {
                        kernel.store(value, param, scalar, elements, to);
                    }
                    Ok(())
                })?;
            }
            kernel.each(of_results.iter().product(), &mut |kernel, to| {
                let of = At::Linear(to);
                let mut arguments: Vec<Name> =
                    results.iter().map(|&result| kernel.read_back(result, &of)).collect::<Done<_>>()?;
                arguments.extend(partial.iter().map(|&(p, s, n)| kernel.load(p, s, n, to)));
                let values = kernel.body(*body, &arguments)?;
                results.iter().zip(values).try_for_each(|(&result, value)| kernel.write(result, &of, value))
            })
        })?;
    }
    Ok(())
}

/// Where the innermost dimension is kept, the results are the accumulators, and their elements are independent.
fn into_memory(
    kernel: &mut Kernel<'_>,
    shape: &[i64],
    kept: &[usize],
    inputs: &[ValueId],
    inits: &[ValueId],
    results: &[ValueId],
    body: RegionId,
) -> Done {
    fill(kernel, results, inits)?;
    kernel.nest(shape, &mut |kernel, indices| {
        let to = At::Multi(kept.iter().map(|&d| indices[d]).collect());
        let so_far: Vec<Name> = results.iter().map(|&r| kernel.read_back(r, &to)).collect::<Done<_>>()?;
        let values = combine(kernel, &so_far, inputs, &At::multi(indices), body)?;
        results.iter().zip(values).try_for_each(|(&result, value)| kernel.write(result, &to, value))
    })
}

/// The operands and the body of an operation that reduces.
pub(super) struct Parts {
    pub(super) inputs: Vec<ValueId>,
    pub(super) inits: Vec<ValueId>,
    pub(super) results: Vec<ValueId>,
    pub(super) body: RegionId,
}

pub(super) fn parts(kernel: &Kernel<'_>) -> Done<Parts> {
    let op = kernel.op.op();
    let (operands, results) = (op.operands(), op.results().collect::<Vec<_>>());
    let &[body] = op.regions() else { return kernel.refuse("it has not one body") };
    if results.is_empty() || operands.len() != 2 * results.len() {
        return kernel.refuse("it needs one input and one initial value for each result");
    }
    let (inputs, inits) = operands.split_at(results.len());
    Ok(Parts { inputs: inputs.to_vec(), inits: inits.to_vec(), results, body })
}

/// Every element of the results becomes the initial value.
pub(super) fn fill(kernel: &mut Kernel<'_>, results: &[ValueId], inits: &[ValueId]) -> Done {
    for (&result, &init) in results.iter().zip(inits) {
        if kernel.context.facts.bytes(result).is_zero() {
            continue;
        }
        kernel.each(kernel.elements(result)?, &mut |kernel, index| {
            let value = kernel.element(init, &At::scalar())?;
            kernel.write(result, &At::Linear(index), value)
        })?;
    }
    Ok(())
}

/// The initial values with their types, for a loop to carry.
pub(super) fn carried(kernel: &mut Kernel<'_>, inits: &[ValueId]) -> Done<Vec<(Name, String)>> {
    let one = |&init: &ValueId| {
        let ty = kernel.scalar(init)?.name().to_owned();
        Ok((kernel.element(init, &At::scalar())?, ty))
    };
    inits.iter().map(one).collect()
}

/// What the body makes of the values so far and of one more element of each input.
pub(super) fn combine(
    kernel: &mut Kernel<'_>,
    so_far: &[Name],
    inputs: &[ValueId],
    at: &At,
    body: RegionId,
) -> Done<Vec<Name>> {
    let mut arguments = so_far.to_vec();
    for &input in inputs {
        arguments.push(kernel.element(input, at)?);
    }
    let values = kernel.body(body, &arguments)?;
    match values.len() == so_far.len() {
        true => Ok(values),
        false => kernel.refuse("its body yields another number of values"),
    }
}

//! Reductions: many elements combined into one by a scalar body.

use memopt::ir::{RegionId, ValueId};

use super::code::{Name, Names};
use super::kernel::{At, Done, Kernel};

/// `stablehlo.reduce`
pub(super) fn reduce(kernel: &mut Kernel<'_>) -> Done {
    let Parts { inputs, inits, results, body } = parts(kernel)?;
    let shape = kernel.shape(inputs[0])?.to_vec();
    let reduced = kernel.dimensions("dimensions", shape.len())?;
    let kept: Vec<usize> = (0..shape.len()).filter(|d| !reduced.contains(d)).collect();
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
    kernel.nest(&of_kept, &mut |kernel, outer| {
        let init = carried(kernel, &inits)?;
        let values = kernel.nest_carrying(&of_reduced, &init, &mut |kernel, inner, so_far| {
            let mut at = Names::from_elem(inner.first().copied().unwrap_or_else(|| outer[0]), shape.len());
            kept.iter().zip(outer).for_each(|(&d, &index)| at[d] = index);
            reduced.iter().zip(inner).for_each(|(&d, &index)| at[d] = index);
            combine(kernel, so_far, &inputs, &At::Multi(at), body)
        })?;
        for (&result, value) in results.iter().zip(values) {
            kernel.write(result, &At::multi(outer), value)?;
        }
        Ok(())
    })
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

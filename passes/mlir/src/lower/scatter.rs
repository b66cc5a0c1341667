//! Operations that write a part of a tensor: scatter and dynamic update slice.
//!
//! Where the plan has tied the result to the input, the rest is there already; otherwise it is copied first.

use memopt::dialect::stablehlo::attributes::ScatterDimensions;
use memopt::ir::ValueId;

use super::code::{Compare, Name, Names};
use super::element::index_vector;
use super::kernel::{At, Done, Kernel};

/// Copies `input` to `result` unless both are the same bytes.
fn copy_rest(kernel: &mut Kernel<'_>, input: ValueId, result: ValueId) -> Done {
    if kernel.context.places.range(input) == kernel.context.places.range(result) && kernel.range(input).is_ok() {
        return Ok(());
    }
    let shape = kernel.shape(result)?;
    kernel.nest(shape, &mut |kernel, indices| {
        let at = At::multi(indices);
        let element = kernel.element(input, &at)?;
        kernel.write(result, &at, element)
    })
}

/// `stablehlo.dynamic_update_slice`
pub(super) fn dynamic_update_slice(kernel: &mut Kernel<'_>) -> Done {
    let (input, update) = (kernel.operand(0)?, kernel.operand(1)?);
    let result = kernel.op.op().result(0);
    let (shape, of_update) = (kernel.shape(result)?, kernel.shape(update)?);
    if of_update.len() != shape.len() || kernel.op.operands().len() < 2 + shape.len() {
        return kernel.refuse("its operands do not fit each other");
    }
    copy_rest(kernel, input, result)?;
    let mut starts = Names::new();
    for d in 0..shape.len() {
        let start = kernel.element_as_index(kernel.operand(2 + d)?, &At::scalar())?;
        starts.push(kernel.code.clamp(start, shape[d] - of_update[d]));
    }
    kernel.nest(of_update, &mut |kernel, indices| {
        let element = kernel.element(update, &At::multi(indices))?;
        let to: Names = starts.iter().zip(indices).map(|(&start, &index)| kernel.code.add(start, index)).collect();
        kernel.write(result, &At::Multi(to), element)
    })
}

/// `stablehlo.scatter`
pub(super) fn scatter(kernel: &mut Kernel<'_>) -> Done {
    let operands = kernel.op.operands();
    let results: Vec<ValueId> = kernel.op.op().results().collect();
    let count = results.len();
    if count == 0 || operands.len() != 2 * count + 1 {
        return kernel.refuse("it needs one input and one update for each result");
    }
    let (inputs, indices, updates) = (&operands[..count], operands[count], &operands[count + 1..]);
    let Some(numbers) = kernel.op.attr("scatter_dimension_numbers").and_then(ScatterDimensions::of) else {
        return kernel.refuse("its scatter_dimension_numbers are not understood");
    };
    let &[body] = kernel.op.op().regions() else { return kernel.refuse("it has not one body") };
    let (shape, of_indices, of_updates) = (kernel.shape(inputs[0])?, kernel.shape(indices)?, kernel.shape(updates[0])?);
    let places = Places::of(kernel, &numbers, shape, of_indices, of_updates)?;
    for (&input, &result) in inputs.iter().zip(&results) {
        copy_rest(kernel, input, result)?;
    }
    kernel.nest(of_updates, &mut |kernel, update| {
        let batch: Names = places.batch.iter().map(|&d| update[d]).collect();
        let zero = kernel.code.index(0);
        let mut to = Names::from_elem(zero, shape.len());
        places.window.iter().for_each(|&(d, of)| to[d] = update[of]);
        places.batching.iter().for_each(|&(d, place)| to[d] = batch[place]);
        let mut conditions: Vec<Name> = Vec::new();
        for (component, &d) in places.starts.iter().enumerate() {
            let at = index_vector(kernel, &batch, numbers.index_vector, of_indices.len(), component);
            let start = kernel.element_as_index(indices, &At::Multi(at))?;
            to[d] = kernel.code.add(start, to[d]);
            conditions.push(kernel.code.compare(to[d], Compare::AtLeast, 0));
            conditions.push(kernel.code.compare(to[d], Compare::Less, shape[d]));
        }
        let condition = kernel.code.all(&conditions);
        let (at, to) = (At::multi(update), At::Multi(to));
        kernel.when(condition, &mut |kernel| {
            let mut arguments: Vec<Name> = results.iter().map(|&r| kernel.read_back(r, &to)).collect::<Done<_>>()?;
            for &update in updates {
                arguments.push(kernel.element(update, &at)?);
            }
            let values = kernel.body(body, &arguments)?;
            results.iter().zip(values).try_for_each(|(&result, value)| kernel.write(result, &to, value))
        })
    })
}

/// The dimension numbers of a scatter, resolved and checked against the shapes.
struct Places {
    /// Update dimensions that count the index vectors.
    batch: Vec<usize>,
    /// Input dimension and the update dimension that moves along it.
    window: Vec<(usize, usize)>,
    /// Input dimension and the position in `batch` that it follows.
    batching: Vec<(usize, usize)>,
    /// Input dimension of each component of an index vector.
    starts: Vec<usize>,
}

impl Places {
    fn of(
        kernel: &Kernel<'_>,
        numbers: &ScatterDimensions,
        shape: &[i64],
        of_indices: &[i64],
        of_updates: &[i64],
    ) -> Done<Places> {
        let dimensions = |list: &[i64], rank: usize| -> Option<Vec<usize>> {
            list.iter().map(|&d| usize::try_from(d).ok().filter(|&d| d < rank)).collect()
        };
        let resolve = || {
            let update_window = dimensions(&numbers.update_window, of_updates.len())?;
            let batch: Vec<usize> = (0..of_updates.len()).filter(|d| !update_window.contains(d)).collect();
            let gone = dimensions(&[&numbers.inserted_window[..], &numbers.input_batching].concat(), shape.len())?;
            let moved = (0..shape.len()).filter(|d| !gone.contains(d));
            let window: Vec<_> = moved.zip(update_window.iter().copied()).collect();
            let of_batch =
                |d: i64| usize::try_from(d - i64::from(d > numbers.index_vector)).ok().filter(|&p| p < batch.len());
            let positions: Vec<usize> =
                numbers.scatter_indices_batching.iter().map(|&d| of_batch(d)).collect::<Option<_>>()?;
            let batching = dimensions(&numbers.input_batching, shape.len())?.into_iter().zip(positions).collect();
            let starts = dimensions(&numbers.scatter_dims_to_operand, shape.len())?;
            let explicit = of_indices.get(numbers.index_vector as usize).is_some();
            let inside = |&(d, of): &(usize, usize)| of_updates[of] <= shape[d];
            let fits = window.iter().all(inside)
                && window.len() == update_window.len()
                && batch.len() + usize::from(explicit) == of_indices.len();
            fits.then_some(Places { batch, window, batching, starts })
        };
        match resolve() {
            Some(places) => Ok(places),
            None => kernel.refuse("its scatter_dimension_numbers do not fit its types"),
        }
    }
}

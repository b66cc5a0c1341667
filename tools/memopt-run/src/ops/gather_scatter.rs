//! Slices read from, and windows written to, places that an operand says.
//!
//! Both have the same geometry: an index is a vector of components in the indices, each component is for one dimension of
//! the operand, and a slice has extent 1 in the dimensions that are dropped or that belong to the batch. A slice that
//! leaves the operand is moved inside (gather); an element of a window that does is left out (scatter).

use memopt::dialect::stablehlo::attributes::{GatherDimensions, ScatterDimensions};

use super::attributes::distinct;
use super::reduction::same_types;
use super::{Call, Evaluated, InPlace, Meaning, Problem, Row, ensure};
use crate::tensor::{Tensor, odometer, strides_of};

pub(super) static ROWS: &[Row] = &[
    Row::kernel("stablehlo.gather", |call| {
        let rank = call.input(0)?.shape.len();
        let sizes = call.list("slice_sizes", rank)?;
        gather(call, &sizes)
    }),
    Row::kernel("stablehlo.dynamic_gather", |call| {
        let sizes = call.input(2)?.ints();
        gather(call, &sizes)
    }),
    Row::kernel("stablehlo.torch_index_select", torch_index_select),
    Row { name: "stablehlo.scatter", meaning: Meaning::Kernel(scatter), in_place: InPlace::Kept(scattered_input) },
];

/// Where slices start.
struct Starts {
    /// For each place of the batch, one component for each dimension of the operand.
    of_batch: Vec<Vec<i64>>,
    /// Extents of the batch.
    batch: Vec<usize>,
}

/// What gather and scatter say about their indices.
struct Indexing<'a> {
    map: &'a [i64],
    operand_batching: &'a [i64],
    indices_batching: &'a [i64],
    vector: i64,
}

impl Starts {
    fn of(indices: &Tensor, rank: usize, indexing: &Indexing<'_>) -> Result<Starts, Problem> {
        let wrong = || "its dimension numbers do not fit its indices".to_owned();
        let mut shape = indices.shape.clone();
        let vector = usize::try_from(indexing.vector).ok().filter(|&d| d <= shape.len()).ok_or_else(wrong)?;
        // Past the last dimension: each index is one component.
        if vector == shape.len() {
            shape.push(1);
        }
        let map = distinct(indexing.map, rank).filter(|map| map.len() == shape[vector]).ok_or_else(wrong)?;
        let operand_batching = distinct(indexing.operand_batching, rank).ok_or_else(wrong)?;
        let indices_batching = distinct(indexing.indices_batching, shape.len()).ok_or_else(wrong)?;
        let fits = operand_batching.len() == indices_batching.len() && !indices_batching.contains(&vector);
        ensure(fits && indices.element.as_int().is_some(), wrong)?;
        let own = strides_of(&shape);
        let values = indices.ints();
        let batch: Vec<usize> = (0..shape.len()).filter(|&d| d != vector).collect();
        let mut of_batch = Vec::new();
        odometer(&batch.iter().map(|&d| shape[d]).collect::<Vec<_>>(), |index| {
            let mut start = vec![0; rank];
            let at: usize = index.iter().zip(&batch).map(|(&i, &d)| i * own[d] as usize).sum();
            for (component, &d) in map.iter().enumerate() {
                start[d] = values[at + component * own[vector] as usize];
            }
            for (&d, &of_indices) in operand_batching.iter().zip(&indices_batching) {
                let place = batch.iter().position(|&d| d == of_indices).expect("every other dimension is in the batch");
                start[d] = index[place] as i64;
            }
            of_batch.push(start);
        });
        // An unsigned index beyond the largest signed one is beyond every operand, too.
        if indices.element.as_int().is_some_and(|int| !int.signed) {
            for &d in &map {
                of_batch.iter_mut().filter(|start| start[d] < 0).for_each(|start| start[d] = i64::MAX);
            }
        }
        Ok(Starts { of_batch, batch: batch.into_iter().map(|d| shape[d]).collect() })
    }
}

/// The shape that has `inner` extents at these places, and the outer ones, in order, at the others.
fn woven(outer: &[usize], places: &[usize], inner: &[usize]) -> Option<Vec<usize>> {
    let rank = outer.len() + inner.len();
    let mut shape = vec![None; rank];
    for (&place, &extent) in places.iter().zip(inner) {
        *shape.get_mut(place)? = Some(extent);
    }
    let mut outer = outer.iter().copied();
    let shape: Option<Vec<usize>> = shape.into_iter().map(|extent| extent.or_else(|| outer.next())).collect();
    shape.filter(|_| places.len() == inner.len() && places.is_sorted())
}

fn gather(call: &mut Call<'_>, sizes: &[i64]) -> Evaluated {
    let numbers = call.op.attr("dimension_numbers").and_then(GatherDimensions::of);
    let numbers = numbers.ok_or_else(|| "it has no dimension_numbers that can be read".to_owned())?;
    let (x, indices, spec) = (call.input(0)?, call.input(1)?, call.result(0)?);
    let rank = x.shape.len();
    let fits = |d: usize| sizes[d] >= 0 && sizes[d] <= x.shape[d] as i64;
    ensure(sizes.len() == rank && (0..rank).all(fits), || "its slice_sizes do not fit its operand".to_owned())?;
    let sizes: Vec<usize> = sizes.iter().map(|&n| n as usize).collect();
    let dropped = distinct(&[&numbers.collapsed_slice[..], &numbers.operand_batching].concat(), rank);
    let dropped = dropped.filter(|dropped| dropped.iter().all(|&d| sizes[d] <= 1));
    let dropped = dropped.ok_or_else(|| "it drops dimensions of more than one element".to_owned())?;
    let indexing = Indexing {
        map: &numbers.start_index_map,
        operand_batching: &numbers.operand_batching,
        indices_batching: &numbers.start_indices_batching,
        vector: numbers.index_vector,
    };
    let starts = Starts::of(indices, rank, &indexing)?;
    let slice: Vec<usize> = (0..rank).filter(|d| !dropped.contains(d)).map(|d| sizes[d]).collect();
    let offsets = distinct(&numbers.offset, spec.shape.len()).unwrap_or_default();
    let shape = woven(&starts.batch, &offsets, &slice);
    ensure(shape.as_ref() == Some(&spec.shape) && x.element == spec.element, || {
        "its slices do not make the shape of its result".to_owned()
    })?;
    let (own, to, width) = (strides_of(&x.shape), strides_of(&spec.shape), spec.element.width());
    let outer: Vec<isize> = (0..spec.shape.len()).filter(|d| !offsets.contains(d)).map(|d| to[d]).collect();
    let kept: Vec<usize> = (0..rank).filter(|d| !dropped.contains(d)).collect();
    let mut made = Tensor::zeros(spec);
    let mut starts_left = starts.of_batch.into_iter();
    odometer(&starts.batch, |index| {
        let start = starts_left.next().expect("a start for each place of the batch");
        let inside = |d: usize| start[d].clamp(0, (x.shape[d] - sizes[d]) as i64) as usize * own[d] as usize;
        let from: usize = (0..rank).map(inside).sum();
        let into: usize = index.iter().zip(&outer).map(|(&i, &stride)| i * stride as usize).sum();
        if sizes.contains(&0) {
            return;
        }
        odometer(&slice, |offset| {
            let at = offset.iter().zip(&kept).map(|(&i, &d)| i * own[d] as usize).sum::<usize>() + from;
            let put = offset.iter().zip(&offsets).map(|(&i, &d)| i * to[d] as usize).sum::<usize>() + into;
            made.bytes[put * width..(put + 1) * width].copy_from_slice(&x.bytes[at * width..(at + 1) * width]);
        });
    });
    Ok(vec![made])
}

/// Row `indices[i]` of a dimension, for each row of a batch; an index outside selects the nearest row.
fn torch_index_select(call: &mut Call<'_>) -> Evaluated {
    let (x, indices, spec) = (call.input(0)?, call.input(1)?, call.result(0)?);
    let dimension = call.dimension("dim", x.shape.len())?;
    let batch = call.op.integer("batch_dims").unwrap_or(0);
    let usable = (0..=dimension as i64).contains(&batch) && batch as usize <= indices.shape.len();
    ensure(usable && indices.element.as_int().is_some(), || "its batch_dims do not fit its operands".to_owned())?;
    let batch = batch as usize;
    let shape = [&x.shape[..dimension], &indices.shape[batch..], &x.shape[dimension + 1..]].concat();
    ensure(shape == spec.shape && x.shape[..batch] == indices.shape[..batch] && x.element == spec.element, || {
        "its operands do not make the shape of its result".to_owned()
    })?;
    ensure(x.shape[dimension] > 0 || spec.is_empty(), || "it selects among no rows".to_owned())?;
    let row = x.shape[dimension + 1..].iter().product::<usize>() * x.element.width();
    let (outer, rows): (usize, usize) = (x.shape[..dimension].iter().product(), x.shape[dimension]);
    let selected: usize = indices.shape[batch..].iter().product();
    let of_batch = x.shape[batch..dimension].iter().product::<usize>().max(1);
    let numbers = indices.ints();
    let mut bytes = Vec::with_capacity(spec.bytes());
    for at in 0..outer {
        for index in &numbers[at / of_batch * selected..][..selected] {
            let from = at * rows + (*index).clamp(0, rows as i64 - 1) as usize;
            bytes.extend_from_slice(&x.bytes[from * row..(from + 1) * row]);
        }
    }
    Ok(vec![Tensor::new(spec, bytes)])
}

/// A result is its input, but for the elements that are scattered into it, unless an index or an update lies there too.
fn scattered_input(operands: usize, result: usize) -> Option<usize> {
    (result < operands.saturating_sub(1) / 2).then_some(result)
}

/// Operands are n inputs, the indices, n updates. Windows are combined in the order of their indices, element by element.
fn scatter(call: &mut Call<'_>) -> Evaluated {
    let numbers = call.op.attr("scatter_dimension_numbers").and_then(ScatterDimensions::of);
    let numbers = numbers.ok_or_else(|| "it has no scatter_dimension_numbers that can be read".to_owned())?;
    let count = call.inputs.len().saturating_sub(1) / 2;
    ensure(count > 0 && call.inputs.len() == 2 * count + 1, || {
        "its operands are not inputs, indices, updates".to_owned()
    })?;
    let (inputs, rest) = call.inputs.split_at(count);
    let (indices, updates) = (&rest[0], &rest[1..]);
    let (shape, of_updates) = (inputs[0].shape.clone(), updates[0].shape.clone());
    let alike = inputs.iter().all(|x| x.shape == shape)
        && updates.iter().all(|x| x.shape == of_updates)
        && inputs.iter().zip(updates).all(|(x, update)| x.element == update.element);
    ensure(alike, || "its inputs or its updates differ in type".to_owned())?;
    let rank = shape.len();
    let indexing = Indexing {
        map: &numbers.scatter_dims_to_operand,
        operand_batching: &numbers.input_batching,
        indices_batching: &numbers.scatter_indices_batching,
        vector: numbers.index_vector,
    };
    let starts = Starts::of(indices, rank, &indexing)?;
    let windows = distinct(&numbers.update_window, of_updates.len()).filter(|dims| dims.is_sorted());
    let windows = windows.ok_or_else(|| "its update_window_dims are no dimensions of its updates".to_owned())?;
    let dropped = distinct(&[&numbers.inserted_window[..], &numbers.input_batching].concat(), rank);
    let dropped = dropped.ok_or_else(|| "its inserted_window_dims are no dimensions of its inputs".to_owned())?;
    let kept: Vec<usize> = (0..rank).filter(|d| !dropped.contains(d)).collect();
    let window: Vec<usize> = windows.iter().map(|&d| of_updates[d]).collect();
    let fits = kept.len() == window.len() && woven(&starts.batch, &windows, &window).as_ref() == Some(&of_updates);
    ensure(fits, || "its updates are not windows for each index".to_owned())?;
    let (own, from) = (strides_of(&shape), strides_of(&of_updates));
    let outer: Vec<isize> = (0..of_updates.len()).filter(|d| !windows.contains(d)).map(|d| from[d]).collect();
    let updates: Vec<Tensor> = updates.iter().map(|x| (**x).clone()).collect();
    let mut made: Vec<Tensor> = inputs.iter().map(|x| (**x).clone()).collect();
    let mut places: Vec<(usize, usize)> = Vec::new();
    let mut problem = None;
    let mut starts_left = starts.of_batch.into_iter();
    odometer(&starts.batch, |index| {
        let start = starts_left.next().expect("a start for each place of the batch");
        let first: usize = index.iter().zip(&outer).map(|(&i, &stride)| i * stride as usize).sum();
        places.clear();
        odometer(&window, |offset| {
            let mut at: Vec<i128> = start.iter().map(|&n| i128::from(n)).collect();
            offset.iter().zip(&kept).for_each(|(&i, &d)| at[d] += i as i128);
            if (0..rank).all(|d| (0..shape[d] as i128).contains(&at[d])) {
                let to: usize = (0..rank).map(|d| at[d] as usize * own[d] as usize).sum();
                let update: usize = offset.iter().zip(&windows).map(|(&i, &d)| i * from[d] as usize).sum();
                places.push((to, first + update));
            }
        });
        if problem.is_none() && !places.is_empty() {
            problem = combine(call, &mut made, &updates, &places).err();
        }
    });
    problem.map_or(Ok(made), Err)
}

/// Combines elements of one window, which are all different, with what the results hold.
fn combine(
    call: &mut Call<'_>,
    made: &mut [Tensor],
    updates: &[Tensor],
    places: &[(usize, usize)],
) -> Result<(), Problem> {
    let taken = |x: &Tensor, of: fn(&(usize, usize)) -> usize| {
        let width = x.element.width();
        let bytes = places.iter().flat_map(|place| x.bytes[of(place) * width..(of(place) + 1) * width].iter().copied());
        Tensor { element: x.element, shape: vec![places.len()], bytes: bytes.collect() }
    };
    let current = made.iter().map(|x| taken(x, |&(to, _)| to));
    let arguments = current.chain(updates.iter().map(|x| taken(x, |&(_, update)| update))).collect();
    let combined = call.bodies.apply(0, arguments)?;
    same_types(&combined, made)?;
    for (made, combined) in made.iter_mut().zip(combined) {
        let width = made.element.width();
        for (&(to, _), bytes) in places.iter().zip(combined.bytes.chunks_exact(width)) {
            made.bytes[to * width..(to + 1) * width].copy_from_slice(bytes);
        }
    }
    Ok(())
}

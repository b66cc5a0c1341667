//! One element of a value: read from memory, or computed from elements of what a virtual value is made of.
//!
//! Each operation that moves or combines elements is described once, here, by how one element of its result follows from
//! elements of its operands. As a kernel of its own it runs this for every element; as a virtual value it runs inside the
//! kernels that read it.
// tidy: long because it is one small function for each operation

use memopt::checker::Reading;
use memopt::dialect::stablehlo::attributes::GatherDimensions;
use memopt::dialect::{Aliasing, OpRef};
use memopt::ir::{Attr, Definition, OpId, ValueId};
use rustc_hash::FxHashSet;

use super::code::{Compare, Name, Names};
use super::copy::{Strided, copy};
use super::kernel::{At, Done, Kernel, Place, strides};
use super::linalg;
use super::scalar::Scalar;

/// No kernel computes a deeper tree: none that was planned has more operations for one operand.
const MAX_DEPTH: usize = 520;

/// How an element of a result follows from elements of the operands.
type Element = fn(&mut Kernel<'_>, OpId, &At) -> Done<Name>;

/// Operations whose result elements are operand elements at other indices.
const MOVEMENTS: &[(&str, Element)] = &[
    ("stablehlo.constant", constant),
    ("stablehlo.iota", iota),
    ("stablehlo.broadcast_in_dim", broadcast_in_dim),
    ("stablehlo.broadcast", broadcast),
    ("stablehlo.reshape", reshape),
    ("stablehlo.transpose", transpose),
    ("stablehlo.slice", slice),
    ("stablehlo.reverse", reverse),
    ("stablehlo.pad", pad),
    ("stablehlo.concatenate", concatenate),
    ("stablehlo.dynamic_slice", dynamic_slice),
    ("stablehlo.gather", gather),
    ("chlo.constant", constant),
    ("memopt.copy", same_index),
    ("arith.constant", |kernel, op, _| kernel.scalar_constant(op)),
    ("linalg.fill", linalg::fill),
    ("linalg.transpose", transpose),
    ("linalg.broadcast", linalg::broadcast),
    ("linalg.copy", same_index),
    ("tensor.empty", linalg::empty),
    ("tensor.splat", linalg::fill),
    ("tensor.cast", reshape),
    ("tensor.expand_shape", reshape),
    ("tensor.collapse_shape", reshape),
    ("tensor.extract_slice", linalg::extract_slice),
    ("tensor.pad", pad),
];

fn movement(name: &str) -> Option<Element> {
    MOVEMENTS.iter().find(|(known, _)| *known == name).map(|&(_, element)| element)
}

/// Whether an operation is one that this file describes.
pub(super) fn is_pointwise(name: &str) -> bool {
    movement(name).is_some() || super::arithmetic::is_elementwise(name)
}

/// A kernel of its own: every element of the result.
pub(super) fn kernel(kernel: &mut Kernel<'_>) -> Done {
    let op = kernel.op.id;
    for result in kernel.op.op().results() {
        if kernel.context.facts.bytes(result).is_zero() {
            continue;
        }
        let shape = kernel.shape(result)?;
        // One loop instead of one for each dimension, where nothing asks for the single indices.
        if kernel.is_linear(result, true) {
            kernel.each(shape.iter().product(), &mut |kernel, index| {
                let at = At::Linear(index);
                let element = kernel.expand(op, result, &at)?;
                kernel.write(result, &at, element)
            })?;
            continue;
        }
        if transpose_in_memory(kernel, result)? {
            continue;
        }
        kernel.nest(shape, &mut |kernel, indices| {
            let at = At::multi(indices);
            let element = kernel.expand(op, result, &at)?;
            kernel.write(result, &at, element)
        })?;
    }
    Ok(())
}

/// Transposes an operand that has bytes.
fn transpose_in_memory(kernel: &mut Kernel<'_>, result: ValueId) -> Done<bool> {
    let &[source, ..] = kernel.op.operands() else { return Ok(false) };
    if !kernel.op.name().ends_with(".transpose") || kernel.range(source).is_err() {
        return Ok(false);
    }
    let (from, to) = (kernel.shape(source)?, kernel.shape(result)?);
    let permutation = kernel.dimensions("permutation", to.len())?;
    let of_source = strides(from);
    let elements = kernel.elements(result)?;
    let from = Strided {
        param: kernel.param_of(source, false)?,
        elements,
        start: kernel.code.index(0),
        strides: permutation.iter().map(|&d| of_source[d]).collect(),
    };
    let (param, start) = (kernel.param_of(result, true)?, from.start);
    let target = Strided { param, elements, start, strides: strides(to).to_vec() };
    copy(kernel, to, kernel.scalar(result)?, &from, &target)?;
    Ok(true)
}

impl<'m> Kernel<'m> {
    /// One element of a value. Trees may be hundreds of operations deep: what elementwise operations read at the same index
    /// is computed before them, without recursion.
    pub(crate) fn element(&mut self, value: ValueId, at: &At) -> Done<Name> {
        let mut work = vec![value];
        while let Some(&next) = work.last() {
            let ready = work.len();
            if !self.known.contains_key(&(next, at.clone())) {
                work.extend(self.computed_before(next, at));
            }
            if work.len() == ready {
                work.pop();
                self.element_at(next, at)?;
            }
        }
        self.element_at(value, at)
    }

    /// The operands of a virtual elementwise operation that are such operations too, and not known at this index.
    fn computed_before(&self, value: ValueId, at: &At) -> Vec<ValueId> {
        let (module, places) = (self.context.module, self.context.places);
        let operands = |value: ValueId| match places.reading(value) {
            Reading::Virtual(op) if super::arithmetic::is_elementwise(module.op_name(op)) => {
                let is_result = module.value(value).definition == Definition::Result { op, index: 0 };
                is_result.then(|| module.op(op).operands())
            }
            _ => None,
        };
        let shape = self.shape(value).ok();
        let deeper = |&operand: &ValueId| {
            operands(operand).is_some()
                && self.shape(operand).ok() == shape
                && !self.known.contains_key(&(operand, at.clone()))
        };
        operands(value).into_iter().flatten().copied().filter(deeper).collect()
    }

    fn element_at(&mut self, value: ValueId, at: &At) -> Done<Name> {
        let key = (value, at.clone());
        if let Some(&known) = self.known.get(&key) {
            return Ok(known);
        }
        let name = match self.context.places.reading(value) {
            Reading::Bytes(read) if read == value => self.read(value, at)?,
            Reading::Bytes(_) => return self.refuse("it reads a view whose place in its storage is not known"),
            Reading::Virtual(_) | Reading::Constant | Reading::Nothing => self.compute(value, at)?,
        };
        self.known.insert(key.clone(), name);
        self.log.push(key);
        Ok(name)
    }

    fn read(&mut self, value: ValueId, at: &At) -> Done<Name> {
        let param = self.param_of(value, false)?;
        let (scalar, elements, shape) = (self.scalar(value)?, self.elements(value)?, self.shape(value)?);
        let at = self.linear(shape, at);
        Ok(self.load(param, scalar, elements, at))
    }

    /// An element of a value without bytes.
    fn compute(&mut self, value: ValueId, at: &At) -> Done<Name> {
        match self.context.module.value(value).definition {
            Definition::Result { op, .. } => self.expand(op, value, at),
            // A slot that hands its operand on.
            Definition::Argument { block, index } => {
                let owner = self.context.module.block_owner(block);
                match self.context.module.op(owner).operands().get(index as usize) {
                    Some(&operand) => self.element(operand, at),
                    None => self.refuse("a block argument has no bytes"),
                }
            }
        }
    }

    /// An element of a result, by the operation that makes it.
    pub(super) fn expand(&mut self, op: OpId, result: ValueId, at: &At) -> Done<Name> {
        let of = OpRef::new(self.context.module, op);
        let facts = self.context.facts.op(op);
        let index = of.op().results().position(|r| r == result).unwrap_or(0);
        if facts.results[index].aliasing == Aliasing::Constant {
            return self.constant_element(op, result, at);
        }
        super::shapes::check(self, of)?;
        if self.depth == MAX_DEPTH {
            return self.refuse("it reads a tree of virtual values that is too deep");
        }
        self.depth += 1;
        // Only the sum that reads this may be reordered, not what it reads.
        let reassociate = std::mem::take(&mut self.reassociate);
        let done = self.expand_by(of, result, facts.results[index].aliasing, at);
        self.reassociate = reassociate;
        self.depth -= 1;
        done
    }

    fn expand_by(&mut self, of: OpRef<'m>, result: ValueId, aliasing: Aliasing, at: &At) -> Done<Name> {
        if let Some(element) = movement(of.name()) {
            return element(self, of.id, at);
        }
        if super::arithmetic::is_elementwise(of.name()) {
            let shape = self.shape(result)?;
            let mut elements = Vec::with_capacity(of.operands().len());
            for &operand in of.operands() {
                // A scalar among tensors (the predicate of a select, the bounds of a clamp) is read for every element.
                let of_scalar = self.shape(operand)?.is_empty() && !shape.is_empty();
                elements.push(self.element(operand, if of_scalar { &SCALAR } else { at })?);
            }
            return self.arithmetic(of.id, &elements);
        }
        // A view of a value without bytes, as the slot of a loop that nothing changes, is that value.
        match aliasing {
            Aliasing::View { operand, .. } => self.element(of.operands()[operand], at),
            _ => Err(Box::new(self.context.no_lowering(of.id))),
        }
    }

    fn constant_element(&mut self, op: OpId, result: ValueId, at: &At) -> Done<Name> {
        let (scalar, elements, shape) = (self.scalar(result)?, self.elements(result)?, self.shape(result)?);
        let param = self.param(Place::Constant(op), scalar, elements, false);
        let at = self.linear(shape, at);
        Ok(self.load(param, scalar, elements, at))
    }

    /// Whether an element of the value can be computed from its place in row-major order, without a division.
    fn is_linear(&self, value: ValueId, expand: bool) -> bool {
        let mut work = vec![(value, expand)];
        let mut seen = FxHashSet::default();
        while let Some((value, expand)) = work.pop() {
            if !seen.insert(value) {
                continue;
            }
            let Definition::Result { op, .. } = self.context.module.value(value).definition else { continue };
            if !expand && matches!(self.context.places.reading(value), Reading::Bytes(_) | Reading::Constant) {
                continue;
            }
            let name = self.context.module.op_name(op);
            let passes_on = super::arithmetic::is_elementwise(name)
                || matches!(
                    name,
                    "stablehlo.reshape" | "memopt.copy" | "stablehlo.constant" | "stablehlo.optimization_barrier"
                );
            let operands = self.context.module.op(op).operands();
            let of_one = |v: &ValueId| self.elements(*v) == Ok(1);
            let repeats_one = name.contains("broadcast") && operands.iter().all(of_one);
            if !(passes_on || repeats_one) {
                return false;
            }
            work.extend(operands.iter().map(|&operand| (operand, false)));
        }
        true
    }
}

static SCALAR: std::sync::LazyLock<At> = std::sync::LazyLock::new(At::scalar);

fn result(kernel: &Kernel<'_>, op: OpId) -> ValueId {
    kernel.context.module.op(op).result(0)
}

fn same_index(kernel: &mut Kernel<'_>, op: OpId, at: &At) -> Done<Name> {
    kernel.element(kernel.operand_of(op, 0)?, at)
}

fn constant(kernel: &mut Kernel<'_>, op: OpId, _: &At) -> Done<Name> {
    let scalar = kernel.scalar(result(kernel, op))?;
    let attr = OpRef::new(kernel.context.module, op).attr("value");
    let Some(Attr::DenseElements { literal, .. }) = attr else {
        return kernel.refuse("its value is no dense constant");
    };
    match scalar.splat_literal(literal) {
        Some(literal) => Ok(kernel.code.constant(&literal, scalar.name())),
        None => kernel.refuse("its value is not read by this lowering"),
    }
}

fn iota(kernel: &mut Kernel<'_>, op: OpId, at: &At) -> Done<Name> {
    let value = result(kernel, op);
    let (scalar, shape) = (kernel.scalar(value)?, kernel.shape(value)?);
    let dimension = OpRef::new(kernel.context.module, op).integer("iota_dimension").unwrap_or(0);
    let indices = kernel.multi(shape, at);
    let Some(&index) = indices.get(dimension as usize) else {
        return kernel.refuse("its dimension is none of its result");
    };
    let wide = kernel.code.op(format_args!("arith.index_cast {index} : index to i64"));
    Ok(kernel.convert(wide, Scalar::Integer { width: 64, unsigned: true }, scalar))
}

fn broadcast_in_dim(kernel: &mut Kernel<'_>, op: OpId, at: &At) -> Done<Name> {
    let (source, value) = (kernel.operand_of(op, 0)?, result(kernel, op));
    let (from, to) = (kernel.shape(source)?, kernel.shape(value)?);
    if from.iter().product::<i64>() == 1 {
        let zero = kernel.code.index(0);
        return kernel.element(source, &At::Multi(Names::from_elem(zero, from.len())));
    }
    let indices = kernel.multi(to, at);
    let dimensions = kernel.with(op, |k| k.dimensions("broadcast_dimensions", to.len()))?;
    if dimensions.len() != from.len() {
        return kernel.refuse("its broadcast_dimensions do not fit its operand");
    }
    let zero = kernel.code.index(0);
    let picked = dimensions.iter().zip(from).map(|(&d, &extent)| if extent == 1 { zero } else { indices[d] });
    let picked: Names = picked.collect();
    kernel.element(source, &At::Multi(picked))
}

fn broadcast(kernel: &mut Kernel<'_>, op: OpId, at: &At) -> Done<Name> {
    let source = kernel.operand_of(op, 0)?;
    let to = kernel.shape(result(kernel, op))?;
    let indices = kernel.multi(to, at);
    let inner = kernel.shape(source)?.len();
    kernel.element(source, &At::multi(&indices[indices.len().saturating_sub(inner)..]))
}

fn reshape(kernel: &mut Kernel<'_>, op: OpId, at: &At) -> Done<Name> {
    let source = kernel.operand_of(op, 0)?;
    let (from, to) = (kernel.shape(source)?, kernel.shape(result(kernel, op))?);
    let At::Multi(indices) = at else { return kernel.element(source, at) };
    // Where only dimensions of extent 1 come and go, the others keep their indices.
    let long = |shape: &[i64]| -> Vec<i64> { shape.iter().copied().filter(|&e| e != 1).collect() };
    if long(from) == long(to) {
        let zero = kernel.code.index(0);
        let mut kept = indices.iter().zip(to).filter(|(_, extent)| **extent != 1).map(|(&index, _)| index);
        let picked: Names = from.iter().map(|&e| if e == 1 { zero } else { kept.next().unwrap_or(zero) }).collect();
        return kernel.element(source, &At::Multi(picked));
    }
    let linear = kernel.linear(to, at);
    kernel.element(source, &At::Linear(linear))
}

fn transpose(kernel: &mut Kernel<'_>, op: OpId, at: &At) -> Done<Name> {
    let source = kernel.operand_of(op, 0)?;
    let to = kernel.shape(result(kernel, op))?;
    let permutation = kernel.with(op, |k| k.dimensions("permutation", to.len()))?;
    let indices = kernel.multi(to, at);
    let mut picked = indices.clone();
    for (&from, &index) in permutation.iter().zip(&indices) {
        picked[from] = index;
    }
    kernel.element(source, &At::Multi(picked))
}

fn slice(kernel: &mut Kernel<'_>, op: OpId, at: &At) -> Done<Name> {
    let source = kernel.operand_of(op, 0)?;
    let to = kernel.shape(result(kernel, op))?;
    let starts = kernel.with(op, |k| k.integers("start_indices", to.len(), 0))?;
    let steps = kernel.with(op, |k| k.integers("strides", to.len(), 1))?;
    let mut indices = kernel.multi(to, at);
    for (index, (&start, &step)) in indices.iter_mut().zip(starts.iter().zip(&steps)) {
        let scaled = kernel.code.scale(*index, step);
        *index = kernel.code.add_constant(scaled, start);
    }
    kernel.element(source, &At::Multi(indices))
}

fn reverse(kernel: &mut Kernel<'_>, op: OpId, at: &At) -> Done<Name> {
    let source = kernel.operand_of(op, 0)?;
    let to = kernel.shape(result(kernel, op))?;
    let mut indices = kernel.multi(to, at);
    for dimension in kernel.with(op, |k| k.dimensions("dimensions", to.len()))? {
        let last = kernel.code.index(to[dimension] - 1);
        indices[dimension] = kernel.code.subtract(last, indices[dimension]);
    }
    kernel.element(source, &At::Multi(indices))
}

/// StableHLO's padding has an operand to pad with, that of `tensor` a body.
fn pad(kernel: &mut Kernel<'_>, op: OpId, at: &At) -> Done<Name> {
    let source = kernel.operand_of(op, 0)?;
    let in_tensor = kernel.context.module.op_name(op) == "tensor.pad";
    let (from, to) = (kernel.shape(source)?, kernel.shape(result(kernel, op))?);
    let low = if in_tensor { "static_low" } else { "edge_padding_low" };
    let low = kernel.with(op, |k| k.integers(low, to.len(), 0))?;
    let interior = kernel.with(op, |k| k.integers("interior_padding", to.len(), 0))?;
    let indices = kernel.multi(to, at);
    let (picked, inside) = unpad(kernel, &indices, from, to, &low, &interior);
    let ty = kernel.scalar(source)?.name();
    let condition = kernel.code.all(&inside);
    let element = kernel.either(
        condition,
        &[ty],
        &mut |kernel| Ok(vec![kernel.element(source, &At::Multi(picked.clone()))?]),
        &mut |kernel| match in_tensor {
            true => Ok(vec![linalg::pad_value(kernel, op)?]),
            false => Ok(vec![kernel.element(kernel.operand_of(op, 1)?, &SCALAR)?]),
        },
    )?;
    Ok(element[0])
}

/// The operand's index for an index of the padded result, with the conditions under which there is one.
fn unpad(
    kernel: &mut Kernel<'_>,
    indices: &[Name],
    from: &[i64],
    to: &[i64],
    low: &[i64],
    interior: &[i64],
) -> (Names, Vec<Name>) {
    let (mut picked, mut inside) = (Names::new(), Vec::new());
    for (d, &index) in indices.iter().enumerate() {
        let shifted = kernel.code.add_constant(index, -low[d]);
        let step = interior[d] + 1;
        if low[d] > 0 {
            inside.push(kernel.code.compare(shifted, Compare::AtLeast, 0));
        }
        let last = (from[d] - 1) * step;
        if to[d] - 1 - low[d] > last {
            let condition = kernel.code.compare(shifted, Compare::Less, last + 1);
            inside.push(condition);
        }
        let (quotient, remainder) = kernel.code.divide(shifted, step);
        if step > 1 {
            inside.push(kernel.code.compare(remainder, Compare::Equal, 0));
        }
        picked.push(quotient);
    }
    (picked, inside)
}

fn concatenate(kernel: &mut Kernel<'_>, op: OpId, at: &At) -> Done<Name> {
    let value = result(kernel, op);
    let (scalar, to) = (kernel.scalar(value)?, kernel.shape(value)?);
    let dimension = OpRef::new(kernel.context.module, op).integer("dimension").unwrap_or(0) as usize;
    let indices = kernel.multi(to, at);
    let operands = kernel.context.module.op(op).operands();
    concatenated(kernel, operands, &indices, dimension, 0, scalar)
}

/// The element among these operands, the first of which begins at `start`.
fn concatenated(
    kernel: &mut Kernel<'_>,
    operands: &[ValueId],
    indices: &Names,
    dimension: usize,
    start: i64,
    scalar: Scalar,
) -> Done<Name> {
    let Some((&first, rest)) = operands.split_first() else { return kernel.refuse("it has no operands") };
    let end = start + kernel.shape(first)?.get(dimension).copied().unwrap_or(0);
    let mut own = indices.clone();
    own[dimension] = kernel.code.add_constant(indices[dimension], -start);
    if rest.is_empty() {
        return kernel.element(first, &At::Multi(own));
    }
    let condition = kernel.code.compare(indices[dimension], Compare::Less, end);
    let element = kernel.either(
        Some(condition),
        &[scalar.name()],
        &mut |kernel| Ok(vec![kernel.element(first, &At::Multi(own.clone()))?]),
        &mut |kernel| Ok(vec![concatenated(kernel, rest, indices, dimension, end, scalar)?]),
    )?;
    Ok(element[0])
}

impl Kernel<'_> {
    /// The only element of a value of integers, as an index.
    pub(super) fn element_as_index(&mut self, value: ValueId, at: &At) -> Done<Name> {
        let scalar = self.scalar(value)?;
        let element = self.element(value, at)?;
        Ok(self.as_index(element, scalar))
    }

    /// An integer as an index.
    pub(super) fn as_index(&mut self, element: Name, scalar: Scalar) -> Name {
        let cast = if scalar.is_unsigned() { "index_castui" } else { "index_cast" };
        self.code.op(format_args!("arith.{cast} {element} : {} to index", scalar.name()))
    }
}

fn dynamic_slice(kernel: &mut Kernel<'_>, op: OpId, at: &At) -> Done<Name> {
    let source = kernel.operand_of(op, 0)?;
    let (from, to) = (kernel.shape(source)?, kernel.shape(result(kernel, op))?);
    let mut indices = kernel.multi(to, at);
    for d in 0..to.len() {
        if from[d] == to[d] {
            continue;
        }
        let start = kernel.operand_of(op, 1 + d)?;
        let start = kernel.element_as_index(start, &SCALAR)?;
        let start = kernel.code.clamp(start, from[d] - to[d]);
        indices[d] = kernel.code.add(start, indices[d]);
    }
    kernel.element(source, &At::Multi(indices))
}

fn gather(kernel: &mut Kernel<'_>, op: OpId, at: &At) -> Done<Name> {
    let (source, starts) = (kernel.operand_of(op, 0)?, kernel.operand_of(op, 1)?);
    let (from, of_starts, to) = (kernel.shape(source)?, kernel.shape(starts)?, kernel.shape(result(kernel, op))?);
    let numbers = OpRef::new(kernel.context.module, op).attr("dimension_numbers").and_then(GatherDimensions::of);
    let Some(numbers) = numbers else { return kernel.refuse("its dimension_numbers are not understood") };
    let sizes = kernel.with(op, |k| k.integers("slice_sizes", from.len(), 1))?;
    let indices = kernel.multi(to, at);
    let is_offset = |d: usize| numbers.offset.contains(&(d as i64));
    let batch: Names = (0..to.len()).filter(|&d| !is_offset(d)).map(|d| indices[d]).collect();
    let mut offsets = numbers.offset.iter().map(|&d| indices[d as usize]).collect::<Vec<_>>().into_iter();
    let zero = kernel.code.index(0);
    let mut picked = Names::from_elem(zero, from.len());
    for (d, place) in picked.iter_mut().enumerate() {
        let dropped = numbers.collapsed_slice.contains(&(d as i64)) || numbers.operand_batching.contains(&(d as i64));
        if !dropped {
            *place = offsets.next().unwrap_or(zero);
        }
    }
    for (component, &d) in numbers.start_index_map.iter().enumerate() {
        let d = d as usize;
        let at = index_vector(kernel, &batch, numbers.index_vector, of_starts.len(), component);
        let start = kernel.element_as_index(starts, &At::Multi(at))?;
        let start = kernel.code.clamp(start, from[d] - sizes[d]);
        picked[d] = kernel.code.add(start, picked[d]);
    }
    for (&d, &of) in numbers.operand_batching.iter().zip(&numbers.start_indices_batching) {
        let place = of - i64::from(of > numbers.index_vector);
        picked[d as usize] = kernel.code.add(picked[d as usize], batch[place as usize]);
    }
    kernel.element(source, &At::Multi(picked))
}

/// Where a component of an index vector lies in the tensor of indices.
pub(super) fn index_vector(
    kernel: &mut Kernel<'_>,
    batch: &[Name],
    dimension: i64,
    rank: usize,
    component: usize,
) -> Names {
    let mut at = Names::from_slice(batch);
    if (dimension as usize) < rank {
        let component = kernel.code.index(component as i64);
        at.insert((dimension as usize).min(at.len()), component);
    }
    at
}

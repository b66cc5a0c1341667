//! Linalg on tensors: one loop nest for each operation, over its iteration space, with its scalar body inside.
//!
//! A named operation is the generic one with maps that its name implies. A multiplication that is added up along a
//! reduction is a contraction, and takes the way of StableHLO's products.
// tidy: long because it is one dialect: structured operations, slices, and the arithmetic of their bodies

use memopt::dialect::OpRef;
use memopt::dialect::linalg::first_destination;
use memopt::dialect::linalg::maps::{AffineMap, Linear, extents};
use memopt::ir::{Attr, OpId, Type, ValueId};

use super::code::{Name, Names};
use super::contraction::{self, Contraction, Dim};
use super::kernel::{At, Done, Kernel, strides};
use super::scalar::Scalar;

/// Named operations: their dimensions, and how they index inputs, window and output. `hy` is `h * strides[0] + y *
/// dilations[0]`, `wx` the same for the second spatial dimension.
const NAMED: &[(&str, &str, [&str; 3])] = &[
    ("linalg.conv_2d_nchw_fchw", "n f h w c y x", ["n c hy wx", "f c y x", "n f h w"]),
    ("linalg.conv_2d_nhwc_hwcf", "n h w f y x c", ["n hy wx c", "y x c f", "n h w f"]),
    ("linalg.conv_2d_nhwc_fhwc", "n h w f y x c", ["n hy wx c", "f y x c", "n h w f"]),
    ("linalg.conv_2d_ngchw_gfchw", "n g f h w c y x", ["n g c hy wx", "g f c y x", "n g f h w"]),
    ("linalg.conv_2d_ngchw_fgchw", "n g f h w c y x", ["n g c hy wx", "f g c y x", "n g f h w"]),
    ("linalg.depthwise_conv_2d_nchw_chw", "n h w c y x", ["n c hy wx", "c y x", "n c h w"]),
    ("linalg.depthwise_conv_2d_nhwc_hwc", "n h w c y x", ["n hy wx c", "y x c", "n h w c"]),
    ("linalg.pooling_nchw_max", "n c h w y x", ["n c hy wx", "y x", "n c h w"]),
    ("linalg.pooling_nchw_sum", "n c h w y x", ["n c hy wx", "y x", "n c h w"]),
    ("linalg.pooling_nhwc_max", "n h w c y x", ["n hy wx c", "y x", "n h w c"]),
    ("linalg.pooling_nhwc_sum", "n h w c y x", ["n hy wx c", "y x", "n h w c"]),
    ("linalg.batch_matmul", "b m n k", ["b m k", "b k n", "b m n"]),
    ("linalg.matmul", "m n k", ["m k", "k n", "m n"]),
];

/// The maps of an operation, one for each operand.
fn maps(op: OpRef<'_>) -> Option<Vec<AffineMap>> {
    if op.attr("indexing_maps").is_some() {
        return AffineMap::of(op);
    }
    if op.name() == "linalg.reduce" {
        return reduction_maps(op);
    }
    let (_, dimensions, operands) = NAMED.iter().find(|(name, ..)| *name == op.name())?;
    let dimensions: Vec<&str> = dimensions.split(' ').collect();
    let list = |name: &str| -> Option<[i64; 2]> {
        match op.attr(name) {
            None => Some([1, 1]),
            Some(_) => memopt::dialect::stablehlo::attributes::integers(op, name)?.as_ref().try_into().ok(),
        }
    };
    let (step, dilation) = (list("strides")?, list("dilations")?);
    let at = |name: &str| dimensions.iter().position(|known| *known == name);
    let linear = |text: &str| {
        let mut linear = Linear { factors: vec![0; dimensions.len()], constant: 0 };
        match text {
            "hy" | "wx" => {
                let spatial = usize::from(text == "wx");
                linear.factors[at(&text[..1])?] = step[spatial];
                linear.factors[at(&text[1..])?] = dilation[spatial];
            }
            name => linear.factors[at(name)?] = 1,
        }
        Some(linear)
    };
    let map = |text: &&str| {
        let results = text.split(' ').map(linear).collect::<Option<_>>()?;
        Some(AffineMap { dimensions: dimensions.len(), results })
    };
    operands.iter().map(map).collect()
}

/// Inputs are read at every index, and outputs lack the dimensions that are reduced.
fn reduction_maps(op: OpRef<'_>) -> Option<Vec<AffineMap>> {
    let rank = op.operand_tensor(0)?.shape.len();
    let reduced = memopt::dialect::stablehlo::attributes::integers(op, "dimensions")?;
    let map = |keeps: &dyn Fn(usize) -> bool| {
        let along = |d: usize| Linear { factors: (0..rank).map(|k| i64::from(k == d)).collect(), constant: 0 };
        AffineMap { dimensions: rank, results: (0..rank).filter(|&d| keeps(d)).map(along).collect() }
    };
    let first = first_destination(op);
    let of = |k: usize| if k < first { map(&|_| true) } else { map(&|d| !reduced.contains(&(d as i64))) };
    Some((0..op.operands().len()).map(of).collect())
}

/// Scratch bytes of an operation that is a contraction.
pub(crate) fn workspace(op: OpRef<'_>) -> Option<memopt::ir::Bytes> {
    let maps = maps(op)?;
    Some(contraction(op, &maps, &extents(op, &maps)?)?.workspace())
}

/// `linalg.generic` and every named operation with a scalar body.
pub(super) fn structured(kernel: &mut Kernel<'_>) -> Done {
    let op = kernel.op;
    let Some(maps) = maps(op) else { return Err(Box::new(kernel.context.no_lowering(op.id))) };
    let first = first_destination(op);
    let results: Vec<ValueId> = op.op().results().collect();
    let shape = extents(op, &maps).filter(|_| maps.len() == op.operands().len() && first > 0 || first == 0);
    let Some(shape) = shape else { return kernel.refuse("its maps do not say how large its iteration space is") };
    check_bounds(kernel, &maps, &shape)?;
    if let Some(contraction) = contraction(op, &maps, &shape) {
        copy_destinations(kernel, &results, first)?;
        return contraction::lower_as(kernel, &contraction);
    }
    let reduces =
        |d: usize| maps[first..].iter().any(|map| map.results.iter().all(|l| l.factors[d] == 0) && shape[d] != 1);
    if (0..shape.len()).any(reduces) {
        copy_destinations(kernel, &results, first)?;
        return kernel.nest(&shape, &mut |kernel, indices| point(kernel, &maps, indices, &results, first, true));
    }
    kernel.nest(&shape, &mut |kernel, indices| point(kernel, &maps, indices, &results, first, false))
}

/// Every index of the iteration space lies inside of every operand: code for memory relies on it.
fn check_bounds(kernel: &Kernel<'_>, maps: &[AffineMap], shape: &[i64]) -> Done {
    for (map, &operand) in maps.iter().zip(kernel.op.operands()) {
        let extents = kernel.shape(operand)?;
        let inside = |(linear, &extent): (&Linear, &i64)| {
            let span = |sign: i64| -> i64 {
                linear
                    .factors
                    .iter()
                    .zip(shape)
                    .map(|(&f, &e)| if f.signum() == sign { f.saturating_mul(e - 1) } else { 0 })
                    .sum()
            };
            shape.contains(&0) || linear.constant + span(-1) >= 0 && linear.constant + span(1) < extent
        };
        if map.results.len() != extents.len() || !map.results.iter().zip(extents).all(inside) {
            return kernel.refuse("its maps leave an operand");
        }
    }
    Ok(())
}

/// The results begin as their destinations, where the operation reads them.
fn copy_destinations(kernel: &mut Kernel<'_>, results: &[ValueId], first: usize) -> Done {
    for (k, &result) in results.iter().enumerate() {
        let destination = kernel.operand(first + k)?;
        if kernel.range(destination).is_ok()
            && kernel.context.places.range(destination) == kernel.context.places.range(result)
        {
            continue;
        }
        kernel.each(kernel.elements(result)?, &mut |kernel, index| {
            let at = At::Linear(index);
            let element = kernel.element(destination, &at)?;
            kernel.write(result, &at, element)
        })?;
    }
    Ok(())
}

/// One point of the iteration space.
fn point(
    kernel: &mut Kernel<'_>,
    maps: &[AffineMap],
    indices: &[Name],
    results: &[ValueId],
    first: usize,
    sums: bool,
) -> Done {
    let mut arguments = Vec::new();
    let mut targets = Vec::new();
    for (k, map) in maps.iter().enumerate() {
        let at = apply(kernel, map, indices);
        let value = kernel.operand(k)?;
        arguments.push(match k.checked_sub(first) {
            Some(result) if sums => kernel.read_back(results[result], &at)?,
            _ => kernel.element(value, &at)?,
        });
        if k >= first {
            targets.push(at);
        }
    }
    let &[body] = kernel.op.op().regions() else { return kernel.refuse("it has not one body") };
    kernel.iteration = Names::from_slice(indices);
    let values = kernel.body(body, &arguments)?;
    for ((&result, at), value) in results.iter().zip(&targets).zip(values) {
        kernel.write(result, at, value)?;
    }
    Ok(())
}

fn apply(kernel: &mut Kernel<'_>, map: &AffineMap, indices: &[Name]) -> At {
    let one = |linear: &Linear| {
        let sum = kernel.code.dot(indices, &linear.factors);
        kernel.code.add_constant(sum, linear.constant)
    };
    At::Multi(map.results.iter().map(one).collect())
}

/// The contraction that the operation is, if its body multiplies and adds up.
fn contraction(op: OpRef<'_>, maps: &[AffineMap], shape: &[i64]) -> Option<Contraction> {
    let [left, right, output] = maps else { return None };
    if op.op().result_count() != 1 || !multiplies_and_adds(op) || shape.contains(&0) {
        return None;
    }
    let moves = |map: &AffineMap, operand: usize| -> Option<(Vec<i64>, i64)> {
        let steps = strides(&op.operand_tensor(operand)?.shape);
        let each = |d: usize| map.results.iter().zip(&steps).map(|(l, s)| l.factors[d] * s).sum();
        let base = map.results.iter().zip(&steps).map(|(l, s)| l.constant * s).sum();
        Some(((0..shape.len()).map(each).collect(), base))
    };
    let ((a, base_a), (b, base_b), (c, base_c)) = (moves(left, 0)?, moves(right, 1)?, moves(output, 2)?);
    let mut all = Contraction::empty([base_a, base_b]);
    for d in 0..shape.len() {
        let dim = Dim { extent: shape[d], a: a[d], b: b[d], c: c[d] };
        match (dim.a != 0, dim.b != 0, dim.c != 0) {
            (_, _, false) => all.sums.push(dim),
            (true, false, true) => all.rows.push(dim),
            (false, true, true) => all.columns.push(dim),
            _ => all.batch.push(dim),
        }
    }
    all.finish(op).filter(|_| base_c == 0)
}

/// `yield out + a * b`
fn multiplies_and_adds(op: OpRef<'_>) -> bool {
    let module = op.module;
    let &[body] = op.op().regions() else { return false };
    let &[block] = module.region(body).blocks() else { return false };
    let (&[a, b, out], ops) = (module.block(block).arguments(), module.block(block).ops()) else { return false };
    let &[multiply, add, end] = ops else { return false };
    let reads = |op: OpId, x: ValueId, y: ValueId| {
        let operands = module.op(op).operands();
        operands == [x, y] || operands == [y, x]
    };
    let named = |op: OpId, names: [&str; 2]| names.contains(&module.op_name(op));
    named(multiply, ["arith.mulf", "arith.muli"])
        && reads(multiply, a, b)
        && named(add, ["arith.addf", "arith.addi"])
        && reads(add, module.op(multiply).result(0), out)
        && module.op(end).operands() == [module.op(add).result(0)]
}

/// `tensor.insert_slice`
pub(super) fn insert_slice(kernel: &mut Kernel<'_>) -> Done {
    let (source, result) = (kernel.operand(0)?, kernel.op.op().result(0));
    let shape = kernel.shape(result)?;
    copy_destinations(kernel, &[result], 1)?;
    let (offsets, sizes, steps) = slice(kernel, shape)?;
    let long = |list: &[i64]| list.iter().copied().filter(|&e| e != 1).collect::<Vec<_>>();
    if long(&sizes) != long(kernel.shape(source)?) {
        return kernel.refuse("its sizes do not fit its source");
    }
    kernel.nest(&sizes, &mut |kernel, indices| {
        let from = kernel.code.dot(indices, &strides(&sizes));
        let element = kernel.element(source, &At::Linear(from))?;
        let mut to = Names::new();
        for (d, &index) in indices.iter().enumerate() {
            let scaled = kernel.code.scale(index, steps[d]);
            to.push(kernel.code.add_constant(scaled, offsets[d]));
        }
        kernel.write(result, &At::Multi(to), element)
    })
}

/// Static offsets, sizes and strides of a slice of a tensor of this shape, checked to lie inside.
fn slice(kernel: &Kernel<'_>, shape: &[i64]) -> Done<(Vec<i64>, Vec<i64>, Vec<i64>)> {
    let list = |name: &str| kernel.integers(name, shape.len(), i64::MIN);
    let (offsets, sizes, steps) = (list("static_offsets")?, list("static_sizes")?, list("static_strides")?);
    let inside = |d: usize| {
        let last = (sizes[d] - 1).checked_mul(steps[d]).and_then(|reach| reach.checked_add(offsets[d]));
        offsets[d] >= 0 && sizes[d] >= 0 && steps[d] >= 1 && last.is_some_and(|last| last < shape[d])
    };
    match (0..shape.len()).all(inside) {
        true => Ok((offsets, sizes, steps)),
        false => kernel.refuse("its offsets, sizes or strides are not static, or leave its operand"),
    }
}

/// `tensor.extract_slice`; dimensions of size 1 may be dropped.
pub(super) fn extract_slice(kernel: &mut Kernel<'_>, op: OpId, at: &At) -> Done<Name> {
    let of = OpRef::new(kernel.context.module, op);
    let (source, result) = (kernel.operand_of(op, 0)?, of.op().result(0));
    let (from, to) = (kernel.shape(source)?, kernel.shape(result)?);
    let (offsets, sizes, steps) = kernel.with(op, |kernel| slice(kernel, from))?;
    if sizes.iter().product::<i64>() != to.iter().product::<i64>() {
        return kernel.refuse("its sizes do not fit its result");
    }
    let indices = match sizes == to {
        true => kernel.multi(to, at),
        false => {
            let linear = kernel.linear(to, at);
            kernel.multi(&sizes, &At::Linear(linear))
        }
    };
    let mut picked = Names::new();
    for (d, &index) in indices.iter().enumerate() {
        let scaled = kernel.code.scale(index, steps[d]);
        picked.push(kernel.code.add_constant(scaled, offsets[d]));
    }
    kernel.element(source, &At::Multi(picked))
}

/// `linalg.broadcast`: the input lacks the dimensions that are named.
pub(super) fn broadcast(kernel: &mut Kernel<'_>, op: OpId, at: &At) -> Done<Name> {
    let of = OpRef::new(kernel.context.module, op);
    let (source, to) = (kernel.operand_of(op, 0)?, kernel.shape(of.op().result(0))?);
    let added = kernel.with(op, |kernel| kernel.dimensions("dimensions", to.len()))?;
    let indices = kernel.multi(to, at);
    let kept: Names = indices.iter().enumerate().filter(|(d, _)| !added.contains(d)).map(|(_, &index)| index).collect();
    if kept.len() != kernel.shape(source)?.len() {
        return kernel.refuse("its dimensions do not fit its input");
    }
    kernel.element(source, &At::Multi(kept))
}

/// `tensor.empty`: any value will do.
pub(super) fn empty(kernel: &mut Kernel<'_>, op: OpId, _: &At) -> Done<Name> {
    let scalar = kernel.scalar(kernel.context.module.op(op).result(0))?;
    Ok(kernel.code.constant(&scalar.literal(0), scalar.name()))
}

/// `linalg.fill`: the scalar.
pub(super) fn fill(kernel: &mut Kernel<'_>, op: OpId, _: &At) -> Done<Name> {
    let value = kernel.operand_of(op, 0)?;
    kernel.element(value, &At::scalar())
}

/// The element that the body of a `tensor.pad` yields, which must be the same everywhere.
pub(super) fn pad_value(kernel: &mut Kernel<'_>, op: OpId) -> Done<Name> {
    let module = kernel.context.module;
    let Some(&region) = module.op(op).regions().first() else { return kernel.refuse("it has no body") };
    let &[block] = module.region(region).blocks() else { return kernel.refuse("its body is not one block") };
    match *module.block(block).ops() {
        [end] if module.op_name(end) == "tensor.yield" && module.op(end).operands().len() == 1 => {
            kernel.element(module.op(end).operands()[0], &At::scalar())
        }
        _ => kernel.refuse("what it pads with is computed"),
    }
}

const CASTS: &[&str] = &[
    "extf",
    "extsi",
    "extui",
    "fptosi",
    "fptoui",
    "index_cast",
    "index_castui",
    "sitofp",
    "truncf",
    "trunci",
    "uitofp",
    "bitcast",
];

/// Predicates of comparisons, by their numbers.
const CMPF: [&str; 16] =
    ["false", "oeq", "ogt", "oge", "olt", "ole", "one", "ord", "ueq", "ugt", "uge", "ult", "ule", "une", "uno", "true"];
const CMPI: [&str; 10] = ["eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge"];

/// Whether an operation is one of `arith` or `math` on elements.
pub(super) fn is_scalar_operation(name: &str) -> bool {
    name != "arith.constant" && (name.starts_with("arith.") || name.starts_with("math."))
}

impl Kernel<'_> {
    /// An operation of `arith` or `math` on these elements. Indices are integers of 64 bits here.
    pub(super) fn scalar_operation(&mut self, op: OpId, elements: &[Name]) -> Done<Name> {
        let of = OpRef::new(self.context.module, op);
        let (Some(result), Some(&first)) = (of.op().results().next(), of.operands().first()) else {
            return Err(Box::new(self.context.no_lowering(op)));
        };
        let (from, to) = (self.scalar(first)?, self.scalar(result)?);
        let (dialect, name) = of.name().split_once('.').unwrap_or(("", of.name()));
        let predicate =
            |words: &'static [&'static str]| of.integer("predicate").and_then(|p| words.get(p as usize).copied());
        match (dialect, name) {
            ("arith", "cmpf" | "cmpi") => {
                let Some(word) = predicate(if name == "cmpf" { &CMPF } else { &CMPI }) else {
                    return self.refuse("its predicate is not understood");
                };
                Ok(self.code.op(format_args!("arith.{name} {word}, {} : {}", super::code::list(elements), from.name())))
            }
            ("arith", "select") => Ok(self.typed("arith.select", elements, to)),
            ("arith", "index_cast" | "index_castui" | "bitcast") if from.name() == to.name() => Ok(elements[0]),
            ("arith", "index_cast" | "index_castui") => Ok(self.convert(elements[0], from, to)),
            ("arith", cast) if CASTS.contains(&cast) => {
                Ok(self.code.op(format_args!("arith.{cast} {} : {} to {}", elements[0], from.name(), to.name())))
            }
            ("arith", "divsi" | "divui" | "remsi" | "remui") => {
                let ty = Scalar::Integer { width: 8 * to.bytes() as u32, unsigned: name.ends_with("ui") };
                Ok(self.divide_integers(name.starts_with("rem"), elements[0], elements[1], ty))
            }
            ("math", "rsqrt") => self.simple("stablehlo.rsqrt", elements, to),
            ("math", function) if to.is_float() && from == to => Ok(self.math(function, elements, to)),
            ("arith" | "math", _) if from == to => Ok(self.typed(of.name(), elements, to)),
            _ => Err(Box::new(self.context.no_lowering(op))),
        }
    }

    /// Operations that a linalg body has besides arithmetic.
    pub(super) fn in_linalg_body(&mut self, op: OpId, elements: &[Name]) -> Done<Option<Name>> {
        let of = OpRef::new(self.context.module, op);
        Ok(Some(match of.name() {
            "linalg.index" => {
                let dimension = of.integer("dim").unwrap_or(-1);
                let Some(&index) = self.iteration.get(dimension as usize) else {
                    return self.refuse("an index of its body is none of its loops");
                };
                self.code.op(format_args!("arith.index_cast {index} : index to i64"))
            }
            "tensor.extract" => {
                let source = self.operand_of(op, 0)?;
                let shape = self.shape(source)?;
                let mut at = Names::new();
                for (&index, &extent) in elements.iter().skip(1).zip(shape) {
                    let index = self.code.op(format_args!("arith.index_cast {index} : i64 to index"));
                    // Out of bounds is undefined there; here nothing is read outside of the tensor.
                    at.push(self.code.clamp(index, extent - 1));
                }
                self.element(source, &At::Multi(at))?
            }
            "arith.constant" => self.scalar_constant(op)?,
            name if is_scalar_operation(name) => self.scalar_operation(op, elements)?,
            _ => return Ok(None),
        }))
    }

    /// `arith.constant` of a scalar, or of a tensor of equal elements.
    pub(super) fn scalar_constant(&mut self, op: OpId) -> Done<Name> {
        let of = OpRef::new(self.context.module, op);
        let Some(result) = of.op().results().next() else { return self.refuse("it has no result") };
        let scalar = self.scalar(result)?;
        let literal = match of.attr("value") {
            Some(Attr::DenseElements { literal, .. }) => scalar.splat_literal(literal),
            Some(Attr::Float { literal, .. }) => Some(literal.to_string()),
            Some(Attr::Integer { value, .. }) if scalar == Scalar::Bool => Some((*value != 0).to_string()),
            Some(Attr::Integer { value, .. }) => Some(value.to_string()),
            Some(Attr::Bool(value)) => Some(value.to_string()),
            _ => None,
        };
        match literal {
            Some(literal) => Ok(self.code.constant(&literal, scalar.name())),
            None => self.refuse("its value is not in the file, or is not understood"),
        }
    }

    /// Whether a value is a tensor.
    pub(super) fn is_tensor(&self, value: ValueId) -> bool {
        matches!(self.context.module.type_of(value), Type::Tensor(_))
    }
}

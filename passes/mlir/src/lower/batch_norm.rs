//! Batch normalisation by its definition, one feature after the other. Sums are kept in `f64`.

use memopt::ir::{Attr, FloatKind, ValueId};

use super::code::{Name, Names};
use super::kernel::{At, Done, Kernel};
use super::scalar::Scalar;

/// A tensor by features: its extents without that of the feature, and where the feature's index belongs.
struct Features {
    dimension: usize,
    count: i64,
    others: Vec<i64>,
    epsilon: Name,
    /// Elements of a feature, as a float.
    elements: Name,
}

fn wide() -> Scalar {
    Scalar::Float(FloatKind::from_name("f64").expect("f64 is a float type"))
}

impl Features {
    fn of(kernel: &mut Kernel<'_>) -> Done<Features> {
        let x = kernel.operand(0)?;
        let shape = kernel.shape(x)?;
        let dimension = kernel.op.integer("feature_index").and_then(|d| usize::try_from(d).ok());
        let Some(dimension) = dimension.filter(|&d| d < shape.len()) else {
            return kernel.refuse("its feature_index is none of its dimensions");
        };
        let epsilon = match kernel.op.attr("epsilon") {
            Some(Attr::Float { literal, .. }) => kernel.code.constant(literal, "f64"),
            _ => return kernel.refuse("it has no epsilon"),
        };
        let count = shape[dimension];
        // All operands and results have one value for each feature, but the first ones and the gradient of the output.
        let whole_gradient = kernel.op.name() == "stablehlo.batch_norm_grad";
        let fits = |kernel: &Kernel<'_>, value: ValueId, whole: bool| -> Done<bool> {
            let expected = if whole { shape } else { &[count] };
            Ok(kernel.shape(value)? == expected && kernel.scalar(value)?.is_float())
        };
        for (k, &operand) in kernel.op.operands().iter().enumerate() {
            if !fits(kernel, operand, k == 0 || k == 4 && whole_gradient)? {
                return kernel.refuse("its types do not fit each other");
            }
        }
        for (k, result) in kernel.op.op().results().enumerate() {
            if !fits(kernel, result, k == 0)? {
                return kernel.refuse("its types do not fit each other");
            }
        }
        let mut others = shape.to_vec();
        others[dimension] = 1;
        let elements = others.iter().product::<i64>();
        let elements = kernel.code.constant(&format!("{elements}.0"), "f64");
        Ok(Features { dimension, count, others, epsilon, elements })
    }

    fn at(&self, indices: &[Name], feature: Name) -> At {
        let mut at = Names::from_slice(indices);
        at[self.dimension] = feature;
        At::Multi(at)
    }

    /// The sum over all elements of a feature.
    fn sum(
        &self,
        kernel: &mut Kernel<'_>,
        feature: Name,
        term: &mut dyn FnMut(&mut Kernel<'_>, &At) -> Done<Name>,
    ) -> Done<Name> {
        let zero = kernel.code.constant("0.0", "f64");
        let sums =
            kernel.nest_carrying(&self.others, &[(zero, "f64".to_owned())], &mut |kernel, indices, so_far| {
                let term = term(kernel, &self.at(indices, feature))?;
                Ok(vec![kernel.code.op(format_args!("arith.addf {}, {term} fastmath<reassoc> : f64", so_far[0]))])
            })?;
        Ok(sums[0])
    }

    /// `sqrt(variance + epsilon)`
    fn deviation(&self, kernel: &mut Kernel<'_>, variance: Name) -> Name {
        let sum = two(kernel, "addf", variance, self.epsilon);
        kernel.typed("math.sqrt", &[sum], wide())
    }
}

fn two(kernel: &mut Kernel<'_>, word: &str, a: Name, b: Name) -> Name {
    kernel.code.op(format_args!("arith.{word} {a}, {b} : f64"))
}

/// An element as `f64`.
fn read(kernel: &mut Kernel<'_>, operand: usize, at: &At) -> Done<Name> {
    let value = kernel.operand(operand)?;
    let scalar = kernel.scalar(value)?;
    let element = kernel.element(value, at)?;
    Ok(kernel.convert(element, scalar, wide()))
}

fn write(kernel: &mut Kernel<'_>, result: usize, at: &At, element: Name) -> Done {
    let Some(value) = kernel.op.op().results().nth(result) else { return kernel.refuse("it has too few results") };
    let scalar = kernel.scalar(value)?;
    let element = kernel.convert(element, wide(), scalar);
    kernel.write(value, at, element)
}

/// `x - mean`
fn centred(kernel: &mut Kernel<'_>, at: &At, mean: Name) -> Done<Name> {
    let x = read(kernel, 0, at)?;
    Ok(two(kernel, "subf", x, mean))
}

/// `(x - mean) / deviation * scale + offset` for all elements of a feature.
fn scale(kernel: &mut Kernel<'_>, features: &Features, feature: Name, mean: Name, deviation: Name) -> Done {
    let of = At::multi(&[feature]);
    let (scale, offset) = (read(kernel, 1, &of)?, read(kernel, 2, &of)?);
    kernel.nest(&features.others, &mut |kernel, indices| {
        let at = features.at(indices, feature);
        let centred = centred(kernel, &at, mean)?;
        let unit = two(kernel, "divf", centred, deviation);
        let scaled = two(kernel, "mulf", unit, scale);
        let y = two(kernel, "addf", scaled, offset);
        write(kernel, 0, &at, y)
    })
}

/// Operands: input, scale, offset, mean, variance.
pub(super) fn inference(kernel: &mut Kernel<'_>) -> Done {
    let features = Features::of(kernel)?;
    kernel.each(features.count, &mut |kernel, feature| {
        let of = At::multi(&[feature]);
        let (mean, variance) = (read(kernel, 3, &of)?, read(kernel, 4, &of)?);
        let deviation = features.deviation(kernel, variance);
        scale(kernel, &features, feature, mean, deviation)
    })
}

/// Operands: input, scale, offset. Results: output, mean, variance.
pub(super) fn training(kernel: &mut Kernel<'_>) -> Done {
    let features = Features::of(kernel)?;
    kernel.each(features.count, &mut |kernel, feature| {
        let of = At::multi(&[feature]);
        let sum = features.sum(kernel, feature, &mut |kernel, at| read(kernel, 0, at))?;
        let mean = two(kernel, "divf", sum, features.elements);
        let squares = features.sum(kernel, feature, &mut |kernel, at| {
            let centred = centred(kernel, at, mean)?;
            Ok(two(kernel, "mulf", centred, centred))
        })?;
        let variance = two(kernel, "divf", squares, features.elements);
        write(kernel, 1, &of, mean)?;
        write(kernel, 2, &of, variance)?;
        let deviation = features.deviation(kernel, variance);
        scale(kernel, &features, feature, mean, deviation)
    })
}

/// Operands: input, scale, mean, variance, gradient of the output. Results: gradients of input, scale and offset.
pub(super) fn gradient(kernel: &mut Kernel<'_>) -> Done {
    let features = Features::of(kernel)?;
    kernel.each(features.count, &mut |kernel, feature| {
        let of = At::multi(&[feature]);
        let [scale, mean, variance] = [read(kernel, 1, &of)?, read(kernel, 2, &of)?, read(kernel, 3, &of)?];
        let deviation = features.deviation(kernel, variance);
        let of_offset = features.sum(kernel, feature, &mut |kernel, at| read(kernel, 4, at))?;
        let products = features.sum(kernel, feature, &mut |kernel, at| {
            let (centred, gradient) = (centred(kernel, at, mean)?, read(kernel, 4, at)?);
            Ok(two(kernel, "mulf", centred, gradient))
        })?;
        let of_scale = two(kernel, "divf", products, deviation);
        write(kernel, 1, &of, of_scale)?;
        write(kernel, 2, &of, of_offset)?;
        // scale / deviation / n * (n * gradient - of_offset - centred * products / deviation^2)
        let per_deviation = two(kernel, "divf", of_scale, deviation);
        let factor = two(kernel, "divf", scale, deviation);
        let factor = two(kernel, "divf", factor, features.elements);
        kernel.nest(&features.others, &mut |kernel, indices| {
            let at = features.at(indices, feature);
            let (centred, gradient) = (centred(kernel, &at, mean)?, read(kernel, 4, &at)?);
            let all = two(kernel, "mulf", features.elements, gradient);
            let shared = two(kernel, "subf", all, of_offset);
            let own = two(kernel, "mulf", centred, per_deviation);
            let inner = two(kernel, "subf", shared, own);
            let of_input = two(kernel, "mulf", factor, inner);
            write(kernel, 0, &at, of_input)
        })
    })
}

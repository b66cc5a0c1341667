//! Conversions between element types.
//!
//! - To a float: the nearest value, ties to even. To an integer: toward zero; what is out of range becomes the nearest
//!   value in range, and NaN zero (the specification leaves both open; so does XLA it).
//! - To a boolean: whether it is not zero. From a complex number: its real part.

use num_complex::Complex64;

use super::{Call, Evaluated, Row, describe, ensure};
use crate::tensor::{Element, Int, Tensor, TensorSpec};

pub(super) static ROWS: &[Row] = &[
    Row::lanes("stablehlo.convert", |call| {
        let (x, spec) = (call.input(0)?, call.result(0)?);
        ensure(x.shape == spec.shape, || format!("{} is not the shape of {}", describe(&x.spec()), describe(spec)))?;
        Ok(vec![convert(x, spec)])
    }),
    Row::lanes("stablehlo.reduce_precision", reduce_precision),
    Row::kernel("stablehlo.bitcast_convert", bitcast_convert),
];

/// The elements in another type of the same shape.
pub(super) fn convert(x: &Tensor, spec: &TensorSpec) -> Tensor {
    match (x.element, spec.element) {
        (from, to) if from == to => x.clone(),
        (Element::Int(from), Element::Int(to)) => {
            let to_int = |v: i64| if to == Int::BOOL { i64::from(v != 0) } else { from.widen(v) as i64 };
            Tensor::from_ints(spec, &x.ints().into_iter().map(to_int).collect::<Vec<_>>())
        }
        (Element::Int(from), to) => {
            let values: Vec<f64> = x.ints().into_iter().map(|v| as_float(from.widen(v), to)).collect();
            match to.is_complex() {
                true => Tensor::from_complex(spec, &values.into_iter().map(Complex64::from).collect::<Vec<_>>()),
                false => Tensor::from_floats(spec, &values),
            }
        }
        (from, to) if from.is_complex() && to.is_complex() => Tensor::from_complex(spec, &x.complex()),
        (from, to) => {
            let real: Vec<f64> = match from.is_complex() {
                true => x.complex().into_iter().map(|z| z.re).collect(),
                false => x.floats(),
            };
            match to {
                Element::Int(int) => {
                    Tensor::from_ints(spec, &real.into_iter().map(|v| to_int(v, int)).collect::<Vec<_>>())
                }
                _ if to.is_complex() => {
                    Tensor::from_complex(spec, &real.into_iter().map(Complex64::from).collect::<Vec<_>>())
                }
                _ => Tensor::from_floats(spec, &real),
            }
        }
    }
}

/// An integer as a float that rounds to a narrower float as the integer itself does: what 53 bits do not hold is cut off,
/// and the lowest bit says that something was (rounding to odd). To `f64` it is rounded at once.
fn as_float(value: i128, to: Element) -> f64 {
    if value.unsigned_abs() <= 1 << 53 || matches!(to, Element::F64 | Element::C128) {
        return value as f64;
    }
    (value >> 11 | i128::from(value & 0x7ff != 0)) as f64 * 2048.0
}

fn to_int(value: f64, int: Int) -> i64 {
    match int {
        Int::BOOL => i64::from(value != 0.0),
        Int { signed: true, .. } => (value as i64).clamp(int.min(), int.max()),
        Int { bits, .. } => (value as u64).min(u64::MAX >> (64 - bits)) as i64,
    }
}

/// Rounds to a float with fewer bits of exponent and mantissa, and back.
fn reduce_precision(call: &mut Call<'_>) -> Evaluated {
    let (x, spec) = (call.input(0)?, call.result(0)?);
    ensure(x.spec() == *spec && spec.element.is_float(), || "it is defined on floats".to_owned())?;
    let bits = |name: &str, most: i64| {
        let bits = call.op.integer(name).filter(|n| (0..=most).contains(n));
        bits.ok_or_else(|| format!("{name} is no number from 0 to {most}"))
    };
    let (exponent, mantissa) = (bits("exponent_bits", 62)?, bits("mantissa_bits", 62)?);
    ensure(exponent > 0, || "a float without exponent holds nothing".to_owned())?;
    let rounded: Vec<f64> = x.floats().into_iter().map(|v| reduce(v, exponent as u32, mantissa as u32)).collect();
    Ok(vec![Tensor::from_floats(spec, &rounded)])
}

/// Ties go to even; what is too large becomes infinite, and what is below the smallest normal number zero.
fn reduce(value: f64, exponent: u32, mantissa: u32) -> f64 {
    let bits = value.to_bits();
    let sign = bits & (1 << 63);
    if !value.is_finite() || value == 0.0 {
        // Without mantissa there is no NaN.
        return if value.is_nan() && mantissa == 0 { f64::from_bits(sign | f64::INFINITY.to_bits()) } else { value };
    }
    let mut magnitude = bits & !(1 << 63);
    if mantissa < 52 {
        let cut = 52 - mantissa;
        let last = magnitude >> cut & 1;
        magnitude = (magnitude + (1 << (cut - 1)) - 1 + last) >> cut << cut;
    }
    if exponent < 11 {
        let bias = (1i64 << (exponent - 1)) - 1;
        match (magnitude >> 52) as i64 - 1023 {
            e if e > bias => magnitude = f64::INFINITY.to_bits(),
            e if e < 1 - bias => magnitude = 0,
            _ => {}
        }
    }
    f64::from_bits(sign | magnitude)
}

/// The same bytes: where the widths differ, the elements of the last dimension join or split.
fn bitcast_convert(call: &mut Call<'_>) -> Evaluated {
    let (x, spec) = (call.input(0)?, call.result(0)?);
    let (from, to) = (x.element.width(), spec.element.width());
    let joined = |shape: &[usize], narrow: usize, wide: usize| [shape, &[wide / narrow]].concat();
    let fits = match from.cmp(&to) {
        std::cmp::Ordering::Equal => x.shape == spec.shape,
        std::cmp::Ordering::Less => x.shape == joined(&spec.shape, from, to),
        std::cmp::Ordering::Greater => joined(&x.shape, to, from) == spec.shape,
    };
    let booleans = x.element == Element::BOOL || spec.element == Element::BOOL;
    ensure(fits && (!booleans || x.element == spec.element), || {
        format!("the bits of {} are not those of {}", describe(&x.spec()), describe(spec))
    })?;
    Ok(vec![Tensor::new(spec, x.bytes.clone())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_rounded_once() {
        // Above the middle of two f32 by one part in 2^53 and more: by f64 alone it would tie to even, down.
        let value = (1i128 << 62) + (1 << 38) + 1;
        assert_eq!(as_float(value, Element::F32) as f32, 2f32.powi(62) + 2f32.powi(39));
        assert_eq!(as_float(-value, Element::F32) as f32, -2f32.powi(62) - 2f32.powi(39));
        assert_eq!(as_float(value, Element::F64), 2f64.powi(62) + 2f64.powi(38));
    }

    #[test]
    fn precision_is_reduced_to_that_of_bf16() {
        assert_eq!(reduce(1.0 + 2f64.powi(-8), 8, 7), 1.0, "ties to even");
        assert_eq!(reduce(1.0 + 3.0 * 2f64.powi(-8), 8, 7), 1.0 + 2f64.powi(-6));
        assert_eq!(reduce(70000.0, 5, 10), f64::INFINITY, "too large for f16");
        assert_eq!(reduce(-1e-6, 5, 10), 0.0, "below its smallest normal number");
        assert!(reduce(f64::NAN, 5, 10).is_nan());
    }
}

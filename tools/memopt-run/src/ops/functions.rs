//! Transcendental functions, computed in `f64` and rounded once.

use num_complex::Complex64;

use super::elementwise::{binary_row, unary_row};
use super::special::{bessel_i1e, digamma, erf_inv, polygamma, zeta};
use super::{Call, Evaluated, Row, describe, ensure};
use crate::tensor::{Element, Tensor};

pub(super) static ROWS: &[Row] = &[
    unary_row("stablehlo.cbrt", Some(f64::cbrt), None, None),
    unary_row("stablehlo.cosine", Some(f64::cos), None, Some(|z| z.cos())),
    unary_row("stablehlo.exponential", Some(f64::exp), None, Some(|z| z.exp())),
    unary_row("stablehlo.exponential_minus_one", Some(f64::exp_m1), None, Some(|z| z.exp() - 1.0)),
    unary_row("stablehlo.log", Some(f64::ln), None, Some(|z| z.ln())),
    unary_row("stablehlo.log_plus_one", Some(f64::ln_1p), None, Some(|z| (z + 1.0).ln())),
    unary_row("stablehlo.logistic", Some(|x| 1.0 / (1.0 + (-x).exp())), None, Some(|z| 1.0 / (1.0 + (-z).exp()))),
    unary_row("stablehlo.rsqrt", Some(|x| 1.0 / x.sqrt()), None, Some(|z| 1.0 / z.sqrt())),
    unary_row("stablehlo.sine", Some(f64::sin), None, Some(|z| z.sin())),
    unary_row("stablehlo.sqrt", Some(f64::sqrt), None, Some(|z| z.sqrt())),
    unary_row("stablehlo.tan", Some(f64::tan), None, Some(|z| z.tan())),
    unary_row("stablehlo.tanh", Some(f64::tanh), None, Some(|z| z.tanh())),
    unary_row("chlo.acos", Some(f64::acos), None, Some(|z| z.acos())),
    unary_row("chlo.acosh", Some(f64::acosh), None, Some(|z| z.acosh())),
    unary_row("chlo.asin", Some(f64::asin), None, Some(|z| z.asin())),
    unary_row("chlo.asinh", Some(f64::asinh), None, Some(|z| z.asinh())),
    unary_row("chlo.atan", Some(f64::atan), None, Some(|z| z.atan())),
    unary_row("chlo.atanh", Some(f64::atanh), None, Some(|z| z.atanh())),
    unary_row("chlo.bessel_i1e", Some(bessel_i1e), None, None),
    unary_row("chlo.cosh", Some(f64::cosh), None, Some(|z| z.cosh())),
    unary_row("chlo.digamma", Some(digamma), None, None),
    unary_row("chlo.erf", Some(libm::erf), None, None),
    unary_row("chlo.erf_inv", Some(erf_inv), None, None),
    unary_row("chlo.erfc", Some(libm::erfc), None, None),
    unary_row("chlo.lgamma", Some(libm::lgamma), None, None),
    unary_row("chlo.sinh", Some(f64::sinh), None, Some(|z: Complex64| z.sinh())),
    unary_row("chlo.tan", Some(f64::tan), None, Some(|z| z.tan())),
    binary_row("chlo.polygamma", Some(polygamma), None, None),
    binary_row("chlo.zeta", Some(zeta), None, None),
    Row::lanes("chlo.next_after", next_after),
];

/// The neighbour of each element in its own type, in the direction of the other.
fn next_after(call: &mut Call<'_>) -> Evaluated {
    let (x, to, spec) = (call.input(0)?, call.input(1)?, call.result(0)?);
    let fits = x.spec() == *spec && to.spec() == *spec && spec.element.is_float();
    ensure(fits, || format!("it is not defined on {} and {}", describe(&x.spec()), describe(&to.spec())))?;
    let width = spec.element.width();
    let bits = |bytes: &[u8]| bytes.iter().rev().fold(0u64, |bits, &byte| bits << 8 | u64::from(byte));
    let sign = 1u64 << (8 * width - 1);
    let mut made = Tensor::zeros(spec);
    for (at, (from, to_value)) in x.floats().into_iter().zip(to.floats()).enumerate() {
        let range = at * width..(at + 1) * width;
        let own = bits(&x.bytes[range.clone()]);
        let next = if from.is_nan() {
            own
        } else if to_value.is_nan() || from == to_value {
            bits(&to.bytes[range.clone()])
        } else if from == 0.0 {
            if to_value < 0.0 { sign | 1 } else { 1 }
        } else if (to_value > from) == (from > 0.0) {
            own + 1
        } else {
            own - 1
        };
        made.bytes[range].copy_from_slice(&next.to_le_bytes()[..width]);
    }
    debug_assert_ne!(spec.element, Element::BOOL, "only floats have neighbours");
    Ok(vec![made])
}

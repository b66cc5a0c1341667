//! One result element from the operand elements at its index: arithmetic, logic, comparison, selection.
//!
//! Integer division has no answer in the specification where the divisor is zero or the quotient overflows; here, as in
//! XLA: `x / 0 = -1`, `x % 0 = x`, `min / -1 = min`, `min % -1 = 0`. Shifts by the width or more shift everything out.

use std::cmp::Ordering;

use num_complex::Complex64;

use super::{Binary, Call, Evaluated, InPlace, Meaning, Row, Unary, describe, ensure};
use crate::tensor::{Element, Int, Tensor, TensorSpec};

pub(super) static ROWS: &[Row] = &[
    binary_row("stablehlo.add", Some(|a, b| a + b), Some(add), Some(|a, b| a + b)),
    binary_row("stablehlo.subtract", Some(|a, b| a - b), Some(|a, b, _| a.wrapping_sub(b)), Some(|a, b| a - b)),
    binary_row("stablehlo.multiply", Some(|a, b| a * b), Some(|a, b, _| a.wrapping_mul(b)), Some(|a, b| a * b)),
    binary_row("stablehlo.divide", Some(|a, b| a / b), Some(divide), Some(|a, b| a / b)),
    binary_row("stablehlo.remainder", Some(|a, b| a % b), Some(remainder), None),
    binary_row(
        "stablehlo.maximum",
        Some(maximum),
        Some(larger),
        Some(|a, b| if lexical(a, b).is_lt() { b } else { a }),
    ),
    binary_row(
        "stablehlo.minimum",
        Some(minimum),
        Some(smaller),
        Some(|a, b| if lexical(a, b).is_gt() { b } else { a }),
    ),
    binary_row("stablehlo.power", Some(f64::powf), Some(power), Some(|a, b| a.powc(b))),
    binary_row("stablehlo.atan2", Some(f64::atan2), None, Some(complex_atan2)),
    binary_row("stablehlo.and", None, Some(|a, b, _| a & b), None),
    binary_row("stablehlo.or", None, Some(|a, b, _| a | b), None),
    binary_row("stablehlo.xor", None, Some(|a, b, _| a ^ b), None),
    binary_row("stablehlo.shift_left", None, Some(shift_left), None),
    binary_row("stablehlo.shift_right_arithmetic", None, Some(shift_right_arithmetic), None),
    binary_row("stablehlo.shift_right_logical", None, Some(shift_right_logical), None),
    unary_row("stablehlo.negate", Some(|a| -a), Some(|a, _| a.wrapping_neg()), Some(|a| -a)),
    unary_row("stablehlo.not", None, Some(|a, _| !a), None),
    unary_row("stablehlo.sign", Some(sign), Some(|a, int| int.compare(a, 0) as i64), Some(complex_sign)),
    unary_row("stablehlo.popcnt", None, Some(|a, int| i64::from(low(a, int).count_ones())), None),
    unary_row("stablehlo.count_leading_zeros", None, Some(leading_zeros), None),
    unary_row("stablehlo.ceil", Some(f64::ceil), None, None),
    unary_row("stablehlo.floor", Some(f64::floor), None, None),
    unary_row("stablehlo.round_nearest_afz", Some(f64::round), None, None),
    unary_row("stablehlo.round_nearest_even", Some(f64::round_ties_even), None, None),
    unary_row("chlo.square", Some(|a| a * a), Some(|a, _| a.wrapping_mul(a)), Some(|a| a * a)),
    unary_row("chlo.conj", Some(|a| a), Some(|a, _| a), Some(|a| a.conj())),
    Row::lanes("stablehlo.abs", abs),
    Row::lanes("stablehlo.real", |call| part(call, |z| z.re)),
    Row::lanes("stablehlo.imag", |call| part(call, |z| z.im)),
    Row::lanes("stablehlo.complex", complex),
    Row::lanes("stablehlo.is_finite", |call| test(call, f64::is_finite)),
    Row::lanes("chlo.is_inf", |call| test(call, f64::is_infinite)),
    Row::lanes("chlo.is_neg_inf", |call| test(call, |x| x == f64::NEG_INFINITY)),
    Row::lanes("chlo.is_pos_inf", |call| test(call, |x| x == f64::INFINITY)),
    Row::lanes("stablehlo.compare", compare),
    Row::lanes("stablehlo.select", select),
    Row::lanes("stablehlo.clamp", clamp),
    Row { in_place: InPlace::SameIndex, ..Row::kernel("stablehlo.map", map) },
];

pub(super) const fn unary_row(
    name: &'static str,
    float: Option<fn(f64) -> f64>,
    int: Option<fn(i64, Int) -> i64>,
    complex: Option<fn(Complex64) -> Complex64>,
) -> Row {
    Row { name, meaning: Meaning::Unary(Unary { float, int, complex }), in_place: InPlace::SameIndex }
}

pub(super) const fn binary_row(
    name: &'static str,
    float: Option<fn(f64, f64) -> f64>,
    int: Option<fn(i64, i64, Int) -> i64>,
    complex: Option<fn(Complex64, Complex64) -> Complex64>,
) -> Row {
    Row { name, meaning: Meaning::Binary(Binary { float, int, complex }), in_place: InPlace::SameIndex }
}

/// Elements of a type have no such function.
fn undefined(spec: &TensorSpec) -> String {
    format!("it is not defined on {}", spec.element.name())
}

pub(super) fn unary(call: &mut Call<'_>, of: Unary) -> Evaluated {
    let (x, spec) = (call.input(0)?, call.result(0)?);
    ensure(x.spec() == *spec, || format!("its operand is {}, its result {}", describe(&x.spec()), describe(spec)))?;
    let made = match (spec.element, of) {
        (Element::Int(int), Unary { int: Some(f), .. }) => {
            Tensor::from_ints(spec, &x.ints().into_iter().map(|a| f(a, int)).collect::<Vec<_>>())
        }
        (element, Unary { float: Some(f), .. }) if element.is_float() => {
            Tensor::from_floats(spec, &x.floats().into_iter().map(f).collect::<Vec<_>>())
        }
        (element, Unary { complex: Some(f), .. }) if element.is_complex() => {
            Tensor::from_complex(spec, &x.complex().into_iter().map(f).collect::<Vec<_>>())
        }
        _ => return Err(undefined(spec)),
    };
    Ok(vec![made])
}

pub(super) fn binary(call: &mut Call<'_>, of: Binary) -> Evaluated {
    let (a, b, spec) = (call.input(0)?, call.input(1)?, call.result(0)?);
    for (index, operand) in [a, b].into_iter().enumerate() {
        let found = operand.spec();
        ensure(found == *spec, || format!("operand {index} is {}, its result {}", describe(&found), describe(spec)))?;
    }
    let made = match (spec.element, of) {
        (Element::Int(int), Binary { int: Some(f), .. }) => {
            let pairs = a.ints().into_iter().zip(b.ints());
            Tensor::from_ints(spec, &pairs.map(|(a, b)| f(a, b, int)).collect::<Vec<_>>())
        }
        (element, Binary { float: Some(f), .. }) if element.is_float() => {
            let pairs = a.floats().into_iter().zip(b.floats());
            Tensor::from_floats(spec, &pairs.map(|(a, b)| f(a, b)).collect::<Vec<_>>())
        }
        (element, Binary { complex: Some(f), .. }) if element.is_complex() => {
            let pairs = a.complex().into_iter().zip(b.complex());
            Tensor::from_complex(spec, &pairs.map(|(a, b)| f(a, b)).collect::<Vec<_>>())
        }
        _ => return Err(undefined(spec)),
    };
    Ok(vec![made])
}

/// The sum of booleans is their disjunction.
fn add(a: i64, b: i64, int: Int) -> i64 {
    if int == Int::BOOL { a | b } else { a.wrapping_add(b) }
}

fn divide(a: i64, b: i64, int: Int) -> i64 {
    match (b, int.signed) {
        (0, _) => -1,
        (_, true) => a.wrapping_div(b),
        (_, false) => (a as u64 / b as u64) as i64,
    }
}

fn remainder(a: i64, b: i64, int: Int) -> i64 {
    match (b, int.signed) {
        (0, _) => a,
        (_, true) => a.wrapping_rem(b),
        (_, false) => (a as u64 % b as u64) as i64,
    }
}

/// IEEE 754-2019 `maximum`: NaN wins, and +0 is more than -0.
fn maximum(a: f64, b: f64) -> f64 {
    match a.partial_cmp(&b) {
        Some(Ordering::Less) => b,
        Some(Ordering::Equal) if a.is_sign_negative() => b,
        Some(_) => a,
        None => f64::NAN,
    }
}

/// IEEE 754-2019 `minimum`: NaN wins, and -0 is less than +0.
fn minimum(a: f64, b: f64) -> f64 {
    -maximum(-a, -b)
}

fn larger(a: i64, b: i64, int: Int) -> i64 {
    if int.compare(a, b).is_lt() { b } else { a }
}

fn smaller(a: i64, b: i64, int: Int) -> i64 {
    if int.compare(a, b).is_gt() { b } else { a }
}

/// Complex numbers are ordered by real part, then by imaginary part.
fn lexical(a: Complex64, b: Complex64) -> Ordering {
    let by_real = a.re.partial_cmp(&b.re).unwrap_or(Ordering::Equal);
    by_real.then(a.im.partial_cmp(&b.im).unwrap_or(Ordering::Equal))
}

/// A negative exponent leaves something of 1 and -1 only.
fn power(a: i64, b: i64, int: Int) -> i64 {
    if int.compare(b, 0).is_lt() {
        return match a {
            1 => 1,
            -1 if b % 2 == 0 => 1,
            -1 => -1,
            _ => 0,
        };
    }
    let (mut product, mut base, mut exponent) = (1i64, a, b as u64);
    while exponent > 0 {
        if exponent & 1 == 1 {
            product = product.wrapping_mul(base);
        }
        base = base.wrapping_mul(base);
        exponent >>= 1;
    }
    product
}

/// `atan2` continued to complex numbers: `-i log((x + i y) / sqrt(x^2 + y^2))`.
fn complex_atan2(y: Complex64, x: Complex64) -> Complex64 {
    let i = Complex64::i();
    -i * ((x + i * y) / (x * x + y * y).sqrt()).ln()
}

/// The bits of a value, without those of its extension.
fn low(a: i64, int: Int) -> u64 {
    (a as u64) << (64 - int.bits) >> (64 - int.bits)
}

fn shift_left(a: i64, by: i64, int: Int) -> i64 {
    if low(by, int) < u64::from(int.bits) { a << by } else { 0 }
}

fn shift_right_arithmetic(a: i64, by: i64, int: Int) -> i64 {
    // An unsigned value is shifted as the signed one of its bits.
    let signed = Int { signed: true, ..int }.wrap(a);
    signed >> low(by, int).min(63)
}

fn shift_right_logical(a: i64, by: i64, int: Int) -> i64 {
    if low(by, int) < u64::from(int.bits) { (low(a, int) >> by) as i64 } else { 0 }
}

fn leading_zeros(a: i64, int: Int) -> i64 {
    i64::from(low(a, int).leading_zeros()) - i64::from(64 - int.bits)
}

fn sign(a: f64) -> f64 {
    if a == 0.0 || a.is_nan() { a } else { a.signum() }
}

fn complex_sign(a: Complex64) -> Complex64 {
    if a.norm() == 0.0 { a } else { a / a.norm() }
}

fn abs(call: &mut Call<'_>) -> Evaluated {
    let (x, spec) = (call.input(0)?, call.result(0)?);
    ensure(x.shape == spec.shape, || "its operand and its result have different shapes".to_owned())?;
    Ok(vec![match x.element {
        Element::Int(Int { signed: true, .. }) => {
            Tensor::from_ints(&x.spec(), &x.ints().into_iter().map(i64::wrapping_abs).collect::<Vec<_>>())
        }
        element if element.is_complex() => {
            ensure(spec.element.is_float(), || "the absolute value of a complex number is real".to_owned())?;
            Tensor::from_floats(spec, &x.complex().into_iter().map(|z| z.norm()).collect::<Vec<_>>())
        }
        element if element.is_float() => {
            Tensor::from_floats(&x.spec(), &x.floats().into_iter().map(f64::abs).collect::<Vec<_>>())
        }
        _ => x.clone(),
    }])
}

fn part(call: &mut Call<'_>, of: fn(Complex64) -> f64) -> Evaluated {
    let (x, spec) = (call.input(0)?, call.result(0)?);
    ensure(spec.element.is_float() && x.shape == spec.shape, || {
        "its result is no real tensor of its shape".to_owned()
    })?;
    let parts: Vec<f64> = match x.element.is_complex() {
        true => x.complex().into_iter().map(of).collect(),
        false => x.floats().into_iter().map(|re| of(Complex64::new(re, 0.0))).collect(),
    };
    ensure(parts.len() == spec.len(), || undefined(&x.spec()))?;
    Ok(vec![Tensor::from_floats(spec, &parts)])
}

fn complex(call: &mut Call<'_>) -> Evaluated {
    let (re, im, spec) = (call.input(0)?, call.input(1)?, call.result(0)?);
    let parts = if spec.element == Element::C128 { Element::F64 } else { Element::F32 };
    let fits = |tensor: &Tensor| tensor.element == parts && tensor.shape == spec.shape;
    ensure(fits(re) && fits(im) && spec.element.is_complex(), || "its operands are no parts of its result".to_owned())?;
    let values: Vec<_> = re.floats().into_iter().zip(im.floats()).map(|(re, im)| Complex64::new(re, im)).collect();
    Ok(vec![Tensor::from_complex(spec, &values)])
}

fn test(call: &mut Call<'_>, holds: fn(f64) -> bool) -> Evaluated {
    let (x, spec) = (call.input(0)?, call.result(0)?);
    ensure(x.element.is_float(), || undefined(&x.spec()))?;
    booleans(spec, x.floats().into_iter().map(holds))
}

fn booleans(spec: &TensorSpec, values: impl Iterator<Item = bool>) -> Evaluated {
    let values: Vec<i64> = values.map(i64::from).collect();
    let fits = spec.element == Element::BOOL && spec.len() == values.len();
    ensure(fits, || "its result is no boolean for each element".to_owned())?;
    Ok(vec![Tensor::from_ints(spec, &values)])
}

fn compare(call: &mut Call<'_>) -> Evaluated {
    let (a, b, spec) = (call.input(0)?, call.input(1)?, call.result(0)?);
    ensure(a.spec() == b.spec() && a.shape == spec.shape, || "its operands and its result differ in type".to_owned())?;
    let direction = call.word("comparison_direction", "comparison_direction").unwrap_or("");
    let holds: fn(Option<Ordering>) -> bool = match direction {
        "EQ" => |order| order == Some(Ordering::Equal),
        "NE" => |order| order != Some(Ordering::Equal),
        "LT" => |order| order == Some(Ordering::Less),
        "LE" => |order| matches!(order, Some(Ordering::Less | Ordering::Equal)),
        "GT" => |order| order == Some(Ordering::Greater),
        "GE" => |order| matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        _ => return Err("it has no comparison_direction".to_owned()),
    };
    let is_total = call.word("compare_type", "comparison_type") == Some("TOTALORDER");
    match a.element {
        Element::Int(int) => {
            booleans(spec, a.ints().into_iter().zip(b.ints()).map(|(a, b)| holds(Some(int.compare(a, b)))))
        }
        element if element.is_complex() => {
            ensure(matches!(direction, "EQ" | "NE"), || {
                "complex numbers are equal or not, and have no order".to_owned()
            })?;
            let equal = |(a, b)| holds(if a == b { Some(Ordering::Equal) } else { None });
            booleans(spec, a.complex().into_iter().zip(b.complex()).map(equal))
        }
        _ if is_total => booleans(spec, a.floats().iter().zip(b.floats()).map(|(a, b)| holds(Some(a.total_cmp(&b))))),
        _ => booleans(spec, a.floats().iter().zip(b.floats()).map(|(a, b)| holds(a.partial_cmp(&b)))),
    }
}

/// Both values are whole; the predicate may be one for all.
fn select(call: &mut Call<'_>) -> Evaluated {
    let (predicate, on_true, on_false, spec) = (call.input(0)?, call.input(1)?, call.input(2)?, call.result(0)?);
    let fits = on_true.spec() == *spec && on_false.spec() == *spec && predicate.element == Element::BOOL;
    let one = predicate.len() == 1;
    ensure(fits && (one || predicate.shape == spec.shape), || "its operands do not fit its result".to_owned())?;
    if one && spec.len() != 1 {
        return Ok(vec![if predicate.bytes[0] & 1 == 1 { on_true.clone() } else { on_false.clone() }]);
    }
    let width = spec.element.width();
    let mut made = on_false.clone();
    for (at, _) in predicate.bytes.iter().enumerate().filter(|(_, byte)| **byte & 1 == 1) {
        let range = at * width..(at + 1) * width;
        made.bytes[range.clone()].copy_from_slice(&on_true.bytes[range]);
    }
    Ok(vec![made])
}

/// `minimum(maximum(x, low), high)`; the limits may be one for all.
fn clamp(call: &mut Call<'_>) -> Evaluated {
    let (low, x, high, spec) = (call.input(0)?, call.input(1)?, call.input(2)?, call.result(0)?);
    let fits = |limit: &Tensor| limit.element == spec.element && (limit.len() == 1 || limit.shape == spec.shape);
    ensure(x.spec() == *spec && fits(low) && fits(high), || "its operands do not fit its result".to_owned())?;
    let spread = |limit: &Tensor| if limit.shape == spec.shape { limit.clone() } else { limit.splat(&spec.shape) };
    let (low, high) = (spread(low), spread(high));
    Ok(vec![match spec.element {
        Element::Int(int) => {
            let limits = low.ints().into_iter().zip(high.ints());
            let clamped = x.ints().into_iter().zip(limits);
            Tensor::from_ints(spec, &clamped.map(|(x, (l, h))| smaller(larger(x, l, int), h, int)).collect::<Vec<_>>())
        }
        element if element.is_float() => {
            let limits = low.floats().into_iter().zip(high.floats());
            let clamped = x.floats().into_iter().zip(limits);
            Tensor::from_floats(spec, &clamped.map(|(x, (l, h))| minimum(maximum(x, l), h)).collect::<Vec<_>>())
        }
        _ => return Err(undefined(spec)),
    }])
}

/// The region on the elements at each index.
fn map(call: &mut Call<'_>) -> Evaluated {
    let spec = call.result(0)?.clone();
    ensure(call.inputs.iter().all(|input| input.shape == spec.shape), || "its operands differ in shape".to_owned())?;
    let rows: Vec<Tensor> = call.inputs.iter().map(|input| (**input).clone().reshaped(&[spec.len()])).collect();
    let made = call.bodies.apply(0, rows)?;
    let [made] = <[Tensor; 1]>::try_from(made).map_err(|_| "its region does not return one value".to_owned())?;
    ensure(made.len() == spec.len(), || "its region does not return a scalar".to_owned())?;
    Ok(vec![made.reshaped(&spec.shape)])
}

//! Factorisations, triangular systems and Fourier transforms, by their definitions, in complex `f64`.

use std::f64::consts::TAU;

use num_complex::Complex64;

use super::{Call, Evaluated, Problem, Row, ensure};
use crate::tensor::{Tensor, TensorSpec};

pub(super) static ROWS: &[Row] = &[
    Row::kernel("stablehlo.cholesky", cholesky),
    Row::kernel("stablehlo.triangular_solve", triangular_solve),
    Row::kernel("stablehlo.fft", fft),
];

/// Real and complex floats as complex numbers.
fn load(x: &Tensor) -> Result<Vec<Complex64>, Problem> {
    match x.element {
        element if element.is_complex() => Ok(x.complex()),
        element if element.is_float() => Ok(x.floats().into_iter().map(Complex64::from).collect()),
        element => Err(format!("it is not defined on {}", element.name())),
    }
}

fn store(spec: &TensorSpec, values: &[Complex64]) -> Result<Tensor, Problem> {
    ensure(values.len() == spec.len(), || "its result has another shape than it makes".to_owned())?;
    match spec.element {
        element if element.is_complex() => Ok(Tensor::from_complex(spec, values)),
        element if element.is_float() => {
            Ok(Tensor::from_floats(spec, &values.iter().map(|z| z.re).collect::<Vec<_>>()))
        }
        element => Err(format!("it does not make {}", element.name())),
    }
}

/// The extents of the last two dimensions.
fn matrix(x: &Tensor) -> Result<[usize; 2], Problem> {
    x.shape.last_chunk::<2>().copied().ok_or_else(|| "its operand is no matrix".to_owned())
}

/// `a = l l^H`, from the triangle that `lower` names; the other triangle of the result is zero. NaN where the matrix is not
/// positive definite.
fn cholesky(call: &mut Call<'_>) -> Evaluated {
    let (x, spec) = (call.input(0)?, call.result(0)?);
    let [n, columns] = matrix(x)?;
    ensure(n == columns && x.spec() == *spec, || "it is defined on square matrices".to_owned())?;
    let lower = call.flag("lower");
    let mut values = load(x)?;
    for a in values.chunks_exact_mut((n * n).max(1)) {
        let mut l = vec![Complex64::ZERO; n * n];
        for i in 0..n {
            for j in 0..=i {
                let sum: Complex64 = (0..j).map(|k| l[i * n + k] * l[j * n + k].conj()).sum();
                let own = if lower { a[i * n + j] } else { a[j * n + i].conj() };
                l[i * n + j] = if i == j { Complex64::from((own - sum).re.sqrt()) } else { (own - sum) / l[j * n + j] };
            }
        }
        for i in 0..n {
            for j in 0..n {
                a[i * n + j] = if lower { l[i * n + j] } else { l[j * n + i].conj() };
            }
        }
    }
    Ok(vec![store(spec, &values)?])
}

/// `op(a) x = b`, or `x op(a) = b`.
fn triangular_solve(call: &mut Call<'_>) -> Evaluated {
    let (a, b, spec) = (call.input(0)?, call.input(1)?, call.result(0)?);
    let ([n, columns], [rows, width]) = (matrix(a)?, matrix(b)?);
    let (left, lower, unit) = (call.flag("left_side"), call.flag("lower"), call.flag("unit_diagonal"));
    let fits = n == columns && (if left { rows } else { width }) == n && b.spec() == *spec;
    let batch = |x: &Tensor| x.shape[..x.shape.len() - 2].to_vec();
    ensure(fits && batch(a) == batch(b), || "its operands are no triangular system".to_owned())?;
    let transpose = call.word("transpose_a", "transpose").unwrap_or("NO_TRANSPOSE");
    let (of_a, mut values) = (load(a)?, load(b)?);
    for (a, x) in of_a.chunks_exact((n * n).max(1)).zip(values.chunks_exact_mut((rows * width).max(1))) {
        // op(a), with the triangle that is not named left out.
        let entry = |i: usize, j: usize| {
            let (i, j) = if transpose == "NO_TRANSPOSE" { (i, j) } else { (j, i) };
            let kept = if lower { j <= i } else { i <= j };
            let value = if kept { a[i * n + j] } else { Complex64::ZERO };
            if transpose == "ADJOINT" { value.conj() } else { value }
        };
        let is_lower = lower == (transpose == "NO_TRANSPOSE");
        // From the left each column is a system in op(a); from the right each row is one in its transpose.
        let systems = if left { width } else { rows };
        for system in 0..systems {
            let at = |i: usize| if left { i * width + system } else { system * width + i };
            let coefficient = |i: usize, j: usize| if left { entry(i, j) } else { entry(j, i) };
            let forward = is_lower == left;
            for step in 0..n {
                let i = if forward { step } else { n - 1 - step };
                let known: Vec<usize> = if forward { (0..i).collect() } else { (i + 1..n).collect() };
                let sum: Complex64 = known.into_iter().map(|j| coefficient(i, j) * x[at(j)]).sum();
                let diagonal = if unit { Complex64::ONE } else { coefficient(i, i) };
                x[at(i)] = (x[at(i)] - sum) / diagonal;
            }
        }
    }
    Ok(vec![store(spec, &values)?])
}

/// The transform over the last dimensions, one after the other, each by its definition.
fn fft(call: &mut Call<'_>) -> Evaluated {
    let (x, spec) = (call.input(0)?, call.result(0)?);
    let lengths = memopt::dialect::stablehlo::attributes::integers(call.op, "fft_length").unwrap_or_default();
    let rank = x.shape.len();
    let usable =
        !lengths.is_empty() && lengths.len() <= 3.min(rank) && lengths.iter().all(|n| (1..=1 << 24).contains(n));
    ensure(usable, || "its fft_length is not one to three extents".to_owned())?;
    let kind = call.word("fft_type", "fft_type").unwrap_or("");
    let first = rank - lengths.len();
    let last = *lengths.last().expect("one at least") as usize;
    let mut shape = x.shape.clone();
    let expected = lengths.iter().enumerate().all(|(i, &n)| {
        let n = n as usize;
        let is_half = kind == "IRFFT" && first + i + 1 == rank;
        x.shape[first + i] == if is_half { n / 2 + 1 } else { n }
    });
    ensure(expected, || "its operand has other extents than its fft_length says".to_owned())?;
    let mut values = load(x)?;
    let order: Vec<usize> = match kind {
        "RFFT" => (first..rank).rev().collect(),
        _ => (first..rank).collect(),
    };
    for d in order {
        let is_last = d + 1 == rank;
        let (length, kept) = match kind {
            "RFFT" if is_last => (last, last / 2 + 1),
            "IRFFT" if is_last => (last, last),
            _ => (shape[d], shape[d]),
        };
        let inverse = matches!(kind, "IFFT" | "IRFFT");
        values = transform(&values, &shape, d, Length { length, kept, inverse, half: kind == "IRFFT" && is_last });
        shape[d] = kept;
    }
    ensure(matches!(kind, "FFT" | "IFFT" | "RFFT" | "IRFFT") && shape == spec.shape, || {
        "its result has another shape than it makes".to_owned()
    })?;
    Ok(vec![store(spec, &values)?])
}

struct Length {
    /// Of the signal.
    length: usize,
    /// How many values are made.
    kept: usize,
    inverse: bool,
    /// Whether only the first half of the input is there, the rest being its mirrored conjugate.
    half: bool,
}

fn transform(values: &[Complex64], shape: &[usize], d: usize, of: Length) -> Vec<Complex64> {
    let inner: usize = shape[d + 1..].iter().product();
    let outer: usize = shape[..d].iter().product();
    let turn = if of.inverse { TAU } else { -TAU } / of.length as f64;
    let scale = if of.inverse { 1.0 / of.length as f64 } else { 1.0 };
    let mut made = Vec::with_capacity(outer * of.kept * inner);
    for row in 0..outer {
        for k in 0..of.kept {
            for column in 0..inner {
                let at = |n: usize| values[(row * shape[d] + n) * inner + column];
                let signal = |n: usize| if of.half && n >= shape[d] { at(of.length - n).conj() } else { at(n) };
                let term = |n: usize| signal(n) * Complex64::cis(turn * (k * n % of.length) as f64);
                made.push((0..of.length).map(term).sum::<Complex64>() * scale);
            }
        }
    }
    made
}

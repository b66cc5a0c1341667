//! How far two tensors are apart: the largest `|a - b| / (0.001 + |b|)`, where equal infinities and two NaNs are equal.

use num_complex::Complex64;

use crate::ops::describe;
use crate::tensor::Tensor;

/// What comparing two tensors finds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Difference {
    /// The largest difference; infinite where only one of two elements is a number.
    pub largest: f64,
    /// Where it is, counted row by row.
    pub at: usize,
}

/// The largest difference of `found` from `expected`.
///
/// # Errors
/// If they are of different types.
pub fn difference(found: &Tensor, expected: &Tensor) -> Result<Difference, String> {
    if found.spec() != expected.spec() {
        let (found, expected) = (describe(&found.spec()), describe(&expected.spec()));
        return Err(format!("it is {found} instead of {expected}"));
    }
    let (a, b) = (numbers(found), numbers(expected));
    let mut worst = Difference { largest: 0.0, at: 0 };
    for (at, (a, b)) in a.into_iter().zip(b).enumerate() {
        let largest = one(a.re, b.re).max(one(a.im, b.im));
        if largest > worst.largest {
            worst = Difference { largest, at };
        }
    }
    Ok(worst)
}

fn one(a: f64, b: f64) -> f64 {
    if a == b || a.is_nan() && b.is_nan() {
        return 0.0;
    }
    let difference = (a - b).abs() / (1e-3 + b.abs());
    if difference.is_nan() { f64::INFINITY } else { difference }
}

fn numbers(tensor: &Tensor) -> Vec<Complex64> {
    match tensor.element.as_int() {
        Some(int) => tensor.ints().into_iter().map(|v| Complex64::from(int.widen(v) as f64)).collect(),
        None if tensor.element.is_complex() => tensor.complex(),
        None => tensor.floats().into_iter().map(Complex64::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::{Element, TensorSpec};

    fn largest(found: &[f64], expected: &[f64]) -> f64 {
        let spec = TensorSpec::new(Element::F64, &[found.len()]);
        difference(&Tensor::from_floats(&spec, found), &Tensor::from_floats(&spec, expected)).unwrap().largest
    }

    #[test]
    fn differences() {
        assert_eq!(largest(&[1.0, f64::NAN, f64::INFINITY], &[1.0, f64::NAN, f64::INFINITY]), 0.0);
        assert_eq!(largest(&[0.002], &[0.0]), 2.0);
        assert_eq!(largest(&[f64::NAN], &[1.0]), f64::INFINITY);
        assert_eq!(largest(&[1.0], &[f64::INFINITY]), f64::INFINITY);
        let (f, i) = (TensorSpec::new(Element::F32, &[1]), TensorSpec::new(Element::I32, &[1]));
        assert!(difference(&Tensor::zeros(&f), &Tensor::zeros(&i)).is_err());
    }
}

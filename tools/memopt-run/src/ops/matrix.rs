//! Matrix products: what contractions and convolutions come down to. The one door to ndarray.
//!
//! Narrow floats are multiplied and summed in `f32`, integers modulo 2^64, complex numbers in `f64`.

use ndarray::ArrayView2;
use num_complex::Complex64;

use super::{Problem, describe};
use crate::tensor::{Element, Tensor, TensorSpec};

/// A type to compute products in.
pub(super) trait Number: Copy + 'static {
    /// What sums begin with.
    const ZERO: Self;

    /// The elements of a tensor; `None` if it holds none of this class.
    fn load(tensor: &Tensor) -> Option<Vec<Self>>;

    /// A tensor of these elements.
    fn store(spec: &TensorSpec, values: &[Self]) -> Tensor;

    /// The product of an `m x k` and a `k x n` matrix, both row by row.
    fn product(a: &[Self], b: &[Self], size: [usize; 3]) -> Vec<Self>;
}

/// Loads a tensor as numbers.
pub(super) fn load<T: Number>(tensor: &Tensor, spec: &TensorSpec) -> Result<Vec<T>, Problem> {
    let wrong = || format!("{} cannot be multiplied into {}", describe(&tensor.spec()), describe(spec));
    T::load(tensor).ok_or_else(wrong)
}

impl Number for f32 {
    const ZERO: f32 = 0.0;

    fn load(tensor: &Tensor) -> Option<Vec<f32>> {
        if tensor.element == Element::F32 {
            return Some(tensor.bytes.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect());
        }
        // Narrower floats are exact in f32; a wider operand is rounded to the precision of the result.
        tensor.element.is_float().then(|| tensor.floats().into_iter().map(|v| v as f32).collect())
    }

    fn store(spec: &TensorSpec, values: &[f32]) -> Tensor {
        Tensor::from_floats(spec, &values.iter().map(|&v| f64::from(v)).collect::<Vec<_>>())
    }

    fn product(a: &[f32], b: &[f32], [m, k, n]: [usize; 3]) -> Vec<f32> {
        let matrix = |values, shape| ArrayView2::from_shape(shape, values).expect("a matrix has rows times columns");
        matrix(a, (m, k)).dot(&matrix(b, (k, n))).into_raw_vec_and_offset().0
    }
}

impl Number for f64 {
    const ZERO: f64 = 0.0;

    fn load(tensor: &Tensor) -> Option<Vec<f64>> {
        tensor.element.is_float().then(|| tensor.floats())
    }

    fn store(spec: &TensorSpec, values: &[f64]) -> Tensor {
        Tensor::from_floats(spec, values)
    }

    fn product(a: &[f64], b: &[f64], [m, k, n]: [usize; 3]) -> Vec<f64> {
        let matrix = |values, shape| ArrayView2::from_shape(shape, values).expect("a matrix has rows times columns");
        matrix(a, (m, k)).dot(&matrix(b, (k, n))).into_raw_vec_and_offset().0
    }
}

impl Number for i64 {
    const ZERO: i64 = 0;

    fn load(tensor: &Tensor) -> Option<Vec<i64>> {
        tensor.element.as_int().map(|_| tensor.ints())
    }

    fn store(spec: &TensorSpec, values: &[i64]) -> Tensor {
        if spec.element == Element::BOOL {
            // Sums of booleans are disjunctions.
            return Tensor::from_ints(spec, &values.iter().map(|&v| i64::from(v != 0)).collect::<Vec<_>>());
        }
        Tensor::from_ints(spec, values)
    }

    fn product(a: &[i64], b: &[i64], size: [usize; 3]) -> Vec<i64> {
        by_rows(a, b, size, |sum, a, b| sum.wrapping_add(a.wrapping_mul(b)))
    }
}

impl Number for Complex64 {
    const ZERO: Complex64 = Complex64::ZERO;

    fn load(tensor: &Tensor) -> Option<Vec<Complex64>> {
        tensor.element.is_complex().then(|| tensor.complex())
    }

    fn store(spec: &TensorSpec, values: &[Complex64]) -> Tensor {
        Tensor::from_complex(spec, values)
    }

    fn product(a: &[Complex64], b: &[Complex64], size: [usize; 3]) -> Vec<Complex64> {
        by_rows(a, b, size, |sum, a, b| sum + a * b)
    }
}

fn by_rows<T: Number>(a: &[T], b: &[T], [m, k, n]: [usize; 3], add: impl Fn(T, T, T) -> T) -> Vec<T> {
    let mut sums = vec![T::ZERO; m * n];
    for row in 0..m {
        let sums = &mut sums[row * n..(row + 1) * n];
        for inner in 0..k {
            let factor = a[row * k + inner];
            for (sum, &b) in sums.iter_mut().zip(&b[inner * n..(inner + 1) * n]) {
                *sum = add(*sum, factor, b);
            }
        }
    }
    sums
}

/// Calls a function that is generic over [`Number`] with the type that products into an element type are computed in.
macro_rules! by_class {
    ($element:expr, $function:ident($($argument:expr),*)) => {
        match $element {
            $crate::tensor::Element::F64 => $function::<f64>($($argument),*),
            $crate::tensor::Element::Int(_) => $function::<i64>($($argument),*),
            $crate::tensor::Element::C64 | $crate::tensor::Element::C128 => {
                $function::<num_complex::Complex64>($($argument),*)
            }
            _ => $function::<f32>($($argument),*),
        }
    };
}
pub(super) use by_class;

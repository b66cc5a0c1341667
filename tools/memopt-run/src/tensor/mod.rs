//! Tensors as bytes: element type, shape, and the elements row by row, little-endian, as a plan lays them out.
//!
//! Kernels compute on [`f64`] (all floats), [`i64`] (all integers and booleans) or [`Complex64`]. A float operation on `f64`
//! with one rounding to the narrower type gives what IEEE 754 asks for in `+ - * / sqrt`, since 53 bits are more than twice
//! those of `f32`, `f16` and `bf16`.

mod element;
mod index;
mod literal;

pub use element::{Element, Int};
pub use index::{Strides, odometer, strided, strides_of};
pub use literal::parse_dense;

use memopt::ir::{DYNAMIC, Module, Type, TypeId};
use num_complex::Complex64;

/// Element type and shape.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TensorSpec {
    /// What each element is.
    pub element: Element,
    /// Extents, outermost first.
    pub shape: Vec<usize>,
}

impl TensorSpec {
    /// Of an element type and a shape.
    pub fn new(element: Element, shape: &[usize]) -> TensorSpec {
        TensorSpec { element, shape: shape.to_vec() }
    }

    /// The tensor type of the IR.
    ///
    /// # Errors
    /// Why no value of this type can be held.
    pub fn of(module: &Module, ty: TypeId) -> Result<TensorSpec, String> {
        let text = || memopt::text::type_text(module, ty);
        let Type::Tensor(tensor) = module.ty(ty) else { return Err(format!("{} is no ranked tensor", text())) };
        if tensor.shape.contains(&DYNAMIC) {
            return Err(format!("the shape of {} is known only at run time", text()));
        }
        let element =
            Element::of(module, tensor.element).ok_or_else(|| format!("{} has no arithmetic here", text()))?;
        let shape: Option<Vec<usize>> = tensor.shape.iter().map(|&extent| usize::try_from(extent).ok()).collect();
        let spec = TensorSpec { element, shape: shape.ok_or_else(|| format!("{} has a negative extent", text()))? };
        match module.types().bytes(ty) {
            Ok(_) => Ok(spec),
            Err(_) => Err(format!("{} is larger than any machine", text())),
        }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of all elements.
    pub fn bytes(&self) -> usize {
        self.len() * self.element.width()
    }
}

/// A tensor with its elements.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tensor {
    /// What each element is.
    pub element: Element,
    /// Extents, outermost first.
    pub shape: Vec<usize>,
    /// All elements, row by row.
    pub bytes: Vec<u8>,
}

impl Tensor {
    /// Of bytes that were stored before.
    ///
    /// # Panics
    /// If there are not as many bytes as the type needs.
    pub fn new(spec: &TensorSpec, bytes: Vec<u8>) -> Tensor {
        assert_eq!(bytes.len(), spec.bytes(), "a tensor has the bytes of its type");
        Tensor { element: spec.element, shape: spec.shape.clone(), bytes }
    }

    /// All zero.
    pub fn zeros(spec: &TensorSpec) -> Tensor {
        Tensor::new(spec, vec![0; spec.bytes()])
    }

    /// Of floats, rounded to the element type.
    pub fn from_floats(spec: &TensorSpec, values: &[f64]) -> Tensor {
        let mut bytes = vec![0; spec.bytes()];
        spec.element.store_floats(values, &mut bytes);
        Tensor::new(spec, bytes)
    }

    /// Of integers, wrapped to the element type.
    pub fn from_ints(spec: &TensorSpec, values: &[i64]) -> Tensor {
        let mut bytes = vec![0; spec.bytes()];
        spec.element.store_ints(values, &mut bytes);
        Tensor::new(spec, bytes)
    }

    /// Of complex numbers, rounded to the element type.
    pub fn from_complex(spec: &TensorSpec, values: &[Complex64]) -> Tensor {
        let mut bytes = vec![0; spec.bytes()];
        spec.element.store_complex(values, &mut bytes);
        Tensor::new(spec, bytes)
    }

    /// Its type.
    pub fn spec(&self) -> TensorSpec {
        TensorSpec { element: self.element, shape: self.shape.clone() }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.bytes.len() / self.element.width()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The elements as floats. Empty for other types.
    pub fn floats(&self) -> Vec<f64> {
        self.element.load_floats(&self.bytes)
    }

    /// The elements as integers: signed ones sign-extended, unsigned ones zero-extended, booleans 0 or 1. Empty for other
    /// types.
    pub fn ints(&self) -> Vec<i64> {
        self.element.load_ints(&self.bytes)
    }

    /// The elements as complex numbers. Empty for other types.
    pub fn complex(&self) -> Vec<Complex64> {
        self.element.load_complex(&self.bytes)
    }

    /// The same elements under another shape of as many.
    pub fn reshaped(mut self, shape: &[usize]) -> Tensor {
        debug_assert_eq!(shape.iter().product::<usize>(), self.len(), "a shape of as many elements");
        self.shape = shape.to_vec();
        self
    }

    /// So many copies of its first element. It must have one.
    pub fn splat(&self, shape: &[usize]) -> Tensor {
        let len: usize = shape.iter().product();
        let bytes = self.bytes[..self.element.width()].repeat(len);
        Tensor { element: self.element, shape: shape.to_vec(), bytes }
    }
}

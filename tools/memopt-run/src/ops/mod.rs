//! What operations compute: a flat table from names to meanings, one file for each family.
//!
//! An evaluator gets the values of its operands and makes those of its results; where they lie is not its business, so both
//! modes of the machine share every evaluator. It checks shapes and attributes before it computes: nothing has verified
//! them, and a wrong program gets a sentence, never a panic.

mod attributes;
mod contraction;
mod convert;
mod convolution;
mod elementwise;
mod functions;
mod gather_scatter;
mod linear_algebra;
mod matrix;
mod movement;
mod normalization;
mod random;
mod reduction;
mod sorting;
mod sources;
mod special;
#[cfg(test)]
mod tests;
mod windows;

use std::rc::Rc;
use std::sync::LazyLock;

use memopt::dialect::OpRef;
use num_complex::Complex64;
use rustc_hash::FxHashMap;

use crate::tensor::{Int, Tensor, TensorSpec};

/// Why an operation cannot be evaluated: one sentence, lower case, without a full stop.
pub type Problem = String;

/// What an evaluator makes: one tensor for each result.
pub type Evaluated = Result<Vec<Tensor>, Problem>;

/// One operation about to be evaluated.
pub struct Call<'a> {
    /// Its attributes.
    pub op: OpRef<'a>,
    /// Values of its operands.
    pub inputs: &'a [Rc<Tensor>],
    /// Types of its results. In a scalar body that runs on many elements at once these are rows of scalars.
    pub results: &'a [TensorSpec],
    /// Its regions.
    pub bodies: &'a mut dyn Bodies,
}

/// The scalar regions of an operation.
pub trait Bodies {
    /// Runs a region on many elements at once: each argument is a row of scalars, and so is each result.
    ///
    /// # Errors
    /// What stops the region.
    fn apply(&mut self, region: usize, arguments: Vec<Tensor>) -> Result<Vec<Tensor>, Problem>;
}

/// Which bytes of its operands a kernel may still read after it began to write.
#[derive(Clone, Copy, Debug)]
pub enum InPlace {
    /// Any: a result lies apart from all operands.
    Never,
    /// For element i of the result, element i of each operand of that shape.
    SameIndex,
    /// Of the operand that this function of the number of operands and the result names, only what the result keeps: an
    /// update of a part.
    Kept(fn(usize, usize) -> Option<usize>),
}

/// How an operation computes.
#[derive(Clone, Copy)]
pub enum Meaning {
    /// One element from one.
    Unary(Unary),
    /// One element from two.
    Binary(Binary),
    /// From whole operands.
    Kernel(fn(&mut Call<'_>) -> Evaluated),
}

/// A function of one element, for each class of element types that it is defined on.
#[derive(Clone, Copy)]
pub struct Unary {
    /// On floats.
    pub float: Option<fn(f64) -> f64>,
    /// On integers; what it makes is wrapped.
    pub int: Option<fn(i64, Int) -> i64>,
    /// On complex numbers.
    pub complex: Option<fn(Complex64) -> Complex64>,
}

/// A function of two elements of one type.
#[derive(Clone, Copy)]
pub struct Binary {
    /// On floats.
    pub float: Option<fn(f64, f64) -> f64>,
    /// On integers; what it makes is wrapped.
    pub int: Option<fn(i64, i64, Int) -> i64>,
    /// On complex numbers.
    pub complex: Option<fn(Complex64, Complex64) -> Complex64>,
}

/// One row of the table.
pub struct Row {
    /// Full name.
    pub name: &'static str,
    /// How it computes.
    pub meaning: Meaning,
    /// What it may overwrite.
    pub in_place: InPlace,
}

impl Row {
    const fn kernel(name: &'static str, kernel: fn(&mut Call<'_>) -> Evaluated) -> Row {
        Row { name, meaning: Meaning::Kernel(kernel), in_place: InPlace::Never }
    }

    /// A kernel that makes element i from the elements i: in a scalar body it runs on whole rows.
    const fn lanes(name: &'static str, kernel: fn(&mut Call<'_>) -> Evaluated) -> Row {
        Row { name, meaning: Meaning::Kernel(kernel), in_place: InPlace::SameIndex }
    }

    /// Whether it runs on rows of scalars as it does on scalars.
    pub fn is_lanewise(&self) -> bool {
        matches!(self.in_place, InPlace::SameIndex)
    }

    /// Evaluates an operation of this row.
    ///
    /// # Errors
    /// Why that is impossible.
    pub fn evaluate(&self, call: &mut Call<'_>) -> Evaluated {
        let made = match self.meaning {
            Meaning::Unary(unary) => elementwise::unary(call, unary)?,
            Meaning::Binary(binary) => elementwise::binary(call, binary)?,
            Meaning::Kernel(kernel) => kernel(call)?,
        };
        // What an evaluator makes must be what the program says: a type that follows from nothing else is checked here.
        let fits = |(made, spec): (&Tensor, &TensorSpec)| made.element == spec.element && made.shape == spec.shape;
        if made.len() != call.results.len() || !made.iter().zip(call.results).all(fits) {
            let found: Vec<String> = made.iter().map(|tensor| describe(&tensor.spec())).collect();
            return Err(format!("it makes {}, which is not what its results are declared to be", found.join(", ")));
        }
        Ok(made)
    }
}

static TABLES: [&[Row]; 13] = [
    elementwise::ROWS,
    functions::ROWS,
    convert::ROWS,
    sources::ROWS,
    movement::ROWS,
    contraction::ROWS,
    convolution::ROWS,
    reduction::ROWS,
    windows::ROWS,
    gather_scatter::ROWS,
    sorting::ROWS,
    random::ROWS,
    linear_algebra::ROWS,
];

/// The row of an operation, if it has a meaning here. Loops and branches are the machine's.
pub fn find(name: &str) -> Option<&'static Row> {
    static BY_NAME: LazyLock<FxHashMap<&str, &Row>> = LazyLock::new(|| {
        let rows = TABLES.iter().flat_map(|rows| rows.iter()).chain(normalization::ROWS);
        rows.map(|row| (row.name, row)).collect()
    });
    BY_NAME.get(name).copied()
}

/// A type as messages name it: `4x3xf32`.
pub fn describe(spec: &TensorSpec) -> String {
    let extents: String = spec.shape.iter().map(|extent| format!("{extent}x")).collect();
    extents + &spec.element.name()
}

impl Call<'_> {
    /// The operand of this number.
    ///
    /// # Errors
    /// If there are not as many.
    pub fn input(&self, index: usize) -> Result<&Tensor, Problem> {
        self.inputs.get(index).map(|tensor| &**tensor).ok_or_else(|| format!("it has no operand {index}"))
    }

    /// The type of the result of this number.
    ///
    /// # Errors
    /// If there are not as many.
    pub fn result(&self, index: usize) -> Result<&TensorSpec, Problem> {
        self.results.get(index).ok_or_else(|| format!("it has no result {index}"))
    }
}

/// An error unless a condition holds.
pub(crate) fn ensure(condition: bool, otherwise: impl FnOnce() -> String) -> Result<(), Problem> {
    if condition { Ok(()) } else { Err(otherwise()) }
}

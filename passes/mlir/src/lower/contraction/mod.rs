//! Matrix products and convolutions, as one thing: a *contraction* `C[b, r, c] = sum over s of A[b, r, s] * B[b, s, c]`, in
//! which every index stands for some dimensions with constant strides in A, B and C.
//!
//! - `shape` reads a contraction off an operation: a convolution is one whose rows and sums both move along the input's
//!   spatial dimensions.
//! - The input of a convolution is first *staged* in the planned workspace with its padding and its holes, so that no loop
//!   asks where the edge is. *Panels* of B, some columns over some sums, are packed there as they are needed.
//! - `tile` multiplies with vectors: a block of rows times some vectors of columns stays in registers over all sums.
//! - Anything else (narrow types, a single column, values without bytes) runs as plain loops.

mod cut;
mod shape;
mod stage;
mod tile;

use memopt::dialect::OpRef;
use memopt::ir::{Bytes, ValueId};

use super::code::{Name, Names};
use super::kernel::{At, Done, Kernel};
use super::scalar::Scalar;

pub(crate) use shape::{Contraction, Dim};
use stage::Stage;

/// Scratch bytes: the staged operand, and a panel.
pub(crate) fn workspace(op: OpRef<'_>) -> Option<Bytes> {
    Contraction::of(op).map(|contraction| contraction.workspace())
}

impl Contraction {
    /// Scratch bytes for what is staged and packed.
    pub(super) fn workspace(&self) -> Bytes {
        match self.panel {
            Some(offset) => Bytes(offset + tile::panel_bytes(self)),
            None => Bytes(self.stage.as_ref().map_or(0, Stage::bytes)),
        }
    }
}

/// A factor of a contraction: where its elements are read.
pub(super) enum Factor {
    /// From a value, which may be virtual.
    Value(ValueId),
    /// From flat memory.
    Memory {
        /// The parameter.
        param: Name,
        /// Its elements.
        elements: i64,
    },
}

/// The factors and the product of a contraction that is being lowered.
pub(super) struct Operands {
    pub(super) left: Factor,
    pub(super) right: Factor,
    /// Element types of the factors.
    pub(super) of: [Scalar; 2],
    pub(super) result: ValueId,
}

/// Lowers a product or a convolution.
pub(super) fn lower(kernel: &mut Kernel<'_>) -> Done {
    let Some(contraction) = Contraction::of(kernel.op) else {
        return kernel.refuse("its attributes do not fit its types, or are not understood");
    };
    lower_as(kernel, &contraction)
}

/// Lowers an operation that is this contraction.
pub(super) fn lower_as(kernel: &mut Kernel<'_>, contraction: &Contraction) -> Done {
    let result = kernel.op.op().result(0);
    let all = contraction.batch.iter().chain(&contraction.rows).chain(&contraction.columns);
    if all.clone().any(|dim| dim.extent == 0) {
        return Ok(());
    }
    if !contraction.adds && contraction.sums.iter().any(|dim| dim.extent == 0) {
        let scalar = kernel.scalar(result)?;
        let zero = kernel.code.constant(&scalar.literal(0), scalar.name());
        return kernel.each(kernel.elements(result)?, &mut |kernel, at| kernel.write(result, &At::Linear(at), zero));
    }
    let left = factor(kernel, contraction, 0)?;
    let right = factor(kernel, contraction, 1)?;
    let of = [
        kernel.scalar(kernel.operand(contraction.operands[0])?)?,
        kernel.scalar(kernel.operand(contraction.operands[1])?)?,
    ];
    let operands = Operands { left, right, of, result };
    match tile::fits(kernel, contraction, &operands)? {
        Some(lane) => tile::lower(kernel, contraction, &operands, lane),
        None => plain(kernel, contraction, &operands),
    }
}

/// A factor, staged if it must be.
fn factor(kernel: &mut Kernel<'_>, contraction: &Contraction, side: usize) -> Done<Factor> {
    let value = kernel.operand(contraction.operands[side])?;
    let Some(stage) = contraction.stage.as_ref().filter(|_| side == 0) else {
        return match kernel.range(value) {
            Ok(_) => Ok(Factor::Memory { param: kernel.param_of(value, false)?, elements: kernel.elements(value)? }),
            Err(_) => Ok(Factor::Value(value)),
        };
    };
    let scalar = kernel.scalar(value)?;
    let param = kernel.workspace(0, scalar, stage.elements())?;
    stage::fill(kernel, stage, value, param, scalar)?;
    Ok(Factor::Memory { param, elements: stage.elements() })
}

impl Factor {
    /// The element at this place.
    fn element(&self, kernel: &mut Kernel<'_>, scalar: Scalar, at: Name) -> Done<Name> {
        match *self {
            Factor::Value(value) => kernel.element(value, &At::Linear(at)),
            Factor::Memory { param, elements } => Ok(kernel.load(param, scalar, elements, at)),
        }
    }
}

/// One element of the result after the other.
fn plain(kernel: &mut Kernel<'_>, contraction: &Contraction, operands: &Operands) -> Done {
    let outer: Vec<_> =
        contraction.batch.iter().chain(&contraction.rows).chain(&contraction.columns).copied().collect();
    let extents = |dims: &[Dim]| dims.iter().map(|dim| dim.extent).collect::<Vec<i64>>();
    let strides = |dims: &[Dim], of: fn(&Dim) -> i64| dims.iter().map(of).collect::<Vec<i64>>();
    let to = kernel.scalar(operands.result)?;
    // Sums of narrow floats are kept in f32.
    let sum = match to {
        Scalar::Float(kind) if kind.bits() < 32 => {
            Scalar::Float(memopt::ir::FloatKind::from_name("f32").expect("f32 is a float type"))
        }
        other => other,
    };
    let zero = kernel.code.constant(&sum.literal(0), sum.name());
    kernel.reassociate = true;
    kernel.nest(&extents(&outer), &mut |kernel, indices| {
        let start = |kernel: &mut Kernel<'_>, base: i64, of: fn(&Dim) -> i64| {
            let offset = kernel.code.dot(indices, &strides(&outer, of));
            kernel.code.add_constant(offset, base)
        };
        let (a, b) = (start(kernel, contraction.base[0], |d| d.a), start(kernel, contraction.base[1], |d| d.b));
        let at = kernel.code.dot(indices, &strides(&outer, |d| d.c));
        let begin = match contraction.adds {
            true => {
                let so_far = kernel.read_back(operands.result, &At::Linear(at))?;
                kernel.convert(so_far, to, sum)
            }
            false => zero,
        };
        let init = [(begin, sum.name().to_owned())];
        let total = kernel.nest_carrying(&extents(&contraction.sums), &init, &mut |kernel, inner, so_far| {
            let inner = Names::from_slice(inner);
            let left = kernel.code.dot(&inner, &strides(&contraction.sums, |d| d.a));
            let left = kernel.code.add(a, left);
            let right = kernel.code.dot(&inner, &strides(&contraction.sums, |d| d.b));
            let right = kernel.code.add(b, right);
            let left = operands.left.element(kernel, operands.of[0], left)?;
            let right = operands.right.element(kernel, operands.of[1], right)?;
            let (left, right) = (kernel.convert(left, operands.of[0], sum), kernel.convert(right, operands.of[1], sum));
            Ok(vec![kernel.multiply_add(left, right, so_far[0], sum)])
        })?;
        let total = kernel.convert(total[0], sum, to);
        kernel.write(operands.result, &At::Linear(at), total)
    })
}

impl Kernel<'_> {
    fn multiply_add(&mut self, a: Name, b: Name, sum: Name, ty: Scalar) -> Name {
        let t = ty.name();
        match ty {
            Scalar::Float(_) => {
                let product = self.code.op(format_args!("arith.mulf {a}, {b} fastmath<reassoc,contract> : {t}"));
                self.code.op(format_args!("arith.addf {product}, {sum} fastmath<reassoc,contract> : {t}"))
            }
            Scalar::Bool => {
                let product = self.typed("arith.andi", &[a, b], ty);
                self.typed("arith.ori", &[product, sum], ty)
            }
            Scalar::Integer { .. } => {
                let product = self.typed("arith.muli", &[a, b], ty);
                self.typed("arith.addi", &[product, sum], ty)
            }
        }
    }
}

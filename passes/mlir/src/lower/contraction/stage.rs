//! The input of a convolution in the workspace, with its padding and its holes.

use memopt::ir::ValueId;

use crate::lower::code::Name;
use crate::lower::copy::{Strided, copy};
use crate::lower::kernel::{At, Done, Kernel, strides};
use crate::lower::scalar::Scalar;

/// One dimension of a copy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Axis {
    /// Extent in the copy.
    pub(super) extent: i64,
    /// Extent in the operand.
    pub(super) source: i64,
    /// Stride in the operand, in elements.
    pub(super) stride: i64,
    /// Zeros before the first element; negative: elements left out.
    pub(super) low: i64,
    /// Distance of the operand's elements in the copy.
    pub(super) holes: i64,
}

impl Axis {
    /// A dimension that is copied as it is.
    pub(super) fn plain(extent: i64, stride: i64) -> Axis {
        Axis { extent, source: extent, stride, low: 0, holes: 1 }
    }

    /// The operand's elements that the copy has, as a range.
    fn copied(self) -> (i64, i64) {
        let first = ((-self.low).max(0) + self.holes - 1) / self.holes;
        let room = self.extent - 1 - self.low;
        let end = if room < 0 { 0 } else { (room / self.holes + 1).min(self.source) };
        (first, end.max(first))
    }
}

/// A copy, dense and row-major.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Stage {
    pub(super) axes: Vec<Axis>,
    pub(super) scalar_bytes: u64,
}

impl Stage {
    pub(super) fn elements(&self) -> i64 {
        self.axes.iter().map(|axis| axis.extent).product()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.elements().unsigned_abs().saturating_mul(self.scalar_bytes)
    }
}

/// Makes the copy: zeros where the operand has nothing, then its elements.
pub(super) fn fill(kernel: &mut Kernel<'_>, stage: &Stage, value: ValueId, to: Name, scalar: Scalar) -> Done {
    let elements = stage.elements();
    let whole = |axis: &Axis| axis.copied() == (0, axis.source) && axis.extent == axis.source && axis.holes == 1;
    if !stage.axes.iter().all(whole) {
        let zero = kernel.code.constant(&scalar.literal(0), scalar.name());
        kernel.each(elements, &mut |kernel, at| {
            kernel.store(zero, to, scalar, elements, at);
            Ok(())
        })?;
    }
    let extents: Vec<i64> = stage.axes.iter().map(|axis| axis.copied().1 - axis.copied().0).collect();
    if extents.contains(&0) {
        return Ok(());
    }
    let steps = strides(&stage.axes.iter().map(|axis| axis.extent).collect::<Vec<_>>());
    let axes = || stage.axes.iter().zip(&steps);
    let target = Strided {
        param: to,
        elements,
        start: kernel.code.index(axes().map(|(axis, step)| (axis.copied().0 * axis.holes + axis.low) * step).sum()),
        strides: axes().map(|(axis, step)| axis.holes * step).collect(),
    };
    let start = kernel.code.index(stage.axes.iter().map(|axis| axis.copied().0 * axis.stride).sum());
    let of_source: Vec<i64> = stage.axes.iter().map(|axis| axis.stride).collect();
    if kernel.range(value).is_ok() {
        let (param, elements) = (kernel.param_of(value, false)?, kernel.elements(value)?);
        return copy(kernel, &extents, scalar, &Strided { param, elements, start, strides: of_source }, &target);
    }
    kernel.nest(&extents, &mut |kernel, indices| {
        let source = kernel.code.dot(indices, &of_source);
        let source = kernel.code.add(start, source);
        let element = kernel.element(value, &At::Linear(source))?;
        let at = target.at(kernel, indices);
        kernel.store(element, to, scalar, elements, at);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_elements_a_padded_axis_copies() {
        let axis = |extent, source, low, holes| Axis { extent, source, stride: 1, low, holes }.copied();
        assert_eq!(axis(7, 5, 1, 1), (0, 5), "one zero on both sides");
        assert_eq!(axis(3, 5, -1, 1), (1, 4), "one element left out on both sides");
        assert_eq!(axis(9, 5, 0, 2), (0, 5), "a hole after each element but the last");
        assert_eq!(axis(8, 5, -1, 2), (1, 5), "the first element is left out");
        assert_eq!(axis(0, 5, -5, 1), (5, 5), "all are left out");
    }
}

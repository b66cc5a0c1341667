//! Walking through the elements of tensors.

use super::Tensor;

/// How far apart neighbours in each dimension are, in elements; negative where a dimension is walked backwards.
pub type Strides = Vec<isize>;

/// The strides of a tensor stored row by row.
pub fn strides_of(shape: &[usize]) -> Strides {
    let mut strides = vec![1; shape.len()];
    for d in (1..shape.len()).rev() {
        strides[d - 1] = strides[d] * shape[d] as isize;
    }
    strides
}

/// Calls `visit` with every index of `shape`, in row-major order.
pub fn odometer(shape: &[usize], mut visit: impl FnMut(&[usize])) {
    if shape.contains(&0) {
        return;
    }
    let mut index = vec![0; shape.len()];
    loop {
        visit(&index);
        let Some(d) = (0..shape.len()).rev().find(|&d| index[d] + 1 < shape[d]) else { return };
        index[d] += 1;
        index[d + 1..].fill(0);
    }
}

/// The tensor of this shape whose element at an index is the input's element `start + index * strides`, counted row by row.
///
/// # Panics
/// If that leaves the input: callers have compared shapes.
pub fn strided(input: &Tensor, shape: &[usize], strides: &[isize], start: isize) -> Tensor {
    let bytes = match input.element.width() {
        1 => pick::<1>(&input.bytes, shape, strides, start),
        2 => pick::<2>(&input.bytes, shape, strides, start),
        4 => pick::<4>(&input.bytes, shape, strides, start),
        8 => pick::<8>(&input.bytes, shape, strides, start),
        _ => pick::<16>(&input.bytes, shape, strides, start),
    };
    Tensor { element: input.element, shape: shape.to_vec(), bytes }
}

fn pick<const N: usize>(bytes: &[u8], shape: &[usize], strides: &[isize], start: isize) -> Vec<u8> {
    let elements = bytes.as_chunks::<N>().0;
    let len: usize = shape.iter().product();
    let mut out: Vec<[u8; N]> = Vec::with_capacity(len);
    let (outer, inner) = shape.split_at(shape.len().saturating_sub(1));
    let (outer_strides, inner_strides) = strides.split_at(outer.len());
    let (count, step) = (inner.first().copied().unwrap_or(1), inner_strides.first().copied().unwrap_or(0));
    odometer(outer, |index| {
        let at = index.iter().zip(outer_strides).fold(start, |at, (&i, &stride)| at + i as isize * stride);
        match step {
            1 if count > 0 => out.extend_from_slice(&elements[at as usize..at as usize + count]),
            _ => out.extend((0..count as isize).map(|i| elements[(at + i * step) as usize])),
        }
    });
    out.into_flattened()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::{Element, TensorSpec};

    #[test]
    fn strides_pick_elements() {
        let input = Tensor::from_ints(&TensorSpec::new(Element::I32, &[2, 3]), &[1, 2, 3, 4, 5, 6]);
        assert_eq!(strided(&input, &[3, 2], &[1, 3], 0).ints(), [1, 4, 2, 5, 3, 6], "transposed");
        assert_eq!(strided(&input, &[2, 3], &[3, -1], 2).ints(), [3, 2, 1, 6, 5, 4], "reversed");
        assert_eq!(strided(&input, &[], &[], 4).ints(), [5], "a scalar");
        assert!(strided(&input, &[0, 3], &[3, 1], 0).is_empty());
        assert!(strided(&input, &[2, 0], &[3, 1], 0).is_empty());
    }
}

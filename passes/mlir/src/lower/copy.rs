//! Copies between arrays with different strides: transposes, and operands laid out as a product wants them.
//!
//! Where one array runs along one dimension and the other along another, squares of both come together: as many vectors as a
//! vector has lanes, exchanged in registers, so that whole lines of the cache are read and written once.
//!
//! ```text
//!   a0 a1 a2 a3        a0 a1 b... : halves of rows that are two apart change places,
//!   b0 b1 b2 b3   ->   then single elements of rows that are one apart
//! ```

use super::code::{Name, Names};
use super::kernel::{Done, Kernel, memref};
use super::scalar::Scalar;

/// Some elements of a flat array: one for each index, from `start` on by these strides.
pub(super) struct Strided {
    /// The parameter.
    pub(super) param: Name,
    /// Elements of the parameter.
    pub(super) elements: i64,
    pub(super) start: Name,
    pub(super) strides: Vec<i64>,
}

impl Strided {
    /// Where the element of this index is.
    pub(super) fn at(&self, kernel: &mut Kernel<'_>, indices: &[Name]) -> Name {
        let offset = kernel.code.dot(indices, &self.strides);
        kernel.code.add(self.start, offset)
    }
}

/// `to[i] = from[i]` for all indices of these extents; both arrays hold elements of one type.
pub(super) fn copy(kernel: &mut Kernel<'_>, extents: &[i64], scalar: Scalar, from: &Strided, to: &Strided) -> Done {
    let along = |array: &Strided| (0..extents.len()).find(|&d| array.strides[d] == 1 && extents[d] > 1);
    // Narrow elements have more lanes than there are registers.
    let lanes = (kernel.context.options.vector_bytes / scalar.bytes()).min(16) as i64;
    let whole: Vec<(i64, i64)> = extents.iter().map(|&extent| (0, extent)).collect();
    let (Some(p), Some(q)) = (along(to), along(from)) else { return elements(kernel, &whole, scalar, from, to) };
    if p == q || !(lanes as u64).is_power_of_two() || extents[p] < lanes || extents[q] < lanes {
        return elements(kernel, &whole, scalar, from, to);
    }
    let full = |d: usize| extents[d] / lanes * lanes;
    let mut outer = extents.to_vec();
    (outer[p], outer[q]) = (1, 1);
    kernel.nest(&outer, &mut |kernel, around| {
        let mut indices = Names::from_slice(around);
        kernel.each_from(0, full(p), lanes, &mut |kernel, at_p| {
            kernel.each_from(0, full(q), lanes, &mut |kernel, at_q| {
                (indices[p], indices[q]) = (at_p, at_q);
                square(kernel, [p, q], lanes, scalar, &indices, from, to);
                Ok(())
            })
        })
    })?;
    // The edges: what is left of p, and of q beside the squares.
    let mut edge = whole.clone();
    edge[p].0 = full(p);
    elements(kernel, &edge, scalar, from, to)?;
    (edge[p], edge[q].0) = ((0, full(p)), full(q));
    elements(kernel, &edge, scalar, from, to)
}

/// One element after the other, the last dimension innermost.
fn elements(kernel: &mut Kernel<'_>, ranges: &[(i64, i64)], scalar: Scalar, from: &Strided, to: &Strided) -> Done {
    let extents: Vec<i64> = ranges.iter().map(|(start, end)| end - start).collect();
    if extents.contains(&0) {
        return Ok(());
    }
    kernel.nest(&extents, &mut |kernel, inside| {
        let indices: Names =
            inside.iter().zip(ranges).map(|(&index, &(start, _))| kernel.code.add_constant(index, start)).collect();
        let (source, target) = (from.at(kernel, &indices), to.at(kernel, &indices));
        let element = kernel.load(from.param, scalar, from.elements, source);
        kernel.store(element, to.param, scalar, to.elements, target);
        Ok(())
    })
}

/// A square of lanes times lanes, whose rows lie along `q` in `from`, and whose columns lie along `p` in `to`.
fn square(
    kernel: &mut Kernel<'_>,
    [p, q]: [usize; 2],
    lanes: i64,
    scalar: Scalar,
    indices: &[Name],
    from: &Strided,
    to: &Strided,
) {
    let vector = format!("vector<{lanes}x{}>", scalar.stored());
    let start = from.at(kernel, indices);
    let of_from = memref(scalar, from.elements);
    let mut rows = Vec::new();
    for row in 0..lanes {
        let at = kernel.code.add_constant(start, row * from.strides[p]);
        rows.push(kernel.code.op(format_args!("vector.load {}[{at}] : {of_from}, {vector}", from.param)));
    }
    let mut distance = lanes / 2;
    while distance > 0 {
        // Of two rows, the blocks right of the diagonal in the upper one and left of it in the lower one change places.
        let pick = |upper: bool| {
            let lane = |j: i64| match (upper, j & distance == 0) {
                (true, true) => j,
                (true, false) => lanes + j - distance,
                (false, true) => j + distance,
                (false, false) => lanes + j,
            };
            super::code::list((0..lanes).map(lane))
        };
        for row in (0..lanes).filter(|row| row & distance == 0) {
            let (above, below) = (row as usize, (row + distance) as usize);
            let (a, b) = (rows[above], rows[below]);
            let mut shuffle =
                |upper| kernel.code.op(format_args!("vector.shuffle {a}, {b} [{}] : {vector}, {vector}", pick(upper)));
            (rows[above], rows[below]) = (shuffle(true), shuffle(false));
        }
        distance /= 2;
    }
    let start = to.at(kernel, indices);
    let of_to = memref(scalar, to.elements);
    for (column, row) in (0i64..).zip(rows) {
        let at = kernel.code.add_constant(start, column * to.strides[q]);
        kernel.code.line(format_args!("vector.store {row}, {}[{at}] : {of_to}, {vector}", to.param));
    }
}

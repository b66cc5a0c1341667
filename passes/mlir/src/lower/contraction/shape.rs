//! The contraction that an operation is: dimensions and strides, read off its attributes and types.

use memopt::dialect::OpRef;
use memopt::dialect::stablehlo::attributes::{ConvDimensions, DotDimensions, integers};

use super::Stage;
use super::stage::Axis;
use crate::lower::kernel::strides;
use crate::lower::scalar::Scalar;

/// An index of a contraction: how often, and how far it moves in A, B and C, in elements.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Dim {
    pub(crate) extent: i64,
    pub(crate) a: i64,
    pub(crate) b: i64,
    pub(crate) c: i64,
}

/// `C[b, r, c] = sum over s of A[b, r, s] * B[b, s, c]`
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Contraction {
    /// Which operand A is, and which B: they change places where only rows are side by side in C.
    pub(crate) operands: [usize; 2],
    /// Where A and B start, in elements.
    pub(crate) base: [i64; 2],
    /// Indices that move in all three.
    pub(crate) batch: Vec<Dim>,
    /// Indices of A and C.
    pub(crate) rows: Vec<Dim>,
    /// Indices of B and C.
    pub(crate) columns: Vec<Dim>,
    /// Indices of A and B.
    pub(crate) sums: Vec<Dim>,
    /// Whether the sums are added to what the result's bytes hold before.
    pub(crate) adds: bool,
    /// How A is staged, where it is: at the start of the workspace.
    pub(crate) stage: Option<Stage>,
    /// Where in the workspace panels of B are packed, in bytes, if they are.
    pub(crate) panel: Option<u64>,
}

/// Alignment of panels in the workspace, in bytes.
const PANEL_ALIGNMENT: u64 = 64;

impl Contraction {
    /// The contraction of an operation; `None` if its attributes do not fit its types.
    pub(crate) fn of(op: OpRef<'_>) -> Option<Contraction> {
        let contraction = match op.name() {
            "stablehlo.convolution" => convolution(op)?,
            "stablehlo.dot_general" => dot(op, &DotDimensions::of(op.attr("dot_dimension_numbers")?)?)?,
            "stablehlo.dot" => {
                let last = op.operand_tensor(0)?.shape.len() as i64 - 1;
                dot(
                    op,
                    &DotDimensions {
                        lhs_contracting: vec![last],
                        rhs_contracting: vec![0],
                        ..DotDimensions::default()
                    },
                )?
            }
            _ => return None,
        };
        contraction.finish(op)
    }

    /// One without dimensions, that adds to what is there.
    pub(crate) fn empty(base: [i64; 2]) -> Contraction {
        let (batch, rows, columns, sums) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Contraction { operands: [0, 1], base, batch, rows, columns, sums, adds: true, stage: None, panel: None }
    }

    /// One whose dimensions have been filled in.
    pub(crate) fn finish(mut self, op: OpRef<'_>) -> Option<Contraction> {
        self.normalise();
        if self.packs(op)? {
            let staged = self.stage.as_ref().map_or(0, Stage::bytes);
            self.panel = Some(staged.next_multiple_of(PANEL_ALIGNMENT));
        }
        Some(self)
    }

    fn groups(&mut self) -> [&mut Vec<Dim>; 4] {
        [&mut self.batch, &mut self.rows, &mut self.columns, &mut self.sums]
    }

    /// Indices that never move are dropped, neighbours that move as one become one, and columns are side by side in C if
    /// anything is.
    fn normalise(&mut self) {
        let beside = |dims: &[Dim]| dims.iter().any(|d| d.c == 1 && d.extent > 1);
        if !beside(&self.columns) && beside(&self.rows) && self.stage.is_none() {
            self.exchange();
        }
        for dims in self.groups() {
            dims.retain(|d| d.extent != 1);
            let mut merged: Vec<Dim> = Vec::new();
            for &dim in dims.iter() {
                match merged.last_mut() {
                    Some(outer)
                        if outer.a == dim.a * dim.extent
                            && outer.b == dim.b * dim.extent
                            && outer.c == dim.c * dim.extent =>
                    {
                        *outer = Dim { extent: outer.extent * dim.extent, ..dim };
                    }
                    _ => merged.push(dim),
                }
            }
            *dims = merged;
        }
    }

    fn exchange(&mut self) {
        std::mem::swap(&mut self.rows, &mut self.columns);
        self.operands.swap(0, 1);
        self.base.swap(0, 1);
        for dim in self.groups().into_iter().flatten() {
            std::mem::swap(&mut dim.a, &mut dim.b);
        }
    }

    /// The index that lies side by side in C, along which vectors lie.
    pub(crate) fn lane(&self) -> Option<Lane> {
        let at = |dims: &[Dim]| dims.iter().position(|d| d.c == 1);
        at(&self.columns).map(Lane::Column).or_else(|| {
            let found = at(&self.batch)?;
            (self.batch[found].a == 1 && self.batch[found].b == 1).then_some(Lane::Batch(found))
        })
    }

    /// Whether panels of B are copied to where their columns lie side by side and all of a panel in one stretch: where the
    /// columns are apart, or where enough rows read each panel. In a matrix whose rows are a power of two apart, all rows of
    /// a panel would share a few lines of the cache.
    fn packs(&self, op: OpRef<'_>) -> Option<bool> {
        let Some(Lane::Column(lane)) = self.lane() else { return Some(false) };
        let is_wide = |&k: &usize| {
            let element = op.operand_tensor(k).and_then(|tensor| Scalar::of(op.module, tensor.element));
            matches!(element, Some(Scalar::Float(kind)) if kind.bits() >= 32)
        };
        let (dim, rows) = (self.columns[lane], self.row_count());
        let least = if dim.b == 1 { ROWS_FOR_A_COPY } else { MIN_ROWS };
        Some(dim.extent >= MIN_COLUMNS && rows >= least && self.operands.iter().all(is_wide))
    }

    /// All rows of A.
    pub(crate) fn row_count(&self) -> i64 {
        self.rows.iter().map(|dim| dim.extent).product()
    }
}

/// Fewer rows than this are not worth vectors, if columns lie apart.
const MIN_ROWS: i64 = 4;
/// From so many rows on, a panel is read often enough to be copied although its columns lie side by side.
const ROWS_FOR_A_COPY: i64 = 48;
/// Fewer columns than this are not worth vectors.
const MIN_COLUMNS: i64 = 4;

/// Which index vectors lie along.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lane {
    /// Some columns: an element of A is multiplied with a vector of B.
    Column(usize),
    /// A batch index, as the channels of a depthwise convolution: vectors of A and B are multiplied.
    Batch(usize),
}

fn dot(op: OpRef<'_>, numbers: &DotDimensions) -> Option<Contraction> {
    let (left, right, result) =
        (&op.operand_tensor(0)?.shape, &op.operand_tensor(1)?.shape, &op.result_tensor(0)?.shape);
    let (sa, sb, sc) = (strides(left), strides(right), strides(result));
    let pairs = |ours: &[i64], theirs: &[i64]| -> Option<Vec<(usize, usize)>> {
        let fits = |&(a, b): &(usize, usize)| left.get(a).is_some_and(|e| right.get(b) == Some(e));
        let pairs: Vec<_> = ours.iter().zip(theirs).map(|(&a, &b)| (a as usize, b as usize)).collect();
        (ours.len() == theirs.len() && pairs.iter().all(fits)).then_some(pairs)
    };
    let batch_pairs = pairs(&numbers.lhs_batching, &numbers.rhs_batching)?;
    let sum_pairs = pairs(&numbers.lhs_contracting, &numbers.rhs_contracting)?;
    let free = |rank: usize, used: Vec<usize>| (0..rank).filter(|d| !used.contains(d)).collect::<Vec<_>>();
    let both = || batch_pairs.iter().chain(&sum_pairs);
    let (rows, columns) =
        (free(left.len(), both().map(|p| p.0).collect()), free(right.len(), both().map(|p| p.1).collect()));
    let expected = batch_pairs
        .iter()
        .map(|p| left[p.0])
        .chain(rows.iter().map(|&d| left[d]))
        .chain(columns.iter().map(|&d| right[d]));
    if !expected.eq(result.iter().copied()) {
        return None;
    }
    let mut of_result = sc.iter().copied();
    let mut next = || of_result.next().unwrap_or(0);
    Some(Contraction {
        operands: [0, 1],
        base: [0, 0],
        batch: batch_pairs.iter().map(|&(a, b)| Dim { extent: left[a], a: sa[a], b: sb[b], c: next() }).collect(),
        rows: rows.iter().map(|&d| Dim { extent: left[d], a: sa[d], b: 0, c: next() }).collect(),
        columns: columns.iter().map(|&d| Dim { extent: right[d], a: 0, b: sb[d], c: next() }).collect(),
        sums: sum_pairs.iter().map(|&(a, b)| Dim { extent: left[a], a: sa[a], b: sb[b], c: 0 }).collect(),
        adds: false,
        stage: None,
        panel: None,
    })
}

fn convolution(op: OpRef<'_>) -> Option<Contraction> {
    let (input, window, result) = (op.operand_tensor(0)?, op.operand_tensor(1)?, op.result_tensor(0)?);
    let numbers = ConvDimensions::of(op.attr("dimension_numbers")?)?;
    let rank = numbers.input_spatial.len();
    let all = [&input.shape, &window.shape, &result.shape];
    if all.iter().any(|shape| shape.len() != rank + 2) {
        return None;
    }
    let list = |name: &str, count: usize, default: i64| -> Option<Vec<i64>> {
        match op.attr(name) {
            None => Some(vec![default; count]),
            Some(_) => integers(op, name).filter(|list| list.len() == count).map(|list| list.into_owned()),
        }
    };
    let (step, padding) = (list("window_strides", rank, 1)?, list("padding", 2 * rank, 0)?);
    let (holes, dilation) = (list("lhs_dilation", rank, 1)?, list("rhs_dilation", rank, 1)?);
    let reversed = list("window_reversal", rank, 0)?;
    let groups = op.integer("feature_group_count").unwrap_or(1);
    let batch_groups = op.integer("batch_group_count").unwrap_or(1);
    let positive = step.iter().chain(&holes).chain(&dilation).all(|&n| n >= 1);
    let (of_batch, of_feature) = (numbers.input_batch as usize, numbers.input_feature as usize);
    let (of_in, of_out) = (numbers.kernel_input_feature as usize, numbers.kernel_output_feature as usize);
    let (to_batch, to_feature) = (numbers.output_batch as usize, numbers.output_feature as usize);
    if !positive || groups < 1 || batch_groups < 1 || groups > 1 && batch_groups > 1 {
        return None;
    }
    let (count, features) = (groups.max(batch_groups), window.shape[of_out]);
    let fits = input.shape[of_feature] == window.shape[of_in] * groups
        && features % count == 0
        && input.shape[of_batch] % batch_groups == 0
        && result.shape[to_feature] == features
        && result.shape[to_batch] == input.shape[of_batch] / batch_groups;
    if !fits {
        return None;
    }
    // The input as the loops see it: padded, and with holes.
    let mut axes: Vec<Axis> = input.shape.iter().zip(strides(&input.shape)).map(|(&e, s)| Axis::plain(e, s)).collect();
    for d in 0..rank {
        let axis = &mut axes[numbers.input_spatial[d] as usize];
        (axis.low, axis.holes) = (padding[2 * d], holes[d]);
        let spread = if axis.source == 0 { 0 } else { (axis.source - 1).checked_mul(holes[d])?.checked_add(1)? };
        axis.extent = spread.checked_add(padding[2 * d])?.checked_add(padding[2 * d + 1])?.max(0);
        let (size, out) =
            (window.shape[numbers.kernel_spatial[d] as usize], result.shape[numbers.output_spatial[d] as usize]);
        let reach = (size - 1).checked_mul(dilation[d])?.checked_add(1)?;
        let places = if size == 0 || axis.extent < reach { 0 } else { (axis.extent - reach) / step[d] + 1 };
        if out != places {
            return None;
        }
    }
    let is_staged = axes.iter().any(|axis| axis.low != 0 || axis.holes != 1 || axis.extent != axis.source);
    let extents: Vec<i64> = axes.iter().map(|axis| axis.extent).collect();
    extents.iter().try_fold(1i64, |n, &e| n.checked_mul(e)).filter(|&n| n <= 1 << 40)?;
    let (sa, sb, sc) = (strides(&extents), strides(&window.shape), strides(&result.shape));
    let mut base = [0, 0];
    let (mut rows, mut sums) = (Vec::new(), Vec::new());
    rows.push(Dim { extent: result.shape[to_batch], a: sa[of_batch], b: 0, c: sc[to_batch] });
    for d in 0..rank {
        let (i, k, o) =
            (numbers.input_spatial[d] as usize, numbers.kernel_spatial[d] as usize, numbers.output_spatial[d] as usize);
        rows.push(Dim { extent: result.shape[o], a: step[d] * sa[i], b: 0, c: sc[o] });
        let mut b = sb[k];
        if reversed[d] != 0 {
            base[1] += (window.shape[k] - 1).max(0) * b;
            b = -b;
        }
        sums.push(Dim { extent: window.shape[k], a: dilation[d] * sa[i], b, c: 0 });
    }
    sums.push(Dim { extent: window.shape[of_in], a: sa[of_feature], b: sb[of_in], c: 0 });
    let each = features / count;
    let of_group = match groups > 1 {
        true => window.shape[of_in] * sa[of_feature],
        false => input.shape[of_batch] / batch_groups * sa[of_batch],
    };
    let scalar = Scalar::of(op.module, input.element)?;
    Some(Contraction {
        operands: [0, 1],
        base,
        batch: vec![Dim { extent: count, a: of_group, b: each * sb[of_out], c: each * sc[to_feature] }],
        rows,
        columns: vec![Dim { extent: each, a: 0, b: sb[of_out], c: sc[to_feature] }],
        sums,
        adds: false,
        stage: is_staged.then(|| Stage { axes, scalar_bytes: scalar.bytes() }),
        panel: None,
    })
}

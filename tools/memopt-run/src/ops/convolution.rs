//! Convolutions with every dimension number, stride, padding, dilation, group and reversal: rows of input patches times
//! the kernel as a matrix.
//!
//! ```text
//! patches                           kernel                output
//! (batch, place) x (tap, feature)   (tap, feature) x out  (batch, place) x out
//! ```
//!
//! A *tap* is one place of the kernel. Patches are made for some rows at a time, so that they need little memory.

use memopt::dialect::stablehlo::attributes::ConvDimensions;

use super::attributes::distinct;
use super::matrix::{Number, by_class, load};
use super::{Call, Evaluated, Problem, Row, ensure};
use crate::tensor::{Tensor, TensorSpec, odometer, strided, strides_of};

pub(super) static ROWS: &[Row] = &[
    Row::kernel("stablehlo.convolution", |call| {
        let spatial = call.input(0)?.shape.len().saturating_sub(2);
        let padding = call.padding(spatial)?;
        convolution(call, &padding)
    }),
    Row::kernel("stablehlo.dynamic_conv", |call| {
        let numbers = call.input(2)?.ints();
        ensure(numbers.iter().all(|n| n.abs() <= 1 << 40), || "its padding is out of range".to_owned())?;
        convolution(call, numbers.as_chunks::<2>().0)
    }),
];

/// Elements of patches that are held at a time.
const PATCH_ELEMENTS: usize = 1 << 22;

/// A convolution on operands whose dimensions are in order: batch, space, feature; space, input feature, output feature.
struct Geometry {
    /// Extents of the output in space.
    places: Vec<usize>,
    /// Extents of the kernel in space.
    taps: Vec<usize>,
    /// For each spatial dimension, place and tap: which index of the input, if it is one.
    sources: Vec<Vec<Option<usize>>>,
    /// Extents of the input in space.
    space: Vec<usize>,
    batch: usize,
    features: usize,
}

fn convolution(call: &mut Call<'_>, padding: &[[i64; 2]]) -> Evaluated {
    let numbers = call.op.attr("dimension_numbers").and_then(ConvDimensions::of);
    let numbers = numbers.ok_or_else(|| "it has no dimension_numbers that can be read".to_owned())?;
    let (x, kernel, spec) = (call.input(0)?, call.input(1)?, call.result(0)?);
    let spatial = numbers.input_spatial.len();
    let order = |first: &[i64], spatial: &[i64], last: &[i64], rank: usize| {
        let order = distinct(&[first, spatial, last].concat(), rank).filter(|order| order.len() == rank);
        order.ok_or_else(|| "its dimension_numbers are not those of its operands".to_owned())
    };
    let of_input = order(&[numbers.input_batch], &numbers.input_spatial, &[numbers.input_feature], x.shape.len())?;
    let features = [numbers.kernel_input_feature, numbers.kernel_output_feature];
    let of_kernel = order(&[], &numbers.kernel_spatial, &features, kernel.shape.len())?;
    let of_output =
        order(&[numbers.output_batch], &numbers.output_spatial, &[numbers.output_feature], spec.shape.len())?;
    ensure(padding.len() == spatial, || "its padding has not a pair for each spatial dimension".to_owned())?;
    let reversed = call.flags("window_reversal", spatial)?;
    let input = transposed(x, &of_input, &[]);
    let kernel = transposed(kernel, &of_kernel, &reversed);
    let (strides, dilations) = (call.positive("window_strides", spatial)?, call.positive("rhs_dilation", spatial)?);
    let holes = call.positive("lhs_dilation", spatial)?;
    let mut sources = Vec::new();
    for d in 0..spatial {
        let window = [kernel.shape[d] as i64, strides[d], dilations[d], holes[d]];
        sources.push(taps(input.shape[d + 1], spec.shape[of_output[d + 1]], window, padding[d])?);
    }
    let geometry = Geometry {
        places: of_output[1..=spatial].iter().map(|&d| spec.shape[d]).collect(),
        taps: kernel.shape[..spatial].to_vec(),
        sources,
        space: input.shape[1..=spatial].to_vec(),
        batch: input.shape[0],
        features: input.shape[spatial + 1],
    };
    let groups = [call.count("feature_group_count")?, call.count("batch_group_count")?];
    let mut shape = vec![geometry.batch / groups[1]];
    shape.extend(&geometry.places);
    shape.push(kernel.shape[spatial + 1]);
    let in_order = TensorSpec { element: spec.element, shape };
    let fits = of_output.iter().zip(&in_order.shape).all(|(&d, &extent)| spec.shape[d] == extent);
    ensure(fits, || "its result has other extents than batch, space and features make".to_owned())?;
    let made = by_class!(spec.element, in_groups(&input, &kernel, &in_order, &geometry, groups))?;
    let mut back = vec![0; of_output.len()];
    of_output.iter().enumerate().for_each(|(at, &d)| back[d] = at);
    Ok(vec![transposed(&made, &back, &[])])
}

/// A tensor with its dimensions in this order, the first ones reversed where a flag says so.
fn transposed(x: &Tensor, order: &[usize], reversed: &[bool]) -> Tensor {
    let own = strides_of(&x.shape);
    let shape: Vec<usize> = order.iter().map(|&d| x.shape[d]).collect();
    let mut strides: Vec<isize> = order.iter().map(|&d| own[d]).collect();
    let mut start = 0;
    for (d, _) in reversed.iter().enumerate().filter(|(d, flag)| **flag && shape[*d] > 0) {
        start += (shape[d] - 1) as isize * strides[d];
        strides[d] = -strides[d];
    }
    strided(x, &shape, &strides, start)
}

/// For each place of the output and each tap of the kernel in one dimension: the index of the input, if it is neither
/// padding nor a hole between its elements.
fn taps(
    extent: usize,
    places: usize,
    [window, stride, dilation, hole]: [i64; 4],
    [low, high]: [i64; 2],
) -> Result<Vec<Option<usize>>, Problem> {
    let spread = |n: i128, by: i64| if n > 0 { (n - 1) * i128::from(by) + 1 } else { 0 };
    let padded = i128::from(low) + spread(extent as i128, hole) + i128::from(high);
    let span = spread(i128::from(window), dilation);
    let expected = if padded < span || padded <= 0 { 0 } else { (padded - span) / i128::from(stride) + 1 };
    ensure(expected == places as i128, || format!("a window makes {expected} places, its result has {places}"))?;
    let source = |place: usize, tap: i64| {
        let at = place as i128 * i128::from(stride) + i128::from(tap) * i128::from(dilation) - i128::from(low);
        let hole = i128::from(hole);
        (at >= 0 && at % hole == 0 && at / hole < extent as i128).then_some((at / hole) as usize)
    };
    Ok((0..places).flat_map(|place| (0..window).map(move |tap| source(place, tap))).collect())
}

/// Feature groups see a part of the input's features, batch groups a part of its batch; both make a part of the output's
/// features.
fn in_groups<T: Number>(
    input: &Tensor,
    kernel: &Tensor,
    spec: &TensorSpec,
    geometry: &Geometry,
    [by_feature, by_batch]: [usize; 2],
) -> Result<Tensor, Problem> {
    let groups = by_feature.max(by_batch);
    let spatial = geometry.taps.len();
    let (in_features, out_features) = (kernel.shape[spatial], kernel.shape[spatial + 1]);
    ensure(by_feature == 1 || by_batch == 1, || "it groups both features and batch".to_owned())?;
    let fits = in_features.checked_mul(by_feature) == Some(geometry.features)
        && out_features.is_multiple_of(groups)
        && geometry.batch.is_multiple_of(by_batch);
    ensure(fits, || "its features or its batch cannot be divided into its groups".to_owned())?;
    let of_group = out_features / groups;
    let batch = geometry.batch / by_batch;
    let (x, k) = (load::<T>(input, spec)?, load::<T>(kernel, spec)?);
    let mut out = vec![T::ZERO; spec.len()];
    if out.is_empty() {
        return Ok(T::store(spec, &out));
    }
    let columns = geometry.taps.iter().product::<usize>() * in_features;
    let places: usize = geometry.places.iter().product();
    let chunk = (PATCH_ELEMENTS / columns.max(1)).max(1);
    for group in 0..groups {
        let first_feature = if by_feature > 1 { group * in_features } else { 0 };
        let first_batch = if by_batch > 1 { group * batch } else { 0 };
        let columns_of_group = |row: usize| &k[row * out_features + group * of_group..][..of_group];
        let matrix: Vec<T> = (0..columns).flat_map(columns_of_group).copied().collect();
        let mut first = 0;
        while first < batch * places {
            let rows = chunk.min(batch * places - first);
            let patches = patches(&x, geometry, first..first + rows, [first_batch, first_feature, in_features]);
            let product = T::product(&patches, &matrix, [rows, columns, of_group]);
            for (row, values) in product.chunks_exact(of_group).enumerate() {
                out[(first + row) * out_features + group * of_group..][..of_group].copy_from_slice(values);
            }
            first += rows;
        }
    }
    Ok(T::store(spec, &out))
}

/// Some rows of the matrix of patches.
fn patches<T: Number>(
    x: &[T],
    geometry: &Geometry,
    rows: std::ops::Range<usize>,
    [first_batch, first_feature, in_features]: [usize; 3],
) -> Vec<T> {
    let Geometry { places, taps, sources, space, features, .. } = geometry;
    let count: usize = places.iter().product();
    let taps_of_place = taps.iter().product::<usize>();
    let mut patches = Vec::with_capacity(rows.len() * taps_of_place * in_features);
    let mut place = vec![0; places.len()];
    for row in rows {
        let (batch, mut rest) = (first_batch + row / count, row % count);
        for d in (0..places.len()).rev() {
            (place[d], rest) = (rest % places[d], rest / places[d]);
        }
        odometer(taps, |tap| {
            let inside = (0..tap.len())
                .try_fold(batch, |at, d| sources[d][place[d] * taps[d] + tap[d]].map(|index| at * space[d] + index));
            match inside {
                Some(at) => patches.extend_from_slice(&x[at * features + first_feature..][..in_features]),
                None => patches.extend(std::iter::repeat_n(T::ZERO, in_features)),
            }
        });
    }
    patches
}

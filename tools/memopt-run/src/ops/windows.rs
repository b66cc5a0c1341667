//! Windows that slide over a tensor: reductions of each window, and scattering to the element that each one selects.
//!
//! All windows are combined at once, tap by tap: the region runs on one row of elements, one for each window. The taps of a
//! window come in row-major order.

use super::reduction::{halves, same_types};
use super::{Call, Evaluated, Problem, Row, ensure};
use crate::tensor::{Element, Tensor, odometer, strides_of};

pub(super) static ROWS: &[Row] = &[
    Row::kernel("stablehlo.reduce_window", reduce_window),
    Row::kernel("stablehlo.select_and_scatter", select_and_scatter),
];

/// Where windows lie.
struct Windows {
    /// How many there are in each dimension.
    places: Vec<usize>,
    /// Extents of a window.
    taps: Vec<usize>,
    stride: Vec<i64>,
    /// Between the taps.
    dilation: Vec<i64>,
    /// Between the elements of the operand.
    hole: Vec<i64>,
    low: Vec<i64>,
    /// Extents of the operand.
    extents: Vec<usize>,
}

impl Windows {
    fn of(call: &Call<'_>, extents: &[usize]) -> Result<Windows, Problem> {
        let rank = extents.len();
        let taps = call.list("window_dimensions", rank).or_else(|problem| match call.op.attr("window_dimensions") {
            None => Ok(vec![1; rank]),
            Some(_) => Err(problem),
        })?;
        ensure(taps.iter().all(|&n| n >= 1), || "window_dimensions has an entry below 1".to_owned())?;
        let (stride, padding) = (call.positive("window_strides", rank)?, call.padding(rank)?);
        let (dilation, hole) = (call.positive("window_dilations", rank)?, call.positive("base_dilations", rank)?);
        let count = |d: usize| {
            let spread = |n: i128, by: i64| if n > 0 { (n - 1) * i128::from(by) + 1 } else { 0 };
            let [low, high] = padding[d];
            let padded = i128::from(low) + spread(extents[d] as i128, hole[d]) + i128::from(high);
            let span = spread(i128::from(taps[d]), dilation[d]);
            if padded < span || padded <= 0 { 0 } else { (padded - span) / i128::from(stride[d]) + 1 }
        };
        let places: Option<Vec<usize>> = (0..rank).map(|d| usize::try_from(count(d)).ok()).collect();
        Ok(Windows {
            places: places.ok_or_else(|| "it has too many windows".to_owned())?,
            taps: taps.into_iter().map(|n| n as usize).collect(),
            stride,
            dilation,
            hole,
            low: padding.into_iter().map(|[low, _]| low).collect(),
            extents: extents.to_vec(),
        })
    }

    /// For each window, the element of the operand that a tap reads, counted row by row; `None` for padding and holes.
    fn sources(&self, tap: &[usize]) -> Vec<Option<usize>> {
        let in_dimension = |d: usize| -> Vec<Option<usize>> {
            let source = |place: usize| {
                let at = place as i128 * i128::from(self.stride[d]) + tap[d] as i128 * i128::from(self.dilation[d]);
                let (at, hole) = (at - i128::from(self.low[d]), i128::from(self.hole[d]));
                let inside = at >= 0 && at % hole == 0 && at / hole < self.extents[d] as i128;
                inside.then_some((at / hole) as usize)
            };
            (0..self.places[d]).map(source).collect()
        };
        let tables: Vec<Vec<Option<usize>>> = (0..tap.len()).map(in_dimension).collect();
        let own = strides_of(&self.extents);
        let mut sources = Vec::with_capacity(self.places.iter().product());
        odometer(&self.places, |place| {
            let step = |at: usize, d: usize| tables[d][place[d]].map(|index| at + index * own[d] as usize);
            sources.push((0..place.len()).try_fold(0, step));
        });
        sources
    }
}

/// The elements of these numbers, and another value where there is none.
fn pick(x: &Tensor, sources: &[Option<usize>], otherwise: &Tensor) -> Tensor {
    let width = x.element.width();
    let mut made = otherwise.splat(&[sources.len()]);
    for (at, source) in sources.iter().enumerate() {
        if let Some(source) = source {
            made.bytes[at * width..(at + 1) * width].copy_from_slice(&x.bytes[source * width..(source + 1) * width]);
        }
    }
    made
}

/// Padding and holes hold the initial value.
fn reduce_window(call: &mut Call<'_>) -> Evaluated {
    let (inputs, initials) = halves(call)?;
    let windows = Windows::of(call, &inputs[0].shape)?;
    let fits = call.results.iter().all(|result| result.shape == windows.places);
    ensure(fits, || format!("its windows are {:?}, which is not the shape of its results", windows.places))?;
    let count = windows.places.iter().product();
    let mut sums: Vec<Tensor> = initials.iter().map(|initial| initial.splat(&[count])).collect();
    let mut problem = None;
    odometer(&windows.taps, |tap| {
        if problem.is_some() || count == 0 {
            return;
        }
        let sources = windows.sources(tap);
        let taken = inputs.iter().zip(&initials).map(|(x, initial)| pick(x, &sources, initial));
        let arguments = std::mem::take(&mut sums).into_iter().chain(taken).collect();
        match call.bodies.apply(0, arguments).and_then(|made| same_types(&made, &initials).map(|()| made)) {
            Ok(made) => sums = made,
            Err(found) => problem = Some(found),
        }
    });
    match problem {
        Some(problem) => Err(problem),
        None => Ok(sums.into_iter().map(|row| row.reshaped(&windows.places)).collect()),
    }
}

/// Each window selects one of its elements, and the source's element for this window is combined with what the result has
/// there. Padding is never selected.
fn select_and_scatter(call: &mut Call<'_>) -> Evaluated {
    let (x, source, initial) = (call.input(0)?.clone(), call.input(1)?.clone(), call.input(2)?.clone());
    let windows = Windows::of(call, &x.shape)?;
    let fits = windows.places == source.shape && x.element == source.element && initial.element == x.element;
    ensure(fits && initial.len() == 1, || "its source has not one element for each window".to_owned())?;
    let chosen = selected(call, &x, &windows, &initial)?;
    let width = x.element.width();
    let mut made = initial.splat(&x.shape);
    let element = |bytes: &[u8]| Tensor { element: x.element, shape: vec![1], bytes: bytes.to_vec() };
    for (window, chosen) in chosen.into_iter().enumerate() {
        let Some(chosen) = chosen else { continue };
        let (to, from) = (chosen * width..(chosen + 1) * width, window * width..(window + 1) * width);
        let arguments = vec![element(&made.bytes[to.clone()]), element(&source.bytes[from])];
        let sum = call.bodies.apply(1, arguments)?;
        same_types(&sum, &[element(&made.bytes[to.clone()])])?;
        made.bytes[to].copy_from_slice(&sum[0].bytes);
    }
    Ok(vec![made])
}

/// Which element of the operand each window selects: one stays as long as the region prefers it to the next one.
fn selected(
    call: &mut Call<'_>,
    x: &Tensor,
    windows: &Windows,
    filler: &Tensor,
) -> Result<Vec<Option<usize>>, Problem> {
    let mut chosen: Vec<Option<usize>> = vec![None; windows.places.iter().product()];
    let mut problem = None;
    odometer(&windows.taps, |tap| {
        if problem.is_some() || chosen.is_empty() {
            return;
        }
        let candidates = windows.sources(tap);
        let arguments = vec![pick(x, &chosen, filler), pick(x, &candidates, filler)];
        match call.bodies.apply(0, arguments) {
            Ok(stays) if stays.len() == 1 && stays[0].element == Element::BOOL => {
                for ((chosen, candidate), stays) in chosen.iter_mut().zip(candidates).zip(stays[0].ints()) {
                    if candidate.is_some() && (chosen.is_none() || stays == 0) {
                        *chosen = candidate;
                    }
                }
            }
            Ok(_) => problem = Some("its first region does not return a boolean".to_owned()),
            Err(found) => problem = Some(found),
        }
    });
    problem.map_or(Ok(chosen), Err)
}

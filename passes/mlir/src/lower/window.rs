//! Windows that slide over a tensor: `stablehlo.reduce_window` and its gradient `stablehlo.select_and_scatter`.

use memopt::ir::ValueId;

use super::code::{Compare, Name, Names};
use super::kernel::{At, Done, Kernel};
use super::reduce::{Parts, carried, combine, fill, parts};

/// Window attributes, one number for each dimension of the windowed tensor.
struct Windows {
    size: Vec<i64>,
    step: Vec<i64>,
    /// Distance of neighbours inside a window.
    dilation: Vec<i64>,
    /// Distance of neighbours of the tensor, with holes between them.
    base_dilation: Vec<i64>,
    low: Vec<i64>,
}

impl Windows {
    fn of(kernel: &Kernel<'_>, rank: usize) -> Done<Windows> {
        let padding = kernel.integers("padding", 2 * rank, 0)?;
        let all = Windows {
            size: kernel.integers("window_dimensions", rank, 1)?,
            step: kernel.integers("window_strides", rank, 1)?,
            dilation: kernel.integers("window_dilations", rank, 1)?,
            base_dilation: kernel.integers("base_dilations", rank, 1)?,
            low: padding.iter().step_by(2).copied().collect(),
        };
        let lists = [&all.size, &all.step, &all.dilation, &all.base_dilation];
        match lists.iter().all(|list| list.iter().all(|&n| n >= 1)) {
            true => Ok(all),
            false => kernel.refuse("its windows are empty"),
        }
    }

    /// Where the element of a window lies in the tensor, with the conditions under which it is there.
    fn place(
        &self,
        kernel: &mut Kernel<'_>,
        window: &[Name],
        inside: &[Name],
        shape: &[i64],
        windows: &[i64],
    ) -> (Names, Vec<Name>) {
        let (mut at, mut conditions) = (Names::new(), Vec::new());
        for d in 0..shape.len() {
            let start = kernel.code.scale(window[d], self.step[d]);
            let offset = kernel.code.scale(inside[d], self.dilation[d]);
            let sum = kernel.code.add(start, offset);
            let padded = kernel.code.add_constant(sum, -self.low[d]);
            let dilated = (shape[d] - 1) * self.base_dilation[d] + 1;
            let last = (windows[d] - 1) * self.step[d] + (self.size[d] - 1) * self.dilation[d] - self.low[d];
            if self.low[d] > 0 {
                conditions.push(kernel.code.compare(padded, Compare::AtLeast, 0));
            }
            if last >= dilated {
                conditions.push(kernel.code.compare(padded, Compare::Less, dilated));
            }
            if self.base_dilation[d] == 1 {
                at.push(padded);
                continue;
            }
            let (quotient, remainder) = kernel.code.divide(padded, self.base_dilation[d]);
            conditions.push(kernel.code.compare(remainder, Compare::Equal, 0));
            at.push(quotient);
        }
        (at, conditions)
    }
}

/// `stablehlo.reduce_window`
pub(super) fn reduce_window(kernel: &mut Kernel<'_>) -> Done {
    let Parts { inputs, inits, results, body } = parts(kernel)?;
    let (shape, of_result) = (kernel.shape(inputs[0])?, kernel.shape(results[0])?);
    let windows = Windows::of(kernel, shape.len())?;
    if of_result.len() != shape.len() {
        return kernel.refuse("its result has another rank");
    }
    fill(kernel, &results, &inits)?;
    if shape.contains(&0) || of_result.contains(&0) {
        return Ok(());
    }
    // Channels that every window has one of come last in the nest: they run along memory, outside of all conditions.
    let rank = shape.len();
    let flat = rank > 0
        && windows.size[rank - 1] == 1
        && windows.low[rank - 1] == 0
        && windows.step[rank - 1] == 1
        && shape[rank - 1] == of_result[rank - 1];
    if !flat {
        return carry_through_windows(kernel, &Parts { inputs, inits, results, body }, &windows, shape, of_result);
    }
    kernel.nest(&of_result[..rank - 1], &mut |kernel, outer| {
        kernel.nest(&windows.size[..rank - 1], &mut |kernel, inner| {
            let (at, conditions) = windows.place(kernel, outer, inner, &shape[..rank - 1], &of_result[..rank - 1]);
            let condition = kernel.code.all(&conditions);
            kernel.when(condition, &mut |kernel| {
                kernel.each(shape[rank - 1], &mut |kernel, channel| {
                    let with = |indices: &[Name]| At::Multi(indices.iter().copied().chain([channel]).collect());
                    let to = with(outer);
                    let so_far: Vec<Name> = results.iter().map(|&r| kernel.read_back(r, &to)).collect::<Done<_>>()?;
                    let values = combine(kernel, &so_far, &inputs, &with(&at), body)?;
                    results.iter().zip(values).try_for_each(|(&result, value)| kernel.write(result, &to, value))
                })
            })
        })
    })
}

fn carry_through_windows(
    kernel: &mut Kernel<'_>,
    of: &Parts,
    windows: &Windows,
    shape: &[i64],
    of_result: &[i64],
) -> Done {
    kernel.nest(of_result, &mut |kernel, outer| {
        let init = carried(kernel, &of.inits)?;
        let types: Vec<String> = init.iter().map(|(_, ty)| ty.clone()).collect();
        let types: Vec<&str> = types.iter().map(String::as_str).collect();
        let values = kernel.nest_carrying(&windows.size, &init, &mut |kernel, inner, so_far| {
            let (at, conditions) = windows.place(kernel, outer, inner, shape, of_result);
            let condition = kernel.code.all(&conditions);
            kernel.either(
                condition,
                &types,
                &mut |kernel| combine(kernel, so_far, &of.inputs, &At::Multi(at.clone()), of.body),
                &mut |_| Ok(so_far.to_vec()),
            )
        })?;
        of.results.iter().zip(values).try_for_each(|(&result, value)| kernel.write(result, &At::multi(outer), value))
    })
}

/// `stablehlo.select_and_scatter`: each window selects one of its elements, and the source's element for the window is
/// combined into the result there.
pub(super) fn select_and_scatter(kernel: &mut Kernel<'_>) -> Done {
    let (operand, source, init) = (kernel.operand(0)?, kernel.operand(1)?, kernel.operand(2)?);
    let result = kernel.op.op().result(0);
    let &[select, scatter] = kernel.op.op().regions() else { return kernel.refuse("it has not two bodies") };
    let (shape, of_source) = (kernel.shape(operand)?, kernel.shape(source)?);
    let windows = Windows::of(kernel, shape.len())?;
    if of_source.len() != shape.len() {
        return kernel.refuse("its source has another rank");
    }
    fill(kernel, &[result], &[init])?;
    if shape.contains(&0) || of_source.contains(&0) {
        return Ok(());
    }
    let element = kernel.scalar(operand)?.name();
    kernel.nest(of_source, &mut |kernel, outer| {
        let (zero, none) = (kernel.code.index(0), kernel.code.constant("false", "i1"));
        let start = kernel.code.constant(&kernel.scalar(operand)?.literal(0), element);
        let types = [element, "index", "i1"];
        let init: Vec<(Name, String)> =
            [start, zero, none].into_iter().zip(types).map(|(name, ty)| (name, ty.to_owned())).collect();
        let chosen = kernel.nest_carrying(&windows.size, &init, &mut |kernel, inner, so_far| {
            let (at, conditions) = windows.place(kernel, outer, inner, shape, of_source);
            let condition = kernel.code.all(&conditions);
            kernel.either(
                condition,
                &types,
                &mut |kernel| choose(kernel, operand, &at, so_far, select, shape),
                &mut |_| Ok(so_far.to_vec()),
            )
        })?;
        kernel.when(Some(chosen[2]), &mut |kernel| {
            let to = At::Linear(chosen[1]);
            let value = kernel.element(source, &At::multi(outer))?;
            let so_far = kernel.read_back(result, &to)?;
            let sum = kernel.body(scatter, &[so_far, value])?;
            kernel.write(result, &to, sum[0])
        })
    })
}

/// The selected element so far or this one, with its place: the first of a window is taken as it comes.
fn choose(
    kernel: &mut Kernel<'_>,
    operand: ValueId,
    at: &Names,
    so_far: &[Name],
    select: memopt::ir::RegionId,
    shape: &[i64],
) -> Done<Vec<Name>> {
    let (value, place, found) = (so_far[0], so_far[1], so_far[2]);
    let element = kernel.element(operand, &At::Multi(at.clone()))?;
    let here = kernel.linear(shape, &At::Multi(at.clone()));
    let stays = kernel.body(select, &[value, element])?[0];
    let keep = kernel.code.op(format_args!("arith.andi {found}, {stays} : i1"));
    let ty = kernel.scalar(operand)?.name();
    let value = kernel.code.op(format_args!("arith.select {keep}, {value}, {element} : {ty}"));
    let place = kernel.code.op(format_args!("arith.select {keep}, {place}, {here} : index"));
    Ok(vec![value, place, kernel.code.constant("true", "i1")])
}

//! `stablehlo.sort` by bottom-up merging, and `chlo.top_k` by repeated selection.
//!
//! A sort merges runs of 1, 2, 4, ... elements from the result into its workspace, one line of every operand, and copies
//! the line back: stable, O(n log n), and in planned memory.

use memopt::dialect::OpRef;
use memopt::ir::{Bytes, RegionId, Type, ValueId};

use super::code::{Compare, Name, Names};
use super::kernel::{At, Done, Kernel, strides};
use super::scalar::Scalar;

/// Scratch bytes of a sort: one line of each operand, each from a multiple of 8 bytes on.
pub(crate) fn workspace(op: OpRef<'_>) -> Option<Bytes> {
    let mut sum = 0u64;
    for operand in 0..op.operands().len() {
        let Type::Tensor(tensor) = op.operand_type(operand)? else { return None };
        let rank = tensor.shape.len() as i64;
        let dimension = op.integer("dimension").unwrap_or(-1);
        let dimension = if dimension < 0 { dimension + rank } else { dimension };
        let line = u64::try_from(*tensor.shape.get(usize::try_from(dimension).ok()?)?).ok()?;
        let scalar = Scalar::of(op.module, tensor.element)?;
        sum = sum.checked_add(line.checked_mul(scalar.bytes())?.next_multiple_of(8))?;
    }
    Some(Bytes(sum))
}

/// One operand of a sort: where its line lies in the result and in the workspace.
struct Column {
    result: ValueId,
    scalar: Scalar,
    scratch: Name,
}

/// `stablehlo.sort`
pub(super) fn sort(kernel: &mut Kernel<'_>) -> Done {
    let operands = kernel.op.operands();
    let results: Vec<ValueId> = kernel.op.op().results().collect();
    let &[body] = kernel.op.op().regions() else { return kernel.refuse("it has not one body") };
    let Some(&first) = operands.first() else { return kernel.refuse("it has no operands") };
    if results.len() != operands.len() {
        return kernel.refuse("it needs one result for each operand");
    }
    let shape = kernel.shape(first)?;
    let dimension = kernel.op.integer("dimension").unwrap_or(-1);
    let dimension = if dimension < 0 { dimension + shape.len() as i64 } else { dimension } as usize;
    let Some(&line) = shape.get(dimension) else { return kernel.refuse("its dimension is none of its operands'") };
    for (&operand, &result) in operands.iter().zip(&results) {
        kernel.nest(shape, &mut |kernel, indices| {
            let at = At::multi(indices);
            let element = kernel.element(operand, &at)?;
            kernel.write(result, &at, element)
        })?;
    }
    if line < 2 || shape.contains(&0) {
        return Ok(());
    }
    let mut columns = Vec::new();
    let mut offset = 0;
    for &result in &results {
        let scalar = kernel.scalar(result)?;
        columns.push(Column { result, scalar, scratch: kernel.workspace(offset, scalar, line)? });
        offset += (line as u64 * scalar.bytes()).next_multiple_of(8);
    }
    let mut lines = shape.to_vec();
    lines[dimension] = 1;
    kernel.nest(&lines, &mut |kernel, start| {
        let start = kernel.code.dot(start, &strides(shape));
        let lines = Lines { columns: &columns, start, step: strides(shape)[dimension], line, body };
        let (one, end) = (kernel.code.index(1), kernel.code.index(line));
        // while width < line
        let (width, result) = (kernel.code.fresh(), kernel.code.fresh());
        kernel.code.open(format_args!("{result} = scf.while ({width} = {one}) : (index) -> index {{"));
        let more = kernel.code.compare(width, Compare::Less, line);
        kernel.code.line(format_args!("scf.condition({more}) {width} : index"));
        kernel.code.turn("} do {");
        let width = kernel.code.fresh();
        kernel.code.line(format_args!("^bb0({width}: index):"));
        let pair = kernel.code.op(format_args!("arith.addi {width}, {width} : index"));
        let low = kernel.code.fresh();
        let zero = kernel.code.index(0);
        kernel.code.open(format_args!("scf.for {low} = {zero} to {end} step {pair} {{"));
        let bound = |kernel: &mut Kernel<'_>, a, b| {
            let sum = kernel.code.op(format_args!("arith.addi {a}, {b} : index"));
            kernel.code.op(format_args!("arith.minsi {sum}, {end} : index"))
        };
        let middle = bound(kernel, low, width);
        let high = bound(kernel, low, pair);
        kernel.scoped(|kernel| lines.merge(kernel, low, middle, high))?;
        kernel.code.close();
        lines.copy_back(kernel)?;
        kernel.code.line(format_args!("scf.yield {pair} : index"));
        kernel.code.close();
        Ok(())
    })
}

struct Lines<'a> {
    columns: &'a [Column],
    /// First element of the line, and the distance of its elements.
    start: Name,
    step: i64,
    line: i64,
    body: RegionId,
}

impl Lines<'_> {
    fn get(&self, kernel: &mut Kernel<'_>, column: &Column, index: Name) -> Done<Name> {
        let offset = kernel.code.scale(index, self.step);
        let at = kernel.code.add(self.start, offset);
        kernel.read_back(column.result, &At::Linear(at))
    }

    /// The runs [low, middle) and [middle, high) become one in the workspace. An element of the right run comes first only
    /// where it is less than that of the left run.
    fn merge(&self, kernel: &mut Kernel<'_>, low: Name, middle: Name, high: Name) -> Done {
        let one = kernel.code.index(1);
        let (out, result, left, right) =
            (kernel.code.fresh(), kernel.code.fresh(), kernel.code.fresh(), kernel.code.fresh());
        kernel.code.open(format_args!(
            "{result}:2 = scf.for {out} = {low} to {high} step {one} iter_args({left} = {low}, {right} = {middle}) -> (index, index) {{"
        ));
        let left_over = kernel.code.op(format_args!("arith.cmpi sge, {left}, {middle} : index"));
        let right_left = kernel.code.op(format_args!("arith.cmpi slt, {right}, {high} : index"));
        let takes_right = kernel.either(
            Some(left_over),
            &["i1"],
            &mut |kernel| Ok(vec![kernel.code.constant("true", "i1")]),
            &mut |kernel| {
                kernel.either(
                    Some(right_left),
                    &["i1"],
                    &mut |kernel| {
                        let mut arguments = Vec::new();
                        for column in self.columns {
                            arguments.push(self.get(kernel, column, right)?);
                            arguments.push(self.get(kernel, column, left)?);
                        }
                        Ok(vec![kernel.body(self.body, &arguments)?[0]])
                    },
                    &mut |kernel| Ok(vec![kernel.code.constant("false", "i1")]),
                )
            },
        )?[0];
        let from = kernel.code.op(format_args!("arith.select {takes_right}, {right}, {left} : index"));
        for column in self.columns {
            let value = self.get(kernel, column, from)?;
            kernel.store(value, column.scratch, column.scalar, self.line, out);
        }
        let next = kernel.code.op(format_args!("arith.addi {from}, {one} : index"));
        let left = kernel.code.op(format_args!("arith.select {takes_right}, {left}, {next} : index"));
        let right = kernel.code.op(format_args!("arith.select {takes_right}, {next}, {right} : index"));
        kernel.code.line(format_args!("scf.yield {left}, {right} : index, index"));
        kernel.code.close();
        Ok(())
    }

    fn copy_back(&self, kernel: &mut Kernel<'_>) -> Done {
        kernel.each(self.line, &mut |kernel, index| {
            for column in self.columns {
                let value = kernel.load(column.scratch, column.scalar, self.line, index);
                let offset = kernel.code.scale(index, self.step);
                let at = kernel.code.add(self.start, offset);
                kernel.write(column.result, &At::Linear(at), value)?;
            }
            Ok(())
        })
    }
}

/// `chlo.top_k`: the k largest of each line with their indices, equal ones in their order. Floats are ordered totally, with
/// not-a-number as the largest.
pub(super) fn top_k(kernel: &mut Kernel<'_>) -> Done {
    let operand = kernel.operand(0)?;
    let results: Vec<ValueId> = kernel.op.op().results().collect();
    let &[values, indices] = &results[..] else { return kernel.refuse("it has not two results") };
    let (shape, k) = (kernel.shape(operand)?, kernel.shape(values)?.last().copied().unwrap_or(0));
    let Some((&line, outer)) = shape.split_last() else { return kernel.refuse("its operand is a scalar") };
    if k > line {
        return kernel.refuse("k is larger than its operand's last dimension");
    }
    let (scalar, of_index) = (kernel.scalar(operand)?, kernel.scalar(indices)?);
    let key_type = match scalar {
        Scalar::Float(_) => Scalar::Integer { width: 8 * scalar.bytes() as u32, unsigned: false },
        other => other,
    };
    let compare = if key_type.is_unsigned() { "u" } else { "s" };
    let (word, t) = (key_type.name(), key_type);
    kernel.nest(outer, &mut |kernel, outer| {
        let with = |last: Name| At::Multi(outer.iter().copied().chain([last]).collect::<Names>());
        let ones = kernel.code.index(-1);
        let zero = kernel.code.constant(&t.literal(0), word);
        // Each round takes the first of the largest among those after the last one taken.
        let init = [(zero, word.to_owned()), (ones, "index".to_owned())];
        kernel.each_carrying((0, k), &init, &mut |kernel, round, last| {
            let is_first = kernel.code.compare(round, Compare::Equal, 0);
            let (last_key, last_index) = (last[0], last[1]);
            let found = kernel.each_carrying((0, line), &init, &mut |kernel, index, best| {
                let element = kernel.element(operand, &with(index))?;
                let key = if scalar.is_float() { kernel.total_order(element, scalar, t) } else { element };
                let less = kernel.code.op(format_args!("arith.cmpi {compare}lt, {key}, {last_key} : {word}"));
                let equal = kernel.code.op(format_args!("arith.cmpi eq, {key}, {last_key} : {word}"));
                let later = kernel.code.op(format_args!("arith.cmpi sgt, {index}, {last_index} : index"));
                let tied = kernel.code.op(format_args!("arith.andi {equal}, {later} : i1"));
                let after = kernel.code.op(format_args!("arith.ori {less}, {tied} : i1"));
                let allowed = kernel.code.op(format_args!("arith.ori {after}, {is_first} : i1"));
                let none = kernel.code.compare(best[1], Compare::Less, 0);
                let more = kernel.code.op(format_args!("arith.cmpi {compare}gt, {key}, {} : {word}", best[0]));
                let better = kernel.code.op(format_args!("arith.ori {none}, {more} : i1"));
                let take = kernel.code.op(format_args!("arith.andi {allowed}, {better} : i1"));
                let key = kernel.code.op(format_args!("arith.select {take}, {key}, {} : {word}", best[0]));
                let index = kernel.code.op(format_args!("arith.select {take}, {index}, {} : index", best[1]));
                Ok(vec![key, index])
            })?;
            let value = kernel.element(operand, &with(found[1]))?;
            kernel.write(values, &with(round), value)?;
            let index = kernel.code.op(format_args!("arith.index_cast {} : index to {}", found[1], of_index.name()));
            kernel.write(indices, &with(round), index)?;
            Ok(found)
        })?;
        Ok(())
    })
}

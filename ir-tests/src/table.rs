//! A plan as a table: one line for each result with bytes, in schedule order.

use memopt::dialect::{Facts, OpRef};
use memopt::ir::{Attr, Function, Module, OpId};

/// Renders the plan that the attributes of a function carry.
///
/// ```text
/// step   id  value  bytes  offset     end  operation
///    0    0  %0       256       0     256  stablehlo.add
/// ```
pub fn table(module: &Module, function: Function, facts: &Facts) -> String {
    let mut rows = vec![["step", "id", "value", "bytes", "offset", "end", "operation"].map(str::to_owned)];
    let region = module.op(function.op).regions()[0];
    for &block in module.region(region).blocks() {
        for (step, &op) in module.block(block).ops().iter().enumerate() {
            rows.extend(op_rows(module, facts, step, op));
        }
    }
    aligned(&rows)
}

fn op_rows(module: &Module, facts: &Facts, step: usize, op: OpId) -> Vec<[String; 7]> {
    let asked = OpRef::new(module, op);
    let offsets = asked.integers("memopt.offsets").unwrap_or(&[]);
    let mut rows = Vec::new();
    for (i, value) in module.op(op).results().enumerate() {
        let bytes = facts.bytes(value).0;
        let (offset, end) = match offsets.get(i) {
            Some(&offset @ 0..) => (offset.to_string(), (offset.unsigned_abs() + bytes).to_string()),
            _ => ("-".to_owned(), "-".to_owned()),
        };
        let value = module.display_value(value);
        let name = format!("{}{}", module.op_name(op), reuse(asked, i as i64));
        rows.push([step.to_string(), id(asked), value, bytes.to_string(), offset, end, name]);
    }
    rows
}

/// The index of the operation in the file before planning; a clone's with an apostrophe.
fn id(op: OpRef<'_>) -> String {
    let clone = op.integer("memopt.recompute_of").map(|id| format!("{id}'"));
    clone.or_else(|| op.integer("memopt.id").map(|id| id.to_string())).unwrap_or_default()
}

/// `, in place of operand 0` where a tie was taken for the result.
fn reuse(op: OpRef<'_>, result: i64) -> String {
    let rows = op.attr("memopt.reuse").and_then(|attr: &Attr| op.module.tuples_of(attr)).unwrap_or_default();
    let taken = rows.iter().find(|row| row.first() == Some(&result)).and_then(|row| row.get(1));
    taken.map_or_else(String::new, |operand| format!(", in place of operand {operand}"))
}

fn aligned(rows: &[[String; 7]]) -> String {
    let mut widths = [0; 7];
    for row in rows {
        row.iter().zip(&mut widths).for_each(|(cell, width)| *width = (*width).max(cell.len()));
    }
    let mut out = String::new();
    for row in rows {
        let cells = row.iter().zip(widths).enumerate().map(|(i, (cell, width))| match i {
            2 | 6 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        out += cells.collect::<Vec<_>>().join("  ").trim_end();
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_lines_have_no_blanks_at_their_end() {
        let row = |cells: [&str; 7]| cells.map(str::to_owned);
        let rows = [row(["step", "id", "v", "b", "o", "e", "op"]), row(["0", "10", "%long", "1", "2", "3", "x"])];
        assert_eq!(aligned(&rows), "step  id  v      b  o  e  op\n   0  10  %long  1  2  3  x\n");
    }
}

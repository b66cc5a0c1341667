//! A plan as a table: one line for each result of the function's body, in schedule order.

use memopt::analysis::Analysis;
use memopt::dialect::OpRef;
use memopt::ir::{Attr, Function, Module, OpId, ValueId};
use memopt::plan::{Home, ValueStorage};

/// The cells of a line.
type Row = [String; 8];

/// Renders the plan that the attributes of a function carry.
///
/// ```text
/// step   id  value  storage  bytes  offset     end  operation
///    0    0  %0     owned      256       0     256  stablehlo.add
/// ```
pub fn table(module: &Module, function: Function, analysis: &Analysis) -> String {
    let mut rows = vec![["step", "id", "value", "storage", "bytes", "offset", "end", "operation"].map(str::to_owned)];
    for (step, &op) in module.block(function.body).ops().iter().enumerate() {
        rows.extend(op_rows(module, analysis, step, op));
    }
    aligned(&rows)
}

fn op_rows(module: &Module, analysis: &Analysis, step: usize, op: OpId) -> Vec<Row> {
    let asked = OpRef::new(module, op);
    let offsets = asked.integers("memopt.offsets").unwrap_or(&[]);
    let mut rows = Vec::new();
    for (i, value) in module.op(op).results().enumerate() {
        let bytes = analysis.facts.bytes(value).0;
        let (offset, end) = match offsets.get(i) {
            Some(&offset @ 0..) => (offset.to_string(), (offset.unsigned_abs() + bytes).to_string()),
            _ => ("-".to_owned(), "-".to_owned()),
        };
        let reuse = reuse(asked, i as i64);
        let storage = storage(analysis, value, !reuse.is_empty());
        let name = format!("{}{reuse}", module.op_name(op));
        let (step, bytes, value) = (step.to_string(), bytes.to_string(), module.display_value(value));
        rows.push([step, id(asked), value, storage, bytes, offset, end, name]);
    }
    rows
}

/// The kind of a value's storage: `owned` in the arena, `tied` to an operand there, `update` of one, `view`, `virtual`,
/// `constant`, `none`; or whose bytes it is written to.
fn storage(analysis: &Analysis, value: ValueId, tied: bool) -> String {
    let (storage, version) = match analysis.aliases.value(value) {
        ValueStorage::Nothing => return "none".to_owned(),
        ValueStorage::Virtual { .. } => return "virtual".to_owned(),
        ValueStorage::Joined { source, .. } if source == value => return "joined".to_owned(),
        ValueStorage::Joined { .. } => return "view".to_owned(),
        ValueStorage::Constant => return "constant".to_owned(),
        ValueStorage::In { storage, version, .. } => (analysis.aliases.storage(storage), version),
    };
    match storage.home {
        _ if version != value => "view".to_owned(),
        _ if storage.root != value => "update".to_owned(),
        Home::Argument(index) => format!("argument {index}"),
        Home::Result(index) => format!("result {index}"),
        _ if tied => "tied".to_owned(),
        Home::Arena | Home::ArenaUntilEnd | Home::Slot(_) => "owned".to_owned(),
    }
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

fn aligned(rows: &[Row]) -> String {
    let mut widths = [0; 8];
    for row in rows {
        row.iter().zip(&mut widths).for_each(|(cell, width)| *width = (*width).max(cell.len()));
    }
    let mut out = String::new();
    for row in rows {
        let cells = row.iter().zip(widths).enumerate().map(|(i, (cell, width))| match i {
            2 | 3 | 7 => format!("{cell:<width$}"),
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
        let row = |cells: [&str; 8]| cells.map(str::to_owned);
        let head = row(["step", "id", "v", "s", "b", "o", "e", "op"]);
        let rows = [head, row(["0", "10", "%long", "view", "1", "2", "3", "x"])];
        assert_eq!(aligned(&rows), "step  id  v      s     b  o  e  op\n   0  10  %long  view  1  2  3  x\n");
    }
}

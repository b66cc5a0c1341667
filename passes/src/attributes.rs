//! How passes write ties into the IR.

use memopt::dialect::Tie;
use memopt::ir::{Module, OpId};

/// Writes ties as `[[result, operand], ...]`, sorted; removes the attribute where there are none.
pub(crate) fn set_ties(module: &mut Module, op: OpId, name: &str, mut ties: Vec<Tie>) {
    ties.sort_unstable();
    ties.dedup();
    if ties.is_empty() {
        return module.remove_attr(op, name);
    }
    let rows: Vec<[i64; 2]> = ties.iter().map(|tie| [i64::from(tie.result), i64::from(tie.operand)]).collect();
    let attr = module.tuples_attr(rows.iter().map(|row| &row[..]));
    module.set_attr(op, name, attr);
}

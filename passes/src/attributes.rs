//! How passes write ties and orders into the IR.

use memopt::analysis::{Analysis, ScopeOrder, legal_ties};
use memopt::dialect::Tie;
use memopt::ir::{Module, OpId};
use memopt::plan::OrderValue;
use rustc_hash::FxHashMap;

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

/// Writes on every operation the operands that it may overwrite, `memopt.may_reuse`.
pub(crate) fn write_possible_ties(module: &mut Module, analysis: &Analysis) {
    let scopes = analysis.scopes.scopes.iter();
    let ops = scopes.flat_map(|scope| module.block(scope.block).ops());
    let found: Vec<(OpId, Vec<Tie>)> = ops.map(|&op| (op, legal_ties(module, analysis, op).to_vec())).collect();
    for (op, ties) in found {
        set_ties(module, op, "memopt.may_reuse", ties);
    }
}

/// Orders a block, and writes on every kernel the ties it takes, `memopt.reuse`.
pub(crate) fn write_order(module: &mut Module, scope: &ScopeOrder, order: &[u32], value: &OrderValue) {
    let ops = scope.op_order(module, order);
    module.set_order(scope.scope.block, ops);
    let mut taken: FxHashMap<OpId, Vec<Tie>> = FxHashMap::default();
    for tie in &value.ties {
        // Ties are sorted; the IR's tie stands at the same index.
        if let Ok(index) = scope.problem.ties.binary_search(tie) {
            taken.entry(scope.kernels[tie.kernel as usize]).or_default().push(scope.ties[index]);
        }
    }
    for &(op, tie) in &scope.fixed_ties {
        taken.entry(op).or_default().push(tie);
    }
    for &op in &scope.kernels {
        set_ties(module, op, "memopt.reuse", taken.remove(&op).unwrap_or_default());
    }
}

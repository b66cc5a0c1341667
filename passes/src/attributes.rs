//! How passes write ties and orders into the IR.

use memopt::analysis::{Analysis, ScopeOrder, legal_ties};
use memopt::dialect::Tie;
use memopt::ir::{AttrId, Module, OpId, Symbol};
use memopt::plan::OrderValue;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Writes an attribute of ties on many operations.
pub(crate) struct TieWriter {
    name: Symbol,
    /// The attribute of each list of ties: most operations have the same few.
    known: FxHashMap<SmallVec<[Tie; 2]>, AttrId>,
}

impl TieWriter {
    pub(crate) fn new(module: &mut Module, name: &str) -> TieWriter {
        TieWriter { name: module.symbol(name), known: FxHashMap::default() }
    }

    /// Writes ties as `[[result, operand], ...]`, sorted; removes the attribute where there are none.
    pub(crate) fn write(&mut self, module: &mut Module, op: OpId, mut ties: SmallVec<[Tie; 2]>) {
        if ties.is_empty() {
            return module.remove_named(op, self.name);
        }
        ties.sort_unstable();
        ties.dedup();
        let attr = *self.known.entry(ties).or_insert_with_key(|ties| {
            let rows: Vec<[i64; 2]> = ties.iter().map(|tie| [i64::from(tie.result), i64::from(tie.operand)]).collect();
            let attr = module.tuples_attr(rows.iter().map(|row| &row[..]));
            module.intern_attr(attr)
        });
        module.set_named(op, self.name, attr);
    }
}

/// Writes on every operation the operands that it may overwrite, `memopt.may_reuse`.
pub(crate) fn write_possible_ties(module: &mut Module, analysis: &Analysis) {
    let mut writer = TieWriter::new(module, "memopt.may_reuse");
    for scope in &analysis.scopes.scopes {
        for at in 0..module.block(scope.block).ops().len() {
            let op = module.block(scope.block).ops()[at];
            let ties = legal_ties(module, analysis, op);
            writer.write(module, op, ties);
        }
    }
}

/// Orders a block, and writes on every kernel the ties it takes, `memopt.reuse`.
pub(crate) fn write_order(module: &mut Module, scope: &ScopeOrder, order: &[u32], value: &OrderValue) {
    let ops = scope.op_order(module, order);
    module.set_order(scope.scope.block, ops);
    // Ties are sorted, and the IR's tie stands at the same index.
    let mut taken: Vec<usize> =
        value.ties.iter().filter_map(|tie| scope.problem.ties.binary_search(tie).ok()).collect();
    taken.sort_unstable();
    let (mut taken, mut fixed) = (taken.into_iter().peekable(), scope.fixed_ties.iter().peekable());
    let mut writer = TieWriter::new(module, "memopt.reuse");
    for (kernel, &op) in scope.kernels.iter().enumerate() {
        let mut ties = SmallVec::new();
        while let Some(tie) = taken.next_if(|&tie| scope.problem.ties[tie].kernel as usize == kernel) {
            ties.push(scope.ties[tie]);
        }
        while let Some(&(_, tie)) = fixed.next_if(|(other, _)| *other == op) {
            ties.push(tie);
        }
        writer.write(module, op, ties);
    }
}

//! Offsets that the schedule chose with the order, as the operations carry them: `schedule{algorithm=joint}`.

use memopt::analysis::Analysis;
use memopt::dialect::OpRef;
use memopt::ir::{Bytes, Definition, Module};
use memopt::plan::{LayoutSolution, StopReason, validate_layout};

use super::extract::{Content, Extracted};

/// The solution, or the offsets that stand in the program already, if they are right and need less.
pub(super) fn lower_of(
    extracted: &Extracted,
    module: &Module,
    analysis: &Analysis,
    solution: LayoutSolution,
) -> LayoutSolution {
    if solution.height == solution.lower_bound {
        return solution;
    }
    let mut offsets: Vec<Option<i64>> = vec![None; extracted.contents.len()];
    for (&storage, &buffer) in &extracted.buffer_of {
        let Definition::Result { op, index } = module.value(analysis.aliases.storage(storage).root).definition else {
            continue;
        };
        let of_op = OpRef::new(module, op).integers("memopt.offsets");
        let offset = of_op.and_then(|offsets| offsets.get(index as usize)).copied();
        // Tied storages are one buffer, at one offset.
        offsets[buffer] = offsets[buffer].or(offset);
    }
    for (offset, content) in offsets.iter_mut().zip(&extracted.contents) {
        if let Content::Workspace(op) = *content {
            *offset = OpRef::new(module, op).integer("memopt.workspace_offset");
        }
    }
    let bytes = |offset: Option<i64>| offset.and_then(|offset| u64::try_from(offset).ok()).map(Bytes);
    let Some(offsets) = offsets.into_iter().map(bytes).collect::<Option<Vec<Bytes>>>() else { return solution };
    let ends = offsets.iter().zip(&extracted.problem.buffers).map(|(&offset, buffer)| offset + buffer.size);
    let height = ends.max().unwrap_or_default();
    let stop = if height == solution.lower_bound { StopReason::BoundMet } else { solution.stop };
    let chosen = LayoutSolution { offsets, height, lower_bound: solution.lower_bound, stop };
    let is_better = chosen.height < solution.height && validate_layout(&extracted.problem, &chosen).is_ok();
    if is_better { chosen } else { solution }
}

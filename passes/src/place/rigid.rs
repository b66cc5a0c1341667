//! Placing for algorithms that know plain buffers only: all that lies inside a buffer moves with it, as one rectangle.

use memopt::ir::Bytes;
use memopt::plan::{LayoutBuffer, LayoutProblem, LayoutSolution, StopReason};

use super::rects::Rects;

/// Solves the problem in which each outermost buffer lives as long as all that lies inside it. Takes more than it must where
/// the parts of a buffer live shorter than the whole.
pub(super) fn as_one(problem: &LayoutProblem, solve: impl Fn(&LayoutProblem) -> LayoutSolution) -> LayoutSolution {
    if problem.buffers.iter().all(|buffer| buffer.within.is_none()) {
        return solve(problem);
    }
    let outermost: Vec<(usize, Bytes)> = (0..problem.buffers.len()).map(|buffer| outermost(problem, buffer)).collect();
    let mut merged = problem.clone();
    for (buffer, &(outer, _)) in problem.buffers.iter().zip(&outermost) {
        let of: &mut LayoutBuffer = &mut merged.buffers[outer];
        (of.start, of.end) = (of.start.min(buffer.start), of.end.max(buffer.end));
    }
    for (index, buffer) in merged.buffers.iter_mut().enumerate().filter(|(index, _)| outermost[*index].0 != *index) {
        debug_assert!(problem.buffers[index].within.is_some(), "it lies inside another one");
        (buffer.size, buffer.within) = (Bytes::ZERO, None);
    }
    let mut solution = solve(&merged);
    let place = |&(outer, at): &(usize, Bytes)| solution.offsets[outer] + at;
    solution.offsets = outermost.iter().map(place).collect();
    solution.lower_bound = parts_bound(problem);
    if solution.height > solution.lower_bound && solution.stop == StopReason::BoundMet {
        solution.stop = StopReason::Saturated;
    }
    solution
}

/// The buffer that lies inside no other and holds this one, and where in it.
fn outermost(problem: &LayoutProblem, mut buffer: usize) -> (usize, Bytes) {
    let mut at = Bytes::ZERO;
    while let Some(within) = problem.buffers[buffer].within {
        (buffer, at) = (within.parent, at + within.at);
    }
    (buffer, at)
}

/// The largest live sum of the buffers that hold no other: these share no byte.
fn parts_bound(problem: &LayoutProblem) -> Bytes {
    let mut parts = problem.clone();
    for buffer in &problem.buffers {
        if let Some(within) = buffer.within {
            parts.buffers[within.parent].size = Bytes::ZERO;
        }
    }
    parts.buffers.iter_mut().for_each(|buffer| buffer.within = None);
    Rects::new(&parts).lower_bound
}

#[cfg(test)]
mod tests {
    use memopt::ir::{Align, Step};
    use memopt::plan::{LayoutWithin, validate_layout};

    use super::*;
    use crate::place::{best_fit, no_reuse};

    #[test]
    fn parts_move_with_the_whole() {
        // a and b are the parts of c; d lives beside all of them.
        let buffer = |size, start, end| LayoutBuffer::new(Bytes(size), Step(start), Step(end));
        let mut buffers = vec![buffer(64, 0, 4), buffer(64, 1, 4), buffer(128, 2, 4), buffer(64, 0, 4)];
        for (at, part) in [0, 64].into_iter().zip(&mut buffers) {
            part.within = Some(LayoutWithin { parent: 2, at: Bytes(at) });
        }
        let problem = LayoutProblem::new(buffers, Align::DEFAULT);
        for solution in [as_one(&problem, best_fit), as_one(&problem, no_reuse)] {
            assert_eq!(validate_layout(&problem, &solution), Ok(()));
            assert_eq!((solution.height, solution.lower_bound), (Bytes(192), Bytes(192)));
        }
    }
}

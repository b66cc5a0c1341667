//! List scheduling in one direction: O((kernels + edges) log kernels).
//!
//! Forward, the first kernel is chosen first; its delta is the bytes of its results that stay live, less the bytes of the
//! operands of which it is the last unread reader. Backward, the last kernel is chosen first; time runs the other way, so
//! that an operand is *born* at the first of its readers to be chosen, and a result *ends* at its writer: the delta is the
//! bytes of operands not live yet, less the bytes of results.
//!
//! Ties are not credited: where a result may overwrite an operand, that operand dies there, and its death is in the delta.

use memopt::plan::OrderProblem;

use super::frontier::{Frontier, Rule};

/// An order made from the front, with the positions in `preferred` as priorities.
pub(super) fn forward(problem: &OrderProblem, preferred: &[u32], rule: Rule) -> Vec<u32> {
    let mut unread: Vec<u32> = (0..problem.buffers.len()).map(|b| problem.readers.row(b).len() as u32).collect();
    let delta = |kernel: usize| {
        let stays = problem.writes.row(kernel).iter().filter(|&&b| is_needed(problem, b)).map(|&b| size(problem, b));
        let dies = problem.reads.row(kernel).iter().filter(|&&b| dies(problem, b) && unread[b as usize] == 1);
        total(stays).saturating_sub(total(dies.map(|&b| size(problem, b))))
    };
    let deltas = (0..problem.kernels()).map(delta).collect();
    let waiting = (0..problem.kernels()).map(|k| problem.predecessors.row(k).len() as u32).collect();
    let mut frontier = Frontier::new(preferred, rule, waiting, deltas);
    let mut order = Vec::with_capacity(problem.kernels());
    while let Some(kernel) = frontier.choose() {
        order.push(kernel);
        for &buffer in problem.reads.row(kernel as usize) {
            unread[buffer as usize] -= 1;
            if unread[buffer as usize] == 1 && dies(problem, buffer) {
                let readers = problem.readers.row(buffer as usize);
                if let Some(&last) = readers.iter().find(|&&reader| !frontier.is_chosen(reader)) {
                    frontier.lower(last, size(problem, buffer));
                }
            }
        }
        for &successor in problem.successors.row(kernel as usize) {
            frontier.arrive(successor);
        }
    }
    order
}

/// An order made from the end, with the positions in `preferred` as priorities: the last one is chosen first.
pub(super) fn backward(problem: &OrderProblem, preferred: &[u32], rule: Rule) -> Vec<u32> {
    let mut live: Vec<bool> = problem.buffers.iter().map(|buffer| buffer.until_end).collect();
    let delta = |kernel: usize| {
        let born = problem.reads.row(kernel).iter().filter(|&&b| !live[b as usize]).map(|&b| size(problem, b));
        let ends = problem.writes.row(kernel).iter().filter(|&&b| is_needed(problem, b)).map(|&b| size(problem, b));
        total(born).saturating_sub(total(ends))
    };
    let deltas = (0..problem.kernels()).map(delta).collect();
    let waiting = (0..problem.kernels()).map(|k| problem.successors.row(k).len() as u32).collect();
    let reversed: Vec<u32> = preferred.iter().rev().copied().collect();
    let mut frontier = Frontier::new(&reversed, rule, waiting, deltas);
    let mut order = Vec::with_capacity(problem.kernels());
    while let Some(kernel) = frontier.choose() {
        order.push(kernel);
        for &buffer in problem.reads.row(kernel as usize) {
            if std::mem::replace(&mut live[buffer as usize], true) {
                continue;
            }
            for &reader in problem.readers.row(buffer as usize) {
                if !frontier.is_chosen(reader) {
                    frontier.lower(reader, size(problem, buffer));
                }
            }
        }
        for &predecessor in problem.predecessors.row(kernel as usize) {
            frontier.arrive(predecessor);
        }
    }
    order.reverse();
    order
}

/// Whether a buffer outlives its writer's step.
fn is_needed(problem: &OrderProblem, buffer: u32) -> bool {
    problem.buffers[buffer as usize].until_end || !problem.readers.row(buffer as usize).is_empty()
}

/// Whether a buffer dies when it is read for the last time.
fn dies(problem: &OrderProblem, buffer: u32) -> bool {
    !problem.buffers[buffer as usize].until_end
}

fn size(problem: &OrderProblem, buffer: u32) -> i64 {
    i64::try_from(problem.buffers[buffer as usize].size.0).unwrap_or(i64::MAX)
}

fn total(sizes: impl Iterator<Item = i64>) -> i64 {
    sizes.fold(0, i64::saturating_add)
}

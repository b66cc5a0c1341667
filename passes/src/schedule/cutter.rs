//! A window of an order: some consecutive steps, cut out as an ordering problem of its own.
//!
//! ```text
//! order    a b c [d e f g] h i        window d..g
//! problem      0  1 2 3 4             kernel 0 stands for a, b, c
//! ```
//!
//! Kernel 0 comes first and writes what is live when the window starts and read inside it. What is read inside and after
//! it, or after it only, lives to the end of the window; what passes by is not in the problem, its bytes are the
//! [`Cut::base`]. Which buffers are live before and after the window, and which die at each kernel outside it, does not
//! depend on the order inside: so the order of a window can be exchanged for another without a look at the rest, and live
//! bytes are the problem's plus the base, in-place ties included.

use std::ops::Range;

use memopt::ir::Bytes;
use memopt::plan::{Csr, OrderBuffer, OrderProblem, OrderTie};

/// A window as a problem.
#[derive(Debug)]
pub(super) struct Cut {
    /// Its steps in the whole order.
    pub(super) steps: Range<usize>,
    /// The problem; kernel `i + 1` is the kernel at step `steps.start + i`.
    pub(super) problem: OrderProblem,
    /// Bytes that are live through all of the window, and are not in the problem.
    pub(super) base: Bytes,
}

/// Cuts windows out of orders of one problem; keeps its tables from one to the next, so that a window costs its own size.
#[derive(Debug)]
pub(super) struct Cutter<'p> {
    problem: &'p OrderProblem,
    /// Kernel -> its number in the window; 0 outside.
    local: Vec<u32>,
    /// Buffer -> its number in the window, plus one; 0 if it is not in it.
    buffer: Vec<u32>,
}

impl<'p> Cutter<'p> {
    pub(super) fn new(problem: &'p OrderProblem) -> Cutter<'p> {
        Cutter { problem, local: vec![0; problem.kernels()], buffer: vec![0; problem.buffers.len()] }
    }

    /// The window of `order` at `steps`. `place` is the step of each kernel; `live_before` are the bytes live before the
    /// first step of the window.
    pub(super) fn cut(&mut self, order: &[u32], place: &[u32], steps: Range<usize>, live_before: Bytes) -> Cut {
        let problem = self.problem;
        let kernels = &order[steps.clone()];
        for (index, &kernel) in kernels.iter().enumerate() {
            self.local[kernel as usize] = index as u32 + 1;
        }
        let n = kernels.len() + 1;
        let mut edges: Vec<(u32, u32)> = (1..n as u32).map(|kernel| (0, kernel)).collect();
        let mut touched: Vec<u32> = Vec::new();
        for (index, &kernel) in kernels.iter().enumerate() {
            let successors = problem.successors.row(kernel as usize).iter().map(|&s| self.local[s as usize]);
            edges.extend(successors.filter(|&to| to != 0).map(|to| (index as u32 + 1, to)));
            for &buffer in problem.reads.row(kernel as usize).iter().chain(problem.writes.row(kernel as usize)) {
                if self.buffer[buffer as usize] == 0 {
                    touched.push(buffer);
                    self.buffer[buffer as usize] = touched.len() as u32;
                }
            }
        }
        let (buffers, reads) = self.buffers(&touched, place, steps.end as u32);
        let incoming: Bytes = buffers.iter().filter(|buffer| buffer.writer == 0).map(|buffer| buffer.size).sum();
        let mut ties = Vec::new();
        for (index, &kernel) in kernels.iter().enumerate() {
            // A stable order of buffers keeps the order of ties: the first that fits is the same one.
            let local = |&OrderTie { result, operand, .. }: &OrderTie| OrderTie {
                kernel: index as u32 + 1,
                result: self.buffer[result as usize] - 1,
                operand: self.buffer[operand as usize] - 1,
            };
            ties.extend(problem.ties_of(kernel).iter().map(local));
        }
        ties.sort_unstable();
        let written: Vec<_> = buffers.iter().enumerate().map(|(b, buffer)| (buffer.writer, b as u32)).collect();
        let (successors, readers) = (Csr::from_pairs(n, &edges), Csr::from_pairs(buffers.len(), &reads));
        let workspace = kernels.iter().map(|&kernel| problem.workspace[kernel as usize]);
        let window = Cut {
            steps,
            base: live_before.saturating_sub(incoming),
            problem: OrderProblem {
                predecessors: successors.transposed(n),
                successors,
                reads: readers.transposed(n),
                readers,
                writes: Csr::from_pairs(n, &written),
                workspace: std::iter::once(Bytes::ZERO).chain(workspace).collect(),
                buffers,
                ties,
            },
        };
        kernels.iter().for_each(|&kernel| self.local[kernel as usize] = 0);
        touched.iter().for_each(|&buffer| self.buffer[buffer as usize] = 0);
        window
    }

    /// The touched buffers as the window sees them, and (buffer, reader) pairs.
    fn buffers(&self, touched: &[u32], place: &[u32], end: u32) -> (Vec<OrderBuffer>, Vec<(u32, u32)>) {
        let mut reads = Vec::new();
        let buffer = |(index, &buffer): (usize, &u32)| {
            let OrderBuffer { size, writer, mut until_end } = self.problem.buffers[buffer as usize];
            for &reader in self.problem.readers.row(buffer as usize) {
                match self.local[reader as usize] {
                    0 => until_end |= place[reader as usize] >= end,
                    inside => reads.push((index as u32, inside)),
                }
            }
            OrderBuffer { size, writer: self.local[writer as usize], until_end }
        };
        let buffers = touched.iter().enumerate().map(buffer).collect();
        (buffers, reads)
    }
}

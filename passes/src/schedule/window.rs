//! A stretch of an order as a problem of its own: what is before and after it stays as it is.
//!
//! ```text
//! order       a b c | d e f g | h i           window [3, 7)
//! problem       0   | 1 2 3 4 |               kernel 0 stands for a b c: it writes what is live at the border
//! ```
//!
//! Buffers that are read after the window live to its end; those that nobody in it touches are one buffer that does. So the
//! live bytes of an order of the window, evaluated alone, are those of the whole order at these steps, ties included.

use std::ops::Range;

use memopt::ir::Bytes;
use memopt::plan::{Csr, OrderBuffer, OrderProblem, OrderTie};
use rustc_hash::FxHashMap;

use super::ilp::{IlpOptions, IlpOutcome, ilp};

/// A window with the way back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Window {
    /// Kernel 0 is what was before, the others are those of the window in their order.
    pub problem: OrderProblem,
    /// The kernel of the whole problem behind each but kernel 0.
    kernels: Vec<u32>,
}

impl Window {
    /// The window of an order, in time linear in what its kernels touch and the buffers of the problem.
    ///
    /// # Panics
    /// If the range is not within the order.
    pub fn new(problem: &OrderProblem, order: &[u32], range: Range<usize>) -> Window {
        let kernels = order[range.clone()].to_vec();
        let mut step = vec![0; problem.kernels()];
        order.iter().enumerate().for_each(|(at, &kernel)| step[kernel as usize] = at);
        // The kernel of the window that a kernel is: 0 before it, none after it.
        let inside = |kernel: u32| match step[kernel as usize] {
            at if at < range.start => Some(0),
            at if at < range.end => Some((at - range.start) as u32 + 1),
            _ => None,
        };
        let mut edges: Vec<(u32, u32)> = (1..=kernels.len() as u32).map(|kernel| (0, kernel)).collect();
        for &kernel in &kernels {
            let after = problem.successors.row(kernel as usize).iter().filter_map(|&s| inside(s));
            edges.extend(after.map(|s| (inside(kernel).unwrap_or_default(), s)));
        }
        let mut index: FxHashMap<u32, u32> = FxHashMap::default();
        let (mut buffers, mut readers, mut writes) = (Vec::new(), Vec::new(), Vec::new());
        let mut crossing = Bytes::ZERO;
        for (b, buffer) in problem.buffers.iter().enumerate() {
            let Some(writer) = inside(buffer.writer) else { continue };
            let row = problem.readers.row(b);
            let until_end = buffer.until_end || row.iter().any(|&reader| inside(reader).is_none());
            let read_by: Vec<u32> = row.iter().filter_map(|&reader| inside(reader)).filter(|&r| r > 0).collect();
            if writer == 0 && read_by.is_empty() {
                crossing += if until_end { buffer.size } else { Bytes::ZERO };
                continue;
            }
            let new = buffers.len() as u32;
            index.insert(b as u32, new);
            buffers.push(OrderBuffer { size: buffer.size, writer, until_end });
            writes.push((writer, new));
            readers.extend(read_by.into_iter().map(|reader| (new, reader)));
        }
        writes.push((0, buffers.len() as u32));
        buffers.push(OrderBuffer { size: crossing, writer: 0, until_end: true });
        let ties = kernels.iter().flat_map(|&kernel| problem.ties_of(kernel)).filter_map(|tie| {
            let (result, operand) = (*index.get(&tie.result)?, *index.get(&tie.operand)?);
            Some(OrderTie { kernel: inside(tie.kernel)?, result, operand })
        });
        let mut ties: Vec<OrderTie> = ties.collect();
        ties.sort_unstable();
        let workspace = kernels.iter().map(|&kernel| problem.workspace[kernel as usize]);
        let workspace = std::iter::once(Bytes::ZERO).chain(workspace).collect();
        edges.sort_unstable();
        edges.dedup();
        let count = kernels.len() + 1;
        let (successors, readers) = (Csr::from_pairs(count, &edges), Csr::from_pairs(buffers.len(), &readers));
        let problem = OrderProblem {
            predecessors: successors.transposed(count),
            successors,
            reads: readers.transposed(count),
            readers,
            writes: Csr::from_pairs(count, &writes),
            buffers,
            workspace,
            ties,
        };
        Window { problem, kernels }
    }

    /// The kernels of the whole problem that an order of the window's problem stands for.
    pub fn kernels(&self, order: &[u32]) -> Vec<u32> {
        order.iter().filter(|&&kernel| kernel > 0).map(|&kernel| self.kernels[kernel as usize - 1]).collect()
    }
}

/// Puts a window of an order into the best order that the options allow to find; never a worse one. What comes back is of
/// the window: its peak is that of these steps, and of the live bytes at the border.
///
/// # Panics
/// If the range is not within the order.
pub fn ilp_window(problem: &OrderProblem, order: &mut [u32], range: Range<usize>, options: &IlpOptions) -> IlpOutcome {
    let window = Window::new(problem, order, range.clone());
    let incumbent: Vec<u32> = (0..window.problem.kernels() as u32).collect();
    let outcome = ilp(&window.problem, &incumbent, options);
    order[range].copy_from_slice(&window.kernels(&outcome.order));
    outcome
}

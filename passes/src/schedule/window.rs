//! A stretch of an order as a problem of its own: what is before and after it stays as it is.
//!
//! ```text
//! order       a b c | d e f g | h i           window [3, 7)
//! problem       0   | 1 2 3 4 |               kernel 0 stands for a b c: it writes what is live at the border
//! ```
//!
//! What passes by counts as workspace of every step. So the live bytes of an order of the window, evaluated alone, are those
//! of the whole order at these steps, ties included.

use std::ops::Range;

use memopt::plan::{OrderProblem, order_profile};

use super::cutter::Cutter;
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
    /// The window of an order, in time linear in the problem.
    ///
    /// # Panics
    /// If the range is not within the order.
    pub fn new(problem: &OrderProblem, order: &[u32], range: Range<usize>) -> Window {
        let kernels = order[range.clone()].to_vec();
        let mut place = vec![0; problem.kernels()];
        order.iter().enumerate().for_each(|(step, &kernel)| place[kernel as usize] = step as u32);
        let live_before = order_profile(problem, order).between[range.start];
        let cut = Cutter::new(problem).cut(order, &place, range, live_before);
        let mut problem = cut.problem;
        problem.workspace.iter_mut().for_each(|bytes| *bytes += cut.base);
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

//! Local search over orders: what does not fit goes further to the front.
//!
//! Items are placed in some order, each at the lowest offset that is left, with tops below the best height so far. The
//! first that has no room is moved forward, to a place drawn at random, and everything is placed again; most trials end
//! early. After many trials in vain the order goes back to the last that worked. Orders by falling size and the like are
//! where it begins: an order by offset is lower at first, but any move in it brings everything else down.

use super::greedy::{Greedy, orders};
use super::ranking::Dice;
use super::state::State;

/// Trials before an order is given up.
const PATIENCE: u32 = 4000;

/// The part of the gap that a better order has to close.
const STRIDE: u64 = 20;

/// Orders, and the heights of what they place.
pub(super) struct Local {
    /// The best orders, each from a start of its own.
    orders: Vec<(u64, Vec<u32>)>,
    turn: usize,
    dice: Dice,
}

impl Local {
    pub(super) fn new() -> Local {
        Local { orders: Vec::new(), turn: 0, dice: Dice(1) }
    }

    /// Tries other orders for `budget` steps.
    pub(super) fn improve(&mut self, state: &mut State<'_>, budget: u64) {
        let until = state.steps.saturating_add(budget);
        let mut greedy = Greedy::new(state.items);
        greedy.work.limit = budget;
        if self.orders.is_empty() {
            self.begin(state, &mut greedy);
        }
        while !state.is_done() && state.steps < until && !self.orders.is_empty() {
            self.turn = (self.turn + 1) % self.orders.len();
            let (height, mut order) = self.orders[self.turn].clone();
            // In strides that are worth the while.
            let limit = height - 1 - (height - state.bound) / STRIDE;
            for _ in 0..PATIENCE {
                match trial(state, &mut greedy, &order, limit) {
                    Ok(height) => {
                        self.orders[self.turn] = (height, order);
                        break;
                    }
                    Err(item) => self.move_forward(&mut order, item),
                }
                if state.is_done() || state.steps >= until {
                    break;
                }
            }
        }
    }

    /// Places the first orders.
    fn begin(&mut self, state: &mut State<'_>, greedy: &mut Greedy<'_>) {
        for order in orders(state.items) {
            if let Ok(height) = trial(state, greedy, &order, u64::MAX / 4) {
                self.orders.push((height, order));
            }
        }
        self.orders.sort();
        self.orders.truncate(2);
    }

    fn move_forward(&mut self, order: &mut [u32], item: u32) {
        let from = order.iter().position(|&i| i == item).expect("the order holds all items");
        let to = self.dice.below(from.max(1));
        order[to..=from].rotate_right(1);
    }
}

/// Places an order, and offers what comes out.
fn trial(state: &mut State<'_>, greedy: &mut Greedy<'_>, order: &[u32], limit: u64) -> Result<u64, u32> {
    let before = greedy.work.done;
    let placed = greedy.place(order, limit);
    state.steps += greedy.work.done - before + order.len() as u64;
    let offsets = placed?;
    let height = state.items.height(&offsets);
    state.offer(offsets);
    Ok(height)
}

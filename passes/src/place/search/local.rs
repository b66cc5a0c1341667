//! Local search over orders: the items at the peak are moved forward, and everything is placed again.
//!
//! A placement is kept if it is no higher; equal ones are kept too, because the search has to wander. A trial ends at the
//! first item that would rise above the best height, which most trials reach early.

use super::greedy::Greedy;
use super::ranking::Dice;
use super::state::State;

/// The order that the best placement came from, and where the search stands.
pub(super) struct Local {
    order: Vec<u32>,
    dice: Dice,
    height: u64,
}

impl Local {
    /// Begins at the best placement, from the bottom to the top.
    pub(super) fn new(state: &State<'_>) -> Local {
        Local { order: by_offset(&state.best), dice: Dice(1), height: u64::MAX }
    }

    /// Tries other orders for `budget` steps.
    pub(super) fn improve(&mut self, state: &mut State<'_>, budget: u64) {
        let until = state.steps.saturating_add(budget);
        let mut greedy = Greedy::new(state.items);
        if self.height > state.height {
            (self.order, self.height) = (by_offset(&state.best), state.height);
        }
        let mut blamed = None;
        while !state.is_done() && state.steps < until {
            let mut order = self.order.clone();
            self.disturb(&mut order, state, blamed);
            let before = greedy.work.done;
            let placed = greedy.place(&order, self.height);
            state.steps += greedy.work.done - before + order.len() as u64;
            match placed {
                Ok(offsets) => {
                    blamed = None;
                    self.height = state.items.height(&offsets);
                    self.order = order;
                    state.offer(offsets);
                }
                Err(item) => blamed = Some(item),
            }
        }
    }

    /// Moves an item of the peak forward, or one that the last trial failed at.
    fn disturb(&mut self, order: &mut Vec<u32>, state: &State<'_>, blamed: Option<u32>) {
        let items = &state.items.all;
        let peak: Vec<u32> = (0..items.len() as u32)
            .filter(|&i| state.best[i as usize] + items[i as usize].size == state.height)
            .collect();
        let moves = 1 + self.dice.below(3);
        for _ in 0..moves {
            let item = match blamed {
                Some(item) if self.dice.below(2) == 0 => item,
                _ => peak[self.dice.below(peak.len())],
            };
            let from = order.iter().position(|&i| i == item).expect("the order holds all items");
            let to = self.dice.below(from + 1);
            order.remove(from);
            order.insert(to, item);
        }
    }
}

/// Items from the bottom to the top.
fn by_offset(offsets: &[u64]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..offsets.len() as u32).collect();
    order.sort_by_key(|&i| (offsets[i as usize], i));
    order
}

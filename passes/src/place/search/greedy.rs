//! Items one after the other, each at the lowest offset that its rules and the items before it leave.

use memopt::ir::Bytes;

use super::items::Items;
use crate::place::occupied::Occupied;
use crate::place::rects::{Rect, Work};

/// A placement by some order, and where it was given up.
pub(super) struct Greedy<'a> {
    items: &'a Items,
    occupied: Occupied,
    /// Offsets `(from, to)`, exclusive, that something placed forbids.
    forbidden: Vec<(u64, u64)>,
    /// Steps done.
    pub(super) work: Work,
}

impl<'a> Greedy<'a> {
    pub(super) fn new(items: &'a Items) -> Greedy<'a> {
        let occupied = Occupied::new(items.slots() as u32);
        Greedy { items, occupied, forbidden: Vec::new(), work: Work { done: 0, limit: u64::MAX } }
    }

    /// Places all items in this order. Fails with the item that found no place with a top up to `limit`, or at which the
    /// work was done.
    pub(super) fn place(&mut self, order: &[u32], limit: u64) -> Result<Vec<u64>, u32> {
        self.occupied.clear();
        let mut offsets = vec![0; self.items.all.len()];
        for &i in order {
            let offset = self.find(i as usize);
            let item = &self.items.all[i as usize];
            if offset > item.most || offset.saturating_add(item.size) > limit || self.work.is_done() {
                return Err(i);
            }
            offsets[i as usize] = offset;
            for p in self.items.of(i as usize) {
                let rect = rect(p.start, p.end, p.high - p.low);
                self.occupied.take(&rect, Bytes(offset + p.low), &mut self.work);
            }
        }
        Ok(offsets)
    }

    /// The lowest offset that is left.
    fn find(&mut self, index: usize) -> u64 {
        let item = &self.items.all[index];
        self.forbidden.clear();
        for p in self.items.of(index) {
            let lifetime = rect(p.start, p.end, 1);
            let runs = self.occupied.runs(&lifetime, &mut self.work);
            // A run ends at or below the piece, or begins at or above its end.
            self.forbidden.extend(runs.filter(|(_, high)| high.0 > p.low).map(|(low, high)| {
                // Negative offsets are none, so that a forbidden range may begin one below zero: there it holds zero too.
                let from = (low.0 + 1).saturating_sub(p.high);
                (from, high.0 - p.low)
            }));
        }
        if self.items.of(index).len() > 1 {
            self.forbidden.sort_unstable();
        }
        let mut offset = item.least;
        for &(from, to) in &self.forbidden {
            if offset < from {
                break;
            }
            if from <= offset && offset < to {
                offset = item.aligned(to);
            }
        }
        offset
    }
}

/// Slots `[start, end)` as a rectangle.
fn rect(start: u32, end: u32, size: u64) -> Rect {
    Rect { size: Bytes(size), start, end, steps: end - start, buffer: 0 }
}

/// Orders to begin with: items with pins first, then by falling size, area and length.
pub(super) fn orders(items: &Items) -> Vec<Vec<u32>> {
    let key = |i: u32, kind: usize| {
        let item = &items.all[i as usize];
        let area = item.size.saturating_mul(item.steps);
        let keys = match kind {
            0 => [item.size, item.steps, area],
            1 => [area, item.size, item.steps],
            _ => [item.steps, item.size, area],
        };
        // The less room a window leaves, the earlier.
        (item.most.saturating_sub(item.least), keys.map(|k| !k), i)
    };
    let order = |kind| {
        let mut order: Vec<u32> = (0..items.all.len() as u32).collect();
        order.sort_by_cached_key(|&i| key(i, kind));
        order
    };
    (0..3).map(order).collect()
}

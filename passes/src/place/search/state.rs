//! What all stages of a search share: the best placement, the bound, and how much may still be done.

use std::time::Instant;

use super::items::Items;

/// A search at work. Heights and bounds are in units.
pub(super) struct State<'a> {
    pub(super) items: &'a Items,
    /// No placement is lower.
    pub(super) bound: u64,
    /// A probe raised the bound: it is no longer the largest live total.
    pub(super) refuted: bool,
    /// The best placement so far; empty if there is none yet.
    pub(super) best: Vec<u64>,
    /// Its height; without one, a height that some placement without rules has.
    pub(super) height: u64,
    /// Heights at or below this are good enough.
    pub(super) goal: u64,
    /// Once nothing can be that low, the search is over.
    pub(super) fit_only: bool,
    /// Steps done, and allowed.
    pub(super) steps: u64,
    pub(super) limit: u64,
    pub(super) deadline: Option<Instant>,
    pub(super) threads: usize,
    /// Windows around peaks may be placed anew: nothing has rules, and this is no window itself.
    pub(super) windows: bool,
}

impl State<'_> {
    /// Whether a placement is known.
    pub(super) fn has_placement(&self) -> bool {
        !self.best.is_empty() || self.items.all.is_empty()
    }

    /// Whether nothing better is wanted, possible or affordable.
    pub(super) fn is_done(&self) -> bool {
        self.is_settled() || self.steps >= self.limit || self.is_late()
    }

    /// Whether nothing better is wanted or possible.
    pub(super) fn is_settled(&self) -> bool {
        let met = self.has_placement() && self.height <= self.goal.max(self.bound);
        met || self.bound == u64::MAX || (self.fit_only && self.bound > self.goal && self.has_placement())
    }

    /// Whether the time is over.
    pub(super) fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Keeps a placement if it is better than the best.
    pub(super) fn offer(&mut self, offsets: Vec<u64>) {
        let height = self.items.height(&offsets);
        if !self.has_placement() || height < self.height {
            (self.best, self.height) = (offsets, height);
        }
    }

    /// Nothing fits below a capacity: a proof, where shapes are exact.
    pub(super) fn refute(&mut self, capacity: u64) {
        if self.items.lifted || capacity < self.bound {
            return;
        }
        self.refuted = true;
        let hopeless = !self.has_placement() && capacity >= self.height;
        self.bound = if hopeless { u64::MAX } else { capacity + 1 };
        if self.has_placement() {
            self.bound = self.bound.min(self.height);
        }
    }

    /// A capacity some sixteenths of the way from the goal to the best height.
    pub(super) fn between(&self, sixteenths: u64) -> u64 {
        let low = self.goal.max(self.bound);
        let high = if self.has_placement() { self.height.saturating_sub(1) } else { self.height };
        low.max(low.saturating_add(
            high.saturating_sub(low) / 16 * sixteenths + high.saturating_sub(low) % 16 * sixteenths / 16,
        ))
    }
}

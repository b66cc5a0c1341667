//! What there is to decide in a segment, and what follows without a decision.

use super::board::{Rating, WALL};
use super::{Valley, is_first_twin};

impl Valley {
    /// Looks at a segment: rates it, closes it or lifts it. Says whether it can still be filled.
    pub(super) fn rate(&mut self, at: u32) -> bool {
        let segment = self.board.segment(at);
        let (left, right) = self.board.neighbours(at, segment.end);
        let lowest = left.min(right);
        if lowest < segment.height || (segment.closed && lowest == segment.height) {
            self.board.rate(at, Rating::Idle);
            return true;
        }
        if segment.closed {
            return self.rise(at, lowest);
        }
        self.steps += 4 + u64::from(segment.end - at);
        let Some((rating, hopeless)) = self.survey(at, segment.end, segment.height, lowest) else { return false };
        if hopeless && lowest == WALL {
            self.board.rate(at, Rating::Idle);
            // Between walls, what is left must lie here.
            return self.board.totals[at as usize..segment.end as usize].iter().all(|&total| total == 0);
        }
        if hopeless {
            self.board.close(at, segment.end, at);
        } else {
            self.board.rate(at, rating);
        }
        true
    }

    /// The slot of a valley to decide about, and whether no item at all can lie on the valley's floor; `None` if some slot
    /// cannot be filled. Forced decisions come first, then slots that cannot stay empty, then those with the largest total.
    fn survey(&mut self, start: u32, end: u32, height: u64, lowest: u64) -> Option<(Rating, bool)> {
        let width = (end - start) as usize;
        self.cover[..=width].fill(0);
        // Where nothing lies at this height, the next item lies higher by at least this: on a neighbour, or on a candidate.
        let mut step = if lowest == height { 1 } else { lowest - height };
        let (board, cover, twins, mut any) = (&self.board, &mut self.cover, &self.twins, false);
        let count = board.inside(start, end, |item| {
            let size = board.sizes[item as usize];
            if height + size > self.capacity {
                return;
            }
            any = true;
            step = step.min(size);
            if is_first_twin(board, twins, item) {
                let (from, to) = board.spans[item as usize];
                cover[(from - start) as usize] += 1;
                cover[(to - start) as usize] -= 1;
            }
        });
        self.steps += 2 * count;
        let (mut best, mut rating, mut covers) = (None, Rating::Idle, 0);
        for (slot, total) in (start..end).zip(&board.totals[start as usize..end as usize]) {
            covers += cover[(slot - start) as usize];
            if *total == 0 {
                continue;
            }
            let room = self.capacity.checked_sub(height + total)?;
            let (may_stay_empty, options) = (room >= step, covers as u32);
            if options == 0 && !may_stay_empty {
                return None;
            }
            let urgency = self.taste.of_slot(options, may_stay_empty, *total);
            if options > 0 && best.is_none_or(|least| urgency < least) {
                best = Some(urgency);
                rating = Rating::Open { slot, total: *total, options, may_stay_empty };
            }
        }
        Some((rating, !any || best.is_none()))
    }

    /// A closed segment rises to its lower neighbour: says whether there is room, and no item would have fitted below.
    fn rise(&mut self, at: u32, height: u64) -> bool {
        let segment = self.board.segment(at);
        let totals = &self.board.totals[at as usize..segment.end as usize];
        self.steps += u64::from(segment.end - at);
        if height == WALL {
            return totals.iter().all(|&total| total == 0);
        }
        if totals.iter().any(|&total| total > 0 && height + total > self.capacity) {
            return false;
        }
        let (board, mut fits) = (&self.board, false);
        let count = board.inside(at, segment.end, |item| {
            fits |= board.sizes[item as usize] <= height - segment.height;
        });
        self.steps += count;
        if !fits {
            self.board.lift(at, height);
        }
        !fits
    }
}

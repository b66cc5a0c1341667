//! The skyline of a search, what is still to be placed, and how to take changes back.
//!
//! ```text
//!      ____                         a *segment* is a stretch of slots with one height; a *valley* is one whose neighbours
//!     |    |______      __          are higher: here b and d. A *wall* stands where no unplaced lifetime crosses from
//!  ___|    |      |____|  |____     slot to slot; beyond it nothing matters.
//!   a         c     d        e
//! ```

use super::super::items::Items;

/// No slot, or no item.
pub(super) const NONE: u32 = u32::MAX;

/// The height of a wall.
pub(super) const WALL: u64 = u64::MAX;

/// A stretch of slots with one height; entries of slots at which none begins mean nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) height: u64,
    /// One past its last slot: the first of the segment after it.
    pub(super) end: u32,
    /// First slot of the segment before it.
    pub(super) before: u32,
    /// Whether a segment begins at this slot.
    pub(super) begins: bool,
    /// Nothing may lie at this height here any more.
    pub(super) closed: bool,
    pub(super) rating: Rating,
}

/// What there is to decide in a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rating {
    /// It has changed since it was looked at.
    Unknown,
    /// It is no valley, or nothing is left to place in it.
    Idle,
    /// A decision about one slot of a valley: which item lies there next.
    Open {
        /// The slot.
        slot: u32,
        /// Unplaced units that live in it.
        total: u64,
        /// Number of items that can lie there.
        options: u32,
        /// Whether the slot may also stay empty at this height.
        may_stay_empty: bool,
    },
}

/// What was changed.
#[derive(Clone, Copy, Debug)]
enum Change {
    Segment(u32, Segment),
    Placed(u32),
}

/// Items placed and unplaced, and the skyline above the placed ones.
pub(super) struct Board {
    /// Of each item: its first slot, one past its last, its size.
    pub(super) spans: Vec<(u32, u32)>,
    pub(super) sizes: Vec<u64>,
    pub(super) at: Vec<u64>,
    pub(super) placed: Vec<bool>,
    /// Unplaced units in each slot.
    pub(super) totals: Vec<u64>,
    /// Unplaced items that live on both sides of the beginning of a slot.
    crossing: Vec<u32>,
    segments: Vec<Segment>,
    /// Chains of the unplaced items that begin in a slot, by falling ends: after the items there is a head for each slot.
    after: Vec<u32>,
    ahead: Vec<u32>,
    changes: Vec<Change>,
    /// Number of unplaced items.
    pub(super) left: usize,
}

impl Board {
    /// Nothing placed; segments between the walls, at height zero.
    pub(super) fn new(items: &Items) -> Board {
        let (n, slots) = (items.all.len(), items.slots());
        let nothing =
            Segment { height: 0, end: 0, before: NONE, begins: false, closed: false, rating: Rating::Unknown };
        let mut board = Board {
            spans: items.all.iter().map(|i| (i.start, i.end)).collect(),
            sizes: items.all.iter().map(|i| i.size).collect(),
            at: vec![0; n],
            placed: vec![false; n],
            totals: items.totals.clone(),
            crossing: vec![0; slots + 1],
            segments: vec![nothing; slots],
            after: vec![NONE; n + slots],
            ahead: vec![NONE; n + slots],
            changes: Vec::new(),
            left: n,
        };
        let mut order: Vec<u32> = (0..n as u32).collect();
        // What is put at the front of a chain last comes first.
        order.sort_unstable_by_key(|&i| (std::cmp::Reverse(board.spans[i as usize].1), i));
        let mut differences = vec![0_u32; slots + 1];
        for i in order {
            let (start, end) = board.spans[i as usize];
            let head = n as u32 + start;
            let first = std::mem::replace(&mut board.after[head as usize], i);
            (board.after[i as usize], board.ahead[i as usize]) = (first, head);
            if first != NONE {
                board.ahead[first as usize] = i;
            }
            differences[start as usize + 1] = differences[start as usize + 1].wrapping_add(1);
            differences[end as usize] = differences[end as usize].wrapping_sub(1);
        }
        let mut crossing = 0_u32;
        for (slot, difference) in differences.into_iter().enumerate() {
            crossing = crossing.wrapping_add(difference);
            board.crossing[slot] = crossing;
        }
        let mut before = NONE;
        for part in board.parts(0, slots as u32).windows(2) {
            board.make(part[0], part[1], before, 0, false);
            before = part[0];
        }
        board.changes.clear();
        board
    }

    /// A point to go back to.
    pub(super) fn mark(&self) -> usize {
        self.changes.len()
    }

    /// Takes back what was changed after a point.
    pub(super) fn undo(&mut self, mark: usize) {
        while self.changes.len() > mark {
            match self.changes.pop().expect("it is longer") {
                Change::Segment(at, old) => self.segments[at as usize] = old,
                Change::Placed(item) => self.put_back(item),
            }
        }
    }

    pub(super) fn segment(&self, at: u32) -> Segment {
        self.segments[at as usize]
    }

    pub(super) fn rate(&mut self, at: u32, rating: Rating) {
        self.set(at, Segment { rating, ..self.segments[at as usize] });
    }

    /// Heights of the neighbours of `[start, end)`.
    pub(super) fn neighbours(&self, start: u32, end: u32) -> (u64, u64) {
        let height = |wall: bool, at: u32| if wall { WALL } else { self.segments[at as usize].height };
        let left = height(self.is_wall(start), self.segments[start as usize].before);
        (left, height(self.is_wall(end), end))
    }

    /// The ends of the parts of `[from, to)` that no unplaced lifetime connects.
    pub(super) fn parts(&self, from: u32, to: u32) -> Vec<u32> {
        let walls = (from + 1..to).filter(|&slot| self.is_wall(slot));
        std::iter::once(from).chain(walls).chain(std::iter::once(to)).collect()
    }

    fn is_wall(&self, slot: u32) -> bool {
        self.crossing[slot as usize] == 0
    }

    /// Calls with each unplaced item that lives inside `[start, end)`; returns how many there are.
    pub(super) fn inside(&self, start: u32, end: u32, mut visit: impl FnMut(u32)) -> u64 {
        let mut count = 0;
        for slot in start..end {
            let mut item = self.after[self.sizes.len() + slot as usize];
            // Chains are sorted by their ends.
            while item != NONE && self.spans[item as usize].1 <= end {
                visit(item);
                count += 1;
                item = self.after[item as usize];
            }
        }
        count
    }

    /// Puts an item on the segment that holds it.
    pub(super) fn place(&mut self, item: u32, on: u32) {
        let (start, end) = self.spans[item as usize];
        let old = self.segments[on as usize];
        self.at[item as usize] = old.height;
        let walls = self.take(item);
        let mut before = old.before;
        if on < start {
            self.make(on, start, before, old.height, false);
            before = on;
        }
        let top = old.height + self.sizes[item as usize];
        self.make(start, end, before, top, false);
        if end < old.end {
            self.make(end, old.end, start, old.height, false);
        }
        let mut last = start;
        if walls {
            for part in self.parts(start, end).windows(2) {
                self.make(part[0], part[1], before, top, false);
                (before, last) = (part[0], part[0]);
            }
        }
        self.join(last);
        let mut at = self.join(start);
        self.forget_around(at);
        while walls && at < end {
            self.forget_around(at);
            at = self.segments[at as usize].end;
        }
    }

    /// Nothing will lie in this slot of a segment at its height.
    pub(super) fn close(&mut self, from: u32, to: u32, on: u32) {
        let old = self.segments[on as usize];
        let mut before = old.before;
        if on < from {
            self.make(on, from, before, old.height, false);
            before = on;
        }
        self.make(from, to, before, old.height, true);
        if to < old.end {
            self.make(to, old.end, from, old.height, false);
        }
        let joined = self.join(from);
        self.forget_around(joined);
    }

    /// Lifts a segment.
    pub(super) fn lift(&mut self, at: u32, height: u64) {
        let old = self.segments[at as usize];
        self.make(at, old.end, old.before, height, false);
        let joined = self.join(at);
        self.forget_around(joined);
    }

    /// All segments have to be looked at again.
    pub(super) fn forget(&mut self, start: u32, end: u32) {
        let mut at = start;
        while at < end {
            self.rate(at, Rating::Unknown);
            at = self.segments[at as usize].end;
        }
    }

    fn set(&mut self, at: u32, segment: Segment) {
        self.changes.push(Change::Segment(at, self.segments[at as usize]));
        self.segments[at as usize] = segment;
    }

    /// Makes `[start, end)` a segment.
    fn make(&mut self, start: u32, end: u32, before: u32, height: u64, closed: bool) {
        self.set(start, Segment { height, end, before, begins: true, closed, rating: Rating::Unknown });
        if let Some(&next) = self.segments.get(end as usize)
            && next.begins
            && next.before != start
        {
            self.set(end, Segment { before: start, ..next });
        }
    }

    /// Joins a segment with neighbours like it, and says where it begins then.
    fn join(&mut self, at: u32) -> u32 {
        let like = |a: Segment, b: Segment| a.height == b.height && a.closed == b.closed;
        let mut own = self.segments[at as usize];
        if !self.is_wall(own.end) && like(self.segments[own.end as usize], own) {
            let next = self.segments[own.end as usize];
            self.set(own.end, Segment { begins: false, ..next });
            self.make(at, next.end, own.before, own.height, own.closed);
            own = self.segments[at as usize];
        }
        if self.is_wall(at) || !like(self.segments[own.before as usize], own) {
            return at;
        }
        let first = self.segments[own.before as usize];
        self.set(at, Segment { begins: false, ..own });
        self.make(own.before, own.end, first.before, own.height, own.closed);
        own.before
    }

    /// A segment has changed: it and its neighbours have to be looked at again.
    fn forget_around(&mut self, at: u32) {
        let own = self.segments[at as usize];
        for at in [own.before, at, own.end] {
            if self.segments.get(at as usize).is_some_and(|s| s.rating != Rating::Unknown) {
                self.rate(at, Rating::Unknown);
            }
        }
    }

    /// Takes an item from the unplaced ones; says whether that made a wall.
    fn take(&mut self, item: u32) -> bool {
        self.changes.push(Change::Placed(item));
        self.placed[item as usize] = true;
        self.left -= 1;
        let (after, ahead) = (self.after[item as usize], self.ahead[item as usize]);
        self.after[ahead as usize] = after;
        if after != NONE {
            self.ahead[after as usize] = ahead;
        }
        let (start, end) = (self.spans[item as usize].0 as usize, self.spans[item as usize].1 as usize);
        let size = self.sizes[item as usize];
        self.totals[start..end].iter_mut().for_each(|total| *total -= size);
        let mut least = 1;
        for crossing in &mut self.crossing[start + 1..end] {
            *crossing -= 1;
            least = least.min(*crossing);
        }
        least == 0
    }

    fn put_back(&mut self, item: u32) {
        self.placed[item as usize] = false;
        self.left += 1;
        let (after, ahead) = (self.after[item as usize], self.ahead[item as usize]);
        self.after[ahead as usize] = item;
        if after != NONE {
            self.ahead[after as usize] = item;
        }
        let (start, end) = (self.spans[item as usize].0 as usize, self.spans[item as usize].1 as usize);
        let size = self.sizes[item as usize];
        self.totals[start..end].iter_mut().for_each(|total| *total += size);
        self.crossing[start + 1..end].iter_mut().for_each(|crossing| *crossing += 1);
    }
}

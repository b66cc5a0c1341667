//! Canonical branch and bound: can these items lie below a capacity?
//!
//! *mo*: the least offset that an unplaced item can still have. *Key*: `mo`, rank and index of an item in one number.
//! *List*: the keys of the unplaced items of one part, sorted. *Live total*: unplaced units in a slot.
//!
//! Items are placed at their `mo` in the order of their keys, so that each packing in which everything rests on something
//! appears once. After a placement, the unplaced items that meet it get at least its top as `mo`: one block of keys,
//! merged into the list. What ends a branch:
//! - *dominance*: at or above the least `mo + size` of the list, something would fit underneath;
//! - *sections*: in some slot the least `mo` there and the live total go beyond the capacity;
//! - *twins*: of equal items, the one of lower rank is placed first;
//! - *no hat*: an item that meets nothing unplaced can be placed at once, its siblings need not be tried;
//! - *parts*: where no lifetime crosses, the list falls apart; parts are ranked anew and solved one after the other.
//!
//! Gaps, pins, windows and alignment are exact; bytes below a piece that floats are taken as occupied, so that a failure
//! proves nothing then. A step (one key looked at) takes about 8 ns on one core.
//!
//! The stack is explicit. Lists lie in one arena, one after the other, so that a node allocates nothing.

mod lists;
mod tables;

use self::tables::masks;
pub(in crate::place::search) use self::tables::twins;
use super::items::{Item, Items};
use super::ranking::Ranking;

/// A key is the `mo`, the rank, and the index of an item, from the high bits to the low ones.
const INDEX_BITS: u32 = 12;
const INDEX: u64 = (1 << INDEX_BITS) - 1;
const MO: u32 = 2 * INDEX_BITS;

/// More items than this are not searched: lists and masks would not stay in the cache.
pub(in crate::place::search) const MOST_ITEMS: usize = 3000;

/// What a probe found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::place::search) enum Verdict {
    /// A packing: the offsets are in [`Branch::offsets`].
    Fits,
    /// There is none, in the class of packings that are searched: all of them unless shapes are lifted.
    Fails,
    /// The steps were used up.
    Unknown,
}

/// A list and what to try next in it.
#[derive(Clone, Copy, Debug)]
struct Choice {
    from: u32,
    to: u32,
    next: u32,
    /// Number of items placed when the list was made.
    trail: u32,
    /// Slots of the part.
    start: u32,
    end: u32,
    /// From here on something would fit underneath.
    ceiling: u64,
    /// The largest live total of the part.
    total: u64,
    /// Lists end here: what lies behind belongs to the children.
    keep: u32,
    /// The last placement met nothing that is unplaced.
    hatless: bool,
}

/// A part of a list that fell apart.
#[derive(Clone, Copy, Debug)]
struct Part {
    from: u32,
    to: u32,
    start: u32,
    end: u32,
}

/// An entry of the stack.
#[derive(Clone, Copy, Debug)]
enum Entry {
    Choice(Choice),
    /// Parts from `first` on in the stack of parts; `at` is being solved.
    Split {
        first: u32,
        at: u32,
        count: u32,
        passed: u64,
    },
}

/// The state of a search.
pub(in crate::place::search) struct Branch<'a> {
    items: &'a Items,
    ranking: Ranking,
    /// Of each item: its first slot and one past its last, and its size.
    spans: Vec<(u32, u32)>,
    sizes: Vec<u64>,
    /// The item before it that is equal to it, else itself.
    twins: Vec<u32>,
    /// Slots of each item that it occupies, as bits; `words` words for each.
    masks: Vec<u64>,
    words: usize,
    /// Offsets; `placed` says which of them hold.
    at: Vec<u64>,
    placed: Vec<bool>,
    trail: Vec<u32>,
    totals: Vec<u64>,
    /// Unplaced items that live on both sides of the beginning of a slot.
    crossing: Vec<u32>,
    lists: Vec<u64>,
    stack: Vec<Entry>,
    parts: Vec<Part>,
    /// Keys that rise together; their ranks as bits; the key of each rank.
    block: Vec<u64>,
    raised: Vec<u64>,
    ranked: Vec<u64>,
    /// Slots whose floor is known, or does not matter.
    seen: Vec<u64>,
    /// Slots of the last placed item and of those that it raised.
    touched: Vec<u64>,
    capacity: u64,
    /// Keys looked at.
    pub(in crate::place::search) steps: u64,
}

impl<'a> Branch<'a> {
    /// A search that tries items in this order; `None` if there are too many, or the numbers are too large for keys.
    pub(in crate::place::search) fn new(items: &'a Items, ranking: Ranking, capacity: u64) -> Option<Branch<'a>> {
        let n = items.all.len();
        let rule = |i: &Item| if i.most == u64::MAX { i.least } else { i.most };
        let most = items.all.iter().map(|i| i.size + i.align + rule(i)).fold(0, u64::saturating_add);
        if n > MOST_ITEMS || most.max(capacity) >= 1 << (63 - MO) {
            return None;
        }
        let words = items.slots().div_ceil(64);
        let mut branch = Branch {
            items,
            ranking,
            spans: items.all.iter().map(|i| (i.start, i.end)).collect(),
            sizes: items.all.iter().map(|i| i.size).collect(),
            twins: twins(items),
            masks: masks(items, words),
            words,
            at: vec![0; n],
            placed: vec![false; n],
            trail: Vec::with_capacity(n),
            totals: vec![0; items.slots()],
            crossing: vec![0; items.slots() + 1],
            lists: Vec::new(),
            stack: Vec::new(),
            parts: Vec::new(),
            block: Vec::new(),
            raised: vec![0; n.div_ceil(64)],
            ranked: vec![0; n],
            seen: vec![0; words],
            touched: vec![u64::MAX; words],
            capacity,
            steps: 0,
        };
        for index in 0..n {
            branch.count(index, true);
        }
        Some(branch)
    }

    /// Looks for a packing with no top above the capacity; every thousand steps or so it asks `stop`.
    pub(in crate::place::search) fn probe(&mut self, limit: u64, stop: &dyn Fn() -> bool) -> Verdict {
        let items = self.items;
        let n = items.all.len() as u64;
        let top = |i: &Item| i.least > i.most || i.least + i.size > self.capacity;
        if items.all.iter().any(top) {
            return Verdict::Fails;
        }
        self.lists.extend(items.all.iter().zip(0..n).map(|(item, i)| item.least << MO | i));
        self.rank(0);
        let whole = Part { from: 0, to: n as u32, start: 0, end: items.slots() as u32 };
        if n == 0 {
            return Verdict::Fits;
        }
        if !self.descend(whole, 0) {
            return Verdict::Fails;
        }
        let mut ask = 0;
        while self.steps < limit {
            if let Some(verdict) = self.step() {
                return verdict;
            }
            if self.steps > ask {
                ask = self.steps + 20_000;
                if stop() {
                    break;
                }
            }
        }
        Verdict::Unknown
    }

    /// The offsets of the packing that was found.
    pub(in crate::place::search) fn offsets(self) -> Vec<u64> {
        self.at
    }

    /// Makes one placement, or takes some back; a verdict at the end of the search.
    fn step(&mut self) -> Option<Verdict> {
        let Some(Entry::Choice(mut choice)) = self.stack.last().copied() else { return Some(Verdict::Fails) };
        self.steps += 4;
        self.undo(choice.trail);
        self.lists.truncate(choice.keep as usize);
        let Some(key) = self.candidate(&mut choice) else {
            return if self.fail() { None } else { Some(Verdict::Fails) };
        };
        let (index, offset) = ((key & INDEX) as usize, key >> MO);
        self.place(index, offset);
        let part = self.child(&mut choice, index, offset);
        *self.stack.last_mut().expect("a choice is on top") = Entry::Choice(choice);
        match part {
            None => None,
            Some(part) if part.from == part.to => self.complete().then_some(Verdict::Fits),
            Some(part) => (!self.descend(part, key) && self.stack.is_empty()).then_some(Verdict::Fails),
        }
    }

    /// Puts a new list on the stack, in parts if it falls apart; whether it can be filled is not refuted at once.
    fn descend(&mut self, part: Part, passed: u64) -> bool {
        if !self.falls_apart(part, passed) {
            return self.open(part, passed);
        }
        let first = self.parts.len() - self.splitting() as usize;
        // Parts have ranks of their own: all that lies at the offset of the last placement is open to them.
        let opened = self.open(self.parts[first], passed >> MO << MO);
        if !opened {
            self.fail();
        }
        opened
    }

    /// Number of parts of the split on top.
    fn splitting(&self) -> u32 {
        match self.stack.last() {
            Some(&Entry::Split { count, .. }) => count,
            _ => 0,
        }
    }

    /// The next key worth placing.
    fn candidate(&self, choice: &mut Choice) -> Option<u64> {
        if choice.hatless {
            return None;
        }
        while choice.next < choice.to {
            let key = self.lists[choice.next as usize];
            let offset = key >> MO;
            if offset >= choice.ceiling || offset + choice.total > self.capacity {
                return None;
            }
            choice.next += 1;
            let index = (key & INDEX) as usize;
            let twin = self.twins[index] as usize;
            if twin == index || self.placed[twin] {
                return Some(key);
            }
        }
        None
    }

    fn place(&mut self, index: usize, offset: u64) {
        self.at[index] = offset;
        self.placed[index] = true;
        self.trail.push(index as u32);
        self.count(index, false);
    }

    /// Takes back all but the first `trail` placements.
    fn undo(&mut self, trail: u32) {
        while self.trail.len() > trail as usize {
            let index = self.trail.pop().expect("it is longer") as usize;
            self.placed[index] = false;
            self.count(index, true);
        }
    }

    /// Counts an item among the unplaced ones, or no longer.
    fn count(&mut self, index: usize, unplaced: bool) {
        let (start, end) = (self.spans[index].0 as usize, self.spans[index].1 as usize);
        let add =
            |total: &mut u64, size: u64| *total = total.wrapping_add(if unplaced { size } else { size.wrapping_neg() });
        let one = if unplaced { 1 } else { u32::MAX };
        self.crossing[start + 1..end].iter_mut().for_each(|c| *c = c.wrapping_add(one));
        if self.items.plain {
            let size = self.sizes[index];
            self.totals[start..end].iter_mut().for_each(|t| add(t, size));
            return;
        }
        for p in self.items.of(index) {
            self.totals[p.start as usize..p.end as usize].iter_mut().for_each(|t| add(t, p.high));
        }
    }

    /// Puts a part on the stack, unless some slot of it cannot be filled any more.
    fn open(&mut self, part: Part, passed: u64) -> bool {
        let list = &self.lists[part.from as usize..part.to as usize];
        let floor = passed >> MO;
        let words = part.start as usize / 64..(part.end as usize).div_ceil(64);
        self.seen[words.clone()].fill(0);
        let (mut total, mut unseen) = (0, 0);
        for slot in part.start as usize..part.end as usize {
            let live = self.totals[slot];
            total = total.max(live);
            self.seen[slot / 64] |= u64::from(live > 0) << (slot % 64);
        }
        // Where nothing rose, what held for the list above holds here.
        for word in words {
            let open = self.seen[word] & self.touched[word];
            (self.seen[word], unseen) = (!open, unseen + open.count_ones());
        }
        for &key in list {
            let index = (key & INDEX) as usize;
            if unseen == 0 {
                break;
            }
            let at_least = (key >> MO).max(floor);
            let (start, end) = self.spans[index];
            self.steps += 1;
            let mut fails = false;
            for word in start as usize / 64..=(end as usize - 1) / 64 {
                let mut new = self.masks[index * self.words + word] & !self.seen[word];
                self.seen[word] |= new;
                unseen -= new.count_ones();
                // No slot can fail at a low offset.
                while new != 0 && at_least + total > self.capacity {
                    fails |= at_least + self.totals[word * 64 + new.trailing_zeros() as usize] > self.capacity;
                    new &= new - 1;
                }
            }
            if fails {
                return false;
            }
        }
        let ceiling =
            list.iter().map(|&key| (key >> MO) + self.sizes[(key & INDEX) as usize]).min().unwrap_or(u64::MAX);
        let next = part.from + list.partition_point(|&key| key < passed) as u32;
        self.stack.push(Entry::Choice(Choice {
            from: part.from,
            to: part.to,
            next,
            trail: self.trail.len() as u32,
            start: part.start,
            end: part.end,
            ceiling,
            total,
            keep: self.lists.len() as u32,
            hatless: false,
        }));
        true
    }

    /// A list is empty: leaves what is solved, and opens the next part; says whether everything is solved.
    fn complete(&mut self) -> bool {
        while let Some(entry) = self.stack.pop() {
            let Entry::Split { first, at, count, passed } = entry else { continue };
            if at + 1 == count {
                self.parts.truncate(first as usize);
                continue;
            }
            self.stack.push(Entry::Split { first, at: at + 1, count, passed });
            let part = self.parts[(first + at + 1) as usize];
            self.touched.fill(u64::MAX);
            if !self.open(part, passed) {
                self.fail();
            }
            return false;
        }
        true
    }

    /// The part on top cannot be solved: back to the choice that made it; says whether there is one.
    fn fail(&mut self) -> bool {
        if let Some(Entry::Choice(_)) = self.stack.last() {
            self.stack.pop();
        }
        while let Some(&Entry::Split { first, .. }) = self.stack.last() {
            self.parts.truncate(first as usize);
            self.stack.pop();
        }
        !self.stack.is_empty()
    }
}

//! The lists of a search: from a list to those of its children.

use std::cmp::Reverse;
use std::ops::Range;

use super::{Branch, Choice, Entry, INDEX, INDEX_BITS, MO, Part};

impl Branch<'_> {
    /// The list without the placed item, the items that meet it raised to its top; `None` if one of them is too high now.
    pub(super) fn child(&mut self, choice: &mut Choice, placed: usize, offset: u64) -> Option<Part> {
        let (from, to, keep) = (choice.from as usize, choice.to as usize, choice.keep as usize);
        self.steps += (to - from) as u64;
        let met = if self.items.plain {
            self.raise_plain(from..to, keep, placed, offset + self.sizes[placed])?
        } else {
            self.raise(from..to, placed, offset)?
        };
        choice.hatless = !met;
        self.touch(placed);
        self.merge_block(keep);
        Some(Part { from: choice.keep, to: self.lists.len() as u32, start: choice.start, end: choice.end })
    }

    /// Notes the slots in which a total or a least `mo` has changed.
    fn touch(&mut self, placed: usize) {
        let masks = |index: usize| index * self.words..(index + 1) * self.words;
        self.touched.copy_from_slice(&self.masks[masks(placed)]);
        for &key in &self.block {
            for (touched, mask) in self.touched.iter_mut().zip(&self.masks[masks((key & INDEX) as usize)]) {
                *touched |= mask;
            }
        }
    }

    /// Appends the keys that stay, and fills `block` with those that rise; says whether anything met the placed item.
    fn raise_plain(&mut self, list: Range<usize>, keep: usize, placed: usize, top: u64) -> Option<bool> {
        let (start, end) = self.spans[placed];
        let (mut met, mut stays, mut rises) = (0, 0, 0);
        self.lists.resize(keep + list.len(), 0);
        self.block.resize(list.len(), 0);
        let (before, stayed) = self.lists.split_at_mut(keep);
        // Without branches, since which keys rise cannot be predicted: every key is written to both lists.
        for &key in &before[list] {
            let (from, to) = self.spans[(key & INDEX) as usize];
            let meets = (from < end) & (start < to);
            let rise = meets & (key >> MO < top);
            (stayed[stays], self.block[rises]) = (key, key);
            stays += usize::from(!rise);
            rises += usize::from(rise);
            met += u32::from(meets);
        }
        self.lists.truncate(keep + stays);
        for &key in &self.block[..rises] {
            let rank = (key >> INDEX_BITS & INDEX) as usize;
            self.raised[rank / 64] |= 1 << (rank % 64);
            self.ranked[rank] = top << MO | key & ((1 << MO) - 1);
        }
        self.block.clear();
        let mut largest = 0;
        // Bits come out in the order of ranks: the block needs no sorting.
        for (word, bits) in self.raised.iter_mut().enumerate() {
            while *bits != 0 {
                let key = self.ranked[word * 64 + bits.trailing_zeros() as usize];
                *bits &= *bits - 1;
                let index = (key & INDEX) as usize;
                if index != placed {
                    largest = largest.max(self.sizes[index]);
                    self.block.push(key);
                }
            }
        }
        // The placed item met itself.
        let met = met > 1;
        (top + largest <= self.capacity).then_some(met)
    }

    /// As `raise_plain`, for items with rules or several pieces.
    fn raise(&mut self, list: Range<usize>, placed: usize, offset: u64) -> Option<bool> {
        let (items, (start, end)) = (self.items, self.spans[placed]);
        let (mut met, mut fits) = (false, true);
        self.block.clear();
        for i in list {
            let key = self.lists[i];
            let index = (key & INDEX) as usize;
            if index == placed {
                continue;
            }
            let mut top = 0;
            if self.spans[index].0 < end && start < self.spans[index].1 {
                for p in items.of(placed) {
                    let meets = items.of(index).iter().any(|q| p.start < q.end && q.start < p.end);
                    top = if meets { top.max(offset + p.high) } else { top };
                }
                met |= top > 0;
                top = items.all[index].aligned(top);
            }
            if key >> MO < top {
                fits &= top <= items.all[index].most && top + self.sizes[index] <= self.capacity;
                self.block.push(top << MO | key & ((1 << MO) - 1));
            } else {
                self.lists.push(key);
            }
        }
        self.block.sort_unstable();
        fits.then_some(met)
    }

    /// Merges the block into the keys that stayed, which begin at `from`: in place, from the back.
    fn merge_block(&mut self, from: usize) {
        let (mut stayed, mut block) = (self.lists.len(), self.block.len());
        self.lists.resize(stayed + block, 0);
        let mut to = self.lists.len();
        while block > 0 {
            to -= 1;
            let rising = self.block[block - 1];
            if stayed > from && self.lists[stayed - 1] > rising {
                stayed -= 1;
                self.lists[to] = self.lists[stayed];
            } else {
                block -= 1;
                self.lists[to] = rising;
            }
        }
    }

    /// Looks for slots that no unplaced lifetime crosses; where there are some, the parts are pushed, the largest first.
    pub(super) fn falls_apart(&mut self, part: Part, passed: u64) -> bool {
        let (from, to) = match self.trail.last() {
            Some(&index) => (self.spans[index as usize].0 + 1, self.spans[index as usize].1),
            None => (part.start + 1, part.end),
        };
        let (from, to) = (from.max(part.start + 1), to.min(part.end));
        if from >= to || !self.crossing[from as usize..to as usize].contains(&0) {
            return false;
        }
        let mut bounds: Vec<u32> = vec![part.start];
        bounds.extend((from..to).filter(|&s| self.crossing[s as usize] == 0));
        bounds.push(part.end);
        let first = self.parts.len() as u32;
        for bound in bounds.windows(2) {
            let begin = self.lists.len() as u32;
            for i in part.from as usize..part.to as usize {
                let start = self.spans[(self.lists[i] & INDEX) as usize].0;
                if bound[0] <= start && start < bound[1] {
                    self.lists.push(self.lists[i]);
                }
            }
            let end = self.lists.len() as u32;
            if begin < end {
                self.rank(begin as usize);
                self.parts.push(Part { from: begin, to: end, start: bound[0], end: bound[1] });
            }
        }
        self.steps += u64::from(part.to - part.from);
        let count = self.parts.len() as u32 - first;
        self.parts[first as usize..].sort_by_key(|p| (Reverse(p.to - p.from), p.start));
        self.stack.push(Entry::Split { first, at: 0, count, passed: passed >> MO << MO });
        true
    }

    /// Ranks the items of the last list by the live totals that are left, and sorts it.
    pub(super) fn rank(&mut self, from: usize) {
        let index = |key: u64| (key & INDEX) as usize;
        let largest = |i: usize| {
            let (start, end) = self.spans[i];
            self.totals[start as usize..end as usize].iter().copied().max().unwrap_or(0)
        };
        let score = |&key: &u64| {
            let (first, second) = self.ranking.score(index(key), largest(index(key)));
            (Reverse(first), Reverse(second), key & INDEX)
        };
        let mut scored: Vec<(Reverse<u64>, Reverse<u64>, u64)> = self.lists[from..].iter().map(score).collect();
        scored.sort_unstable();
        for (rank, &(.., index)) in scored.iter().enumerate() {
            self.ranked[index as usize] = rank as u64;
        }
        for key in &mut self.lists[from..] {
            *key = *key >> MO << MO | self.ranked[index(*key)] << INDEX_BITS | *key & INDEX;
        }
        self.lists[from..].sort_unstable();
        self.steps += 2 * scored.len() as u64;
    }
}

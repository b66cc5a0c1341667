//! Placement in the order of birth, as an allocator would do it: one sweep through time with a list of free ranges.
//!
//! O(n log n), whatever the lifetimes: 20,000 rectangles take 7 ms. On training graphs it ends about 1 % above the lower
//! bound, on inference graphs 5 to 20 %; sometimes the sweep backwards in time is the better one.

use std::collections::{BTreeMap, BTreeSet};

use memopt::ir::Bytes;

use super::rects::Rect;

/// Offsets of the rectangles, placed by birth (then size, largest first), each into the smallest free range that holds it.
pub(super) fn by_birth(rects: &[Rect]) -> Vec<Bytes> {
    let by_end = sorted_by(rects, |r| (u64::from(r.end), 0));
    let mut ending = by_end.iter().peekable();
    let mut offsets = vec![Bytes::ZERO; rects.len()];
    let mut free = FreeList::default();
    for i in sorted_by(rects, |r| (u64::from(r.start), u64::MAX - r.size.0)) {
        let rect = &rects[i as usize];
        while let Some(&&dead) = ending.peek()
            && rects[dead as usize].end <= rect.start
        {
            free.give(offsets[dead as usize], rects[dead as usize].size);
            ending.next();
        }
        offsets[i as usize] = free.take(rect.size);
    }
    offsets
}

/// Indices of the rectangles, sorted by a key, ties by index.
fn sorted_by(rects: &[Rect], key: impl Fn(&Rect) -> (u64, u64)) -> Vec<u32> {
    let mut keyed: Vec<_> = rects.iter().enumerate().map(|(i, rect)| (key(rect), i as u32)).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, i)| i).collect()
}

/// Free ranges below the top; neighbours are always joined.
#[derive(Default)]
struct FreeList {
    /// Size by offset.
    by_offset: BTreeMap<Bytes, Bytes>,
    /// (size, offset): the first that is large enough is the best fit.
    by_size: BTreeSet<(Bytes, Bytes)>,
    /// Everything from here on is free.
    top: Bytes,
}

impl FreeList {
    /// Takes `size` bytes from the best range, or from the top.
    fn take(&mut self, size: Bytes) -> Bytes {
        let Some(&(found, offset)) = self.by_size.range((size, Bytes::ZERO)..).next() else {
            return self.grow(size);
        };
        self.remove(offset, found);
        if found > size {
            self.insert(offset + size, found - size);
        }
        offset
    }

    /// Takes `size` bytes from the top, a free range right below it included.
    fn grow(&mut self, size: Bytes) -> Bytes {
        let below = self.by_offset.last_key_value().map(|(&offset, &size)| (offset, size));
        let offset = match below {
            Some((offset, below)) if offset + below == self.top => {
                self.remove(offset, below);
                offset
            }
            _ => self.top,
        };
        self.top = offset + size;
        offset
    }

    /// Makes a range free.
    fn give(&mut self, mut offset: Bytes, mut size: Bytes) {
        if let Some((&before, &length)) = self.by_offset.range(..offset).next_back()
            && before + length == offset
        {
            self.remove(before, length);
            (offset, size) = (before, length + size);
        }
        if let Some(&after) = self.by_offset.get(&(offset + size)) {
            self.remove(offset + size, after);
            size += after;
        }
        self.insert(offset, size);
    }

    fn insert(&mut self, offset: Bytes, size: Bytes) {
        self.by_offset.insert(offset, size);
        self.by_size.insert((size, offset));
    }

    fn remove(&mut self, offset: Bytes, size: Bytes) {
        self.by_offset.remove(&offset);
        self.by_size.remove(&(size, offset));
    }
}

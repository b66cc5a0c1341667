//! What a search looks up and never changes.

use std::collections::BTreeMap;

use crate::place::search::items::{Item, Items};

/// For each item the one before it that is equal to it, else itself.
pub(in crate::place::search) fn twins(items: &Items) -> Vec<u32> {
    let mut before = BTreeMap::new();
    let twin = |(index, i): (usize, &Item)| {
        let index = index as u32;
        let key = (items.of(index as usize), i.size, i.least, i.most, i.align, i.residue);
        before.insert(key, index).unwrap_or(index)
    };
    items.all.iter().enumerate().map(twin).collect()
}

/// For each item the slots that it occupies, as bits.
pub(super) fn masks(items: &Items, words: usize) -> Vec<u64> {
    let mut masks = vec![0; items.all.len() * words];
    for index in 0..items.all.len() {
        for piece in items.of(index) {
            (piece.start..piece.end).for_each(|s| masks[index * words + s as usize / 64] |= 1 << (s % 64));
        }
    }
    masks
}

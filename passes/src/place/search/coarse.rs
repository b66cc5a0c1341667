//! Coarser problems: items that fit together without a gap become one.
//!
//! ```text
//!   end to end                 stacked                 with evidence
//!    ______ ______              __________              ______ ______
//!   |  a   |  b   |            |__________| b          |__b___|      |   a on b is as large as c,
//!   |______|______|            |__________| a          |__a___|__c___|   which begins where they end
//! ```
//!
//! *End to end*: one of the two ends when the other begins, and no other item of that size begins or ends there. *Stacked*:
//! they have one lifetime. *Evidence*: for a stack, that an item of its size ends where it begins, or begins where it ends.
//!
//! Packings with little slack are full of such pairs, since what one buffer leaves is what others take. Joined, they hide
//! everything inside from the search: hundreds of rectangles become twenty. A placement of the coarse problem is one of the
//! fine problem, and live totals are the same; but not every placement survives, so that a search in vain proves nothing.
//! Therefore there are many coarse problems: the first joins whatever it can, the others leave out some joins.
//!
//! O(n log n) for n items: each join makes one item of two, and each item asks for a bounded number of partners.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use rustc_hash::FxHashMap;

use super::items::{Items, Plain};
use super::ranking::Dice;

/// Partners with the same lifetime that an item is held against.
const PARTNERS: usize = 32;

/// A coarse problem, and the way back.
pub(super) struct Coarse {
    pub(super) items: Items,
    /// For each coarse item its block.
    blocks: Vec<u32>,
    /// Number of fine items: blocks from here on are joined.
    fine: usize,
    /// For each joined block its two parts, and how far the second lies above the first.
    joins: Vec<(u32, u32, u64)>,
}

impl Coarse {
    /// The coarse problem with this number, of plain items.
    pub(super) fn numbered(number: u64, items: &Items) -> Coarse {
        let mut joiner = Joiner::new(number, items);
        joiner.run();
        let blocks: Vec<u32> = (0..joiner.blocks.len() as u32).filter(|&b| !joiner.gone[b as usize]).collect();
        let kept: Vec<Plain> = blocks.iter().map(|&b| joiner.blocks[b as usize]).collect();
        Coarse { items: Items::of_plain(&kept, items.unit), blocks, fine: items.all.len(), joins: joiner.joins }
    }

    /// Offsets of the fine items from those of the coarse ones.
    pub(super) fn spread(&self, offsets: &[u64]) -> Vec<u64> {
        let mut all = vec![0; self.fine + self.joins.len()];
        for (&block, &offset) in self.blocks.iter().zip(offsets) {
            all[block as usize] = offset;
        }
        // Parts come before what is made of them.
        for (i, &(first, second, lift)) in self.joins.iter().enumerate().rev() {
            let offset = all[self.fine + i];
            (all[first as usize], all[second as usize]) = (offset, offset + lift);
        }
        all.truncate(self.fine);
        all
    }
}

/// Blocks of one size that begin, or end, at one slot: how many, and the exclusive or of their numbers, which is the number
/// of the only one where there is one.
#[derive(Clone, Copy, Default)]
struct Crowd {
    count: u32,
    mixed: u32,
}

impl Crowd {
    fn only(self) -> Option<u32> {
        (self.count == 1).then_some(self.mixed)
    }
}

/// A stack that could be made; those with most evidence come first, then small ones.
type Stack = Reverse<(u32, u64, u32, u32)>;

/// Joining at work.
struct Joiner {
    /// The items, then what was joined.
    blocks: Vec<Plain>,
    gone: Vec<bool>,
    joins: Vec<(u32, u32, u64)>,
    /// By slot and size.
    beginning: FxHashMap<(u32, u64), Crowd>,
    ending: FxHashMap<(u32, u64), Crowd>,
    /// By lifetime: sizes and numbers.
    living: FxHashMap<(u32, u32), BTreeSet<(u64, u32)>>,
    stacks: BinaryHeap<Stack>,
    /// Blocks whose neighbours in time have to be looked at.
    changed: Vec<(u32, u64)>,
    dice: Dice,
    /// Of a thousand joins of each kind, how many are left out.
    left_out: [u64; 2],
    noise: f64,
}

impl Joiner {
    fn new(number: u64, items: &Items) -> Joiner {
        let mut dice = Dice(number);
        let e = |n: &str, d: f64| std::env::var(n).ok().and_then(|v| v.parse().ok()).unwrap_or(d);
        let left_out = if number == 0 { [0; 2] } else { [dice.below(e("HO", 100.) as usize) as u64, dice.below(e("VO", 500.) as usize) as u64] };
        let mut joiner = Joiner {
            blocks: Vec::new(),
            gone: Vec::new(),
            joins: Vec::new(),
            beginning: FxHashMap::default(),
            ending: FxHashMap::default(),
            living: FxHashMap::default(),
            stacks: BinaryHeap::new(),
            changed: Vec::new(),
            dice,
            left_out,
            noise: if number == 0 { 0. } else { e("NO", 1.0) },
        };
        for item in &items.all {
            joiner.add(Plain { start: item.start, end: item.end, size: item.size, steps: item.steps });
        }
        joiner
    }

    fn run(&mut self) {
        loop {
            if let Some((slot, size)) = self.changed.pop() {
                self.join_ends(slot, size);
                continue;
            }
            let Some(Reverse((rank, area, first, second))) = self.stacks.pop() else { return };
            if self.gone[first as usize] || self.gone[second as usize] {
                continue;
            }
            let now = 2 - self.evidence(first, second);
            if now > rank {
                self.stacks.push(Reverse((now, area, first, second)));
            } else if now < 2 || self.dice.roll() % 1000 >= self.left_out[1] {
                let lift = self.blocks[first as usize].size;
                let stack = Plain { size: lift + self.blocks[second as usize].size, ..self.blocks[first as usize] };
                self.join(first, second, lift, stack);
            }
        }
    }

    /// Joins the two blocks of one size that end and begin at a slot, if there are no others.
    fn join_ends(&mut self, slot: u32, size: u64) {
        let only = |crowds: &FxHashMap<(u32, u64), Crowd>| crowds.get(&(slot, size)).and_then(|crowd| crowd.only());
        let (Some(first), Some(second)) = (only(&self.ending), only(&self.beginning)) else { return };
        if self.dice.roll() % 1000 < self.left_out[0] {
            return;
        }
        let (a, b) = (self.blocks[first as usize], self.blocks[second as usize]);
        self.join(first, second, 0, Plain { end: b.end, steps: a.steps + b.steps, ..a });
    }

    /// How many sides of a stack have a neighbour of its size.
    fn evidence(&self, first: u32, second: u32) -> u32 {
        let (a, b) = (self.blocks[first as usize], self.blocks[second as usize]);
        let has = |crowds: &FxHashMap<(u32, u64), Crowd>, slot| crowds.get(&(slot, a.size + b.size)).is_some_and(|c| c.count > 0);
        u32::from(has(&self.beginning, a.end)) + u32::from(has(&self.ending, a.start))
    }

    fn join(&mut self, first: u32, second: u32, lift: u64, block: Plain) {
        self.remove(first);
        self.remove(second);
        self.joins.push((first, second, lift));
        self.add(block);
    }

    fn add(&mut self, block: Plain) {
        let number = self.blocks.len() as u32;
        self.blocks.push(block);
        self.gone.push(false);
        self.count(number, 1);
        let living = self.living.entry((block.start, block.end)).or_default();
        let partners: Vec<(u64, u32)> = living.iter().copied().take(PARTNERS).collect();
        living.insert((block.size, number));
        for (size, partner) in partners {
            let area = block.steps.saturating_mul(block.size + size);
            let area = (area as f64 * (1.0 + self.noise * self.dice.fraction())) as u64;
            let rank = 2 - self.evidence(number, partner);
            self.stacks.push(Reverse((rank, area, partner, number)));
        }
    }

    fn remove(&mut self, number: u32) {
        let block = self.blocks[number as usize];
        self.gone[number as usize] = true;
        self.count(number, -1);
        self.living.get_mut(&(block.start, block.end)).expect("it was added").remove(&(block.size, number));
    }

    fn count(&mut self, number: u32, by: i32) {
        let block = self.blocks[number as usize];
        for (crowds, slot) in [(&mut self.beginning, block.start), (&mut self.ending, block.end)] {
            let crowd = crowds.entry((slot, block.size)).or_default();
            crowd.count = crowd.count.wrapping_add_signed(by);
            crowd.mixed ^= number;
            self.changed.push((slot, block.size));
        }
    }
}

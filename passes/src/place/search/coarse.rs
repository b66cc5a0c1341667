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
//! Packings with little slack are full of such pairs, since what one buffer leaves others take. Joined, they hide all that is
//! inside from the search: of the problems that MiniMalloc was made for, a fifth to a half of the items are left, of cut
//! rectangles a handful. A placement of the coarse problem is one of the fine problem, and live totals are the same; but
//! not every placement survives, so that a search in vain proves nothing. Therefore there are many coarse problems: the
//! first joins whatever it can, smallest areas first, the others leave some joins out and are less strict about the order.
//!
//! O(n log n) for n items: a join makes one item of two, and an item is held against a bounded number of partners.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use rustc_hash::FxHashMap;

use super::items::{Items, Plain};
use super::ranking::Dice;

/// Partners with the same lifetime that an item is held against.
const PARTNERS: usize = 32;

/// Steps of a search that take as long as adding a block.
const STEPS: u64 = 50;

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

    /// What it cost to make, in steps of a search.
    pub(super) fn steps(&self) -> u64 {
        STEPS * (self.fine + self.joins.len()) as u64
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

/// A stack that could be made: sides without evidence, area, and the two blocks. The least comes first.
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
    /// Slots and sizes at which something has changed.
    changed: Vec<(u32, u64)>,
    dice: Dice,
    /// How likely a join end to end, or a stack without evidence, is left out.
    ends_left_out: f64,
    stacks_left_out: f64,
    /// By how much of itself an area may look larger.
    noise: f64,
}

impl Joiner {
    fn new(number: u64, items: &Items) -> Joiner {
        let mut dice = Dice(number);
        let mut weight = |most: f64| if number == 0 { 0.0 } else { most * dice.fraction() };
        let (ends_left_out, stacks_left_out, noise) = (weight(0.1), weight(0.5), weight(1.0));
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
            ends_left_out,
            stacks_left_out,
            noise,
        };
        for item in &items.all {
            joiner.add(Plain { start: item.start, end: item.end, size: item.size, steps: item.steps });
        }
        joiner
    }

    /// Joins end to end while that is possible, then makes the best stack, and so on.
    fn run(&mut self) {
        loop {
            if let Some((slot, size)) = self.changed.pop() {
                self.join_ends(slot, size);
                continue;
            }
            let Some(Reverse((doubts, area, first, second))) = self.stacks.pop() else { return };
            if self.gone[first as usize] || self.gone[second as usize] {
                continue;
            }
            let now = self.doubts(first, second);
            if now > doubts {
                self.stacks.push(Reverse((now, area, first, second)));
            } else if now < 2 || self.dice.fraction() >= self.stacks_left_out {
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
        if self.dice.fraction() >= self.ends_left_out {
            let (a, b) = (self.blocks[first as usize], self.blocks[second as usize]);
            self.join(first, second, 0, Plain { end: b.end, steps: a.steps + b.steps, ..a });
        }
    }

    /// On how many sides a stack has no neighbour of its size.
    fn doubts(&self, first: u32, second: u32) -> u32 {
        let (a, b) = (self.blocks[first as usize], self.blocks[second as usize]);
        let lacks = |crowds: &FxHashMap<(u32, u64), Crowd>, slot| {
            crowds.get(&(slot, a.size + b.size)).is_none_or(|crowd| crowd.count == 0)
        };
        u32::from(lacks(&self.beginning, a.end)) + u32::from(lacks(&self.ending, a.start))
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
            let area = block.steps.saturating_mul(block.size + size) as f64;
            let area = (area * (1.0 + self.noise * self.dice.fraction())) as u64;
            self.stacks.push(Reverse((self.doubts(number, partner), area, partner, number)));
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

#[cfg(test)]
mod tests {
    use memopt::ir::{Align, Bytes, Step};
    use memopt::plan::{LayoutBuffer, LayoutProblem, LayoutSolution, StopReason, validate_layout};
    use rand::rngs::SmallRng;
    use rand::{Rng, SeedableRng};

    use super::{Coarse, Items};

    fn problem(buffers: impl IntoIterator<Item = (u64, u32, u32)>) -> LayoutProblem {
        let buffer = |(size, start, end)| LayoutBuffer::new(Bytes(size), Step(start), Step(end));
        LayoutProblem::new(buffers.into_iter().map(buffer).collect(), Align::ONE)
    }

    /// The example of the module: b on a, and c where they end.
    #[test]
    fn a_stack_and_what_follows_become_one() {
        let items = Items::new(&problem([(2, 0, 3), (3, 0, 3), (5, 3, 6)])).unwrap();
        let coarse = Coarse::numbered(0, &items);
        assert_eq!(coarse.items.all.len(), 1);
        assert_eq!((coarse.items.all[0].size, coarse.items.slots()), (5, 1));
        let offsets = coarse.spread(&[7]);
        assert_eq!(offsets[2], 7);
        assert!(offsets[..2] == [7, 9] || offsets[..2] == [10, 7], "{offsets:?}");
    }

    /// Two of one size could follow: neither is joined.
    #[test]
    fn what_is_not_clear_stays_apart() {
        let items = Items::new(&problem([(4, 0, 3), (4, 3, 5), (4, 3, 6), (1, 5, 6)])).unwrap();
        assert_eq!(Coarse::numbered(0, &items).items.all.len(), 4);
    }

    #[test]
    fn placements_of_coarse_problems_are_placements() {
        let mut rng = SmallRng::seed_from_u64(1);
        let mut joined = 0;
        for number in 0..200 {
            let buffer = |_| {
                let start = rng.random_range(0..10);
                (rng.random_range(1..5), start, start + rng.random_range(1..4))
            };
            let problem = problem((0..40).map(buffer));
            let items = Items::new(&problem).unwrap();
            let coarse = Coarse::numbered(number % 7, &items);
            joined += items.all.len() - coarse.items.all.len();
            assert_eq!(coarse.items.totals.iter().max(), items.totals.iter().max(), "live totals stay");
            let (mut top, mut stacked) = (0, Vec::new());
            for item in &coarse.items.all {
                stacked.push(top);
                top += item.size;
            }
            let offsets = items.to_bytes(&coarse.spread(&stacked));
            let height = Bytes(top * items.unit);
            let claim = LayoutSolution { offsets, height, lower_bound: Bytes::ZERO, stop: StopReason::Saturated };
            validate_layout(&problem, &claim).unwrap();
        }
        assert!(joined > 1000, "{joined} joins");
    }
}

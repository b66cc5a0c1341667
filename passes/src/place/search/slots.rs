//! From steps to slots: a slot is a maximal stretch of steps in which pieces only begin, after which at least one ends.

use memopt::ir::Step;
use memopt::plan::LayoutPiece;

/// From steps to slots.
pub(super) struct Slots {
    /// The steps at which pieces begin, sorted, and the slot of each.
    starts: Vec<(Step, u32)>,
    /// The steps at which pieces end, sorted, and the slot after each.
    ends: Vec<(Step, u32)>,
}

impl Slots {
    /// The slots of these pieces, and how many there are.
    pub(super) fn new<'a>(pieces: impl Iterator<Item = &'a LayoutPiece>) -> (usize, Slots) {
        let of = |p: &LayoutPiece| [(p.start, true), (p.end, false)];
        let mut events: Vec<(Step, bool)> = pieces.flat_map(of).collect();
        // Lifetimes are half-open: at one step, ends (false) come before starts.
        events.sort_unstable();
        events.dedup();
        let (mut slots, mut ended) = (0_u32, true);
        let (mut starts, mut ends) = (Vec::new(), Vec::new());
        for (step, begins) in events {
            if begins {
                slots += u32::from(ended);
                starts.push((step, slots - 1));
            } else {
                ends.push((step, slots));
            }
            ended = !begins;
        }
        (slots as usize, Slots { starts, ends })
    }

    /// The slot in which something begins that begins at a step.
    pub(super) fn starting(&self, step: Step) -> u32 {
        self.starts[self.starts.partition_point(|&(at, _)| at < step)].1
    }

    /// One past the last slot of something that ends at a step.
    pub(super) fn ending(&self, step: Step) -> u32 {
        self.ends[self.ends.partition_point(|&(at, _)| at < step)].1
    }
}

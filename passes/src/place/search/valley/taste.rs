//! Where to decide, and which item to try first: no rule is best for all problems, so that a search is restarted with many.

use super::super::items::{Item, Items};
use super::super::ranking::Dice;

/// A set of preferences.
#[derive(Clone, Debug)]
pub(super) struct Taste {
    /// Of each item: larger ones are tried first.
    fixed: Vec<f64>,
    /// Added where an item touches a side of its valley, and where its top is level with that neighbour.
    touch: f64,
    level: f64,
    /// Slots with few answers go first; else, of those that cannot stay empty, the one with the largest total.
    by_options: bool,
    /// Low valleys go first.
    by_height: bool,
}

/// What is smaller goes first: a class, then numbers inside it.
pub(super) type Urgency = (u32, u64, u64);

impl Taste {
    /// The taste with this number: the first few are plain, the others random mixtures.
    pub(super) fn numbered(number: u64, items: &Items) -> Taste {
        let mut dice = Dice(number);
        let mut weight = |plain: f64, most: f64| if number < 8 { plain } else { most * dice.fraction() };
        let (length, size, touch, level) = (weight(4.0, 4.0), weight(1.0, 4.0), weight(1.0, 2.0), weight(1.0, 2.0));
        let noise = if number < 8 { 0.0 } else { 0.5 };
        let fixed = |item: &Item| {
            let long = if number & 8 == 0 { f64::from(item.end - item.start) } else { item.steps as f64 };
            length * long.ln() + size * (item.size as f64).ln() + noise * dice.fraction()
        };
        let fixed = items.all.iter().map(fixed).collect();
        let touches = if number & 4 == 0 { 1.0 } else { 0.0 };
        Taste {
            fixed,
            touch: touch * touches,
            level: level * touches,
            by_options: number & 1 != 0,
            by_height: number & 2 != 0,
        }
    }

    /// How good it is to try an item; for each side of its valley, whether it touches it and is level with what is there.
    pub(super) fn score(&self, item: u32, sides: [(bool, bool); 2]) -> f64 {
        let touches = sides.iter().filter(|side| side.0).count() as f64;
        let level = sides.iter().any(|&(touches, level)| touches && level);
        self.fixed[item as usize] + self.touch * touches + if level { self.level } else { 0.0 }
    }

    /// Of the slots of one valley.
    pub(super) fn slot_urgency(&self, options: u32, may_stay_empty: bool, total: u64) -> Urgency {
        self.urgency(options, may_stay_empty, 0, total)
    }

    /// Of valleys.
    pub(super) fn urgency(&self, options: u32, may_stay_empty: bool, height: u64, total: u64) -> Urgency {
        let class = match (may_stay_empty, options) {
            (false, 0 | 1) => 1,
            (false, _) if self.by_options => options,
            (false, _) => 2,
            (true, _) => u32::MAX,
        };
        if self.by_height { (class, height, !total) } else { (class, !total, height) }
    }
}

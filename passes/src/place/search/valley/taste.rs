//! Where to decide, and which item to try first: no rule is best for all problems, so that a search is restarted with many.

use super::super::items::{Item, Items};
use super::super::ranking::Dice;

/// Tastes that are not random.
const PLAIN: u64 = 8;

/// A set of preferences.
#[derive(Clone, Debug)]
pub(super) struct Taste {
    /// Of each item: larger ones are tried first.
    fixed: Vec<f64>,
    /// Added where an item touches a side of its valley, and where its top is level with that neighbour.
    touch: f64,
    level: f64,
    /// Of the slots that cannot stay empty, those with few answers go first; else those with the largest total.
    tight_by_options: bool,
    /// Of the slots of a valley that can stay empty, those with few answers go first; else those with the largest total.
    loose_by_options: bool,
    /// Of valleys in which all slots can stay empty, those with few answers go first.
    valleys_by_options: bool,
    /// Low valleys go first; else those with the largest total.
    valleys_by_height: bool,
}

/// What is smaller goes first: a class, then numbers inside it.
pub(super) type Urgency = (u32, u64, u64);

impl Taste {
    /// The taste with this number: the first few are plain, the others random mixtures.
    pub(super) fn numbered(number: u64, items: &Items) -> Taste {
        let plain = number < PLAIN;
        let mut dice = Dice(number);
        let mut weight = |plainly: f64, most: f64| if plain { plainly } else { most * dice.fraction() };
        let (length, size, touch, level) = (weight(4.0, 4.0), weight(1.0, 4.0), weight(1.0, 2.0), weight(1.0, 2.0));
        let flags = if plain { number | 0b1000 } else { dice.roll() };
        let flag = |bit: u32| flags >> bit & 1 == 1;
        let noise = if plain { 0.0 } else { 0.5 };
        let fixed = |item: &Item| {
            let long = if flag(2) { item.steps as f64 } else { f64::from(item.end - item.start) };
            length * long.ln() + size * (item.size as f64).ln() + noise * dice.fraction()
        };
        let fixed = items.all.iter().map(fixed).collect();
        let touches = if flag(4) && flag(5) && flag(7) { 0.0 } else { 1.0 };
        Taste {
            fixed,
            touch: touch * touches,
            level: level * touches,
            tight_by_options: flag(0),
            valleys_by_height: flag(1),
            loose_by_options: flag(3),
            valleys_by_options: flag(6),
        }
    }

    /// How good it is to try an item; for each side of its valley, whether it touches it and is level with what is there.
    pub(super) fn score(&self, item: u32, sides: [(bool, bool); 2]) -> f64 {
        let touches = sides.iter().filter(|side| side.0).count() as f64;
        let level = sides.iter().any(|&(touches, level)| touches && level);
        self.fixed[item as usize] + self.touch * touches + if level { self.level } else { 0.0 }
    }

    /// Which slot of a valley is decided about. Forced decisions come first, then slots that cannot stay empty.
    pub(super) fn of_slot(&self, options: u32, may_stay_empty: bool, total: u64) -> Urgency {
        match may_stay_empty {
            true if self.loose_by_options => (u32::MAX, u64::from(options), !total),
            _ => (self.class(options, may_stay_empty), !total, 0),
        }
    }

    /// Which valley is decided about.
    pub(super) fn of_valley(&self, options: u32, may_stay_empty: bool, height: u64, total: u64) -> Urgency {
        let class = self.class(options, may_stay_empty);
        let (first, second) = if self.valleys_by_height { (height, !total) } else { (!total, height) };
        match may_stay_empty {
            true if self.valleys_by_options => (class, u64::from(options), first),
            _ => (class, first, second),
        }
    }

    fn class(&self, options: u32, may_stay_empty: bool) -> u32 {
        match options {
            _ if may_stay_empty => u32::MAX,
            0 | 1 => 1,
            _ if self.tight_by_options => options,
            _ => 2,
        }
    }
}

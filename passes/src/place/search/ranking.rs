//! In which order a search tries items that can lie at the same offset.
//!
//! Run times of the search are heavy-tailed: with one ranking a packing takes a hundredth of a second, with another one a
//! minute. So it is restarted with many, three plain ones and any number of random mixtures of the same numbers.

use super::items::{Item, Items};

/// Rankings that are not mixed.
pub(super) const PLAIN: u64 = 3;

/// Numbers that look random, the same ones for the same seed (splitmix64).
#[derive(Clone, Debug)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// The next number.
    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `[0, 1)`.
    pub(super) fn fraction(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// An index below `n`.
    pub(super) fn below(&mut self, n: usize) -> usize {
        (self.roll() % n.max(1) as u64) as usize
    }
}

/// An order to try items in: by a number that depends on the largest live total in the lifetime, which changes during a
/// search, and by numbers that do not. T: that total; W: the steps of the lifetime; A: steps times size.
#[derive(Clone, Debug)]
pub(super) struct Ranking {
    /// How much the total counts; `None`: it goes before everything else, or does not count.
    exponent: Option<f64>,
    /// Whether the total counts at all.
    by_total: bool,
    /// What each item has besides.
    fixed: Vec<f64>,
}

impl Ranking {
    /// The ranking with this number. The first three are W A, T A W, and T W A; the others are products of powers of T, W
    /// and the size, with noise.
    pub(super) fn numbered(number: u64, items: &Items) -> Ranking {
        if number < PLAIN {
            let area = |i: &Item| (i.steps.saturating_mul(i.size), i.steps);
            let steps = |i: &Item| (i.steps, i.steps.saturating_mul(i.size));
            let fixed = if number == 1 { places(items, area) } else { places(items, steps) };
            return Ranking { exponent: None, by_total: number > 0, fixed };
        }
        let mut dice = Dice(number);
        let (a, b, c) = (dice.fraction(), dice.fraction(), dice.fraction());
        let weights = match number % 3 {
            0 => [4.0 * a, b, c],
            1 => [4.0, b, c],
            _ => [4.0, 1.0, 0.3 * c],
        };
        let fixed = |i: &Item| {
            // Numbers stay positive: their bits are then in their order.
            1.0 + weights[1] * (i.steps as f64).ln() + weights[2] * (i.size as f64).ln() + 0.3 * dice.fraction()
        };
        Ranking { exponent: Some(weights[0]), by_total: true, fixed: items.all.iter().map(fixed).collect() }
    }

    /// What is tried first has the largest score; `total` is the largest live total in its lifetime.
    pub(super) fn score(&self, index: usize, total: u64) -> (u64, u64) {
        let fixed = self.fixed[index];
        match self.exponent {
            Some(exponent) => ((fixed + exponent * (total as f64).ln()).to_bits(), 0),
            None if self.by_total => (total, fixed.to_bits()),
            None => (0, fixed.to_bits()),
        }
    }
}

/// The place of each item in the order of a key.
fn places(items: &Items, key: impl Fn(&Item) -> (u64, u64)) -> Vec<f64> {
    let mut order: Vec<usize> = (0..items.all.len()).collect();
    order.sort_by_key(|&i| key(&items.all[i]));
    let (mut places, mut place) = (vec![0.0; order.len()], 0.0);
    for (at, &i) in order.iter().enumerate() {
        if at > 0 && key(&items.all[order[at - 1]]) < key(&items.all[i]) {
            place += 1.0;
        }
        places[i] = place;
    }
    places
}

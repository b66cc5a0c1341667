//! In which order a search tries items that can lie at the same offset.
//!
//! Run times of the search are heavy-tailed: with one ranking a packing takes a hundredth of a second, with another one a
//! minute. So it is restarted with many, three plain ones and any number of random mixtures of the same numbers.

use super::items::Items;

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

/// T: the largest live total in the lifetime; W: its steps; A: steps times size.
#[derive(Clone, Debug)]
pub(super) enum Ranking {
    /// W, A, T.
    Wat,
    /// T, A, W.
    Taw,
    /// T, W, A.
    Twa,
    /// A product of powers of T, W and the size, and noise.
    Mixed {
        /// The three exponents.
        weights: [f64; 3],
        /// Logarithm of the noise of each item.
        noise: Vec<f64>,
    },
}

impl Ranking {
    /// The ranking with this number: the plain ones are the first three.
    pub(super) fn numbered(number: u64, items: &Items) -> Ranking {
        match number {
            0 => return Ranking::Wat,
            1 => return Ranking::Taw,
            2 => return Ranking::Twa,
            _ => {}
        }
        let mut dice = Dice(number);
        let (a, b, c) = (dice.fraction(), dice.fraction(), dice.fraction());
        let weights = match number % 3 {
            0 => [4.0 * a, b, c],
            1 => [4.0, b, c],
            _ => [4.0, 1.0, 0.3 * c],
        };
        Ranking::Mixed { weights, noise: items.all.iter().map(|_| 0.3 * dice.fraction()).collect() }
    }

    /// What is tried first has the largest score; `total` is the largest live total in its lifetime.
    pub(super) fn score(&self, items: &Items, index: usize, total: u64) -> [f64; 3] {
        let item = &items.all[index];
        let (steps, size, total) = (item.steps as f64, item.size as f64, total as f64);
        match self {
            Ranking::Wat => [steps, steps * size, total],
            Ranking::Taw => [total, steps * size, steps],
            Ranking::Twa => [total, steps, steps * size],
            Ranking::Mixed { weights, noise } => {
                let logs = weights[0] * total.ln() + weights[1] * steps.ln() + weights[2] * size.ln();
                [logs + noise[index], 0.0, 0.0]
            }
        }
    }
}

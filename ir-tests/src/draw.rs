//! Decisions drawn from bytes, so that one function serves the fuzzer, which finds bytes, and the seeded tests.

/// A string of bytes that decisions are drawn from. When it is used up, every decision is the first choice.
#[derive(Clone, Debug)]
pub struct Draw<'a> {
    data: &'a [u8],
}

impl<'a> Draw<'a> {
    /// Draws from these bytes.
    pub fn new(data: &'a [u8]) -> Draw<'a> {
        Draw { data }
    }

    /// Whether no byte is left.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// All bytes that are left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.data)
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        match self.data.split_first() {
            Some((&first, rest)) => {
                self.data = rest;
                first
            }
            None => 0,
        }
    }

    /// A number below `n`.
    ///
    /// # Panics
    /// If `n` is zero.
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "nothing to choose from");
        match n {
            1 => 0,
            2..=256 => usize::from(self.byte()) % n,
            _ => usize::from(u16::from_le_bytes([self.byte(), self.byte()])) % n,
        }
    }

    /// True once in `n` times; never, when the bytes are used up.
    pub fn one_in(&mut self, n: usize) -> bool {
        !self.is_empty() && self.below(n) == n - 1
    }

    /// One of these.
    ///
    /// # Panics
    /// If there is none.
    pub fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// Random bytes from a seed: xorshift64*, which is the same on every machine and needs no library.
pub fn random_bytes(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8
    };
    (0..len).map(|_| next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn used_up_bytes_mean_the_first_choice() {
        let mut draw = Draw::new(&[5]);
        assert_eq!((draw.below(4), draw.below(4), draw.one_in(1)), (1, 0, false));
        assert_eq!(draw.of(&['a', 'b']), 'a');
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        assert_eq!(random_bytes(7, 16), random_bytes(7, 16));
        assert_ne!(random_bytes(7, 16), random_bytes(8, 16));
    }
}

//! Hashes that stand for what operations compute: equal inputs give equal bytes, and nothing else does.

/// A hash of all that went into a value so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Digest(u64);

impl Digest {
    /// The hash of a word.
    pub(super) fn of(text: &str) -> Digest {
        Digest(0x6d65_6d6f_7074).bytes(text.as_bytes())
    }

    /// With a number.
    pub(super) fn number(self, number: u64) -> Digest {
        Digest(mix(self.0.rotate_left(23) ^ mix(number)))
    }

    /// With bytes, and how many they are.
    pub(super) fn bytes(self, bytes: &[u8]) -> Digest {
        let mut hash = self.number(bytes.len() as u64);
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            hash = hash.number(u64::from_le_bytes(word));
        }
        hash
    }

    /// With text.
    pub(super) fn text(self, text: &str) -> Digest {
        self.bytes(text.as_bytes())
    }

    /// So many bytes that follow from the hash.
    pub(super) fn stream(self, len: usize) -> Vec<u8> {
        let words = (0..len.div_ceil(8) as u64).flat_map(|at| self.number(at).0.to_le_bytes());
        words.take(len).collect()
    }

    /// A choice among `n`.
    pub(super) fn below(self, n: usize) -> usize {
        (mix(self.0) % n as u64) as usize
    }

    /// The hash itself.
    pub(super) fn value(self) -> u64 {
        self.0
    }
}

/// The finaliser of splitmix64.
fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_prefixes_of_each_other_and_follow_the_content() {
        let digest = Digest::of("a").bytes(&[1, 2, 3]);
        assert_eq!(digest.stream(13)[..5], digest.stream(5));
        assert_ne!(digest.stream(8), Digest::of("a").bytes(&[1, 2, 3, 0]).stream(8));
    }
}

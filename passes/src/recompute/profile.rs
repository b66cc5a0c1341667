//! Bytes in every step under changes of stretches of steps: a segment tree with addition to a range and the largest of all.

/// Bytes in each step of a sequence. Additions and questions take time logarithmic in the number of steps.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    steps: usize,
    /// Leaves of the tree, a power of two.
    width: usize,
    /// Node -> the largest sum below it, what was added to it and below it included.
    most: Vec<i64>,
    /// Node -> what was added to all steps below it.
    added: Vec<i64>,
}

impl Profile {
    /// Zero bytes in so many steps.
    pub(super) fn new(steps: usize) -> Profile {
        let width = steps.next_power_of_two().max(1);
        Profile { steps, width, most: vec![0; 2 * width], added: vec![0; 2 * width] }
    }

    /// Adds bytes to the steps of `[from, to)`.
    pub(super) fn add(&mut self, from: usize, to: usize, bytes: i64) {
        if from >= to || bytes == 0 {
            return;
        }
        let (mut low, mut high) = (from + self.width, to + self.width);
        let (first, last) = (low, high - 1);
        while low < high {
            if low & 1 == 1 {
                self.add_to(low, bytes);
                low += 1;
            }
            if high & 1 == 1 {
                high -= 1;
                self.add_to(high, bytes);
            }
            (low, high) = (low / 2, high / 2);
        }
        self.pull(first);
        self.pull(last);
    }

    fn add_to(&mut self, node: usize, bytes: i64) {
        self.most[node] += bytes;
        self.added[node] += bytes;
    }

    /// Renews the maxima above a leaf.
    fn pull(&mut self, leaf: usize) {
        let mut node = leaf / 2;
        while node >= 1 {
            self.most[node] = self.most[2 * node].max(self.most[2 * node + 1]) + self.added[node];
            node /= 2;
        }
    }

    /// The largest number of bytes in any step.
    pub(super) fn peak(&self) -> i64 {
        self.most[1]
    }

    /// The first step above `limit`, if there is one.
    pub(super) fn first_above(&self, limit: i64) -> Option<usize> {
        if self.peak() <= limit {
            return None;
        }
        let (mut node, mut above) = (1, 0);
        while node < self.width {
            above += self.added[node];
            node *= 2;
            if self.most[node] + above <= limit {
                node += 1;
            }
        }
        Some(node - self.width)
    }

    /// The largest number of bytes in the steps of `[from, to)`; 0 if there is none.
    pub(super) fn peak_within(&self, from: usize, to: usize) -> i64 {
        // (node, first leaf below it, leaves below it, what was added above it)
        let mut work = vec![(1, 0, self.width, 0i64)];
        let mut most = 0;
        while let Some((node, first, leaves, above)) = work.pop() {
            if first >= to || first + leaves <= from || self.most[node] + above <= most {
                continue;
            }
            if from <= first && first + leaves <= to {
                most = self.most[node] + above;
                continue;
            }
            let above = above + self.added[node];
            work.push((2 * node, first, leaves / 2, above));
            work.push((2 * node + 1, first + leaves / 2, leaves / 2, above));
        }
        most
    }

    /// The bytes in every step.
    pub(super) fn steps(&self) -> Vec<i64> {
        let mut sums = self.added.clone();
        for node in 1..self.width {
            for child in [2 * node, 2 * node + 1] {
                sums[child] += sums[node];
            }
        }
        sums[self.width..self.width + self.steps].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_the_sum_of_what_was_added() {
        let mut state = 7u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % below
        };
        for steps in [1, 2, 5, 13] {
            let (mut profile, mut plain) = (Profile::new(steps), vec![0i64; steps]);
            for _ in 0..50 {
                let (from, to) = (random(steps), 1 + random(steps));
                let bytes = random(19) as i64 - 4;
                profile.add(from, to, bytes);
                (from..to).for_each(|step| plain[step] += bytes);
                assert_eq!(profile.steps(), plain);
                let most = |range: std::ops::Range<usize>| plain[range].iter().copied().max().unwrap_or(0);
                assert_eq!(profile.peak().max(0), most(0..steps).max(0));
                let (from, to) = (random(steps), random(steps + 1));
                assert_eq!(profile.peak_within(from, to), if from < to { most(from..to).max(0) } else { 0 });
                let limit = random(30) as i64;
                assert_eq!(profile.first_above(limit), plain.iter().position(|&bytes| bytes > limit));
            }
        }
    }
}

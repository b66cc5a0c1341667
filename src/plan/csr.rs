//! Lists of small integers for each of `n` rows, flat in memory: compressed sparse rows.

/// `n` rows of `u32`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Csr {
    /// Row `i` is `items[starts[i]..starts[i + 1]]`.
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Csr {
    /// From pairs `(row, item)` in any order; a row keeps the order of its pairs.
    pub fn from_pairs(rows: usize, pairs: &[(u32, u32)]) -> Csr {
        let mut starts = vec![0u32; rows + 1];
        for &(row, _) in pairs {
            starts[row as usize + 1] += 1;
        }
        let mut next = running_sums(&mut starts);
        let mut items = vec![0u32; pairs.len()];
        for &(row, item) in pairs {
            items[next[row as usize] as usize] = item;
            next[row as usize] += 1;
        }
        Csr { starts, items }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Number of items in all rows.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether no row has an item.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// One row.
    #[inline]
    pub fn row(&self, row: usize) -> &[u32] {
        &self.items[self.starts[row] as usize..self.starts[row + 1] as usize]
    }

    /// Each row sorted, without duplicates.
    pub fn into_sets(mut self) -> Csr {
        let (mut from, mut kept) = (0, 0);
        for row in 0..self.rows() {
            let to = self.starts[row + 1] as usize;
            self.items[from..to].sort_unstable();
            let start = kept;
            for at in from..to {
                if kept == start || self.items[kept - 1] != self.items[at] {
                    self.items[kept] = self.items[at];
                    kept += 1;
                }
            }
            from = to;
            self.starts[row + 1] = kept as u32;
        }
        self.items.truncate(kept);
        self
    }

    /// Rows and items exchanged.
    pub fn transposed(&self, rows: usize) -> Csr {
        let mut starts = vec![0u32; rows + 1];
        self.items.iter().for_each(|&item| starts[item as usize + 1] += 1);
        let mut next = running_sums(&mut starts);
        let mut items = vec![0u32; self.items.len()];
        for row in 0..self.rows() {
            for &item in self.row(row) {
                items[next[item as usize] as usize] = row as u32;
                next[item as usize] += 1;
            }
        }
        Csr { starts, items }
    }
}

/// From the lengths of the rows, each at the index after its own, to where they start; a copy to count on from.
fn running_sums(starts: &mut [u32]) -> Vec<u32> {
    for row in 1..starts.len() {
        starts[row] += starts[row - 1];
    }
    starts.to_vec()
}

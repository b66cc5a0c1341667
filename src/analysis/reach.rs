//! Reachability: a topological order that is kept while edges are added, and reachability counts by blocks of bits.
//!
//! [`IncrementalOrder`] is the algorithm of Pearce and Kelly, "A dynamic topological sort algorithm for directed acyclic
//! graphs" (2006): an edge against the order costs a search of the affected part only, and a cycle is found instead of made.

use crate::plan::Csr;

/// A directed acyclic graph with a topological order, to which edges may be added.
#[derive(Clone, Debug)]
pub struct IncrementalOrder {
    successors: Vec<Vec<u32>>,
    predecessors: Vec<Vec<u32>>,
    /// Position of each node in the order.
    position: Vec<u32>,
    /// Nodes that a search may still visit, for all edges together.
    budget: u64,
}

/// Why an edge was not added.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EdgeRefused {
    /// It would close a cycle.
    Cycle,
    /// Finding out would take more work than was allowed for the whole graph.
    WorkLimit,
}

impl IncrementalOrder {
    /// A graph of `nodes` nodes without edges, in their order; searches visit at most `budget` nodes in all.
    pub fn new(nodes: usize, budget: u64) -> IncrementalOrder {
        IncrementalOrder {
            successors: vec![Vec::new(); nodes],
            predecessors: vec![Vec::new(); nodes],
            position: (0..nodes as u32).collect(),
            budget,
        }
    }

    /// Adds an edge, and moves what must move in the order.
    ///
    /// # Errors
    /// If the edge would close a cycle or the budget is spent; the graph is then as before.
    pub fn add_edge(&mut self, from: u32, to: u32) -> Result<(), EdgeRefused> {
        if from == to {
            return Err(EdgeRefused::Cycle);
        }
        let (low, high) = (self.position[to as usize], self.position[from as usize]);
        if low < high {
            let forward = self.reached(to, |p| p <= high, |graph, n| &graph.successors[n as usize])?;
            if forward.contains(&from) {
                return Err(EdgeRefused::Cycle);
            }
            let backward = self.reached(from, |p| p >= low, |graph, n| &graph.predecessors[n as usize])?;
            self.reorder(backward, forward);
        }
        self.successors[from as usize].push(to);
        self.predecessors[to as usize].push(from);
        Ok(())
    }

    /// The nodes reached from `start` through positions that `inside` admits.
    fn reached(
        &mut self,
        start: u32,
        inside: impl Fn(u32) -> bool,
        next: impl Fn(&Self, u32) -> &Vec<u32>,
    ) -> Result<Vec<u32>, EdgeRefused> {
        let mut seen = rustc_hash::FxHashSet::from_iter([start]);
        let mut found = vec![start];
        let mut at = 0;
        while let Some(&node) = found.get(at) {
            at += 1;
            self.budget = self.budget.checked_sub(1 + next(self, node).len() as u64).ok_or(EdgeRefused::WorkLimit)?;
            let new = next(self, node).iter().filter(|&&n| inside(self.position[n as usize]) && seen.insert(n));
            found.extend(new);
        }
        Ok(found)
    }

    /// Gives the positions of both sets together to the first, then to the second, each in its order.
    fn reorder(&mut self, mut first: Vec<u32>, mut second: Vec<u32>) {
        first.sort_unstable_by_key(|&n| self.position[n as usize]);
        second.sort_unstable_by_key(|&n| self.position[n as usize]);
        let nodes: Vec<u32> = first.into_iter().chain(second).collect();
        let mut positions: Vec<u32> = nodes.iter().map(|&n| self.position[n as usize]).collect();
        positions.sort_unstable();
        for (node, position) in nodes.into_iter().zip(positions) {
            self.position[node as usize] = position;
        }
    }
}

/// The topological order that stays nearest to the numbers of the nodes: the least ready node first.
///
/// Shorter than the number of nodes if there is a cycle.
pub fn stable_order(predecessors: &Csr, successors: &Csr) -> Vec<u32> {
    let ranks: Vec<u32> = (0..predecessors.rows() as u32).collect();
    stable_order_by(predecessors, successors, &ranks)
}

/// The topological order that stays nearest to that of `ranks`, one for each node: the ready node of the least rank first,
/// of two the one with the least number.
///
/// Shorter than the number of nodes if there is a cycle.
pub fn stable_order_by(predecessors: &Csr, successors: &Csr, ranks: &[u32]) -> Vec<u32> {
    let nodes = predecessors.rows();
    let mut waiting: Vec<u32> = (0..nodes).map(|n| predecessors.row(n).len() as u32).collect();
    let ready = (0..nodes as u32).filter(|&n| waiting[n as usize] == 0);
    let ready = ready.map(|n| std::cmp::Reverse((ranks[n as usize], n)));
    let mut ready: std::collections::BinaryHeap<_> = ready.collect();
    let mut order = Vec::with_capacity(nodes);
    while let Some(std::cmp::Reverse((_, node))) = ready.pop() {
        order.push(node);
        for &next in successors.row(node as usize) {
            waiting[next as usize] -= 1;
            if waiting[next as usize] == 0 {
                ready.push(std::cmp::Reverse((ranks[next as usize], next)));
            }
        }
    }
    order
}

/// Columns handled at a time: 64 words of bits for each node keep a block of rows in the cache and memory linear.
const BLOCK_WORDS: usize = 64;

/// For blocks of nodes (columns), which of them every node reaches, and is reached by; both sets include the node itself.
pub struct ReachBlocks<'g> {
    predecessors: &'g Csr,
    successors: &'g Csr,
    /// A topological order.
    order: &'g [u32],
}

/// Reachability between all nodes and one block of nodes, as bits: bit `i` of a row stands for node `base + i`.
pub struct ReachBlock {
    /// The first node of the block.
    pub base: usize,
    words: usize,
    descendants: Vec<u64>,
    ancestors: Vec<u64>,
}

impl<'g> ReachBlocks<'g> {
    /// Prepares a graph with a topological order of it.
    pub fn new(predecessors: &'g Csr, successors: &'g Csr, order: &'g [u32]) -> Self {
        ReachBlocks { predecessors, successors, order }
    }

    /// The blocks, one after the other: `nodes / 4096` of them, each in time linear in the edges times 64 words.
    pub fn blocks(&self) -> impl Iterator<Item = ReachBlock> {
        let nodes = self.order.len();
        (0..nodes)
            .step_by(BLOCK_WORDS * 64)
            .map(move |base| self.block(base, (nodes - base).div_ceil(64).min(BLOCK_WORDS)))
    }

    fn block(&self, base: usize, words: usize) -> ReachBlock {
        let descendants = propagate(self.order.iter().rev(), self.successors, base, words);
        let ancestors = propagate(self.order.iter(), self.predecessors, base, words);
        ReachBlock { base, words, descendants, ancestors }
    }
}

/// Rows of bits: each node's own bit, and the bits of its neighbours, which come earlier in `order`.
fn propagate<'a>(order: impl Iterator<Item = &'a u32>, neighbours: &Csr, base: usize, words: usize) -> Vec<u64> {
    let mut rows = vec![0u64; neighbours.rows() * words];
    let mut row = vec![0u64; words];
    for &node in order {
        let node = node as usize;
        row.fill(0);
        if (base..base + words * 64).contains(&node) {
            row[(node - base) / 64] |= 1 << ((node - base) % 64);
        }
        for &next in neighbours.row(node) {
            let other = &rows[next as usize * words..][..words];
            row.iter_mut().zip(other).for_each(|(a, b)| *a |= b);
        }
        rows[node * words..][..words].copy_from_slice(&row);
    }
    rows
}

impl ReachBlock {
    /// The nodes of the block that `node` reaches.
    pub fn descendants(&self, node: u32) -> &[u64] {
        &self.descendants[node as usize * self.words..][..self.words]
    }

    /// The nodes of the block that reach `node`.
    pub fn ancestors(&self, node: u32) -> &[u64] {
        &self.ancestors[node as usize * self.words..][..self.words]
    }

    /// Words of a row.
    pub fn words(&self) -> usize {
        self.words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stable_order_keeps_to_the_ranks_as_far_as_edges_allow() {
        let successors = Csr::from_pairs(4, &[(0, 2), (1, 3)]);
        let predecessors = successors.transposed(4);
        assert_eq!(stable_order(&predecessors, &successors), [0, 1, 2, 3]);
        // 3 should be the first, and waits for 1 only.
        assert_eq!(stable_order_by(&predecessors, &successors, &[2, 3, 1, 0]), [0, 2, 1, 3]);
        assert_eq!(stable_order_by(&predecessors, &successors, &[9, 5, 5, 5]), [1, 3, 0, 2]);
        let cycle = Csr::from_pairs(2, &[(0, 1), (1, 0)]);
        assert!(stable_order(&cycle, &cycle).is_empty());
    }
}

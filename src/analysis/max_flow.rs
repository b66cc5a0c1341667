//! Maximum flow by Dinic's algorithm (1970) on flat arrays, with a limit on the work.
//!
//! Arcs come in pairs: arc `a` and its reverse `a ^ 1`. Capacities are bytes; [`UNLIMITED`] is never cut.

use crate::plan::Csr;

/// A capacity that no cut of interest contains.
pub const UNLIMITED: u64 = u64::MAX / 4;

/// A network under construction, then at work.
#[derive(Clone, Default, Debug)]
pub struct Network {
    /// Arc -> node it leads to.
    heads: Vec<u32>,
    /// Arc -> what is left of its capacity.
    residual: Vec<u64>,
    /// Node -> arcs that leave it, once built.
    arcs: Csr,
    tails: Vec<u32>,
    nodes: usize,
}

/// The work is spent before the flow is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfWork;

impl Network {
    /// A network without arcs.
    pub fn new() -> Network {
        Network { heads: Vec::new(), residual: Vec::new(), arcs: Csr::default(), tails: Vec::new(), nodes: 0 }
    }

    /// Adds an arc and its reverse.
    pub fn arc(&mut self, from: u32, to: u32, capacity: u64) {
        self.heads.extend([to, from]);
        self.tails.extend([from, to]);
        self.residual.extend([capacity, 0]);
    }

    /// Number of arcs, reverse ones included.
    pub fn arcs(&self) -> usize {
        self.heads.len()
    }

    /// Ends the construction of a network with so many nodes.
    pub fn build(&mut self, nodes: usize) {
        let pairs: Vec<(u32, u32)> = self.tails.iter().enumerate().map(|(arc, &tail)| (tail, arc as u32)).collect();
        self.arcs = Csr::from_pairs(nodes, &pairs);
        self.nodes = nodes;
    }

    /// The nodes that the source still reaches: its side of the smallest cut, once the flow is at its maximum.
    pub fn source_side(&self, source: u32) -> Vec<bool> {
        let mut reached = vec![false; self.nodes];
        reached[source as usize] = true;
        let mut work = vec![source];
        while let Some(node) = work.pop() {
            for &arc in self.arcs.row(node as usize) {
                let to = self.heads[arc as usize];
                if self.residual[arc as usize] > 0 && !std::mem::replace(&mut reached[to as usize], true) {
                    work.push(to);
                }
            }
        }
        reached
    }

    /// The value of a maximum flow. Each arc that is looked at costs one unit of `work`.
    ///
    /// # Errors
    /// The work was not enough.
    pub fn max_flow(&mut self, source: u32, sink: u32, work: &mut u64) -> Result<u64, OutOfWork> {
        let mut flow = 0u64;
        let mut level = vec![0u32; self.nodes];
        let mut next = vec![0u32; self.nodes];
        while self.levels(source, sink, &mut level, work)? {
            next.fill(0);
            loop {
                let pushed = self.augment(source, sink, &level, &mut next, work)?;
                if pushed == 0 {
                    break;
                }
                flow = flow.saturating_add(pushed);
            }
        }
        Ok(flow)
    }

    /// Breadth-first distances from the source, from 1; 0 where it cannot be reached.
    fn levels(&self, source: u32, sink: u32, level: &mut [u32], work: &mut u64) -> Result<bool, OutOfWork> {
        level.fill(0);
        level[source as usize] = 1;
        let mut queue = vec![source];
        let mut at = 0;
        while let Some(&node) = queue.get(at) {
            at += 1;
            let arcs = self.arcs.row(node as usize);
            *work = work.checked_sub(1 + arcs.len() as u64).ok_or(OutOfWork)?;
            for &arc in arcs {
                let to = self.heads[arc as usize];
                if self.residual[arc as usize] > 0 && level[to as usize] == 0 {
                    level[to as usize] = level[node as usize] + 1;
                    queue.push(to);
                }
            }
        }
        Ok(level[sink as usize] != 0)
    }

    /// One path along increasing levels, filled to its bottleneck; dead ends are never visited again in this phase.
    fn augment(
        &mut self,
        source: u32,
        sink: u32,
        level: &[u32],
        next: &mut [u32],
        work: &mut u64,
    ) -> Result<u64, OutOfWork> {
        let mut path: Vec<u32> = Vec::new();
        let mut node = source;
        while node != sink {
            *work = work.checked_sub(1).ok_or(OutOfWork)?;
            let arcs = self.arcs.row(node as usize);
            match arcs.get(next[node as usize] as usize) {
                Some(&arc) => {
                    let to = self.heads[arc as usize];
                    if self.residual[arc as usize] > 0 && level[to as usize] == level[node as usize] + 1 {
                        path.push(arc);
                        node = to;
                    } else {
                        next[node as usize] += 1;
                    }
                }
                None => {
                    let Some(arc) = path.pop() else { return Ok(0) };
                    node = self.heads[arc as usize ^ 1];
                    next[node as usize] += 1;
                }
            }
        }
        let bottleneck = path.iter().map(|&arc| self.residual[arc as usize]).min().unwrap_or(0);
        for &arc in &path {
            self.residual[arc as usize] -= bottleneck;
            self.residual[arc as usize ^ 1] = self.residual[arc as usize ^ 1].saturating_add(bottleneck);
        }
        Ok(bottleneck)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flow_is_the_smallest_cut() {
        // 0 -> 1 -> 3 and 0 -> 2 -> 3, with a bridge 1 -> 2: the cut {0, 1} | {2, 3} costs 2 + 1 + 4.
        let mut network = Network::new();
        for (from, to, capacity) in [(0, 1, 9), (0, 2, 2), (1, 2, 1), (1, 3, 4), (2, 3, 8)] {
            network.arc(from, to, capacity);
        }
        network.build(4);
        assert_eq!(network.max_flow(0, 3, &mut 3), Err(OutOfWork));
        assert_eq!(network.max_flow(0, 3, &mut 1000), Ok(7));
        assert_eq!(network.source_side(0), [true, true, false, false]);
    }
}

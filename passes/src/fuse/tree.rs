//! What a kernel computes for the virtual values that it reads: how many elements of each, and from which roots.

use memopt::dialect::Virtual;
use rustc_hash::FxHashSet;

use super::problem::{FuseProblem, FuseRead};

/// The index at which the kernel computes its own result; other indices are named by the read that asks at them.
const OWN_INDEX: u32 = u32::MAX;

/// No buffer.
const NOTHING: u32 = u32::MAX;

/// Expands what operations read, one at a time; holds the answer for the last one.
#[derive(Clone, Debug)]
pub(super) struct Trees<'p> {
    problem: &'p FuseProblem,
    found: Vec<Found>,
    expansions: u32,
    /// The virtual values that the kernel computes, each once for every index at which it is asked for.
    nodes: Vec<Node>,
    /// Those that are asked for at more than one index, with all of these but the first.
    others: FxHashSet<(u32, u32)>,
    /// The values with bytes, or in memory that does not count, without duplicates.
    pub(super) roots: Vec<u32>,
    /// How many of them the kernel reads only for virtual values.
    pub(super) behind: usize,
    /// Reads followed so far.
    pub(super) work: u64,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    value: u32,
    index: u32,
    /// How many elements are computed.
    elements: u64,
}

/// What the expansion numbered `by` knows of a value.
#[derive(Clone, Copy, Default, Debug)]
struct Found {
    by: u32,
    /// The first index at which it is asked for.
    index: u32,
    /// How many elements of it are computed, at all indices.
    elements: u64,
    /// For a root: the buffer that may lie in its bytes.
    heir: u32,
}

impl<'p> Trees<'p> {
    pub(super) fn new(problem: &'p FuseProblem) -> Trees<'p> {
        let found = vec![Found::default(); problem.values.len()];
        let (nodes, others, roots) = (Vec::new(), FxHashSet::default(), Vec::new());
        Trees { problem, found, expansions: 0, nodes, others, roots, behind: 0, work: 0 }
    }

    /// Expands what `op` reads if it runs, and returns the flops that it spends on virtual values.
    ///
    /// Elements that are asked for at the same index are computed once: an elementwise operation asks at the index at which it
    /// is asked itself. Whatever else reads asks at indices of its own, so that a broadcast has its operand computed again
    /// for each of its elements. This is the rule of [`memopt::cost`].
    pub(super) fn expand(&mut self, is_virtual: &[bool], op: u32) -> u64 {
        self.expansions += 1;
        self.nodes.clear();
        self.others.clear();
        self.roots.clear();
        let problem = self.problem;
        let mut flops = 0u64;
        let result = problem.ops[op as usize].writes.unwrap_or(NOTHING);
        for (at, read) in problem.numbered_reads(op) {
            match is_virtual[read.value as usize] {
                true => self.compute(read, if read.same_index { OWN_INDEX } else { at }, read.elements),
                false => self.read(read.value, read.overwritten_by.unwrap_or(NOTHING)),
            }
        }
        let direct = self.roots.len();
        let mut next = 0;
        while let Some(&Node { value, index, elements }) = self.nodes.get(next) {
            next += 1;
            let (maker, of) = (problem.maker(value), problem.values[value as usize].elements);
            flops = flops.saturating_add(share(problem.ops[maker as usize].flops, elements, of));
            for (at, read) in problem.numbered_reads(maker) {
                let in_step = read.same_index && index == OWN_INDEX;
                match is_virtual[read.value as usize] {
                    true if read.same_index => self.compute(read, index, elements),
                    true => self.compute(read, at, share(read.elements, elements, of)),
                    false => self.read(read.value, if in_step { result } else { NOTHING }),
                }
            }
        }
        self.behind = self.roots.len() - direct;
        flops
    }

    /// The kernels that read a value, directly or through virtual values, in their order.
    pub(super) fn final_readers(&mut self, is_virtual: &[bool], value: u32) -> Vec<u32> {
        let mut readers = Vec::new();
        let mut seen = FxHashSet::default();
        let mut work = vec![value];
        while let Some(value) = work.pop() {
            let all = self.problem.readers.row(value as usize);
            self.work += all.len() as u64;
            for &op in all {
                match self.problem.ops[op as usize].makes.filter(|&made| is_virtual[made as usize]) {
                    Some(made) if seen.insert(made) => work.push(made),
                    Some(_) => {}
                    None => readers.push(op),
                }
            }
        }
        readers.sort_unstable();
        readers.dedup();
        readers
    }

    /// Whether all kernels that read a value, directly or through virtual ones, can compute what asks as much as `kind`.
    pub(super) fn readers_compute(&mut self, is_virtual: &[bool], value: u32, kind: Virtual) -> bool {
        let problem = self.problem;
        self.final_readers(is_virtual, value).iter().all(|&op| problem.ops[op as usize].computes >= Some(kind))
    }

    /// Whether the kernel computes elements of a value with flops more than `most` times.
    pub(super) fn repeats_beyond(&self, most: u64) -> bool {
        self.nodes.iter().any(|node| {
            let value = &self.problem.values[node.value as usize];
            let costs = self.problem.ops[self.problem.maker(node.value) as usize].flops > 0;
            costs && self.found[node.value as usize].elements > value.elements.saturating_mul(most)
        })
    }

    /// The virtual values that the kernel computes, with the flops that this takes; one may be there more than once.
    pub(super) fn computed(&self) -> impl Iterator<Item = (u32, u64)> {
        self.nodes.iter().map(|node| {
            let (maker, of) = (self.problem.maker(node.value), self.problem.values[node.value as usize].elements);
            (node.value, share(self.problem.ops[maker as usize].flops, node.elements, of))
        })
    }

    /// The buffer that may lie in the bytes of a root, if it dies at the kernel.
    pub(super) fn heir(&self, root: u32) -> Option<u32> {
        let heir = self.found[root as usize].heir;
        (heir != NOTHING).then_some(heir)
    }

    /// The kernel computes so many elements of a virtual value at an index.
    fn compute(&mut self, read: &FuseRead, index: u32, elements: u64) {
        self.work += 1;
        let found = &mut self.found[read.value as usize];
        if found.by != self.expansions {
            *found = Found { by: self.expansions, index, elements, heir: NOTHING };
        } else if found.index != index && self.others.insert((read.value, index)) {
            found.elements = found.elements.saturating_add(elements);
        } else {
            return;
        }
        self.nodes.push(Node { value: read.value, index, elements });
    }

    /// The kernel reads a root, and its result in `heir` may overwrite it, as far as this read goes.
    fn read(&mut self, root: u32, heir: u32) {
        self.work += 1;
        let found = &mut self.found[root as usize];
        if found.by != self.expansions {
            *found = Found { by: self.expansions, heir, ..Found::default() };
            self.roots.push(root);
        } else if found.heir != heir {
            found.heir = NOTHING;
        }
    }
}

/// `of * part / whole`.
fn share(of: u64, part: u64, whole: u64) -> u64 {
    if part == whole || whole == 0 {
        return of;
    }
    u64::try_from(u128::from(of) * u128::from(part) / u128::from(whole)).unwrap_or(u64::MAX)
}

//! What a kernel computes for the virtual values that it reads: which, how many elements of each, and from which roots.

use super::problem::{FuseProblem, FuseRead};

/// Nothing may lie in these bytes.
const NOTHING: u32 = u32::MAX;

/// Expands what operations read, one at a time; holds the answer for the last one.
#[derive(Clone, Debug)]
pub(super) struct Trees<'p> {
    problem: &'p FuseProblem,
    /// The expansion that reached each value last, and what that found out about it.
    reached: Vec<u32>,
    found: Vec<Found>,
    expansions: u32,
    /// The virtual values reached, each after those that are computed from it.
    pub(super) nodes: Vec<u32>,
    /// The values with bytes, or in memory that does not count.
    pub(super) roots: Vec<u32>,
    /// Reads followed so far.
    pub(super) work: u64,
}

/// What an expansion knows of a value.
#[derive(Clone, Copy, Default, Debug)]
struct Found {
    /// Elements asked for at the index that is being computed: whoever asks, they are computed once.
    shared: u64,
    /// Elements asked for at other indices.
    others: u64,
    /// The buffer that is written at the index at which alone this value is read.
    overwritten_by: u32,
}

impl<'p> Trees<'p> {
    pub(super) fn new(problem: &'p FuseProblem) -> Trees<'p> {
        let values = problem.values.len();
        let (reached, found) = (vec![0; values], vec![Found::default(); values]);
        Trees { problem, reached, found, expansions: 0, nodes: Vec::new(), roots: Vec::new(), work: 0 }
    }

    /// Expands what `op` reads if it runs, and returns the flops that it spends on virtual values.
    ///
    /// An element that several elementwise operations of the kernel want at the same index is computed once; a broadcast
    /// wants an element of its operand for each of its own.
    pub(super) fn expand(&mut self, is_virtual: &[bool], op: u32) -> u64 {
        self.collect(is_virtual, op);
        for read in self.problem.reads_of(op) {
            self.ask(read, read.elements, read.overwritten_by.unwrap_or(NOTHING));
        }
        let mut flops = 0u64;
        for at in 0..self.nodes.len() {
            let value = self.nodes[at];
            let Found { overwritten_by, .. } = self.found[value as usize];
            let (wanted, elements) = (self.wanted(value), self.problem.values[value as usize].elements.max(1));
            let maker = self.problem.maker(value);
            flops = flops.saturating_add(share(self.problem.ops[maker as usize].flops, wanted, elements));
            for read in self.problem.reads_of(maker) {
                self.ask(read, share(read.elements, wanted, elements), overwritten_by);
            }
        }
        flops
    }

    /// How many elements of a virtual value the kernel computes.
    pub(super) fn wanted(&self, value: u32) -> u64 {
        let Found { shared, others, .. } = self.found[value as usize];
        shared.saturating_add(others)
    }

    /// The buffer that may lie in the bytes of a root, if it dies at the kernel.
    pub(super) fn overwritten_by(&self, root: u32) -> Option<u32> {
        let buffer = self.found[root as usize].overwritten_by;
        (buffer != NOTHING).then_some(buffer)
    }

    /// Finds what is reached.
    fn collect(&mut self, is_virtual: &[bool], op: u32) {
        self.expansions += 1;
        self.nodes.clear();
        self.roots.clear();
        let mut next = 0;
        let mut at = Some(op);
        while let Some(op) = at {
            for read in self.problem.reads_of(op) {
                let value = read.value as usize;
                if self.reached[value] != self.expansions {
                    self.reached[value] = self.expansions;
                    self.found[value] = Found { overwritten_by: NOT_ASKED, ..Found::default() };
                    if is_virtual[value] { &mut self.nodes } else { &mut self.roots }.push(read.value);
                }
            }
            self.work += self.problem.reads_of(op).len() as u64;
            at = self.nodes.get(next).map(|&value| self.problem.maker(value));
            next += 1;
        }
        self.nodes.sort_unstable_by(|a, b| b.cmp(a));
    }

    fn ask(&mut self, read: &FuseRead, elements: u64, overwritten_by: u32) {
        let found = &mut self.found[read.value as usize];
        let overwritten_by = if read.same_index { overwritten_by } else { NOTHING };
        found.overwritten_by = match found.overwritten_by {
            NOT_ASKED => overwritten_by,
            known if known == overwritten_by => known,
            _ => NOTHING,
        };
        match read.same_index {
            true => found.shared = found.shared.max(elements),
            false => found.others = found.others.saturating_add(elements),
        }
    }
}

/// No read of it was looked at yet.
const NOT_ASKED: u32 = u32::MAX - 1;

/// `of * part / whole`, rounded up.
fn share(of: u64, part: u64, whole: u64) -> u64 {
    if part == whole {
        return of;
    }
    u64::try_from((u128::from(of) * u128::from(part)).div_ceil(u128::from(whole))).unwrap_or(u64::MAX)
}

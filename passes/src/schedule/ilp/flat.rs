//! The ordering problem without what no order can change.
//!
//! *Sure tie*: a result whose operand dies at the kernel in every order, because all other readers of the operand are
//! ancestors of the kernel. Result and operand are then one buffer. Ties whose operand can never die at the kernel are
//! dropped, and so are buffers without bytes. What remains are ties that depend on the order.

use memopt::analysis::{ReachBlock, ReachBlocks};
use memopt::plan::{Csr, OrderProblem, OrderTie};

/// Kernels that one block of reachability covers; larger problems are not for this solver.
pub(super) const MOST_KERNELS: usize = 4096;

/// Bytes in which sums are exact in a double.
const MOST_BYTES: u64 = 1 << 52;

/// A problem with fewer buffers and ties than the one it was made of; kernels and edges are the same.
pub(in crate::schedule) struct Flat {
    /// Buffers with bytes.
    pub(in crate::schedule) buffers: Vec<FlatBuffer>,
    /// Ties that some orders take and others do not, sorted by kernel, result, operand.
    pub(super) ties: Vec<FlatTie>,
    /// Bytes by kernel.
    pub(in crate::schedule) workspace: Vec<u64>,
    /// Kernel -> buffers that it writes first, and that it reads.
    pub(super) writes: Csr,
    pub(super) reads: Csr,
}

/// A buffer, with those that are surely tied to it.
pub(in crate::schedule) struct FlatBuffer {
    /// The first buffer of the problem that is in it.
    pub(in crate::schedule) root: u32,
    /// Bytes, never 0.
    pub(in crate::schedule) size: u64,
    /// The kernel that writes it first.
    pub(in crate::schedule) writer: u32,
    /// The other kernels that touch it.
    pub(in crate::schedule) readers: Vec<u32>,
    /// Whether it lives to the end.
    pub(in crate::schedule) until_end: bool,
}

/// A tie that depends on the order.
pub(super) struct FlatTie {
    /// The kernel at which the operand may die.
    pub(super) kernel: u32,
    /// The buffer that it writes.
    pub(super) result: u32,
    /// The buffer that it reads.
    pub(super) operand: u32,
    /// Bytes of either.
    pub(super) size: u64,
}

/// Which kernels precede which, in every order.
pub(in crate::schedule) struct Reach(ReachBlock);

impl Reach {
    /// Of an acyclic graph of at most [`MOST_KERNELS`] nodes, with a topological order.
    pub(super) fn new(predecessors: &Csr, successors: &Csr, order: &[u32]) -> Option<Reach> {
        ReachBlocks::new(predecessors, successors, order).blocks().next().map(Reach)
    }

    /// Whether `first` runs before `second` in every order.
    pub(in crate::schedule) fn before(&self, first: u32, second: u32) -> bool {
        first != second && self.0.ancestors(second)[first as usize / 64] >> (first % 64) & 1 == 1
    }

    /// Whether the order of the two is open.
    pub(super) fn is_open(&self, a: u32, b: u32) -> bool {
        a != b && !self.before(a, b) && !self.before(b, a)
    }
}

impl Flat {
    /// Without sure ties if `join` says so; `None` if sums of bytes are not exact.
    pub(in crate::schedule) fn new(problem: &OrderProblem, reach: &Reach, join: bool) -> Option<Flat> {
        let sizes = problem.buffers.iter().map(|buffer| buffer.size.0).chain(problem.workspace.iter().map(|w| w.0));
        sizes.clone().try_fold(0u64, |sum, size| sum.checked_add(size).filter(|&sum| sum < MOST_BYTES))?;
        let has_bytes = |tie: &OrderTie| problem.buffers[tie.result as usize].size.0 > 0;
        let possible = problem.ties.iter().copied().filter(|tie| has_bytes(tie) && may_die(problem, reach, tie));
        let possible: Vec<OrderTie> = possible.collect();
        let root = joined(problem, reach, if join { &possible } else { &[] });
        let mut flat = Flat {
            buffers: Vec::new(),
            ties: Vec::new(),
            workspace: problem.workspace.iter().map(|bytes| bytes.0).collect(),
            writes: Csr::default(),
            reads: Csr::default(),
        };
        let index = flat.collect(problem, &root);
        flat.ties = possible
            .iter()
            .filter(|tie| root[tie.result as usize] == tie.result)
            .map(|tie| FlatTie {
                kernel: tie.kernel,
                result: index[tie.result as usize],
                operand: index[root[tie.operand as usize] as usize],
                size: problem.buffers[tie.result as usize].size.0,
            })
            .collect();
        Some(flat)
    }

    /// Makes the buffers; for each of the problem's, the index of the one it is in.
    fn collect(&mut self, problem: &OrderProblem, root: &[u32]) -> Vec<u32> {
        let mut index = vec![u32::MAX; root.len()];
        let has_bytes = |b: &usize| problem.buffers[*b].size.0 > 0;
        for b in (0..root.len()).filter(has_bytes).filter(|&b| root[b] == b as u32) {
            index[b] = self.buffers.len() as u32;
            let (size, writer) = (problem.buffers[b].size.0, problem.buffers[b].writer);
            self.buffers.push(FlatBuffer { root: b as u32, size, writer, readers: Vec::new(), until_end: false });
        }
        for b in (0..root.len()).filter(has_bytes) {
            index[b] = index[root[b] as usize];
            let into = &mut self.buffers[index[b] as usize];
            into.readers.extend_from_slice(problem.readers.row(b));
            into.until_end |= problem.buffers[b].until_end;
        }
        let (mut reads, mut writes) = (Vec::new(), Vec::new());
        for (b, buffer) in self.buffers.iter_mut().enumerate() {
            buffer.readers.sort_unstable();
            buffer.readers.dedup();
            reads.extend(buffer.readers.iter().map(|&reader| (reader, b as u32)));
            writes.push((buffer.writer, b as u32));
        }
        self.reads = Csr::from_pairs(problem.kernels(), &reads);
        self.writes = Csr::from_pairs(problem.kernels(), &writes);
        index
    }

    /// All sizes are multiples of these bytes; at least 1.
    pub(in crate::schedule) fn unit(&self) -> u64 {
        let sizes = self.buffers.iter().map(|buffer| buffer.size).chain(self.workspace.iter().copied());
        sizes.fold(0, gcd).max(1)
    }

    /// The buffers that a kernel writes or reads.
    pub(super) fn touched(&self, kernel: u32) -> impl Iterator<Item = u32> {
        self.writes.row(kernel as usize).iter().chain(self.reads.row(kernel as usize)).copied()
    }

    /// The ties that a kernel may take.
    pub(super) fn ties_of(&self, kernel: u32) -> &[FlatTie] {
        let from = self.ties.partition_point(|tie| tie.kernel < kernel);
        let len = self.ties[from..].partition_point(|tie| tie.kernel == kernel);
        &self.ties[from..from + len]
    }
}

/// Whether some order ends the operand at the kernel.
fn may_die(problem: &OrderProblem, reach: &Reach, tie: &OrderTie) -> bool {
    let readers = problem.readers.row(tie.operand as usize);
    !problem.buffers[tie.operand as usize].until_end && !readers.iter().any(|&reader| reach.before(tie.kernel, reader))
}

/// For each buffer the one that it is surely tied to in the end, itself if there is none.
///
/// Where two results may take one operand, which of them does depends on what else dies there: such kernels are left alone.
fn joined(problem: &OrderProblem, reach: &Reach, ties: &[OrderTie]) -> Vec<u32> {
    let mut root: Vec<u32> = (0..problem.buffers.len() as u32).collect();
    for at_kernel in ties.chunk_by(|a, b| a.kernel == b.kernel) {
        let is_contended =
            |tie: &OrderTie| at_kernel.iter().any(|other| other.operand == tie.operand && other.result != tie.result);
        if at_kernel.iter().any(is_contended) {
            continue;
        }
        for tie in at_kernel {
            let mut others = problem.readers.row(tie.operand as usize).iter().filter(|&&r| r != tie.kernel);
            if root[tie.result as usize] == tie.result && others.all(|&reader| reach.before(reader, tie.kernel)) {
                root[tie.result as usize] = root[tie.operand as usize];
            }
        }
    }
    root
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

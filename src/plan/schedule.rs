//! The ordering problem as plain data, the value of an order, and its naive validator.
//!
//! *Kernels* are operations that do something at run time; they are numbered in program order. *Buffers* are storages: a
//! value with all its views and in-place versions. A buffer lives from the step of its writer to the step of its last
//! reader; one without readers lives in its writer's step only.

use super::csr::Csr;
use crate::ir::Bytes;

/// Choose the order of kernels so that the peak of live bytes is least.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct OrderProblem {
    /// Kernel -> kernels that must run after it: data, hazards, effects. No duplicates.
    pub successors: Csr,
    /// Kernel -> kernels that must run before it: the same edges.
    pub predecessors: Csr,
    /// The buffers.
    pub buffers: Vec<OrderBuffer>,
    /// Buffer -> kernels that read it or write a later version of it, writer excluded, no duplicates.
    pub readers: Csr,
    /// Kernel -> buffers that it is the writer of.
    pub writes: Csr,
    /// Kernel -> buffers that it reads: the rows of `readers`, transposed.
    pub reads: Csr,
    /// Bytes that a kernel needs while it runs, besides its buffers.
    pub workspace: Vec<Bytes>,
    /// Ties that are possible, sorted: the result may lie in the operand's bytes if the operand dies there. Both
    /// have the same size.
    pub ties: Vec<OrderTie>,
}

/// A storage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OrderBuffer {
    /// Rounded to the alignment.
    pub size: Bytes,
    /// The kernel that writes it first.
    pub writer: u32,
    /// Whether it lives to the end.
    pub until_end: bool,
}

/// A tie that is possible.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct OrderTie {
    /// The kernel that reads the operand and writes the result.
    pub kernel: u32,
    /// The buffer that it writes.
    pub result: u32,
    /// The buffer that it reads.
    pub operand: u32,
}

impl OrderProblem {
    /// Number of kernels.
    pub fn kernels(&self) -> usize {
        self.workspace.len()
    }

    /// The ties that are possible at a kernel.
    pub fn ties_of(&self, kernel: u32) -> &[OrderTie] {
        let from = self.ties.partition_point(|tie| tie.kernel < kernel);
        let len = self.ties[from..].partition_point(|tie| tie.kernel == kernel);
        &self.ties[from..from + len]
    }
}

/// Where the ties of each kernel are: for those who ask for all kernels, [`OrderProblem::ties_of`] searches too long.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TieIndex<'p> {
    ties: &'p [OrderTie],
    /// Kernel -> its first tie, and the end.
    starts: Vec<u32>,
}

impl<'p> TieIndex<'p> {
    /// In time linear in kernels and ties.
    pub fn new(problem: &'p OrderProblem) -> TieIndex<'p> {
        let mut starts = vec![0; problem.kernels() + 1];
        problem.ties.iter().for_each(|tie| starts[tie.kernel as usize + 1] += 1);
        for kernel in 1..starts.len() {
            starts[kernel] += starts[kernel - 1];
        }
        TieIndex { ties: &problem.ties, starts }
    }

    /// The ties that are possible at a kernel.
    #[inline]
    pub fn of(&self, kernel: u32) -> &'p [OrderTie] {
        let k = kernel as usize;
        &self.ties[self.starts[k] as usize..self.starts[k + 1] as usize]
    }
}

/// What an order is worth.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct OrderValue {
    /// Live bytes in each step.
    pub live: Vec<Bytes>,
    /// The largest of them.
    pub peak: Bytes,
    /// The ties taken, in schedule order.
    pub ties: Vec<OrderTie>,
}

/// Live bytes of an order, step by step, with as many bytes tied at each kernel as can be: a result takes over the bytes of
/// an operand that dies there and may be overwritten, the first that is free; where two results want the same operand, they
/// are matched.
pub fn evaluate(problem: &OrderProblem, order: &[u32]) -> OrderValue {
    let mut value = OrderValue { live: Vec::with_capacity(order.len()), ..OrderValue::default() };
    simulate(problem, order, |live, ties| {
        value.live.push(live);
        value.peak = value.peak.max(live);
        value.ties.extend_from_slice(ties);
    });
    value
}

/// The peak of an order as [`evaluate`] finds it, and its area: the sum of live bytes over all steps.
pub fn peak_and_area(problem: &OrderProblem, order: &[u32]) -> (Bytes, u128) {
    let (mut peak, mut area) = (Bytes::ZERO, 0);
    simulate(problem, order, |live, _| {
        peak = peak.max(live);
        area += u128::from(live.0);
    });
    (peak, area)
}

/// Live bytes of an order between its steps.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct OrderProfile {
    /// Before each step, and after the last one.
    pub between: Vec<Bytes>,
    /// In each step, as [`evaluate`] finds them.
    pub live: Vec<Bytes>,
}

/// The live bytes of an order, in its steps and between them.
pub fn order_profile(problem: &OrderProblem, order: &[u32]) -> OrderProfile {
    let mut profile = OrderProfile { live: Vec::with_capacity(order.len()), between: vec![Bytes::ZERO] };
    let between = &mut profile.between;
    between.reserve(order.len());
    simulate_between(problem, order, |live, _| profile.live.push(live), |after| between.push(after));
    profile
}

/// Walks an order, and tells for each kernel the live bytes while it runs and the ties taken there.
fn simulate(problem: &OrderProblem, order: &[u32], step: impl FnMut(Bytes, &[OrderTie])) {
    simulate_between(problem, order, step, |_| ());
}

/// Walks an order, and tells for each kernel the live bytes while it runs, the ties taken there, and what is live after it.
fn simulate_between(
    problem: &OrderProblem,
    order: &[u32],
    mut step: impl FnMut(Bytes, &[OrderTie]),
    mut after: impl FnMut(Bytes),
) {
    let mut unread: Vec<u32> = (0..problem.buffers.len()).map(|b| problem.readers.row(b).len() as u32).collect();
    let mut live = Bytes::ZERO;
    let mut taken: Vec<OrderTie> = Vec::new();
    let ties = TieIndex::new(problem);
    for &kernel in order {
        let (reads, writes) = (problem.reads.row(kernel as usize), problem.writes.row(kernel as usize));
        let dead = |b: u32, unread: &[u32]| unread[b as usize] == 0 && !problem.buffers[b as usize].until_end;
        let mut operand_dies = false;
        for &buffer in reads {
            unread[buffer as usize] -= 1;
            operand_dies |= dead(buffer, &unread);
        }
        taken.clear();
        // Most kernels end no operand, and need no search for their ties.
        if operand_dies {
            take_ties(ties.of(kernel), |operand| dead(operand, &unread), &mut taken);
        }
        let new = writes.iter().filter(|&&b| taken.iter().all(|tie| tie.result != b));
        live += new.map(|&b| problem.buffers[b as usize].size).sum();
        step(live + problem.workspace[kernel as usize], &taken);
        // Operands die here, and so do results that nobody reads. A tied operand's bytes live on in its result.
        for &buffer in reads.iter().chain(writes) {
            if dead(buffer, &unread) && taken.iter().all(|tie| tie.operand != buffer) {
                // Saturating, because the sum of absurd sizes has saturated too.
                live = live.saturating_sub(problem.buffers[buffer as usize].size);
            }
        }
        after(live);
    }
}

/// At kernels with more ties than these, results take the first operand that is free, and that is all.
pub const MATCHED_TIES: usize = 512;

/// Chooses among the ties of one kernel, sorted, those whose operands die there: each result once, each operand once, and
/// as many bytes as possible. A tie joins equal sizes, so that a matching of most results among those of each size is the
/// best one; it is found by augmenting paths (Kuhn 1955), results in the order of their numbers.
pub fn take_ties(ties: &[OrderTie], dies: impl Fn(u32) -> bool, taken: &mut Vec<OrderTie>) {
    let mut from = 0;
    while let Some(&OrderTie { result, .. }) = ties.get(from) {
        let candidates = ties[from..].iter().take_while(|tie| tie.result == result);
        from += candidates.clone().count();
        let mut dying = candidates.filter(|tie| dies(tie.operand));
        match dying.clone().find(|tie| taken.iter().all(|other| other.operand != tie.operand)) {
            Some(&tie) => taken.push(tie),
            // All its operands went to other results: perhaps one of these can do with another operand.
            None if ties.len() <= MATCHED_TIES => {
                if let Some(&first) = dying.next() {
                    augment(ties, &dies, first, taken);
                }
            }
            None => {}
        }
    }
    taken.sort_unstable();
}

/// Ties the result of `start` by giving other results other operands, if that can be: a breadth-first search of
/// alternating paths.
fn augment(ties: &[OrderTie], dies: &impl Fn(u32) -> bool, start: OrderTie, taken: &mut Vec<OrderTie>) {
    // The ties that would be taken, each with the one whose operand's former result it serves.
    let mut steps: Vec<(OrderTie, Option<usize>)> = Vec::new();
    let mut results = vec![(start.result, None)];
    let mut at = 0;
    while let Some(&(result, cause)) = results.get(at) {
        at += 1;
        for &tie in ties.iter().filter(|tie| tie.result == result && dies(tie.operand)) {
            if steps.iter().any(|(other, _)| other.operand == tie.operand) {
                continue;
            }
            steps.push((tie, cause));
            let Some(owner) = taken.iter().find(|other| other.operand == tie.operand) else {
                let mut next = Some(steps.len() - 1);
                while let Some(index) = next {
                    let (tie, cause) = steps[index];
                    taken.retain(|other| other.result != tie.result);
                    taken.push(tie);
                    next = cause;
                }
                return;
            };
            results.push((owner.result, Some(steps.len() - 1)));
        }
    }
}

/// What is wrong with an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OrderError {
    /// The order is no permutation of the kernels.
    NoPermutation {
        /// A kernel that is missing, repeated or unknown.
        kernel: u32,
    },
    /// A kernel runs before one that must precede it.
    Unordered {
        /// Must run first.
        before: u32,
        /// Runs first.
        after: u32,
    },
}

/// Checks that an order holds every kernel once, each after its predecessors.
///
/// # Errors
/// The first violation.
pub fn validate_order(problem: &OrderProblem, order: &[u32]) -> Result<(), OrderError> {
    let mut done = vec![false; problem.kernels()];
    for &kernel in order {
        match done.get(kernel as usize) {
            Some(false) => {}
            _ => return Err(OrderError::NoPermutation { kernel }),
        }
        let predecessors = problem.predecessors.row(kernel as usize);
        if let Some(&before) = predecessors.iter().find(|&&p| !done[p as usize]) {
            return Err(OrderError::Unordered { before, after: kernel });
        }
        done[kernel as usize] = true;
    }
    match done.iter().position(|&done| !done) {
        Some(kernel) => Err(OrderError::NoPermutation { kernel: kernel as u32 }),
        None => Ok(()),
    }
}

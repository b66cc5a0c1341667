//! An ordering problem in the middle of an order: kernels are run and taken back one by one, each in time that its edges
//! take, with what is live, what can run next, and what that would cost.

use smallvec::SmallVec;

use crate::ir::Bytes;
use crate::plan::{OrderBuffer, OrderProblem, OrderTie, TieIndex, take_ties};

/// The problem in the middle of an order, with the way back.
pub(super) struct Machine<'p> {
    pub(super) problem: &'p OrderProblem,
    pub(super) order: Vec<u32>,
    /// Live bytes, and what they were before each step of the order.
    pub(super) live: Bytes,
    before: Vec<Bytes>,
    /// The kernels in the order, as bits.
    pub(super) done: Box<[u64]>,
    /// Kernel -> predecessors that have not run.
    waiting: Vec<u32>,
    /// Buffer -> number of readers that have not run, and their numbers, exclusive-or: the last one, when it is alone.
    unread: Vec<(u32, u32)>,
    costs: Vec<Cost>,
    /// Kernels that can run, and where each is in this list.
    pub(super) ready: Vec<u32>,
    slot: Vec<u32>,
    possible: TieIndex<'p>,
    taken: Vec<OrderTie>,
    /// Whether a kernel only adds to what is live, and something waits for it.
    is_source: Vec<bool>,
}

/// What a kernel does to the live bytes, were it next.
#[derive(Clone, Copy, Debug)]
struct Cost {
    /// Its results and its workspace.
    own: Bytes,
    /// Its results that somebody needs.
    kept: Bytes,
    /// Its operands that die with it.
    freed: Bytes,
}

/// No place in the list of ready kernels.
const NOWHERE: u32 = u32::MAX;

impl<'p> Machine<'p> {
    pub(super) fn new(problem: &'p OrderProblem) -> Machine<'p> {
        let n = problem.kernels();
        let unread = |b: usize| {
            let readers = problem.readers.row(b);
            (readers.len() as u32, readers.iter().fold(0, |all, reader| all ^ reader))
        };
        let mut machine = Machine {
            problem,
            order: Vec::with_capacity(n),
            live: Bytes::ZERO,
            before: Vec::with_capacity(n),
            done: vec![0; n.div_ceil(64)].into(),
            waiting: (0..n).map(|k| problem.predecessors.row(k).len() as u32).collect(),
            unread: (0..problem.buffers.len()).map(unread).collect(),
            costs: (0..n).map(|kernel| Cost::at_the_start(problem, kernel)).collect(),
            ready: Vec::new(),
            slot: vec![NOWHERE; n],
            possible: TieIndex::new(problem),
            taken: Vec::new(),
            is_source: (0..n).map(|k| is_source(problem, k)).collect(),
        };
        for kernel in 0..n as u32 {
            if machine.waiting[kernel as usize] == 0 {
                machine.add_ready(kernel);
            }
        }
        machine
    }

    fn add_ready(&mut self, kernel: u32) {
        self.slot[kernel as usize] = self.ready.len() as u32;
        self.ready.push(kernel);
    }

    fn remove_ready(&mut self, kernel: u32) {
        let slot = std::mem::replace(&mut self.slot[kernel as usize], NOWHERE) as usize;
        self.ready.swap_remove(slot);
        if let Some(&moved) = self.ready.get(slot) {
            self.slot[moved as usize] = slot as u32;
        }
    }

    /// Whether an operand dies if `kernel`, which reads it, is next.
    fn dies(&self, operand: u32) -> bool {
        self.unread[operand as usize].0 == 1 && !self.problem.buffers[operand as usize].until_end
    }

    /// Live bytes while `kernel` runs, were it next.
    pub(super) fn step(&mut self, kernel: u32) -> Bytes {
        let k = kernel as usize;
        let Cost { own, freed, .. } = self.costs[k];
        let possible = self.possible.of(kernel);
        if possible.is_empty() || freed.is_zero() {
            return self.live + own;
        }
        let mut ties = std::mem::take(&mut self.taken);
        ties.clear();
        take_ties(possible, |operand| self.dies(operand), &mut ties);
        let saved = ties.iter().map(|tie| self.problem.buffers[tie.result as usize].size).sum();
        self.taken = ties;
        (self.live + own).saturating_sub(saved)
    }

    /// Live bytes after `kernel`, were it next. Ties change nothing here: one of two tied buffers dies as the other is born.
    fn after(&self, kernel: u32) -> Bytes {
        let Cost { kept, freed, .. } = self.costs[kernel as usize];
        (self.live + kept).saturating_sub(freed)
    }

    pub(super) fn run(&mut self, kernel: u32) {
        let k = kernel as usize;
        self.before.push(self.live);
        self.live = self.after(kernel);
        self.order.push(kernel);
        self.done[k / 64] |= 1 << (k % 64);
        self.remove_ready(kernel);
        for &buffer in self.problem.reads.row(k) {
            let (left, others) = &mut self.unread[buffer as usize];
            (*left, *others) = (*left - 1, *others ^ kernel);
            let OrderBuffer { size, until_end, .. } = self.problem.buffers[buffer as usize];
            if *left == 1 && !until_end {
                self.costs[*others as usize].freed += size;
            }
        }
        for &successor in self.problem.successors.row(k) {
            self.waiting[successor as usize] -= 1;
            if self.waiting[successor as usize] == 0 {
                self.add_ready(successor);
            }
        }
    }

    /// Runs kernels as long as there is one that fits under `peak` and leaves no more bytes than it found.
    pub(super) fn run_free(&mut self, peak: Bytes) {
        let (mut at, mut again) = (0, false);
        while let Some(&kernel) = self.ready.get(at) {
            if self.after(kernel) <= self.live && self.step(kernel) <= peak {
                // The last one of the list takes its slot, and new ones come at the end.
                self.run(kernel);
                again = true;
            } else {
                at += 1;
            }
            if at == self.ready.len() && again {
                (at, again) = (0, false);
            }
        }
    }

    pub(super) fn undo_to(&mut self, len: usize) {
        while self.order.len() > len
            && let Some(kernel) = self.order.pop()
        {
            let k = kernel as usize;
            for &successor in self.problem.successors.row(k) {
                if self.waiting[successor as usize] == 0 {
                    self.remove_ready(successor);
                }
                self.waiting[successor as usize] += 1;
            }
            for &buffer in self.problem.reads.row(k) {
                let (left, others) = &mut self.unread[buffer as usize];
                let OrderBuffer { size, until_end, .. } = self.problem.buffers[buffer as usize];
                if *left == 1 && !until_end {
                    self.costs[*others as usize].freed -= size;
                }
                (*left, *others) = (*left + 1, *others ^ kernel);
            }
            self.add_ready(kernel);
            self.done[k / 64] &= !(1 << (k % 64));
            self.live = self.before.pop().unwrap_or_default();
        }
    }

    /// What can be run next: each ready kernel; each kernel that waits for ready sources only, after these.
    pub(super) fn moves(&self) -> Vec<SmallVec<[u32; 2]>> {
        let mut ready = self.ready.clone();
        ready.sort_unstable();
        let (sources, others): (Vec<u32>, Vec<u32>) = ready.into_iter().partition(|&k| self.is_source[k as usize]);
        let mut moves: Vec<SmallVec<[u32; 2]>> =
            others.into_iter().map(|kernel| SmallVec::from_slice(&[kernel])).collect();
        let successors = sources.iter().flat_map(|&source| self.problem.successors.row(source as usize));
        let mut waiting: Vec<u32> = successors.copied().collect();
        waiting.sort_unstable();
        waiting.dedup();
        for kernel in waiting {
            let before = self.problem.predecessors.row(kernel as usize).iter().copied();
            let mut all: SmallVec<[u32; 2]> =
                before.filter(|&k| self.is_source[k as usize] && self.slot[k as usize] != NOWHERE).collect();
            if all.len() == self.waiting[kernel as usize] as usize {
                all.push(kernel);
                moves.push(all);
            }
        }
        moves
    }
}

impl Cost {
    fn at_the_start(problem: &OrderProblem, kernel: usize) -> Cost {
        let size = |&b: &u32| problem.buffers[b as usize].size;
        let is_needed =
            |&&b: &&u32| problem.buffers[b as usize].until_end || !problem.readers.row(b as usize).is_empty();
        let dies = |&&b: &&u32| problem.readers.row(b as usize).len() == 1 && !problem.buffers[b as usize].until_end;
        let (reads, writes) = (problem.reads.row(kernel).iter(), problem.writes.row(kernel).iter());
        Cost {
            own: problem.workspace[kernel] + writes.clone().map(size).sum(),
            kept: writes.filter(is_needed).map(size).sum(),
            freed: reads.filter(dies).map(size).sum(),
        }
    }
}

/// Whether a kernel reads no buffer, needs no workspace, leaves all that it writes to others, and has successors.
fn is_source(problem: &OrderProblem, kernel: usize) -> bool {
    let is_read = |&b: &u32| problem.buffers[b as usize].until_end || !problem.readers.row(b as usize).is_empty();
    problem.reads.row(kernel).is_empty()
        && problem.workspace[kernel].is_zero()
        && problem.writes.row(kernel).iter().all(is_read)
        && !problem.successors.row(kernel).is_empty()
}

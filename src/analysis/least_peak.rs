//! The least peak of all orders, by best-first search over downsets: SERENITY's dynamic programming (Ahn et al., MLSys 2020,
//! section 3.1), visited by rising peak, with three rules that keep the states few.
//!
//! *Downset*: a set of kernels that holds all predecessors of its members; the states between steps. What is live in a
//! downset does not depend on its order, so that of all its orders one of the least peak is enough, and Dijkstra's algorithm
//! with the larger of two peaks in place of the sum of two lengths finds it: states are expanded by rising peak, of equal
//! ones the largest first, so that the search dives where it can. Live bytes are a submodular function of the downset, and
//! the rules rest on that:
//!
//! - *Free moves*: a ready kernel that fits under the peak of its state, and leaves no more bytes than it found, is run at
//!   once and nothing else is tried. It leaves no more bytes than it found wherever it comes later; run now, it takes from
//!   every step between now and then, and ends no operand too early for a tie.
//! - *Valleys*: once a downset is reached under the current peak that has no more live bytes than the one where the search
//!   started, and no more than any downset between the two (a minimum cut tells), the search starts afresh from there: every
//!   order can be led through it without a higher peak (Liu 1987 for trees). Independent parts are so done one by one, in
//!   place of all their interleavings.
//! - *Sources*: a kernel that reads no buffer and needs no workspace only adds to what is live. It runs right before the
//!   first kernel that needs it, and not on its own.
//!
//! The search ends with an order of the least peak; or, when no state below `cap` is left, with the proof that there is no
//! order below it; or when the work is spent. `floor` is a peak that nobody wants to go below: up to it all states are
//! equally good.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::downset::Cuts;
use crate::ir::Bytes;
use crate::plan::{OrderBuffer, OrderProblem, OrderTie, take_ties};

/// Peaks of interest, and the work that they are worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PeakLimits {
    /// Orders up to this peak are all equally good.
    pub floor: Bytes,
    /// Only orders below this peak are wanted.
    pub cap: Bytes,
    /// Kernels that may be run and taken back, all states together.
    pub work: u64,
}

/// What the search found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LeastPeak {
    /// An order of the least peak, or one up to the floor.
    Order(Vec<u32>),
    /// No order is below the cap.
    None,
    /// The work is spent.
    OutOfWork,
}

/// Searches the downsets of a problem; `limits.work` is what is left of it afterwards.
pub fn least_peak(problem: &OrderProblem, limits: &mut PeakLimits) -> LeastPeak {
    if limits.cap.is_zero() {
        return LeastPeak::None;
    }
    let floor = limits.floor.min(limits.cap - Bytes(1));
    let mut search = Search::new(problem, floor, limits.cap, limits.work);
    let found = search.run();
    limits.work = search.work;
    found
}

/// A downset: what was run to get there from another one.
#[derive(Clone, Debug)]
struct State {
    parent: u32,
    /// Run one after the other; the free moves follow.
    moves: SmallVec<[u32; 2]>,
    /// The least peak of its orders.
    peak: Bytes,
    /// Kernels that have run there, and states on the way to it.
    len: u32,
    depth: u32,
}

/// Arcs that a cut may look at, for each kernel of the allowed work.
const ARCS_PER_KERNEL: u64 = 8;

/// Least peak first, then fewest kernels left, then least live bytes, then the newest.
type Entry = Reverse<(Bytes, usize, Bytes, Reverse<u32>)>;

struct Search<'p> {
    machine: Machine<'p>,
    cuts: Cuts<'p>,
    cap: Bytes,
    work: u64,
    states: Vec<State>,
    /// The least peak of each downset that was reached.
    known: FxHashMap<Box<[u64]>, Bytes>,
    queue: BinaryHeap<Entry>,
    /// The states on the way to the one that the machine is at.
    passed: Vec<u32>,
    /// Live bytes where the search started.
    start: Bytes,
}

impl<'p> Search<'p> {
    fn new(problem: &'p OrderProblem, floor: Bytes, cap: Bytes, work: u64) -> Search<'p> {
        let mut search = Search {
            machine: Machine::new(problem),
            cuts: Cuts::new(problem, work.saturating_mul(ARCS_PER_KERNEL)),
            cap,
            work,
            states: Vec::new(),
            known: FxHashMap::default(),
            queue: BinaryHeap::new(),
            passed: Vec::new(),
            start: Bytes::ZERO,
        };
        search.start_here(floor);
        search
    }

    fn run(&mut self) -> LeastPeak {
        while let Some(Reverse((peak, left, _, Reverse(state)))) = self.queue.pop() {
            self.go_to(state);
            if left == 0 {
                return LeastPeak::Order(std::mem::take(&mut self.machine.order));
            }
            if self.work == 0 {
                return LeastPeak::OutOfWork;
            }
            if self.known.get(&self.machine.done).is_none_or(|&other| other >= peak)
                && self.expand(state, peak).is_none()
            {
                return LeastPeak::OutOfWork;
            }
        }
        LeastPeak::None
    }

    /// Reaches all states that follow, or starts afresh in a valley; `None` if the work is spent.
    fn expand(&mut self, state: u32, peak: Bytes) -> Option<()> {
        for moves in self.machine.moves() {
            self.work = self.work.checked_sub(1)?;
            let (mark, mut reached) = (self.machine.order.len(), peak);
            for &kernel in &moves {
                reached = reached.max(self.machine.step(kernel));
                if reached >= self.cap {
                    break;
                }
                self.machine.run(kernel);
            }
            if reached < self.cap {
                self.machine.run_free(reached);
                self.work = self.work.checked_sub((self.machine.order.len() - mark) as u64)?;
                if reached == peak && self.machine.live <= self.start && self.is_valley() {
                    self.start_here(peak);
                    return Some(());
                }
                self.add(state, moves, reached);
            }
            self.machine.undo_to(mark);
        }
        Some(())
    }

    /// Whether the downset that the machine is at has the least live bytes of all between the start and it. If a smaller
    /// one has less, the machine goes there.
    fn is_valley(&mut self) -> bool {
        let machine = &mut self.machine;
        let from = self.states[0].len as usize;
        let Ok((least, inside)) = self.cuts.minimizer(&machine.order[..from], &machine.ready) else { return false };
        if least == machine.live {
            return true;
        }
        let way: Vec<u32> = machine.order[from..].iter().copied().filter(|&k| inside[k as usize]).collect();
        machine.undo_to(from);
        way.into_iter().for_each(|kernel| machine.run(kernel));
        debug_assert_eq!(machine.live, least);
        true
    }

    /// Makes the downset that the machine is at the only state there is.
    fn start_here(&mut self, peak: Bytes) {
        self.machine.run_free(peak);
        self.states.clear();
        self.known.clear();
        self.queue.clear();
        self.passed.clear();
        self.start = self.machine.live;
        self.add(u32::MAX, SmallVec::new(), peak);
        self.passed.push(0);
    }

    /// Notes the downset that the machine is at, if nothing better is known of it.
    fn add(&mut self, parent: u32, moves: SmallVec<[u32; 2]>, peak: Bytes) {
        let Search { machine, known, .. } = self;
        match known.get_mut(&machine.done) {
            Some(other) if *other <= peak => return,
            Some(other) => *other = peak,
            None => _ = known.insert(machine.done.clone(), peak),
        }
        // Remembering a downset costs its words; eight of them count as much as running a kernel.
        self.work = self.work.saturating_sub(machine.done.len() as u64 / 8);
        let left = machine.problem.kernels() - machine.order.len();
        self.queue.push(Reverse((peak, left, machine.live, Reverse(self.states.len() as u32))));
        let (len, depth) = (machine.order.len() as u32, self.passed.len() as u32);
        self.states.push(State { parent, moves, peak, len, depth });
    }

    /// Brings the machine to a state.
    fn go_to(&mut self, state: u32) {
        let mut path = Vec::new();
        let mut at = state;
        // Back to a state that the machine has passed through; it has passed through the first one.
        while self.passed.get(self.states[at as usize].depth as usize) != Some(&at) {
            path.push(at);
            at = self.states[at as usize].parent;
        }
        let shared = &self.states[at as usize];
        self.passed.truncate(shared.depth as usize + 1);
        self.machine.undo_to(shared.len as usize);
        for &next in path.iter().rev() {
            let State { moves, peak, len, .. } = &self.states[next as usize];
            moves.iter().for_each(|&kernel| self.machine.run(kernel));
            self.machine.run_free(*peak);
            debug_assert_eq!(self.machine.order.len(), *len as usize);
            self.passed.push(next);
            self.work =
                self.work.saturating_sub(u64::from(*len - self.states[self.states[next as usize].parent as usize].len));
        }
    }
}

/// The problem in the middle of an order, with the way back.
struct Machine<'p> {
    problem: &'p OrderProblem,
    order: Vec<u32>,
    /// Live bytes, and what they were before each step of the order.
    live: Bytes,
    before: Vec<Bytes>,
    /// The kernels in the order, as bits.
    done: Box<[u64]>,
    /// Kernel -> predecessors that have not run.
    waiting: Vec<u32>,
    /// Buffer -> number of readers that have not run, and their numbers, exclusive-or: the last one, when it is alone.
    unread: Vec<(u32, u32)>,
    costs: Vec<Cost>,
    /// Kernels that can run, and where each is in this list.
    ready: Vec<u32>,
    slot: Vec<u32>,
    /// Kernel -> its ties, as a range.
    tie_starts: Vec<u32>,
    ties: Vec<OrderTie>,
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
    fn new(problem: &'p OrderProblem) -> Machine<'p> {
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
            tie_starts: Vec::with_capacity(n + 1),
            ties: Vec::new(),
            is_source: (0..n).map(|k| is_source(problem, k)).collect(),
        };
        let mut tie = 0;
        for kernel in 0..n as u32 {
            machine.tie_starts.push(tie as u32);
            tie += problem.ties[tie..].iter().take_while(|tie| tie.kernel == kernel).count();
            if machine.waiting[kernel as usize] == 0 {
                machine.add_ready(kernel);
            }
        }
        machine.tie_starts.push(tie as u32);
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
    fn step(&mut self, kernel: u32) -> Bytes {
        let k = kernel as usize;
        let Cost { own, freed, .. } = self.costs[k];
        let possible = &self.problem.ties[self.tie_starts[k] as usize..self.tie_starts[k + 1] as usize];
        if possible.is_empty() || freed.is_zero() {
            return self.live + own;
        }
        let mut ties = std::mem::take(&mut self.ties);
        ties.clear();
        take_ties(possible, |operand| self.dies(operand), &mut ties);
        let saved = ties.iter().map(|tie| self.problem.buffers[tie.result as usize].size).sum();
        self.ties = ties;
        (self.live + own).saturating_sub(saved)
    }

    /// Live bytes after `kernel`, were it next. Ties change nothing here: one of two tied buffers dies as the other is born.
    fn after(&self, kernel: u32) -> Bytes {
        let Cost { kept, freed, .. } = self.costs[kernel as usize];
        (self.live + kept).saturating_sub(freed)
    }

    fn run(&mut self, kernel: u32) {
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
    fn run_free(&mut self, peak: Bytes) {
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

    fn undo_to(&mut self, len: usize) {
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
    fn moves(&self) -> Vec<SmallVec<[u32; 2]>> {
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

//! The least peak of a window, by best-first search over downsets: SERENITY's dynamic programming (Ahn et al., MLSys 2020,
//! section 3.1), with states bounded in number and visited by rising peak.
//!
//! *Downset*: a set of kernels that holds all predecessors of its members; the states between steps. What is live in a
//! downset does not depend on its order (see `exhaustive`), so that of all its orders one of the least peak is enough, and
//! Dijkstra's algorithm with the larger of two peaks in place of the sum of two lengths finds it: states are expanded by
//! rising peak, of equal ones the largest first, so that the search dives where it can.
//!
//! *Free moves*: a ready kernel that fits under the peak of its state, and leaves no more bytes than it found, is run at
//! once and nothing else is tried. That loses no order: live bytes are a submodular function of the downset, so that the
//! kernel leaves no more bytes than it found wherever it comes later; run now, it takes from every step between now and
//! then, and ends no operand too early for a tie. Most kernels of a training step are free moves nearly everywhere, and
//! only the states between the others are kept.
//!
//! The search ends with an order of the least peak; or, when no state below `cap` is left, with the proof that there is no
//! order below it; or when the states are spent. `floor` is a peak that nobody wants to go below: up to it all states are
//! equally good.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::hash_map::Entry;

use memopt::ir::Bytes;
use memopt::plan::{OrderProblem, OrderTie, take_ties};
use rustc_hash::FxHashMap;

/// Peaks of interest, and the work that they are worth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Orders up to this peak are all equally good.
    pub(super) floor: Bytes,
    /// Only orders below this peak are wanted.
    pub(super) cap: Bytes,
    /// Kernels that may be run, all states together.
    pub(super) work: u64,
}

/// What the search found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Found {
    /// An order of the least peak, or one up to the floor.
    Order(Vec<u32>),
    /// No order is below the cap.
    None,
    /// The work is spent.
    OutOfWork,
}

/// Searches the downsets of a problem; `limits.work` is what is left of it afterwards.
pub(super) fn least_peak(problem: &OrderProblem, limits: &mut Limits) -> Found {
    let mut machine = Machine::new(problem);
    machine.run_free(limits.floor);
    let len = machine.order.len() as u32;
    let mut states = vec![State { parent: u32::MAX, kernel: u32::MAX, peak: limits.floor, len, depth: 0 }];
    machine.passed.push(0);
    let mut known: FxHashMap<Box<[u64]>, Bytes> = FxHashMap::default();
    let entry = |peak, machine: &Machine<'_>, state: u32| {
        Reverse((peak, problem.kernels() - machine.order.len(), machine.live, Reverse(state)))
    };
    let mut queue = BinaryHeap::from([entry(limits.floor, &machine, 0)]);
    while let Some(Reverse((peak, left, _, Reverse(state)))) = queue.pop() {
        let replayed = machine.go_to(&states, state);
        limits.work = limits.work.saturating_sub(replayed as u64);
        if left == 0 {
            return Found::Order(machine.order);
        }
        if known.get(&machine.done).is_some_and(|&other| other < peak) {
            continue;
        }
        let mut ready = machine.ready.clone();
        ready.sort_unstable();
        for kernel in ready {
            let reached = peak.max(machine.step(kernel));
            limits.work = limits.work.saturating_sub(1);
            if reached >= limits.cap {
                continue;
            }
            let mark = machine.order.len();
            machine.run(kernel);
            machine.run_free(reached);
            limits.work = limits.work.saturating_sub((machine.order.len() - mark) as u64);
            if limits.work == 0 {
                return Found::OutOfWork;
            }
            let is_new = match known.entry(machine.done.clone()) {
                Entry::Vacant(entry) => {
                    entry.insert(reached);
                    true
                }
                Entry::Occupied(mut entry) => *entry.get() > reached && {
                    entry.insert(reached);
                    true
                },
            };
            if is_new {
                queue.push(entry(reached, &machine, states.len() as u32));
                let (len, depth) = (machine.order.len() as u32, machine.passed.len() as u32);
                states.push(State { parent: state, kernel, peak: reached, len, depth });
            }
            machine.undo_to(mark);
        }
    }
    Found::None
}

/// A downset: what was run to get there from another one.
#[derive(Clone, Copy, Debug)]
struct State {
    parent: u32,
    /// Run first; the free moves follow.
    kernel: u32,
    peak: Bytes,
    /// Kernels that have run there, and states on the way to it.
    len: u32,
    depth: u32,
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
    /// Kernel -> predecessors that have not run; buffer -> readers that have not run.
    waiting: Vec<u32>,
    unread: Vec<u32>,
    /// Kernels that can run, and where each is in this list.
    ready: Vec<u32>,
    slot: Vec<u32>,
    ties: Vec<OrderTie>,
    /// The states on the way to the one that it is at.
    passed: Vec<u32>,
}

/// No place in the list of ready kernels.
const NOWHERE: u32 = u32::MAX;

impl<'p> Machine<'p> {
    fn new(problem: &'p OrderProblem) -> Machine<'p> {
        let n = problem.kernels();
        let mut machine = Machine {
            problem,
            order: Vec::with_capacity(n),
            live: Bytes::ZERO,
            before: Vec::with_capacity(n),
            done: vec![0; n.div_ceil(64)].into(),
            waiting: (0..n).map(|k| problem.predecessors.row(k).len() as u32).collect(),
            unread: (0..problem.buffers.len()).map(|b| problem.readers.row(b).len() as u32).collect(),
            ready: Vec::new(),
            slot: vec![NOWHERE; n],
            ties: Vec::new(),
            passed: Vec::new(),
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

    fn size(&self, buffer: u32) -> Bytes {
        self.problem.buffers[buffer as usize].size
    }

    fn is_needed(&self, buffer: u32) -> bool {
        self.unread[buffer as usize] > 0 || self.problem.buffers[buffer as usize].until_end
    }

    /// Whether an operand dies if `kernel`, which reads it, is next.
    fn dies(&self, operand: u32) -> bool {
        self.unread[operand as usize] == 1 && !self.problem.buffers[operand as usize].until_end
    }

    /// Live bytes while `kernel` runs, were it next.
    fn step(&mut self, kernel: u32) -> Bytes {
        let mut ties = std::mem::take(&mut self.ties);
        ties.clear();
        let possible = self.problem.ties_of(kernel);
        if !possible.is_empty() {
            take_ties(possible, |operand| self.dies(operand), &mut ties);
        }
        let writes = self.problem.writes.row(kernel as usize).iter();
        let new = writes.filter(|&&b| ties.iter().all(|tie| tie.result != b)).map(|&b| self.size(b)).sum::<Bytes>();
        self.ties = ties;
        self.live + new + self.problem.workspace[kernel as usize]
    }

    /// Live bytes after `kernel`, were it next. Ties change nothing here: one of two tied buffers dies as the other is born.
    fn after(&self, kernel: u32) -> Bytes {
        let k = kernel as usize;
        let kept = self.problem.writes.row(k).iter().filter(|&&b| self.is_needed(b)).map(|&b| self.size(b)).sum();
        let dead = self.problem.reads.row(k).iter().filter(|&&b| self.dies(b)).map(|&b| self.size(b)).sum();
        (self.live + kept).saturating_sub(dead)
    }

    fn run(&mut self, kernel: u32) {
        let k = kernel as usize;
        self.before.push(self.live);
        self.live = self.after(kernel);
        self.order.push(kernel);
        self.done[k / 64] |= 1 << (k % 64);
        self.remove_ready(kernel);
        for &buffer in self.problem.reads.row(k) {
            self.unread[buffer as usize] -= 1;
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
                self.unread[buffer as usize] += 1;
            }
            self.add_ready(kernel);
            self.done[k / 64] &= !(1 << (k % 64));
            self.live = self.before.pop().unwrap_or_default();
        }
    }

    /// Becomes the downset of a state; returns how many kernels it ran for that.
    fn go_to(&mut self, states: &[State], state: u32) -> usize {
        let mut path = Vec::new();
        let mut at = state;
        // Back to a state that this order has passed through.
        while at != u32::MAX && !self.passed.get(states[at as usize].depth as usize).is_some_and(|&other| other == at) {
            path.push(at);
            at = states[at as usize].parent;
        }
        match states.get(at as usize) {
            Some(shared) => {
                self.passed.truncate(shared.depth as usize + 1);
                self.undo_to(shared.len as usize);
            }
            None => {
                self.passed.clear();
                self.undo_to(0);
            }
        }
        let mark = self.order.len();
        for &step in path.iter().rev() {
            let State { kernel, peak, .. } = states[step as usize];
            self.run(kernel);
            self.run_free(peak);
            self.passed.push(step);
        }
        self.order.len() - mark
    }
}

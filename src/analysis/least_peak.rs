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
use super::machine::Machine;
use crate::ir::Bytes;
use crate::plan::{MATCHED_TIES, OrderProblem, OrderTie};

/// Peaks of interest, and the work that they are worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PeakLimits {
    /// Orders up to this peak are all equally good.
    pub floor: Bytes,
    /// Only orders below this peak are wanted.
    pub cap: Bytes,
    /// Kernels that may be run and taken back, all states together.
    pub work: u64,
    /// 0: of equal peaks the largest downset first. Other numbers let downsets of nearly the same size pass each other, by so
    /// many kernels, each in another way: where one dive gets stuck, another may not.
    pub variant: u64,
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
    if !is_submodular(problem) {
        return LeastPeak::OutOfWork;
    }
    let floor = limits.floor.min(limits.cap - Bytes(1));
    let mut search = Search::new(problem, floor, limits.cap, limits.work, limits.variant);
    let found = search.run();
    limits.work = search.work;
    found
}

/// Whether live bytes are what the rules take them for: no sum of them saturates, and ties are matched as well as can be.
fn is_submodular(problem: &OrderProblem) -> bool {
    let sizes: Bytes = problem.buffers.iter().map(|buffer| buffer.size).sum();
    let all = problem.workspace.iter().copied().sum::<Bytes>() + sizes;
    let is_matched = |ties: &[OrderTie]| ties[0].kernel != ties[ties.len() - 1].kernel;
    all.0 < u64::MAX / 8 && problem.ties.windows(MATCHED_TIES + 1).all(is_matched)
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
    variant: u64,
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
    fn new(problem: &'p OrderProblem, floor: Bytes, cap: Bytes, work: u64, variant: u64) -> Search<'p> {
        let mut search = Search {
            machine: Machine::new(problem),
            cuts: Cuts::new(problem, work.saturating_mul(ARCS_PER_KERNEL)),
            cap,
            work,
            variant,
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
        while let Some(Reverse((peak, _, _, Reverse(state)))) = self.queue.pop() {
            self.go_to(state);
            if self.machine.order.len() == self.machine.problem.kernels() {
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
        let noise = (self.states.len() as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15 ^ (self.variant << 17)) >> 40;
        let key = if self.variant == 0 { left } else { left + (noise % (2 * self.variant)) as usize };
        self.queue.push(Reverse((peak, key, machine.live, Reverse(self.states.len() as u32))));
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

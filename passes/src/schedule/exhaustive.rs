//! The optimal order of a small problem, by dynamic programming over downsets: the oracle of the tests, and an exact
//! solver for windows of a larger problem.
//!
//! *Downset*: a set of kernels that holds all predecessors of its members, as a mask of bits. The downsets of `k` kernels
//! are the states before step `k`.
//!
//! Why this is exact: let S be the kernels that have run, and x the next one. A buffer is live after S if and only if its
//! writer is in S, and it has a reader outside S or lives to the end; a tie passes on bytes of one size, so that the live
//! bytes after S are the sum over these buffers, whatever the order inside S. Which operands die at x depends on S and x
//! alone, and the tie rule looks at nothing else. So the bytes at step x are a function of (S, x), and the least peak of
//! all orders of S + x that end in x is the larger of that and the least peak of S.
//!
//! Cost: (number of downsets) times (kernels + edges); a chain of n kernels has n + 1 downsets, n free kernels have 2^n.

use memopt::ir::Bytes;
use memopt::plan::{OrderProblem, OrderTie, OrderValue, evaluate, take_ties};
use rustc_hash::FxHashMap;

/// An optimal order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExhaustiveOutcome {
    /// The kernels, first to last.
    pub order: Vec<u32>,
    /// What the order is worth; no order has a lower peak.
    pub value: OrderValue,
}

/// An order of the least peak that [`evaluate`] can find; `None` if there are more than 64 kernels, or more downsets than
/// `max_states`.
pub fn exhaustive(problem: &OrderProblem, max_states: usize) -> Option<ExhaustiveOutcome> {
    let n = problem.kernels();
    if n > 64 {
        return None;
    }
    let masks = Masks::new(problem);
    let start = State { live: Bytes::ZERO, peak: Bytes::ZERO, last: 0 };
    let mut layers = vec![FxHashMap::from_iter([(0u64, start)])];
    let mut states = 1;
    for _ in 0..n {
        let next = expand(problem, &masks, layers.last().expect("there is a first layer"));
        states += next.len();
        if states > max_states {
            return None;
        }
        layers.push(next);
    }
    let order = read_back(&layers);
    Some(ExhaustiveOutcome { value: evaluate(problem, &order), order })
}

/// What is known of a downset.
#[derive(Clone, Copy)]
struct State {
    /// Bytes live after it; a function of the set.
    live: Bytes,
    /// The least peak of its orders.
    peak: Bytes,
    /// The last kernel of such an order, the first by number if there are several.
    last: u32,
}

/// Sets of kernels as bits.
struct Masks {
    /// By kernel.
    predecessors: Vec<u64>,
    /// By buffer.
    readers: Vec<u64>,
}

impl Masks {
    fn new(problem: &OrderProblem) -> Masks {
        let mask = |row: &[u32]| row.iter().fold(0u64, |mask, &kernel| mask | 1 << kernel);
        Masks {
            predecessors: (0..problem.kernels()).map(|k| mask(problem.predecessors.row(k))).collect(),
            readers: (0..problem.buffers.len()).map(|b| mask(problem.readers.row(b))).collect(),
        }
    }
}

/// All downsets with one kernel more.
fn expand(problem: &OrderProblem, masks: &Masks, layer: &FxHashMap<u64, State>) -> FxHashMap<u64, State> {
    let mut next: FxHashMap<u64, State> = FxHashMap::default();
    for (&done, state) in layer {
        for kernel in 0..problem.kernels() as u32 {
            let ready = done & (1 << kernel) == 0 && masks.predecessors[kernel as usize] & !done == 0;
            if !ready {
                continue;
            }
            let after = done | 1 << kernel;
            let (step, live) = run(problem, masks, state.live, after, kernel);
            let candidate = State { live, peak: state.peak.max(step), last: kernel };
            // The rule names one of several equal states, so that the order of the hash map does not matter.
            let known = next.entry(after).or_insert(candidate);
            if (candidate.peak, candidate.last) < (known.peak, known.last) {
                *known = candidate;
            }
        }
    }
    next
}

/// Bytes while `kernel` runs, and after it; `after` are the kernels that have run then.
fn run(problem: &OrderProblem, masks: &Masks, live: Bytes, after: u64, kernel: u32) -> (Bytes, Bytes) {
    let k = kernel as usize;
    let size = |buffer: u32| problem.buffers[buffer as usize].size;
    let is_dead =
        |buffer: u32| masks.readers[buffer as usize] & !after == 0 && !problem.buffers[buffer as usize].until_end;
    let mut taken: Vec<OrderTie> = Vec::new();
    take_ties(problem.ties_of(kernel), is_dead, &mut taken);
    let mut live = live;
    live += problem.writes.row(k).iter().filter(|&&b| taken.iter().all(|tie| tie.result != b)).map(|&b| size(b)).sum();
    let step = live + problem.workspace[k];
    for &buffer in problem.reads.row(k).iter().chain(problem.writes.row(k)) {
        if is_dead(buffer) && taken.iter().all(|tie| tie.operand != buffer) {
            live = live.saturating_sub(size(buffer));
        }
    }
    (step, live)
}

/// The order that the last kernels spell, from the full set down.
fn read_back(layers: &[FxHashMap<u64, State>]) -> Vec<u32> {
    let n = layers.len() - 1;
    let mut done = if n == 64 { u64::MAX } else { (1 << n) - 1 };
    let mut order = Vec::with_capacity(n);
    for layer in layers[1..].iter().rev() {
        let last = layer[&done].last;
        order.push(last);
        done &= !(1 << last);
    }
    order.reverse();
    order
}

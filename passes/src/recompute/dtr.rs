//! Dynamic tensor rematerialisation (Kirisame et al., ICLR 2021; simulator in uwsampl/dtr-prototype), run before the program
//! is: an online rule, which knows nothing of the future, on the order that we know.
//!
//! The program runs under a memory limit. A kernel whose operands are gone has them made again first. Where the limit would be
//! exceeded, the value with the least
//!
//! ```text
//! h(v) = (cost(v) + cost of its evicted neighbourhood) / (bytes(v) * time since it was last used)
//! ```
//!
//! is evicted. The evicted neighbourhood is what evicted operands and evicted readers' results are connected to by evicted
//! values: kept by union-find, as `h_eq` of the paper, whose sets never split; a value that is made again leaves its set, and
//! takes its cost away. A value is freed at its last reader, and counts as evicted from then on (the paper's eager eviction).
//! One that nobody could make again is never evicted, and stays as long as evicted values that are still wanted hang on it;
//! then its children can no longer be evicted (the paper's banishing).
//!
//! Differences. Everything that a step has to make again is found first, then made in the order of the kernels, while its
//! operands are locked; DTR descends from parent to parent, and may evict and make a value twice in one step. Time passes by
//! costs. What counts in the end is the schedule with the clones that the simulation ran, where a copy dies at its last reader:
//! never more than the limit, mostly less.

use memopt::plan::Csr;
use rustc_hash::{FxHashMap, FxHashSet};

use super::problem::{Keeper, RecomputeProblem};
use super::replay::{Again, overwrites, replay};
use super::runs::Runs;

/// The schedule that DTR ends up with under a limit in bytes. `None` where it runs out of memory, or `work` is done: each
/// value that is looked at costs one unit.
pub(super) fn dtr<'p>(problem: &'p RecomputeProblem, limit: i64, work: &mut u64) -> Option<Runs<'p>> {
    let mut simulation = Simulation::new(problem, limit);
    for step in 0..problem.kernels.len() as u32 {
        simulation.run_step(step, work)?;
    }
    replay(problem, &simulation.clones)
}

/// The state of a value's newest copy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Not made yet.
    Future,
    /// In memory.
    There,
    /// Not in memory; it can be made again.
    Evicted,
    /// Not in memory, for good.
    Gone,
}

struct Simulation<'p> {
    problem: &'p RecomputeProblem,
    limit: i64,
    /// Bytes in memory.
    used: i64,
    /// Cost of all that has run.
    now: u64,
    states: Vec<State>,
    /// Value -> bytes that its copy in memory takes.
    sizes: Vec<i64>,
    /// Value -> when it was made or read last.
    touched: Vec<u64>,
    /// Values that may be evicted some day, in no order, and where each stands in the list.
    residents: Vec<u32>,
    places: FxHashMap<u32, usize>,
    /// Value -> kernels of this step that will still read it.
    locks: FxHashMap<u32, u32>,
    neighbourhoods: Neighbourhoods,
    readers: Csr,
    overwrites: Csr,
    /// Values past their last reader that evicted ones hang on.
    held: Vec<u32>,
    clones: Vec<Again>,
}

impl<'p> Simulation<'p> {
    fn new(problem: &'p RecomputeProblem, limit: i64) -> Simulation<'p> {
        let count = problem.values.len();
        let state = |writer: Option<u32>| if writer.is_none() { State::There } else { State::Future };
        Simulation {
            problem,
            limit,
            used: 0,
            now: 0,
            states: problem.values.iter().map(|facts| state(facts.writer)).collect(),
            sizes: vec![0; count],
            touched: vec![0; count],
            residents: Vec::new(),
            places: FxHashMap::default(),
            locks: FxHashMap::default(),
            neighbourhoods: Neighbourhoods::new(count),
            readers: problem.reads.transposed(count),
            overwrites: overwrites(problem),
            held: Vec::new(),
            clones: Vec::new(),
        }
    }

    fn is(&self, value: u32, state: State) -> bool {
        self.states[value as usize] == state
    }

    fn run_step(&mut self, step: u32, work: &mut u64) -> Option<()> {
        // Evicted values that hang on what this step overwrites for good are made again while that can be.
        let overwritten: Vec<u32> = self.overwrites.row(step as usize).to_vec();
        let mut wanted: Vec<u32> = Vec::new();
        for &value in overwritten.iter().filter(|&&value| !self.can_be_made(value)) {
            wanted.extend(self.wanted_dependents(value, step, work));
        }
        let chain = self.chain(step, &wanted)?;
        for &kernel in chain.iter().chain(&[step]) {
            self.run(kernel, step, work)?;
        }
        self.locks.clear();
        for value in overwritten {
            self.leave(value);
        }
        for value in std::mem::take(&mut self.held) {
            self.end(value, step, work);
        }
        Some(())
    }

    /// The kernels to run again so that the kernel of a step finds its operands, and `wanted` values are there; all that they
    /// read is locked.
    fn chain(&mut self, step: u32, wanted: &[u32]) -> Option<Vec<u32>> {
        let problem = self.problem;
        let mut chain: Vec<u32> = Vec::new();
        let mut is_made: FxHashSet<u32> = FxHashSet::default();
        let mut make = |value: u32, chain: &mut Vec<u32>| {
            let writer =
                problem.values[value as usize].writer.filter(|&w| problem.kernels[w as usize].repeatable && w < step);
            if is_made.insert(writer?) {
                chain.push(writer?);
            }
            Some(())
        };
        for &value in problem.reads.row(step as usize).iter().chain(wanted) {
            if !self.is(value, State::There) {
                make(value, &mut chain)?;
            }
            *self.locks.entry(value).or_default() += 1;
        }
        let mut at = 0;
        while let Some(&kernel) = chain.get(at) {
            at += 1;
            for &operand in problem.reads.row(kernel as usize) {
                let consumes = |&result: &u32| problem.values[result as usize].updates == Some(operand);
                if !self.is(operand, State::There) || problem.writes.row(kernel as usize).iter().any(consumes) {
                    make(operand, &mut chain)?;
                }
                *self.locks.entry(operand).or_default() += 1;
            }
        }
        chain.sort_unstable();
        Some(chain)
    }

    fn run(&mut self, kernel: u32, step: u32, work: &mut u64) -> Option<()> {
        let problem = self.problem;
        let facts = problem.kernels[kernel as usize];
        let is_clone = kernel != step;
        let results = problem.writes.row(kernel as usize);
        let size_of = |value: u32| match problem.values[value as usize].keeper {
            Keeper::Caller if !is_clone => 0,
            _ => problem.values[value as usize].size.0 as i64,
        };
        let updated = |&value: &u32| problem.values[value as usize].updates;
        let taken: i64 = results.iter().filter_map(updated).map(|value| self.sizes[value as usize]).sum();
        let made: i64 = results.iter().map(|&value| size_of(value)).sum();
        self.make_room((made - taken).max(0) + facts.workspace.0 as i64, work)?;
        self.now = self.now.saturating_add(facts.cost);
        if is_clone {
            self.clones.push(Again { step, kernel });
        }
        for value in results.iter().filter_map(updated) {
            self.leave(value);
        }
        for &value in problem.reads.row(kernel as usize) {
            self.touched[value as usize] = self.now;
            let locks = self.locks.entry(value).or_insert(1);
            *locks -= 1;
            if *locks == 0 {
                self.end(value, step, work);
            }
        }
        for &value in results {
            let first_is_there =
                problem.values[value as usize].keeper != Keeper::Readers && self.is(value, State::There);
            if !first_is_there {
                self.enter(value, size_of(value));
            }
            if self.locks.get(&value).is_none_or(|&locks| locks == 0) {
                self.end(value, step, work);
            }
        }
        Some(())
    }

    /// A new copy, in place of an old one.
    fn enter(&mut self, value: u32, size: i64) {
        self.used += size - std::mem::replace(&mut self.sizes[value as usize], size);
        if self.is(value, State::Evicted) {
            self.neighbourhoods.leave(value, self.cost(value));
        }
        self.states[value as usize] = State::There;
        self.touched[value as usize] = self.now;
        let facts = &self.problem.values[value as usize];
        if facts.keeper == Keeper::Readers && size > 0 && !self.places.contains_key(&value) {
            self.places.insert(value, self.residents.len());
            self.residents.push(value);
        }
    }

    /// A copy leaves memory: evicted, overwritten, or past its last reader.
    fn leave(&mut self, value: u32) {
        if !self.is(value, State::There) {
            return;
        }
        self.used -= std::mem::take(&mut self.sizes[value as usize]);
        if let Some(place) = self.places.remove(&value) {
            self.residents.swap_remove(place);
            if let Some(&moved) = self.residents.get(place) {
                self.places.insert(moved, place);
            }
        }
        if self.can_be_made(value) {
            let sets = self.sets_around(value);
            self.states[value as usize] = State::Evicted;
            self.neighbourhoods.enter(value, self.cost(value), &sets);
        } else {
            self.lose(value);
        }
    }

    /// The sets of evicted values next to a value, without duplicates.
    fn sets_around(&mut self, value: u32) -> Vec<u32> {
        let problem = self.problem;
        let above = problem.values[value as usize].writer.map_or(&[][..], |writer| problem.reads.row(writer as usize));
        let below = self.readers.row(value as usize).iter().flat_map(|&reader| problem.writes.row(reader as usize));
        let evicted = above.iter().chain(below).filter(|&&v| self.states[v as usize] == State::Evicted);
        let mut sets: Vec<u32> = evicted.map(|&neighbour| self.neighbourhoods.set_of(neighbour)).collect();
        sets.sort_unstable();
        sets.dedup();
        sets
    }

    /// A value is gone for good, and with it all evicted ones that hang on it.
    fn lose(&mut self, value: u32) {
        self.states[value as usize] = State::Gone;
        let mut work = vec![value];
        while let Some(value) = work.pop() {
            for &reader in self.readers.row(value as usize) {
                for &result in self.problem.writes.row(reader as usize) {
                    if self.is(result, State::Evicted) {
                        self.neighbourhoods.leave(result, self.cost(result));
                        self.states[result as usize] = State::Gone;
                        work.push(result);
                    }
                }
            }
        }
    }

    /// Whether a value could be made again if it were not there.
    fn can_be_made(&self, value: u32) -> bool {
        self.problem.values[value as usize].writer.is_some_and(|writer| {
            let operands = self.problem.reads.row(writer as usize);
            self.problem.kernels[writer as usize].repeatable && !operands.iter().any(|&v| self.is(v, State::Gone))
        })
    }

    /// Evicted values that hang on a value, and that first runs after `step` read.
    fn wanted_dependents(&self, value: u32, step: u32, work: &mut u64) -> Vec<u32> {
        let mut seen: FxHashSet<u32> = FxHashSet::default();
        let (mut list, mut wanted) = (vec![value], Vec::new());
        while let Some(value) = list.pop() {
            *work = work.saturating_sub(1);
            for &reader in self.readers.row(value as usize) {
                for &result in self.problem.writes.row(reader as usize) {
                    if self.is(result, State::Evicted) && seen.insert(result) {
                        list.push(result);
                        if self.problem.last_reader[result as usize].is_some_and(|last| last > step) {
                            wanted.push(result);
                        }
                    }
                }
            }
        }
        wanted
    }

    /// Frees a value if no first run reads it any more.
    fn end(&mut self, value: u32, step: u32, work: &mut u64) {
        let facts = &self.problem.values[value as usize];
        let is_past = self.problem.last_reader[value as usize].is_none_or(|last| last <= step);
        let is_kept = facts.keeper != Keeper::Readers && facts.overwritten_by.is_none_or(|by| by >= step);
        if !is_past || is_kept || facts.writer.is_none() || !self.is(value, State::There) {
            return;
        }
        if !self.can_be_made(value) && !self.wanted_dependents(value, step, work).is_empty() {
            self.held.push(value);
        } else {
            self.leave(value);
        }
    }

    /// Evicts until so many bytes are free.
    fn make_room(&mut self, bytes: i64, work: &mut u64) -> Option<()> {
        while self.used + bytes > self.limit {
            *work = work.checked_sub(self.residents.len() as u64)?;
            let may_go =
                |&value: &u32| self.locks.get(&value).is_none_or(|&locks| locks == 0) && self.can_be_made(value);
            let candidates: Vec<u32> = self.residents.iter().copied().filter(may_go).collect();
            let scored = candidates.into_iter().map(|value| (self.score(value), value));
            let (_, value) = scored.min_by(|(a, one), (b, other)| a.total_cmp(b).then(one.cmp(other)))?;
            self.leave(value);
        }
        Some(())
    }

    /// h of a value.
    fn score(&mut self, value: u32) -> f64 {
        let around: u64 = self.sets_around(value).iter().map(|&set| self.neighbourhoods.costs[set as usize]).sum();
        let idle = (self.now - self.touched[value as usize]).max(1);
        (self.cost(value).saturating_add(around)) as f64 / (self.sizes[value as usize] as f64 * idle as f64)
    }

    fn cost(&self, value: u32) -> u64 {
        let writer = self.problem.values[value as usize].writer;
        writer.map_or(0, |writer| self.problem.kernels[writer as usize].cost)
    }
}

/// Sets of evicted values that are connected, with their costs: union-find without splitting.
struct Neighbourhoods {
    /// Set -> the set that it is part of.
    parents: Vec<u32>,
    /// Set -> cost of its values.
    costs: Vec<u64>,
    /// Value -> the set that it entered.
    sets: Vec<u32>,
}

impl Neighbourhoods {
    fn new(values: usize) -> Neighbourhoods {
        Neighbourhoods { parents: Vec::new(), costs: Vec::new(), sets: vec![0; values] }
    }

    fn set_of(&mut self, value: u32) -> u32 {
        let mut set = self.sets[value as usize];
        while self.parents[set as usize] != set {
            self.parents[set as usize] = self.parents[self.parents[set as usize] as usize];
            set = self.parents[set as usize];
        }
        set
    }

    /// A value is evicted, which connects the sets next to it.
    fn enter(&mut self, value: u32, cost: u64, around: &[u32]) {
        let set = self.parents.len() as u32;
        self.parents.push(set);
        self.costs.push(around.iter().map(|&other| self.costs[other as usize]).sum::<u64>().saturating_add(cost));
        around.iter().for_each(|&other| self.parents[other as usize] = set);
        self.sets[value as usize] = set;
    }

    /// A value is made again.
    fn leave(&mut self, value: u32, cost: u64) {
        let set = self.set_of(value) as usize;
        self.costs[set] = self.costs[set].saturating_sub(cost);
    }
}

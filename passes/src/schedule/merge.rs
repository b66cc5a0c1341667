//! Optimal merging of series-parallel parts.
//!
//! *Job*: kernels in a fixed sequence. *Rise*: the most bytes live in it, *net*: the bytes live after it, both counted from
//! those live before. *Part*: jobs in the sequence that suits them best, all of them with the same predecessors and
//! successors outside.
//!
//! Phases:
//! 1. each kernel is a part of one job. Its net is certain if it is the only reader of each operand;
//! 2. parts are joined for as long as two of them are
//!    - *in series*: one is the only successor of the other, which is its only predecessor. Their jobs run one after the other;
//!      where the later one should come first, by the rule below, the two become one job;
//!    - *parallel*: they have the same predecessors and the same successors, and their nets are certain. Their jobs are merged
//!      by that rule;
//! 3. if one part is left, its sequence is optimal. Otherwise each part takes its own places in the order at hand in that
//!    sequence.
//!
//! The rule, for the least peak of two sequences that do not depend on each other: jobs that free memory or leave it as it is
//! come first, the lowest rise first; of those that need more, the one that falls deepest from its highest point to its end
//! comes first. This is Johnson's rule for two machines, with the rise as time on the first and rise - net as time on the
//! second. Sidney ("The two-machine maximum flow time problem with series parallel precedence relations", Operations Research
//! 1979) and Abdel-Wahab and Kameda ("Scheduling to minimize maximum cumulative cost subject to series-parallel precedence
//! constraints", Operations Research 1978) show that it keeps an optimum in each of the two joins. On trees it is Liu's merging of hills and
//! valleys (1987); for memory on series-parallel graphs see Kayaaslan et al. ("Scheduling series-parallel task graphs to
//! minimize peak memory", 2018).
//!
//! O((kernels + edges) log kernels). Edges that others imply are not looked for: they hide parts, and do no harm.

use std::collections::VecDeque;

use memopt::ir::Bytes;
use memopt::plan::{OrderProblem, TieIndex, take_ties};
use rustc_hash::FxHashMap;

/// An order with its series-parallel parts merged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MergeOutcome {
    /// The kernels, first to last.
    pub order: Vec<u32>,
    /// Whether all is one part: no order has a lower peak.
    pub is_optimal: bool,
}

/// Merges the series-parallel parts of an order; what is in no part keeps its place.
pub fn merged(problem: &OrderProblem, order: &[u32]) -> MergeOutcome {
    let bytes = problem.buffers.iter().map(|buffer| buffer.size).chain(problem.workspace.iter().copied());
    if bytes.sum::<Bytes>().0 > i64::MAX as u64 {
        return MergeOutcome { order: order.to_vec(), is_optimal: false };
    }
    let mut graph = Graph::new(problem);
    graph.join_all();
    let left: Vec<u32> = (0..order.len() as u32).filter(|&part| graph.is_left[part as usize]).collect();
    // For each kernel its part, for each part what it runs next.
    let (mut part_of, mut next) = (vec![0; order.len()], Vec::with_capacity(left.len()));
    for (index, &part) in left.iter().enumerate() {
        let kernels = graph.kernels(part);
        kernels.iter().for_each(|&kernel| part_of[kernel as usize] = index);
        next.push(kernels.into_iter());
    }
    let take = |&kernel: &u32| next[part_of[kernel as usize]].next().unwrap_or(kernel);
    MergeOutcome { order: order.iter().map(take).collect(), is_optimal: left.len() <= 1 }
}

/// Kernels that run one right after the other.
#[derive(Clone, Copy, Debug)]
struct Job {
    first: u32,
    last: u32,
    rise: i64,
    net: i64,
}

impl Job {
    /// Jobs run by rising rank.
    fn rank(&self) -> (bool, i64) {
        if self.net <= 0 { (false, self.rise) } else { (true, self.net - self.rise) }
    }
}

/// Jobs of which none waits for what is outside.
#[derive(Default, Debug)]
struct Part {
    /// By rising rank, once sorted.
    jobs: Vec<Job>,
    is_sorted: bool,
    /// Whether nets depend on no order.
    is_certain: bool,
    /// The kernel by which its successors know it; its predecessors know it by its number.
    tail: u32,
    /// How many neighbours are left.
    before: u32,
    after: u32,
}

impl Part {
    /// A kernel alone.
    fn new(problem: &OrderProblem, ties: &TieIndex<'_>, kernel: u32) -> Part {
        let k = kernel as usize;
        let size = |&b: &u32| problem.buffers[b as usize].size.0 as i64;
        let (reads, writes) = (problem.reads.row(k).iter(), problem.writes.row(k).iter());
        let stays = |b: u32| problem.buffers[b as usize].until_end;
        let readers = |b: u32| problem.readers.row(b as usize).len();
        let dies = |b: u32| readers(b) == 1 && !stays(b);
        let mut taken = Vec::new();
        take_ties(ties.of(kernel), dies, &mut taken);
        let tied: i64 = taken.iter().map(|tie| size(&tie.result)).sum();
        let rise = writes.clone().map(size).sum::<i64>() + problem.workspace[k].0 as i64 - tied;
        let born: i64 = writes.filter(|&&b| readers(b) > 0 || stays(b)).map(size).sum();
        let dead: i64 = reads.clone().filter(|&&b| dies(b)).map(size).sum();
        Part {
            jobs: vec![Job { first: kernel, last: kernel, rise, net: born - dead }],
            is_sorted: true,
            is_certain: reads.clone().all(|&b| readers(b) == 1 || stays(b)),
            tail: kernel,
            before: problem.predecessors.row(k).len() as u32,
            after: problem.successors.row(k).len() as u32,
        }
    }

    fn sort(&mut self) {
        if !std::mem::replace(&mut self.is_sorted, true) {
            self.jobs.sort_by_key(Job::rank);
        }
    }
}

/// The graph of the parts that are left; a part has the number of its first kernel.
struct Graph {
    parts: Vec<Part>,
    is_left: Vec<bool>,
    /// By part, the tails of its predecessors and the numbers of its successors, and of those that are left no more.
    predecessors: Vec<Vec<u32>>,
    successors: Vec<Vec<u32>>,
    /// Tail -> part.
    head: Vec<u32>,
    /// Kernel -> the next one of its job.
    next: Vec<u32>,
    /// Parts that may be in series or parallel to others.
    open: VecDeque<u32>,
    is_open: Vec<bool>,
    /// A part with these neighbours and certain nets.
    twins: FxHashMap<(Vec<u32>, Vec<u32>), u32>,
}

impl Graph {
    fn new(problem: &OrderProblem) -> Graph {
        let (n, ties) = (problem.kernels(), TieIndex::new(problem));
        Graph {
            parts: (0..n as u32).map(|kernel| Part::new(problem, &ties, kernel)).collect(),
            is_left: vec![true; n],
            predecessors: (0..n).map(|kernel| problem.predecessors.row(kernel).to_vec()).collect(),
            successors: (0..n).map(|kernel| problem.successors.row(kernel).to_vec()).collect(),
            head: (0..n as u32).collect(),
            next: (0..n as u32).collect(),
            open: (0..n as u32).collect(),
            is_open: vec![true; n],
            twins: FxHashMap::default(),
        }
    }

    /// Joins parts until no two of them can be.
    fn join_all(&mut self) {
        while let Some(part) = self.open.pop_front() {
            self.is_open[part as usize] = false;
            if self.is_left[part as usize] {
                let part = self.join_in_series(part);
                self.join_parallel(part);
            }
        }
    }

    fn reopen(&mut self, part: u32) {
        if !std::mem::replace(&mut self.is_open[part as usize], true) {
            self.open.push_back(part);
        }
    }

    /// The predecessors that are left, by their tails.
    fn before(&mut self, part: u32) -> &[u32] {
        let Graph { predecessors, is_left, head, .. } = self;
        predecessors[part as usize].retain(|&tail| is_left[head[tail as usize] as usize]);
        &predecessors[part as usize]
    }

    /// The successors that are left.
    fn after(&mut self, part: u32) -> &[u32] {
        let Graph { successors, is_left, .. } = self;
        successors[part as usize].retain(|&other| is_left[other as usize]);
        &successors[part as usize]
    }

    /// Joins a part with those it is in series with; the number of what it is in then.
    fn join_in_series(&mut self, mut part: u32) -> u32 {
        loop {
            let p = part as usize;
            if self.parts[p].after == 1
                && let &[next] = self.after(part)
                && self.parts[next as usize].before == 1
            {
                self.append(part, next);
            } else if self.parts[p].before == 1
                && let &[tail] = self.before(part)
                && self.parts[self.head[tail as usize] as usize].after == 1
            {
                let before = self.head[tail as usize];
                self.append(before, part);
                part = before;
            } else {
                return part;
            }
        }
    }

    /// `second` runs after `part`, its only predecessor.
    fn append(&mut self, part: u32, second: u32) {
        let mut other = std::mem::take(&mut self.parts[second as usize]);
        other.sort();
        self.is_left[second as usize] = false;
        self.successors[part as usize] = std::mem::take(&mut self.successors[second as usize]);
        self.head[other.tail as usize] = part;
        let part = &mut self.parts[part as usize];
        part.sort();
        (part.tail, part.after) = (other.tail, other.after);
        part.is_certain &= other.is_certain;
        for mut job in other.jobs {
            // A job that should have come earlier cannot: it becomes one with what it waits for.
            while let Some(last) = part.jobs.pop_if(|last| job.rank() < last.rank()) {
                self.next[last.last as usize] = job.first;
                let rise = last.rise.max(last.net + job.rise);
                job = Job { first: last.first, last: job.last, rise, net: last.net + job.net };
            }
            part.jobs.push(job);
        }
    }

    /// Joins a part to one with the same neighbours.
    fn join_parallel(&mut self, part: u32) {
        if !self.parts[part as usize].is_certain {
            return;
        }
        let key = (self.before(part).to_vec(), self.after(part).to_vec());
        let twin = self.twins.insert(key.clone(), part).filter(|&twin| twin != part && self.is_left[twin as usize]);
        let Some(twin) = twin else { return };
        // Its neighbours may be others by now.
        if self.before(twin) != key.0 || self.after(twin) != key.1 {
            return;
        }
        let other = std::mem::take(&mut self.parts[twin as usize]);
        self.is_left[twin as usize] = false;
        self.parts[part as usize].jobs.extend(other.jobs);
        self.parts[part as usize].is_sorted = false;
        for tail in key.0 {
            let before = self.head[tail as usize];
            self.parts[before as usize].after -= 1;
            self.reopen(before);
        }
        for after in key.1 {
            self.parts[after as usize].before -= 1;
            self.reopen(after);
        }
        self.reopen(part);
    }

    /// The kernels of a part, first to last.
    fn kernels(&mut self, part: u32) -> Vec<u32> {
        let part = &mut self.parts[part as usize];
        part.sort();
        let mut kernels = Vec::new();
        for job in &part.jobs {
            let mut kernel = job.first;
            kernels.push(kernel);
            while kernel != job.last {
                kernel = self.next[kernel as usize];
                kernels.push(kernel);
            }
        }
        kernels
    }
}

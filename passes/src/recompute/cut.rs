//! What to keep across one moment, and what to run again after it: a minimum cut.
//!
//! At a *boundary* `c`, the moment between the steps `c` and `c + 1`, every value made before and needed after is either
//! kept, at a price for each byte, or made again, at the cost of its writer, which needs its own operands kept or made again
//! in turn. That is a closure problem (Picard 1976):
//!
//! ```text
//! SOURCE -> v          unlimited            v is needed after the boundary
//! v -> its writer      price * bytes(v)     cut: keep v; unlimited where it was overwritten before
//! kernel -> SINK       cost                 cut: run it again; unlimited where it is not repeatable
//! kernel -> operand    unlimited            running it again needs its operands
//! ```
//!
//! With the price as a multiplier, the same cut bounds the cost of every plan for a budget from below: see
//! [`bound`](super::bound). There, a value that was overwritten takes the cost of its writer only, since a clone of it may
//! have been kept, whose operands nobody needs any more.

use memopt::analysis::{Network, OutOfWork, UNLIMITED};
use memopt::ir::Bytes;

use super::problem::{Keeper, RecomputeProblem};

/// A boundary, with what the cut has to decide there.
#[derive(Clone, Debug)]
pub(super) struct Boundary<'p> {
    problem: &'p RecomputeProblem,
    /// The last step before the boundary.
    step: u32,
    /// Values that are needed after the boundary, and may be kept or made again.
    pub(super) needed: Vec<u32>,
    /// Bytes that lie in memory whatever is decided.
    pub(super) fixed: Bytes,
    /// Values whose keeping is to be decided: the needed ones, and all that making them again may need.
    candidates: Vec<u32>,
    /// Kernels that may have to run again.
    kernels: Vec<u32>,
    /// Value -> how it takes part.
    roles: Vec<Role>,
    purpose: Purpose,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Role {
    /// It is not reached.
    None,
    /// It is there, at no price.
    Free,
    /// It may be kept.
    Priced,
    /// It cannot be kept.
    Gone,
}

/// What a cut is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Purpose {
    /// A plan in which nothing but first runs stands before the boundary.
    Plan,
    /// A bound on all plans.
    Bound,
}

/// The cheapest decision for one price.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    /// Value -> whether it is kept.
    pub(super) kept: Vec<bool>,
    /// Bytes of the values kept, fixed ones left out.
    pub(super) bytes: Bytes,
    /// Cost of what runs again.
    pub(super) cost: u64,
    /// Cost and price together: no decision has less. In the unit of costs.
    pub(super) value: f64,
}

/// Capacities are costs times this, so that prices below one unit of cost for a byte do not vanish.
const FINEST: f64 = (1u64 << 44) as f64;

impl<'p> Boundary<'p> {
    /// The boundary after a step. For a bound, what the next step reads lies in memory whatever is decided.
    pub(super) fn new(problem: &'p RecomputeProblem, step: u32, purpose: Purpose) -> Boundary<'p> {
        let last_reader = |value: usize| problem.last_reader[value];
        let next = step as usize + 1;
        let held = match purpose {
            Purpose::Bound if next < problem.kernels.len() => problem.reads.row(next),
            _ => &[],
        };
        let mut boundary = Boundary {
            problem,
            step,
            needed: Vec::new(),
            fixed: Bytes::ZERO,
            candidates: Vec::new(),
            kernels: Vec::new(),
            roles: vec![Role::None; problem.values.len()],
            purpose,
        };
        for &value in held {
            boundary.roles[value as usize] = Role::Free;
        }
        for (value, facts) in problem.values.iter().enumerate() {
            let Some(writer) = facts.writer.filter(|&writer| writer <= step) else { continue };
            if boundary.roles[value] == Role::Free || facts.overwritten_by.is_some_and(|by| by <= step) {
                continue;
            }
            match facts.keeper {
                Keeper::Caller => {}
                Keeper::Arena => boundary.fixed += facts.size,
                Keeper::Readers if last_reader(value).is_none_or(|last| last <= step) => {}
                Keeper::Readers if problem.kernels[writer as usize].repeatable => boundary.needed.push(value as u32),
                Keeper::Readers => {
                    boundary.fixed += facts.size;
                    boundary.roles[value] = Role::Free;
                }
            }
        }
        boundary.reach();
        boundary
    }

    /// Finds what takes part.
    fn reach(&mut self) {
        let mut is_reached = vec![false; self.problem.kernels.len()];
        let mut work = self.needed.clone();
        while let Some(value) = work.pop() {
            if self.roles[value as usize] != Role::None {
                continue;
            }
            let facts = &self.problem.values[value as usize];
            let is_gone = facts.overwritten_by.is_some_and(|by| by <= self.step);
            self.roles[value as usize] = match (facts.keeper, facts.writer) {
                _ if is_gone => Role::Gone,
                (_, None) | (Keeper::Arena | Keeper::Caller, _) => Role::Free,
                (Keeper::Readers, Some(_)) => Role::Priced,
            };
            if self.roles[value as usize] == Role::Free {
                continue;
            }
            self.candidates.push(value);
            if let Some(writer) = facts.writer
                && !std::mem::replace(&mut is_reached[writer as usize], true)
            {
                self.kernels.push(writer);
                work.extend(self.problem.reads.row(writer as usize));
            }
        }
    }

    /// Bytes that are kept where nothing runs again, fixed ones left out.
    fn most(&self) -> Bytes {
        self.needed.iter().map(|&value| self.problem.values[value as usize].size).sum()
    }

    /// A price at which nothing runs again, and one at which all does that can.
    pub(super) fn prices(&self) -> (f64, f64) {
        let (cost, bytes) = (self.total_cost().max(1) as f64, self.most().0.max(1) as f64);
        (1e-6 * cost / bytes, 1e6 * cost / bytes)
    }

    /// Cost of all that may run again.
    pub(super) fn total_cost(&self) -> u64 {
        self.kernels.iter().map(|&kernel| self.problem.kernels[kernel as usize].cost).sum()
    }

    /// The cheapest decision where a byte kept costs `price`. Each arc that is looked at costs one unit of `work`.
    pub(super) fn cut(&self, price: f64, work: &mut u64) -> Result<Cut, OutOfWork> {
        const SOURCE: u32 = 0;
        const SINK: u32 = 1;
        let problem = self.problem;
        let total = self.total_cost();
        let priced: f64 = self.candidates.iter().map(|&v| problem.values[v as usize].size.0 as f64 * price).sum();
        let scale = FINEST / (total as f64 + priced).max(1.0);
        let scaled = |cost: f64| (cost * scale) as u64;
        // Kernel -> its node, and the one that pays for it.
        let mut kernel_node = rustc_hash::FxHashMap::default();
        let mut value_node = vec![0; problem.values.len()];
        let mut nodes = 2;
        for &value in &self.candidates {
            value_node[value as usize] = nodes;
            nodes += 1;
        }
        for &kernel in &self.kernels {
            kernel_node.insert(kernel, (nodes, nodes + 1));
            nodes += 2;
        }
        let mut network = Network::new();
        for &value in &self.needed {
            network.arc(SOURCE, value_node[value as usize], UNLIMITED);
        }
        for &value in &self.candidates {
            let facts = &problem.values[value as usize];
            let is_gone = self.roles[value as usize] == Role::Gone;
            let capacity = if is_gone { UNLIMITED } else { scaled(facts.size.0 as f64 * price) };
            // One that is gone and was there from the start cannot be had.
            let writer = facts.writer.map_or(SINK, |writer| match kernel_node[&writer] {
                (_, pays) if is_gone && self.purpose == Purpose::Bound => pays,
                (runs, _) => runs,
            });
            network.arc(value_node[value as usize], writer, capacity);
        }
        for &kernel in &self.kernels {
            let facts = &problem.kernels[kernel as usize];
            let capacity = if facts.repeatable { scaled(facts.cost as f64) } else { UNLIMITED };
            let (node, pays) = kernel_node[&kernel];
            network.arc(node, pays, UNLIMITED);
            network.arc(pays, SINK, capacity);
            for &operand in problem.reads.row(kernel as usize) {
                if value_node[operand as usize] != 0 {
                    network.arc(node, value_node[operand as usize], UNLIMITED);
                }
            }
        }
        network.build(nodes as usize);
        let flow = network.max_flow(SOURCE, SINK, work)?;
        let side = network.source_side(SOURCE);
        // A value on the source's side is wanted; it is kept unless its writer is there too.
        let runs_again = |kernel: u32| side[kernel_node[&kernel].0 as usize];
        let mut cut =
            Cut { kept: vec![false; problem.values.len()], bytes: Bytes::ZERO, cost: 0, value: flow as f64 / scale };
        for &value in self.candidates.iter().filter(|&&value| self.roles[value as usize] == Role::Priced) {
            let Some(writer) = problem.values[value as usize].writer else { continue };
            if side[value_node[value as usize] as usize] && !runs_again(writer) {
                cut.kept[value as usize] = true;
                cut.bytes += problem.values[value as usize].size;
            }
        }
        let again = self.kernels.iter().filter(|&&kernel| runs_again(kernel));
        cut.cost = again.map(|&kernel| problem.kernels[kernel as usize].cost).sum();
        Ok(cut)
    }
}

//! What follows from a program: aliasing, order constraints, liveness, bounds.

mod alias;
mod bounds;
mod downset;
mod least_peak;
mod liveness;
mod machine;
mod max_flow;
mod milestones;
mod op_order;
mod order;
mod plan_bound;
mod profile;
mod program_order;
mod reach;
mod scope;
mod ties;
mod walk;

pub use alias::{Aliases, ResultHomes, is_invariant};
pub use bounds::{CutBound, LowerBound, ProblemBound, cut_bound, kernel_bound, lower_bound, problem_bound, step_bound};
pub use least_peak::{LeastPeak, PeakLimits, least_peak};
pub use liveness::{Windows, windows};
pub use max_flow::{Network, OutOfWork, UNLIMITED};
pub use order::{ScopeOrder, TieSource, inner_first, runs};
pub use plan_bound::{is_cheap, plan_bound};
pub use profile::{Hold, Holder, MemoryProfile};
pub use program_order::program_order_peak;
pub use reach::{EdgeRefused, IncrementalOrder, ReachBlock, ReachBlocks, stable_order, stable_order_by};
pub use scope::{Scope, ScopeKind, Scopes, planned_regions};
pub use ties::{hosted, legal_ties, possible_ties, reads_in_step, taken_ties, tied_operand};

use crate::diag::Diagnostic;
use crate::dialect::{Facts, Registry};
use crate::ir::{Align, Function, Module};
use crate::target::Target;

/// Everything about one function that no order changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Analysis {
    /// What its operations mean.
    pub facts: Facts,
    /// Its blocks.
    pub scopes: Scopes,
    /// Which storage each value lies in.
    pub aliases: Aliases,
    /// The target's: buffers and scratch bytes are rounded up to it.
    pub alignment: Align,
}

impl Analysis {
    /// Analyses a function; homes are as the attributes of a prepared function say.
    ///
    /// # Errors
    /// Malformed hints, and values whose bytes nobody knows.
    pub fn of(
        module: &Module,
        function: Function,
        registry: &Registry,
        target: &Target,
    ) -> Result<Analysis, Vec<Diagnostic>> {
        let facts = Facts::of(module, function.op, registry)?;
        Ok(Analysis::without_homes(module, function, facts, target).with_homes(module, function))
    }

    /// Analyses a function that is not prepared yet.
    pub fn without_homes(module: &Module, function: Function, facts: Facts, target: &Target) -> Analysis {
        let scopes = Scopes::of(module, function, &facts);
        let aliases = Aliases::of(module, function, &facts, &scopes, target);
        Analysis { facts, scopes, aliases, alignment: target.alignment }
    }

    /// Gives every storage of a prepared function its home.
    #[must_use]
    pub fn with_homes(mut self, module: &Module, function: Function) -> Analysis {
        let homes = result_homes(module, function);
        self.aliases.assign_homes(module, function, &self.facts, &self.scopes, &homes);
        self
    }
}

/// Who owns the results, as `memopt.donations` and `memopt.results` of a prepared function say.
pub fn result_homes(module: &Module, function: Function) -> ResultHomes {
    let mut donor = vec![None; function.results(module).len()];
    let donations = module.find_attr(function.op, "memopt.donations").and_then(|attr| module.tuples_of(attr));
    for pair in donations.unwrap_or_default() {
        if let [argument, result] = pair[..]
            && let Some(slot) = usize::try_from(result).ok().and_then(|result| donor.get_mut(result))
        {
            *slot = u32::try_from(argument).ok();
        }
    }
    ResultHomes { donor, in_arena: function.results_in_arena(module) }
}

//! Before the first pass: what every pass relies on is made explicit in the function.
//!
//! Afterwards
//! - every operation of a planned block has its `memopt.id`: its textual index in the function as read;
//! - updates overwrite only what may be overwritten, and nothing reads an old version after its update;
//! - every result is the whole of a storage of its own, or lies in the argument donated to it (`memopt.donations`); so is
//!   every yield that is not an unchanged slot. Where that needs a copy, a `memopt.copy` is there;
//! - the textual order keeps all hazards that the donations make.

mod inputs;
mod results;

pub use inputs::is_donated;

use crate::analysis::{Analysis, ScopeOrder, TieSource, planned_regions, stable_order};
use crate::diag::Diagnostic;
use crate::dialect::{Facts, Registry};
use crate::ir::{Function, Module, OpId};
use crate::target::Target;

/// Who owns the results that are no donated argument.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum ResultsIn {
    /// The caller passes memory for each.
    #[default]
    Caller,
    /// They lie in the arena at the end.
    Arena,
}

impl ResultsIn {
    /// The word in `memopt.results`.
    pub fn word(self) -> &'static str {
        match self {
            ResultsIn::Caller => "caller",
            ResultsIn::Arena => "arena",
        }
    }
}

/// Attributes of operations that a plan writes.
pub const PLAN_ATTRIBUTES: [&str; 12] = [
    "memopt.id",
    "memopt.offsets",
    "memopt.workspace_offset",
    "memopt.may_reuse",
    "memopt.reuse",
    "memopt.hosted",
    "memopt.virtual",
    "memopt.joined",
    "memopt.arg_offsets",
    "memopt.recompute_of",
    "memopt.window",
    "memopt.live",
];

/// Attributes of functions that a plan writes.
pub const FUNCTION_ATTRIBUTES: [&str; 6] = [
    "memopt.arena_size",
    "memopt.alignment",
    "memopt.results",
    "memopt.target",
    "memopt.donations",
    "memopt.peak_live",
];

/// Rounds of copies. Two were the most in any program seen; where this is not enough, the hazards are refused below.
const MAX_ROUNDS: usize = 8;

/// Prepares a function; returns notes, for example on donations that were refused.
///
/// # Errors
/// Everything in the input that makes a plan impossible.
pub fn prepare(
    module: &mut Module,
    function: Function,
    registry: &Registry,
    target: &Target,
    results_in: ResultsIn,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let facts = number_operations(module, function, registry)?;
    prepare_numbered(module, function, facts, registry, target, results_in)
}

/// The first step of [`prepare`]: drops an earlier plan, and gives every operation of a planned block its `memopt.id`. What
/// changes the program runs between it and [`prepare_numbered`].
///
/// # Errors
/// Malformed hints and control flow, and values whose bytes nobody knows.
pub fn number_operations(
    module: &mut Module,
    function: Function,
    registry: &Registry,
) -> Result<Facts, Vec<Diagnostic>> {
    if module.find_attr(function.op, "memopt.arena_size").is_some() {
        strip(module, function);
    }
    let facts = Facts::of(module, function.op, registry)?;
    inputs::check_regions(module, function, &facts)?;
    number(module, function, &facts);
    Ok(facts)
}

/// The other steps of [`prepare`], for a function whose operations have their ids.
///
/// # Errors
/// Everything in the input that makes a plan impossible.
pub fn prepare_numbered(
    module: &mut Module,
    function: Function,
    facts: Facts,
    registry: &Registry,
    target: &Target,
    results_in: ResultsIn,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let mut analysis = Analysis::without_homes(module, function, facts, target);
    inputs::check_updates(module, function, &analysis)?;
    // A copy may let the value that it copies become virtual, so that others read what that is computed from, and a donation
    // which was possible before no longer is. Then that result is copied, too; each round copies more of them.
    let (notes, mut copies) = results::make_explicit(module, function, &analysis)?;
    for _ in 0..MAX_ROUNDS {
        if copies == 0 {
            break;
        }
        let facts = Facts::of(module, function.op, registry)?;
        analysis = Analysis::without_homes(module, function, facts, target);
        copies = results::make_explicit(module, function, &analysis)?.1;
    }
    let results = module.string_attr(results_in.word());
    module.set_attr(function.op, "memopt.results", results);
    let name = module.string_attr(&target.name);
    module.set_attr(function.op, "memopt.target", name);
    let alignment = module.integer_attr(target.alignment.bytes() as i64);
    module.set_attr(function.op, "memopt.alignment", alignment);
    legalise(module, &analysis.with_homes(module, function))?;
    Ok(notes)
}

/// All operations of a function, nested ones included, in textual order.
pub fn textual_order(module: &Module, function: Function) -> Vec<OpId> {
    let mut ops = Vec::new();
    let mut work = vec![(function.body, 0usize)];
    while let Some((block, at)) = work.pop() {
        let Some(&op) = module.block(block).ops().get(at) else { continue };
        ops.push(op);
        work.push((block, at + 1));
        let regions = module.op(op).regions().iter().rev();
        work.extend(regions.flat_map(|&r| module.region(r).blocks().iter().rev()).map(|&inner| (inner, 0)));
    }
    ops
}

/// Removes what an earlier plan wrote, so that a planned file can be planned again.
fn strip(module: &mut Module, function: Function) {
    for op in textual_order(module, function) {
        PLAN_ATTRIBUTES.iter().for_each(|name| module.remove_attr(op, name));
    }
    FUNCTION_ATTRIBUTES.iter().for_each(|name| module.remove_attr(function.op, name));
}

/// Writes `memopt.id` on the operations of planned blocks.
fn number(module: &mut Module, function: Function, facts: &Facts) {
    let ids: rustc_hash::FxHashMap<OpId, i64> =
        textual_order(module, function).into_iter().enumerate().map(|(index, op)| (op, index as i64)).collect();
    let mut blocks = vec![function.body];
    while let Some(block) = blocks.pop() {
        for op in module.block(block).ops().to_vec() {
            let id = module.integer_attr(ids[&op]);
            module.set_attr(op, "memopt.id", id);
            blocks.extend(planned_regions(module, op, facts).iter().map(|scope| scope.block));
        }
    }
}

/// Reorders blocks whose text breaks a hazard of the donations, as little as possible.
fn legalise(module: &mut Module, analysis: &Analysis) -> Result<(), Vec<Diagnostic>> {
    for &scope in &analysis.scopes.scopes {
        let order = ScopeOrder::extract(module, analysis, scope, &Default::default(), TieSource::MayReuse);
        let stable = stable_order(&order.problem.predecessors, &order.problem.successors);
        if stable.len() < order.kernels.len() {
            let span = module.op(scope.owner).span;
            let error = Diagnostic::error(span, "the updates and donations of this region contradict each other");
            return Err(vec![error.help("drop tf.aliasing_output or jax.buffer_donor from one of its arguments")]);
        }
        if !stable.is_sorted() {
            let ops = order.op_order(module, &stable);
            module.set_order(scope.block, ops);
        }
    }
    Ok(())
}

//! The figures beside a plan: what the program needs as read, and what any plan needs.

use memopt::analysis::{
    Analysis, LowerBound, kernel_bound, lower_bound, planned_regions, program_order_peak, result_homes,
};
use memopt::cost::{self, CostModel, Objective};
use memopt::diag::Diagnostic;
use memopt::dialect::{Aliasing, Facts, Registry, Workspace};
use memopt::ir::{Bytes, Function, Module, OpId};
use memopt::pass::{ResultsIn, RunReport};
use memopt::target::Target;
use rustc_hash::FxHashMap;

/// The figures of a function as read.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct SourceFigures {
    /// Operations at top level, the terminator left out.
    pub ops: usize,
    /// The reference: peak in program order, every value in a buffer of its own.
    pub program_order: Bytes,
    /// Floating-point operations, those at top level with what their regions hold.
    pub flops: u64,
    /// The time of running them on the target's machine, in nanoseconds.
    pub nanoseconds: f64,
    /// Whether nobody knows the workspace of some operation, so that a plan needs at least what it says.
    pub unknown_workspace: bool,
}

/// Lower bounds on `planned`. They cover the donations that the plan has, and the temporaries that it puts into donated
/// arguments.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Bounds {
    /// For any order of the operations as read, without clones or fusion.
    pub any_order: Bytes,
    /// For all that the passes of the pipeline may do.
    pub any_plan: Bytes,
}

/// What recomputation adds: the operations that run again, held against the program as read, of which each operation counts
/// once. What a loop repeats counts once on both sides.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Recomputation {
    /// Operations that run again.
    pub ops: usize,
    /// Floating-point operations added.
    pub flops_added: u64,
    /// Floating-point operations of the program as read.
    pub flops_total: u64,
    /// Added time over all time.
    pub overhead_time: f64,
    /// Least added time over all time with which the budget can be met, as far as is known; where flops were kept small, 0.
    pub bound_time: f64,
    /// The same for floating-point operations; where time was kept small, 0.
    pub bound_flops: f64,
    /// The operations that run again by name, those that take most time first.
    pub groups: Vec<RecomputedGroup>,
}

/// Operations of one name that run again.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct RecomputedGroup {
    /// The name.
    pub name: String,
    /// How many run again.
    pub ops: usize,
    /// Bytes of what they make, which need not be kept in the meantime.
    pub bytes: Bytes,
    /// Added time over all time.
    pub overhead_time: f64,
}

/// The figures of a function as read.
pub(crate) fn measure_source(
    module: &Module,
    function: Function,
    registry: &Registry,
    target: &Target,
) -> Result<SourceFigures, Vec<Diagnostic>> {
    let facts = Facts::of(module, function.op, registry)?;
    let ops = module.block(function.body).ops();
    let model = time_on(target);
    Ok(SourceFigures {
        ops: ops.len().saturating_sub(1),
        program_order: program_order_peak(module, function),
        flops: ops.iter().map(|&op| cost::flops(module, &facts, op)).fold(0, u64::saturating_add),
        nanoseconds: ops.iter().map(|&op| model.nanoseconds(module, &facts, op)).sum(),
        unknown_workspace: ops.iter().any(|&op| facts.op(op).workspace == Workspace::Unknown),
    })
}

/// Who owns the results, as the function says; the caller where it says nothing.
pub(crate) fn results_as_written(module: &Module, function: Function) -> ResultsIn {
    if function.results_in_arena(module) { ResultsIn::Arena } else { ResultsIn::Caller }
}

fn time_on(target: &Target) -> CostModel {
    CostModel { target: target.clone(), objective: Objective::Time }
}

/// What the clones of a planned function cost, whoever put them there: the operations that say `memopt.recompute_of`.
pub(crate) fn recomputation(
    module: &Module,
    function: Function,
    facts: &Facts,
    source: &SourceFigures,
    run: &RunReport,
    target: &Target,
) -> Recomputation {
    let model = time_on(target);
    // Where all operations together take no time, those that run again take none either.
    let share = |nanoseconds: f64| if source.nanoseconds > 0.0 { nanoseconds / source.nanoseconds } else { 0.0 };
    let (mut ops, mut flops_added, mut nanoseconds) = (0, 0u64, 0.0);
    let mut groups: FxHashMap<&str, RecomputedGroup> = FxHashMap::default();
    let mut blocks = vec![function.body];
    while let Some(block) = blocks.pop() {
        for &op in module.block(block).ops() {
            if !is_clone(module, op) {
                blocks.extend(planned_regions(module, op, facts).iter().map(|scope| scope.block));
                continue;
            }
            // A clone has the cost of its regions, so these are not entered.
            ops += 1;
            flops_added = flops_added.saturating_add(cost::flops(module, facts, op));
            let time = model.nanoseconds(module, facts, op);
            nanoseconds += time;
            let name = module.op_name(op);
            let group =
                groups.entry(name).or_insert_with(|| RecomputedGroup { name: name.to_owned(), ..Default::default() });
            group.ops += 1;
            group.overhead_time += share(time);
            let own = facts.op(op).results.iter().filter(|result| result.aliasing == Aliasing::Fresh);
            group.bytes += own.map(|result| result.bytes).sum();
        }
    }
    let bound = |objective: Objective| {
        let added = run.passes.iter().filter_map(|pass| pass.added).filter(|added| added.objective == objective);
        added.map(|added| added.least).fold(0.0, f64::max)
    };
    let mut groups: Vec<RecomputedGroup> = groups.into_values().collect();
    groups.sort_by(|a, b| b.overhead_time.total_cmp(&a.overhead_time).then_with(|| a.name.cmp(&b.name)));
    Recomputation {
        ops,
        flops_added,
        flops_total: source.flops,
        overhead_time: share(nanoseconds),
        bound_time: bound(Objective::Time),
        bound_flops: bound(Objective::Flops),
        groups,
    }
}

/// The bounds of a planned function, with what the one for any plan rests on. Without clones, ordering and placing is all that
/// was done, the planned function has the bound of the `prepared` one, and its order is the best guide to it.
pub(crate) fn lower_bounds(
    prepared: &Module,
    module: &Module,
    function: Function,
    (registry, target): (&Registry, &Target),
    analysis: &Analysis,
) -> Result<(Bounds, LowerBound), Vec<Diagnostic>> {
    let homes = result_homes(module, function);
    let results = function.results(module).iter().zip(&homes.donor);
    let callers = results.filter(|(_, donor)| donor.is_none() && !homes.in_arena);
    let callers: Bytes = callers.map(|(&value, _)| analysis.facts.bytes(value)).sum();
    let has_clones = module.block(function.body).ops().iter().any(|&op| is_clone(module, op));
    if !has_clones {
        let witness = lower_bound(module, analysis);
        let bound = witness.arena + callers;
        return Ok((Bounds { any_order: bound, any_plan: bound }, witness));
    }
    let before = Analysis::of(prepared, function, registry, target)?;
    let any_order = lower_bound(prepared, &before).arena + callers;
    let witness = kernel_bound(module, analysis);
    Ok((Bounds { any_order, any_plan: witness.arena + callers }, witness))
}

/// Whether an operation runs again what another has run.
fn is_clone(module: &Module, op: OpId) -> bool {
    module.find_attr(op, "memopt.recompute_of").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use memopt::pass::{AddedWork, PassReport};
    use memopt::plan::StopReason;
    use memopt::text::{self, ParseLimits};

    /// A function whose operations stand between its argument %x and its return of %y, both of 8 f32.
    fn function(ops: &str) -> (Module, Function) {
        let text = format!(
            r#""func.func"() <{{function_type = (tensor<8xf32>) -> tensor<8xf32>, sym_name = "main"}}> ({{
            ^bb0(%x: tensor<8xf32>):
              {ops}
              "func.return"(%y) : (tensor<8xf32>) -> ()
            }}) : () -> ()"#
        );
        let module = text::parse(&text, &ParseLimits::default()).unwrap();
        let function = module.functions()[0];
        (module, function)
    }

    fn recomputed(before: &str, after: &str, run: &RunReport) -> Recomputation {
        let (registry, target) = (Registry::new(), Target::default());
        let (module, main) = function(before);
        let source = measure_source(&module, main, &registry, &target).unwrap();
        let (module, main) = function(after);
        let facts = Facts::of(&module, main.op, &registry).unwrap();
        recomputation(&module, main, &facts, &source, run, &target)
    }

    /// 8 flops of `tanh`, 100 of the matrix product by its hint, 0 of the reshape; 30 + 100 + 0 nanoseconds.
    const BEFORE: &str = r#"
        %a = "stablehlo.tanh"(%x) {memopt.id = 0 : i64, memopt.cost_ns = 30 : i64} : (tensor<8xf32>) -> tensor<8xf32>
        %b = "stablehlo.reshape"(%a) {memopt.id = 1 : i64} : (tensor<8xf32>) -> tensor<4x2xf32>
        %y = "x.product"(%b) {memopt.id = 2 : i64, memopt.cost_ns = 100 : i64, memopt.flops = 100 : i64}
             : (tensor<4x2xf32>) -> tensor<8xf32>"#;

    #[test]
    fn clones_are_held_against_the_program_as_read() {
        let clones = r#"
        %c = "stablehlo.tanh"(%x) {memopt.recompute_of = 0 : i64, memopt.cost_ns = 30 : i64}
             : (tensor<8xf32>) -> tensor<8xf32>
        %d = "stablehlo.reshape"(%c) {memopt.recompute_of = 1 : i64} : (tensor<8xf32>) -> tensor<4x2xf32>
        %e = "memopt.copy"(%d) : (tensor<4x2xf32>) -> tensor<4x2xf32>"#;
        let report = |name, added| PassReport { name, seconds: 0.0, stop: StopReason::Saturated, gap: None, added };
        let added = |objective, least| Some(AddedWork { objective, share: 0.5, least });
        let (time, flops) = (added(Objective::Time, 0.125), added(Objective::Flops, 0.0625));
        let run =
            RunReport { passes: vec![report("recompute", time), report("recompute", flops), report("place", None)] };
        let group = |name: &str, bytes, overhead_time| RecomputedGroup {
            name: name.to_owned(),
            ops: 1,
            bytes: Bytes(bytes),
            overhead_time,
        };
        let groups = vec![group("stablehlo.tanh", 32, 30.0 / 130.0), group("stablehlo.reshape", 0, 0.0)];
        let expected = Recomputation {
            ops: 2,
            flops_added: 8,
            flops_total: 108,
            overhead_time: 30.0 / 130.0,
            bound_time: 0.125,
            bound_flops: 0.0625,
            groups,
        };
        assert_eq!(recomputed(BEFORE, &format!("{BEFORE}{clones}"), &run), expected);
    }

    #[test]
    fn without_clones_nothing_is_added() {
        let expected = Recomputation { flops_total: 108, ..Recomputation::default() };
        assert_eq!(recomputed(BEFORE, BEFORE, &RunReport::default()), expected);
    }

    #[test]
    fn a_clone_with_regions_counts_once_with_all_that_they_hold() {
        let branches = |attribute: &str| {
            format!(
                r#"
        %p = "stablehlo.constant"() <{{value = dense<true> : tensor<i1>}}> : () -> tensor<i1>
        %y = "stablehlo.if"(%p) ({{
          %t = "stablehlo.tanh"(%x) {{{attribute} = 1 : i64, memopt.flops = 8 : i64}} : (tensor<8xf32>) -> tensor<8xf32>
          "stablehlo.return"(%t) : (tensor<8xf32>) -> ()
        }}, {{
          "stablehlo.return"(%x) : (tensor<8xf32>) -> ()
        }}) {{{attribute} = 0 : i64}} : (tensor<i1>) -> tensor<8xf32>"#
            )
        };
        let found = recomputed(&branches("memopt.id"), &branches("memopt.recompute_of"), &RunReport::default());
        assert_eq!((found.ops, found.flops_added, found.flops_total), (1, 8, 8));
        assert_eq!(found.overhead_time, 1.0);
    }
}

//! Placeholders for parts that are written elsewhere, one item for each, with the meaning that its user relies on.
//!
//! Nothing here plans or proves: passes do nothing, figures are zero, and no certificate is ever given.

use memopt::diag::Diagnostic;
use memopt::dialect::Registry;
use memopt::ir::{Bytes, Function, Module, Span};
use memopt::pass::{
    OptionInfo, OptionValues, Pass, PassContext, PassInfo, PassOptions, PassOutcome, PassRegistry, Pipeline,
};
use memopt::plan::StopReason;
use memopt::target::Target;

use crate::driver::{ResultsIn, SourceFigures};

/// What the checker has proven, in numbers that it derived itself: `memopt::checker::Certificate`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Certificate {
    /// Bytes of all arguments.
    pub arguments: Bytes,
    /// Bytes of all results.
    pub results: Bytes,
    /// Bytes of the arena.
    pub arena: Bytes,
    /// Arena, and results in the caller's memory that are no donated argument.
    pub planned: Bytes,
    /// Most bytes of the arena that are needed in one step.
    pub peak_live: Bytes,
    /// Bytes placed in donated arguments at that step.
    pub hosted: Bytes,
    /// Bytes that copies made by the plan move.
    pub copies: Bytes,
}

/// Why the checker refuses a plan: `memopt::checker::CheckerErrors`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckerErrors(pub Vec<Diagnostic>);

impl CheckerErrors {
    /// One error under each operation concerned, in the text that the checked module was read from.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.0.clone()
    }
}

/// The checker: `memopt::checker::check`.
pub(crate) fn checker_check(
    _before: (&Module, Function),
    _after: (&Module, Function),
    _registry: &Registry,
    _target: &Target,
) -> Result<Certificate, CheckerErrors> {
    Err(CheckerErrors(vec![Diagnostic::error(Span::default(), "there is no checker yet")]))
}

/// Lower bounds on `planned`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Bounds {
    /// For any order of the operations as read, without clones or fusion.
    pub any_order: Bytes,
    /// For all that the passes of the pipeline may do.
    pub any_plan: Bytes,
}

/// What recomputation adds.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Recomputation {
    /// Operations that run again.
    pub ops: usize,
    /// Floating-point operations added.
    pub flops_added: u64,
    /// Floating-point operations of the program as read.
    pub flops_total: u64,
    /// Added time over all time.
    pub overhead_time: f64,
    /// Least added time over all time with which the budget can be met, as far as is known.
    pub bound_time: f64,
}

/// The figures of a function as read.
pub(crate) fn measure_source(
    module: &Module,
    function: Function,
    _registry: &Registry,
) -> Result<SourceFigures, Vec<Diagnostic>> {
    let ops = module.block(function.body).ops().len();
    Ok(SourceFigures { ops, program_order: Bytes::ZERO, unknown_workspace: false })
}

/// Readies a function for the passes: numbers its operations, settles donations, records target and owner of results.
/// Returns what the user may want to know.
pub(crate) fn prepare(
    _module: &mut Module,
    _function: Function,
    _registry: &Registry,
    _target: &Target,
    _results: Option<ResultsIn>,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    Ok(Vec::new())
}

/// Lower bounds for a function that is prepared, and that no pass has touched.
pub(crate) fn lower_bounds(
    _module: &Module,
    _function: Function,
    _registry: &Registry,
    _target: &Target,
    _pipeline: &Pipeline,
) -> Result<Bounds, Vec<Diagnostic>> {
    Ok(Bounds::default())
}

/// What recomputation added between `before` and `after`.
pub(crate) fn recomputation(
    _before: (&Module, Function),
    _after: (&Module, Function),
    _registry: &Registry,
    _target: &Target,
) -> Recomputation {
    Recomputation::default()
}

/// Adds the passes.
pub(crate) fn register(passes: &mut PassRegistry) {
    passes.register(&INPLACE, |_| Box::new(Idle(&INPLACE)));
    passes.register(&SCHEDULE, |_: &PassOptions| Box::new(Idle(&SCHEDULE)));
    passes.register(&PLACE, |_| Box::new(Idle(&PLACE)));
}

struct Idle(&'static PassInfo);

impl Pass for Idle {
    fn info(&self) -> &'static PassInfo {
        self.0
    }

    fn run(&self, _context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>> {
        Ok(PassOutcome { stop: StopReason::Saturated })
    }
}

const EFFORT: OptionInfo = OptionInfo {
    name: "effort",
    help: "how much work the search may do",
    values: OptionValues::Integer { min: 0, max: 9 },
    default: "2",
};

static INPLACE: PassInfo = PassInfo {
    name: "inplace",
    help: "finds the operands that each result may overwrite",
    options: &[],
    not_before: &[],
};

static SCHEDULE: PassInfo = PassInfo {
    name: "schedule",
    help: "chooses the order of operations and the operands that are overwritten",
    options: &[
        OptionInfo {
            name: "algorithm",
            help: "how",
            values: OptionValues::OneOf(&["program", "greedy", "search"]),
            default: "search",
        },
        EFFORT,
    ],
    not_before: &[("inplace", "an order takes the ties that inplace finds")],
};

static PLACE: PassInfo = PassInfo {
    name: "place",
    help: "gives every buffer its offset in the arena",
    options: &[
        OptionInfo {
            name: "algorithm",
            help: "how",
            values: OptionValues::OneOf(&["best-fit", "search"]),
            default: "search",
        },
        EFFORT,
    ],
    not_before: &[
        ("inplace", "offsets follow from the ties that are taken"),
        ("schedule", "offsets follow from lifetimes, and these from the order"),
        ("place", "offsets are assigned once"),
    ],
};

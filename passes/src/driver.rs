//! The planner as one call.
//!
//! A function goes through: measure it as read, prepare it, run the passes, bound it from below, have the result checked.
//! The passes work on a copy; the program as read is what figures, bounds and the check refer to.

use std::fmt;
use std::time::Instant;

use memopt::analysis::{Analysis, lower_bound, program_order_peak};
use memopt::checker::{self, Certificate, CheckerErrors};
use memopt::cost;
use memopt::diag::Diagnostic;
use memopt::dialect::Registry;
use memopt::ir::{Attr, Bytes, Function, Module};
use memopt::pass::{Instrument, PassContext, Pipeline, ResultsIn, RunError, RunReport, prepare, run_pipeline};
use memopt::target::Target;

/// Lower bounds on `planned`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Bounds {
    /// For any order of the operations as read, without clones or fusion, with the donations of the plan and nothing hosted.
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

/// What to plan with.
#[derive(Clone, Copy)]
pub struct PlanOptions<'a> {
    /// The passes.
    pub pipeline: &'a Pipeline,
    /// What operations mean.
    pub registry: &'a Registry,
    /// The machine planned for.
    pub target: &'a Target,
    /// Who owns results; `None` for what the function says.
    pub results: Option<ResultsIn>,
    /// Whether to verify the module after each pass.
    pub verify_each: bool,
}

/// The figures of a function as read.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct SourceFigures {
    /// Operations at top level.
    pub ops: usize,
    /// The reference: peak in program order, every value in a buffer of its own.
    pub program_order: Bytes,
}

/// A planned module.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The module with its plans.
    pub module: Module,
    /// One entry for each function planned.
    pub functions: Vec<PlannedFunction>,
    /// What the user may want to know.
    pub notes: Vec<Diagnostic>,
}

/// What is known about one planned function.
#[derive(Clone, PartialEq, Debug)]
pub struct PlannedFunction {
    /// Its name.
    pub name: String,
    /// Figures of the function as read.
    pub source: SourceFigures,
    /// What the passes did.
    pub run: RunReport,
    /// Lower bounds.
    pub bounds: Bounds,
    /// What recomputation added.
    pub recompute: Recomputation,
    /// What the checker has proven; `None` where the pipeline leaves no plan to check.
    pub certificate: Option<Certificate>,
    /// Wall-clock time of it all.
    pub seconds: f64,
}

/// Why there is no plan.
#[derive(Clone, Debug)]
pub enum PlanError {
    /// The program cannot be planned as asked.
    Input(Vec<Diagnostic>),
    /// A pass left an invalid module behind: an error in the pass.
    Internal {
        /// The pass.
        pass: &'static str,
        /// What the verifier found.
        errors: Vec<Diagnostic>,
    },
    /// The checker refused the plan: an error in some pass.
    Refused {
        /// The function.
        function: String,
        /// The module with the refused plan.
        planned: Box<Module>,
        /// Why.
        errors: CheckerErrors,
    },
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlanError::Input(errors) => write!(f, "{}", RunError::Input(errors.clone())),
            PlanError::Internal { pass, errors } => {
                write!(f, "{}", RunError::Internal { pass, errors: errors.clone() })
            }
            PlanError::Refused { function, errors, .. } => {
                write!(f, "the checker refused the plan of @{function}: ")?;
                write!(f, "{}", RunError::Input(errors.diagnostics()))
            }
        }
    }
}

impl std::error::Error for PlanError {}

impl From<RunError> for PlanError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Input(errors) => PlanError::Input(errors),
            RunError::Internal { pass, errors } => PlanError::Internal { pass, errors },
        }
    }
}

impl From<Vec<Diagnostic>> for PlanError {
    fn from(errors: Vec<Diagnostic>) -> Self {
        PlanError::Input(errors)
    }
}

/// Plans functions of a valid module.
///
/// # Errors
/// What makes a program impossible to plan, or what went wrong in a pass.
pub fn plan(
    source: &Module,
    functions: &[Function],
    options: &PlanOptions<'_>,
    instrument: &mut dyn Instrument,
) -> Result<Planned, PlanError> {
    let mut planned = Planned { module: source.clone(), functions: Vec::new(), notes: Vec::new() };
    for &function in functions {
        let done = plan_function(source, function, options, &mut planned, instrument)?;
        planned.functions.push(done);
    }
    Ok(planned)
}

fn plan_function(
    source: &Module,
    function: Function,
    options: &PlanOptions<'_>,
    planned: &mut Planned,
    instrument: &mut dyn Instrument,
) -> Result<PlannedFunction, PlanError> {
    let &PlanOptions { pipeline, registry, target, results, verify_each } = options;
    let started = Instant::now();
    let name = function.name(source).to_owned();
    instrument.before_stage("program order");
    let figures = measure_source(source, function);
    let results = results.unwrap_or_else(|| results_as_written(source, function));
    planned.notes.extend(prepare(&mut planned.module, function, registry, target, results)?);
    instrument.before_stage("lower bound");
    let bounds = bounds(&planned.module, function, registry, target)?;
    let mut context = PassContext { module: &mut planned.module, function, registry, target, notes: Vec::new() };
    let run = run_pipeline(pipeline, &mut context, verify_each, instrument)?;
    planned.notes.append(&mut context.notes);
    instrument.before_stage("check");
    let certificate = match certify((source, function), (&planned.module, function), registry, target) {
        Ok(certificate) => certificate,
        Err(errors) => {
            let planned = Box::new(planned.module.clone());
            return Err(PlanError::Refused { function: name, planned, errors });
        }
    };
    let recompute = recomputation(source, function, registry)?;
    let seconds = started.elapsed().as_secs_f64();
    Ok(PlannedFunction { name, source: figures, run, bounds, recompute, certificate, seconds })
}

fn measure_source(module: &Module, function: Function) -> SourceFigures {
    let ops = module.block(function.body).ops().len().saturating_sub(1);
    SourceFigures { ops, program_order: program_order_peak(module, function) }
}

fn results_as_written(module: &Module, function: Function) -> ResultsIn {
    match module.find_attr(function.op, "memopt.results") {
        Some(Attr::String { value, .. }) if **value == *b"arena" => ResultsIn::Arena,
        _ => ResultsIn::Caller,
    }
}

/// The bound of a prepared function; what these passes do, ordering and placing, is all that it covers.
fn bounds(
    module: &Module,
    function: Function,
    registry: &Registry,
    target: &Target,
) -> Result<Bounds, Vec<Diagnostic>> {
    let analysis = Analysis::of(module, function, registry, target)?;
    let arena = lower_bound(module, &analysis).arena;
    let homes = memopt::analysis::result_homes(module, function);
    let results = function.results(module).iter().zip(&homes.donor);
    let owned = results.filter(|(_, donor)| donor.is_none() && !homes.in_arena);
    let bound = arena + owned.map(|(&value, _)| analysis.facts.bytes(value)).sum();
    Ok(Bounds { any_order: bound, any_plan: bound })
}

/// Nothing is recomputed yet; the total is what later overheads are held against.
fn recomputation(module: &Module, function: Function, registry: &Registry) -> Result<Recomputation, Vec<Diagnostic>> {
    let facts = memopt::dialect::Facts::of(module, function.op, registry)?;
    let ops = module.block(function.body).ops().iter();
    let flops_total = ops.map(|&op| cost::flops(module, &facts, op)).fold(0, u64::saturating_add);
    Ok(Recomputation { flops_total, ..Recomputation::default() })
}

/// The proof, where there is a plan to prove.
fn certify(
    before: (&Module, Function),
    after: (&Module, Function),
    registry: &Registry,
    target: &Target,
) -> Result<Option<Certificate>, CheckerErrors> {
    if after.0.find_attr(after.1.op, "memopt.arena_size").is_none() {
        return Ok(None);
    }
    checker::check(before, after, registry, target).map(Some)
}

/// Checks a planned function of `after` against the one of this name in `before`: the proof alone, without planning.
/// `None` where the function has no plan.
///
/// # Errors
/// Why the plan is refused.
pub fn check(
    before: &Module,
    after: &Module,
    function: &str,
    registry: &Registry,
    target: &Target,
) -> Result<Option<Certificate>, CheckerErrors> {
    let named = |module: &Module| module.functions().into_iter().find(|f| f.name(module) == function);
    match (named(before), named(after)) {
        (Some(of_before), Some(of_after)) => certify((before, of_before), (after, of_after), registry, target),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use memopt::ir::{FloatKind, FunctionBuilder, Type};
    use memopt::pass::{PassRegistry, Uninstrumented};

    #[test]
    fn a_module_is_planned_in_one_call() {
        let mut module = Module::new();
        let f32 = module.intern_type(Type::Float(FloatKind::from_name("f32").unwrap()));
        let row = module.tensor_type(&[16], f32);
        let mut main = FunctionBuilder::new(&mut module, "main", &[row]);
        let argument = main.argument(0);
        let result = main.op("stablehlo.negate").operands(&[argument]).results(&[row]).build();
        main.finish(&result);

        let mut passes = PassRegistry::new();
        crate::register_all(&mut passes);
        let pipeline = Pipeline::parse(passes.preset("default").unwrap().pipeline, &passes).unwrap();
        let (registry, target) = (Registry::new(), Target::default());
        let options =
            PlanOptions { pipeline: &pipeline, registry: &registry, target: &target, results: None, verify_each: true };
        let planned = plan(&module, &module.functions(), &options, &mut Uninstrumented).unwrap();
        let [main] = &planned.functions[..] else { panic!("one function") };
        assert_eq!(main.name, "main");
        assert_eq!(main.run.passes.len(), pipeline.stages().len());
    }
}

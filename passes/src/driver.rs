//! The planner as one call.
//!
//! A function goes through: measure it as read, run the passes that change the program, prepare it, run the passes that plan,
//! bound it from below, have the result checked. All work is done on a copy; the check refers to the program as read, or, where
//! a pass has rewritten it, to the rewritten one.

use std::fmt;
use std::time::Instant;

use memopt::analysis::{Analysis, LowerBound};
use memopt::checker::{self, Certificate, CheckerErrors};
use memopt::diag::Diagnostic;
use memopt::dialect::{Facts, Registry};
use memopt::ir::{Function, Module, structurally_equal};
use memopt::pass::{
    Instrument, PassContext, PassKind, Pipeline, ResultsIn, RunError, RunReport, number_operations, prepare,
    prepare_numbered, run_pipeline,
};
use memopt::target::Target;

use crate::budget::run_within_budget;
use crate::figures::{
    Bounds, Recomputation, SourceFigures, lower_bounds, measure_source, recomputation, results_as_written,
};

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
    /// The passes that rewrote the program, in order: the plan is proven against what the last of them left. None: against the
    /// program as read.
    pub rewritten_by: Vec<&'static str>,
    /// Lower bounds.
    pub bounds: Bounds,
    /// What the bound for any plan rests on, in the planned module.
    pub witness: LowerBound,
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
    let &PlanOptions { registry, target, results, .. } = options;
    let started = Instant::now();
    instrument.before_stage("program order");
    let figures = measure_source(source, function, registry, target)?;
    let results = results.unwrap_or_else(|| results_as_written(source, function));
    let (change, plan) = options.pipeline.split();
    let changed = change_program(&change, function, options, planned, instrument)?;
    planned.notes.extend(prepare_numbered(&mut planned.module, function, changed.facts, registry, target, results)?);
    let prepared = planned.module.clone();
    let mut run = changed.run;
    run.passes.append(&mut run_within_budget(function, plan.stages(), options, planned, instrument)?.passes);
    instrument.before_stage("lower bound");
    let analysis = Analysis::of(&planned.module, function, registry, target)?;
    let as_read = changed.as_read.map(|mut module| {
        prepare(&mut module, function, registry, target, results)?;
        Ok::<_, PlanError>(module)
    });
    let programs = (as_read.transpose()?, &prepared, &planned.module);
    let (bounds, witness) = lower_bounds(programs, function, (registry, target), &analysis)?;
    let recompute = recomputation(&planned.module, function, &analysis.facts, &figures, &run, target);
    instrument.before_stage("check");
    let before = (changed.rewritten.as_ref().unwrap_or(source), function);
    let after = (&planned.module, function);
    let certificate = match certify(before, after, registry, target) {
        Ok(certificate) => certificate,
        Err(errors) => return Err(refused(function, &planned.module, errors)),
    };
    Ok(PlannedFunction {
        name: function.name(source).to_owned(),
        source: figures,
        run,
        rewritten_by: changed.rewritten_by,
        bounds,
        witness,
        recompute,
        certificate,
        seconds: started.elapsed().as_secs_f64(),
    })
}

/// What the passes left that change the program.
struct Changed {
    /// Of the program that is now to be planned.
    facts: Facts,
    run: RunReport,
    /// The program as read, numbered, if it is another one now.
    as_read: Option<Module>,
    /// What the last pass left that rewrote it.
    rewritten: Option<Module>,
    rewritten_by: Vec<&'static str>,
}

/// Numbers a program and runs the passes on it that change it. What a rewriting pass leaves is numbered again.
fn change_program(
    pipeline: &Pipeline,
    function: Function,
    options: &PlanOptions<'_>,
    planned: &mut Planned,
    instrument: &mut dyn Instrument,
) -> Result<Changed, PlanError> {
    let &PlanOptions { registry, target, verify_each, .. } = options;
    let facts = number_operations(&mut planned.module, function, registry)?;
    let (mut run, mut rewritten, mut rewritten_by) = (RunReport::default(), None, Vec::new());
    if pipeline.stages().is_empty() {
        return Ok(Changed { facts, run, as_read: None, rewritten, rewritten_by });
    }
    let as_read = planned.module.clone();
    for stage in pipeline.stages() {
        let before = (stage.info().kind == PassKind::Rewrite).then(|| planned.module.clone());
        let mut context = PassContext::new(&mut planned.module, function, registry, target);
        let mut done = run_pipeline(std::slice::from_ref(stage), &mut context, verify_each, instrument)?;
        planned.notes.append(&mut context.notes);
        run.passes.append(&mut done.passes);
        if before.is_some_and(|before| !structurally_equal(&before, &planned.module)) {
            number_operations(&mut planned.module, function, registry)?;
            rewritten = Some(planned.module.clone());
            rewritten_by.push(stage.info().name);
        }
    }
    let facts = Facts::of(&planned.module, function.op, registry)?;
    let as_read = Some(as_read).filter(|as_read| !structurally_equal(as_read, &planned.module));
    Ok(Changed { facts, run, as_read, rewritten, rewritten_by })
}

fn refused(function: Function, planned: &Module, errors: CheckerErrors) -> PlanError {
    let name = function.name(planned).to_owned();
    PlanError::Refused { function: name, planned: Box::new(planned.clone()), errors }
}

/// The checker's answer; `None` where there is no plan to check.
fn certify(
    before: (&Module, Function),
    after: (&Module, Function),
    registry: &Registry,
    target: &Target,
) -> Result<Option<Certificate>, CheckerErrors> {
    let (module, function) = after;
    if module.find_attr(function.op, "memopt.arena_size").is_none() {
        return Ok(None);
    }
    checker::check(before, after, registry, target).map(Some)
}

/// Checks a planned function of `after` against `function` of `before`: the proof alone, without planning. `None` where
/// `after` has no plan for a function of this name.
///
/// # Errors
/// Why the plan is refused.
pub fn check(
    before: &Module,
    function: Function,
    after: &Module,
    registry: &Registry,
    target: &Target,
) -> Result<Option<Certificate>, CheckerErrors> {
    let name = function.name(before);
    let planned = after.functions().into_iter().find(|planned| planned.name(after) == name);
    planned.map_or(Ok(None), |planned| certify((before, function), (after, planned), registry, target))
}

#[cfg(test)]
mod tests {
    use super::*;
    use memopt::ir::{FloatKind, FunctionBuilder, Type};

    #[test]
    fn a_module_is_planned_in_one_call() {
        let mut module = Module::new();
        let f32 = module.intern_type(Type::Float(FloatKind::from_name("f32").unwrap()));
        let row = module.tensor_type(&[16], f32);
        let mut main = FunctionBuilder::new(&mut module, "main", &[row]);
        let argument = main.argument(0);
        let result = main.op("stablehlo.negate").operands(&[argument]).results(&[row]).build();
        main.finish(&result);

        let planner = crate::Planner::new("default").unwrap();
        let planned = planner.plan(&module).unwrap();
        let [main] = &planned.functions[..] else { panic!("one function") };
        assert_eq!(main.name, "main");
        assert_eq!(main.run.passes.len(), planner.pipeline.stages().len());
    }
}

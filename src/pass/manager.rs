//! Runs a pipeline over one function.

use std::fmt;
use std::time::Instant;

use super::pipeline::Stage;
use super::{AddedWork, Gap, Instrument, PassContext, PassOutcome};
use crate::diag::Diagnostic;
use crate::ir;
use crate::plan::StopReason;

/// What one pass did.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PassReport {
    /// Its name.
    pub name: &'static str,
    /// Wall-clock time, verification not counted.
    pub seconds: f64,
    /// Why its search stopped.
    pub stop: StopReason,
    /// How good its answer is, where it minimises bytes.
    pub gap: Option<Gap>,
    /// What it added to the work of the function to save memory, where it did.
    pub added: Option<AddedWork>,
}

/// What a run did.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct RunReport {
    /// The passes, as they ran.
    pub passes: Vec<PassReport>,
}

/// Why a run ended early. The module is then in an unspecified state and must be dropped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RunError {
    /// The program cannot be processed as asked.
    Input(Vec<Diagnostic>),
    /// A pass left an invalid module behind: an error in the pass.
    Internal {
        /// The pass.
        pass: &'static str,
        /// What the verifier found.
        errors: Vec<Diagnostic>,
    },
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = match self {
            RunError::Input(errors) => errors,
            RunError::Internal { pass, errors } => {
                write!(f, "internal error in pass {pass}: ")?;
                errors
            }
        };
        let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
        f.write_str(&messages.join("; "))
    }
}

impl std::error::Error for RunError {}

/// Runs passes of a pipeline in order; with `verify_each`, verifies the module after each.
///
/// # Errors
/// What a pass says of its input, or what the verifier says of a pass.
pub fn run_pipeline(
    stages: &[Stage],
    context: &mut PassContext<'_>,
    verify_each: bool,
    instrument: &mut dyn Instrument,
) -> Result<RunReport, RunError> {
    let mut report = RunReport::default();
    for stage in stages {
        instrument.before_pass(stage.info(), context.module, context.function);
        let done = run_stage(stage, context).map_err(RunError::Input)?;
        if verify_each {
            ir::verify(context.module).map_err(|errors| RunError::Internal { pass: done.name, errors })?;
        }
        instrument.after_pass(stage.info(), context.module, context.function, &done);
        report.passes.push(done);
    }
    Ok(report)
}

fn run_stage(stage: &Stage, context: &mut PassContext<'_>) -> Result<PassReport, Vec<Diagnostic>> {
    let pass = stage.build();
    let started = Instant::now();
    context.offered = context.kept.take();
    debug_assert!(
        context.offered.is_none() || context.offered == context.analyse().ok(),
        "an analysis was kept too long"
    );
    let outcome = pass.run(context)?;
    context.offered = None;
    let seconds = started.elapsed().as_secs_f64();
    let PassOutcome { stop, gap, added } = outcome;
    Ok(PassReport { name: stage.info().name, seconds, stop, gap, added })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Registry;
    use crate::ir::{FloatKind, Function, FunctionBuilder, Module, Type};
    use crate::pass::{
        OptionInfo, OptionValues, Pass, PassInfo, PassKind, PassOptions, PassRegistry, Pipeline, Uninstrumented,
    };
    use crate::target::Target;

    /// Does nothing, gives up, or leaves an invalid module behind, as its option says.
    struct Trouble(&'static str);

    static TROUBLE: PassInfo = PassInfo {
        name: "trouble",
        help: "makes trouble",
        kind: PassKind::Plan,
        options: &[OptionInfo {
            name: "kind",
            help: "which",
            values: OptionValues::OneOf(&["none", "keep", "offered", "nothing-offered", "input", "internal"]),
            default: "none",
        }],
        not_before: &[],
    };

    impl Pass for Trouble {
        fn info(&self) -> &'static PassInfo {
            &TROUBLE
        }

        fn run(&self, context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>> {
            match self.0 {
                "keep" => {
                    let analysis = context.analysis()?;
                    context.keep(analysis);
                }
                "offered" => assert!(context.offered.is_some()),
                "nothing-offered" => assert!(context.offered.is_none()),
                "input" => return Err(vec![Diagnostic::error(ir::Span::default(), "gives up")]),
                "internal" => {
                    let body = context.function.body;
                    let reversed = context.module.block(body).ops().iter().rev().copied().collect();
                    context.module.set_order(body, reversed);
                }
                _ => {}
            }
            Ok(PassOutcome::new(StopReason::Saturated))
        }
    }

    fn negate() -> (Module, Function) {
        let mut module = Module::new();
        let f32 = module.intern_type(Type::Float(FloatKind::from_name("f32").unwrap()));
        let row = module.tensor_type(&[16], f32);
        let mut main = FunctionBuilder::new(&mut module, "main", &[row]);
        let argument = main.argument(0);
        let result = main.op("stablehlo.negate").operands(&[argument]).results(&[row]).build();
        let function = main.finish(&result);
        (module, function)
    }

    fn run(text: &str, verify_each: bool) -> Result<RunReport, RunError> {
        let mut passes = PassRegistry::new();
        passes.register(&TROUBLE, |options: &PassOptions| Box::new(Trouble(options.word("kind"))));
        let pipeline = Pipeline::parse(text, &passes).unwrap();
        let (mut module, function) = negate();
        let (registry, target) = (Registry::empty(), Target::default());
        let mut context = PassContext::new(&mut module, function, &registry, &target);
        run_pipeline(pipeline.stages(), &mut context, verify_each, &mut Uninstrumented)
    }

    #[test]
    fn passes_run_in_order_and_are_reported() {
        let report = run("trouble,trouble{kind=none}", true).unwrap();
        let names: Vec<_> = report.passes.iter().map(|pass| (pass.name, pass.stop)).collect();
        assert_eq!(names, [("trouble", StopReason::Saturated); 2]);
    }

    #[test]
    fn an_analysis_is_kept_for_the_next_pass_alone() {
        run(
            "trouble{kind=nothing-offered},trouble{kind=keep},trouble{kind=offered},trouble{kind=nothing-offered}",
            true,
        )
        .unwrap();
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "an analysis was kept too long")]
    fn an_analysis_that_is_not_of_the_function_as_it_is_was_kept_too_long() {
        let (mut module, function) = negate();
        let (registry, target) = (Registry::new(), Target::default());
        let mut context = PassContext::new(&mut module, function, &registry, &target);
        let analysis = context.analysis().unwrap();
        context.keep(analysis);
        let last = function.body;
        let op = context.module.block(last).ops()[0];
        let copy = context.module.clone_op(op);
        context.module.insert(last, 1, copy);
        let mut passes = PassRegistry::new();
        passes.register(&TROUBLE, |options: &PassOptions| Box::new(Trouble(options.word("kind"))));
        let pipeline = Pipeline::parse("trouble", &passes).unwrap();
        _ = run_pipeline(pipeline.stages(), &mut context, false, &mut Uninstrumented);
    }

    #[test]
    fn what_a_pass_says_of_its_input_is_no_internal_error() {
        assert!(matches!(run("trouble{kind=input}", true), Err(RunError::Input(errors)) if errors.len() == 1));
    }

    #[test]
    fn an_invalid_module_is_an_error_of_the_pass() {
        let error = run("trouble{kind=internal}", true).unwrap_err();
        assert!(matches!(&error, RunError::Internal { pass: "trouble", .. }));
        assert!(error.to_string().starts_with("internal error in pass trouble: "), "{error}");
        assert!(run("trouble{kind=internal}", false).is_ok());
    }
}

//! The tool from start to end: choose the pipeline, read, split, plan each part, tell, write.

use std::io::{self, IsTerminal};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use memopt::diag::Diagnostic;
use memopt::dialect::Registry;
use memopt::ir::{self, Function, Module, Span};
use memopt::pass::{Pipeline, did_you_mean};
use memopt::text::{self, ParseLimits};
use memopt_passes::{PlanError, PlanOptions, Planned, PlannedFunction};

use crate::Exit;
use crate::args::Args;
use crate::explain::{self, Explanation};
use crate::input::{self, Chunk, Input, InputError, SEPARATOR};
use crate::instruments::Watch;
use crate::output::{self, OutputError, say};
use crate::pareto::{self, ParetoError};
use crate::pipeline::{self, PipelineError};
use crate::render::{Renderer, Source};
use crate::report::{Report, to_json};
use crate::reproducer;
use crate::verify_diagnostics;
use crate::{emit, summary};

/// Runs the tool, and says on standard error what went wrong.
pub fn run(args: &Args) -> Exit {
    match execute(args) {
        Ok(exit) => exit,
        Err(failure) => {
            say(&failure.describe(args));
            Exit::Usage
        }
    }
}

/// What ends the tool before there is anything to say about the program.
enum Failure {
    Input(InputError),
    Output(OutputError),
    Pipeline(PipelineError),
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        Failure::Input(error)
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        Failure::Output(error)
    }
}

impl From<PipelineError> for Failure {
    fn from(error: PipelineError) -> Self {
        Failure::Pipeline(error)
    }
}

impl Failure {
    fn describe(&self, args: &Args) -> String {
        let renderer = Renderer::for_stderr();
        match self {
            Failure::Input(error) => renderer.render_error(&error.to_string()),
            Failure::Output(error) => renderer.render_error(&error.to_string()),
            Failure::Pipeline(PipelineError::Flag(message)) => renderer.render_error(message),
            Failure::Pipeline(PipelineError::Text(errors)) => {
                let text = args.pass_pipeline.as_deref().unwrap_or_default();
                renderer.render(errors, &Source::new("--pass-pipeline", text), 0)
            }
        }
    }
}

fn execute(args: &Args) -> Result<Exit, Failure> {
    let passes = pipeline::all_passes();
    if args.list_passes {
        output::write(None, &pipeline::list(&passes))?;
        return Ok(Exit::Fine);
    }
    let pipeline = pipeline::choose(args, &passes)?;
    if args.show_pipeline {
        output::write(None, &format!("{pipeline}\n"))?;
        return Ok(Exit::Fine);
    }
    let tool = Tool { args, pipeline, registry: registry(args), renderer: Renderer::for_stderr() };
    match (&args.check[..], args.pareto) {
        ([before, after], _) => tool.check(before, after),
        (_, Some(points)) => tool.pareto(usize::from(points)),
        _ => tool.plan_file(),
    }
}

/// What operations mean: the native target's kernels need scratch memory of their own.
fn registry(args: &Args) -> Registry {
    if args.target.name == memopt_mlir::TARGET { memopt_mlir::registry() } else { Registry::new() }
}

/// What all parts of a run need.
struct Tool<'a> {
    args: &'a Args,
    pipeline: Pipeline,
    registry: Registry,
    renderer: Renderer,
}

/// What became of one part of the input.
struct Outcome {
    exit: Exit,
    /// The planned IR, where there is some.
    text: Option<String>,
    reports: Vec<Report>,
}

impl Outcome {
    fn without_text(exit: Exit) -> Outcome {
        Outcome { exit, text: None, reports: Vec::new() }
    }
}

impl Tool<'_> {
    /// Plans all parts of the input. Files are written last, and only if all went well.
    fn plan_file(&self) -> Result<Exit, Failure> {
        let input = input::read(&self.args.input, self.args.max_input_bytes)?;
        let source = Source::new(&input.name, &input.text);
        let chunks = input::chunks(&input.text, self.args.split_input_file);
        let outcomes: Vec<Outcome> = chunks.iter().map(|chunk| self.process(chunk, &source)).collect();
        let exit = outcomes.iter().map(|outcome| outcome.exit).max().unwrap_or(Exit::Fine);
        if exit == Exit::Fine && !self.args.verify_only {
            self.write(outcomes)?;
        }
        Ok(exit)
    }

    fn write(&self, outcomes: Vec<Outcome>) -> Result<(), Failure> {
        let (mut texts, mut reports) = (Vec::new(), Vec::new());
        for mut outcome in outcomes {
            texts.extend(outcome.text);
            reports.append(&mut outcome.reports);
        }
        let (text, report) = (texts.join(&format!("{SEPARATOR}\n")), to_json(&reports));
        let mut outputs = vec![(self.args.output.as_deref(), text.as_str())];
        outputs.extend(self.args.report.as_deref().map(|path| (Some(path), report.as_str())));
        Ok(output::write_all(&outputs)?)
    }

    /// Plans one part of the input and tells how it went.
    fn process(&self, chunk: &Chunk<'_>, source: &Source<'_>) -> Outcome {
        // A panic has printed its message already; what is missing is the file that shows it again.
        let Ok(result) = panic::catch_unwind(AssertUnwindSafe(|| self.plan_text(chunk.text))) else {
            return self.tell_of_our_error("the planner panicked", &[], chunk, source);
        };
        let diagnostics = match &result {
            Ok(planned) => &planned.notes,
            Err(PlanError::Input(errors)) => errors,
            Err(PlanError::Internal { pass, errors }) => {
                return self.tell_of_our_error(&format!("internal error in pass {pass}"), errors, chunk, source);
            }
            Err(PlanError::Refused { function, errors, .. }) => {
                let what = format!("the checker refused the plan of @{function}");
                return self.tell_of_our_error(&what, &errors.diagnostics(), chunk, source);
            }
        };
        if self.args.verify_diagnostics {
            let mismatches = verify_diagnostics::compare(chunk.text, diagnostics);
            say(&self.renderer.render(&mismatches, source, chunk.offset));
            if !mismatches.is_empty() {
                return Outcome::without_text(Exit::Diagnostics);
            }
        } else {
            say(&self.renderer.render(diagnostics, source, chunk.offset));
        }
        match result {
            Ok(planned) => self.tell_of_plans(&planned, chunk, source),
            Err(_) if self.args.verify_diagnostics => Outcome::without_text(Exit::Fine),
            Err(_) => Outcome::without_text(Exit::Diagnostics),
        }
    }

    /// Plans one function for several budgets, and writes what they cost.
    fn pareto(&self, points: usize) -> Result<Exit, Failure> {
        let input = input::read(&self.args.input, self.args.max_input_bytes)?;
        let (Some(module), source) = (self.parse_or_tell(&input), Source::new(&input.name, &input.text)) else {
            return Ok(Exit::Diagnostics);
        };
        let functions = match self.functions(&module) {
            Ok(functions) => functions,
            Err(errors) => {
                say(&self.renderer.render(&errors, &source, 0));
                return Ok(Exit::Diagnostics);
            }
        };
        let [function] = functions[..] else {
            let message = format!("--pareto is for one function, here are {}: add --function", functions.len());
            return Err(PipelineError::Flag(message).into());
        };
        let plan = |pipeline: &Pipeline, module: &Module, function| {
            let planned = memopt_passes::plan(module, &[function], &self.options(pipeline), &mut Watch::new(self.args));
            planned.map(|mut planned| planned.functions.remove(0))
        };
        match pareto::pareto(&self.pipeline, points, (&module, function), plan) {
            Ok(points) => {
                let (table, picture) = (pareto::table(&points), pareto::svg(&points));
                let json = to_json(&points);
                let mut outputs = vec![(None, table.as_str())];
                outputs.extend(self.args.report.as_deref().map(|path| (Some(path), json.as_str())));
                outputs.extend(self.args.svg.as_deref().map(|path| (Some(path), picture.as_str())));
                output::write_all(&outputs)?;
                Ok(Exit::Fine)
            }
            Err(ParetoError::Usage(message)) => Err(PipelineError::Flag(message).into()),
            Err(ParetoError::Plan(PlanError::Input(errors))) => {
                say(&self.renderer.render(&errors, &source, 0));
                Ok(Exit::Diagnostics)
            }
            Err(ParetoError::Plan(error)) => {
                let chunk = Chunk { text: &input.text, offset: 0 };
                Ok(self.tell_of_our_error(&error.to_string(), &[], &chunk, &source).exit)
            }
        }
    }

    fn options<'a>(&'a self, pipeline: &'a Pipeline) -> PlanOptions<'a> {
        PlanOptions {
            pipeline,
            registry: &self.registry,
            target: &self.args.target,
            results: self.args.results.map(Into::into),
            verify_each: self.args.verify_each,
        }
    }

    fn plan_text(&self, text: &str) -> Result<Planned, PlanError> {
        let module = self.parse(text)?;
        let functions = self.functions(&module)?;
        // Without passes there is nothing to plan: the file is read, verified and printed, as mlir-opt does it.
        if self.args.verify_only || self.pipeline.stages().is_empty() {
            return Ok(Planned { module, functions: Vec::new(), notes: Vec::new() });
        }
        memopt_passes::plan(&module, &functions, &self.options(&self.pipeline), &mut Watch::new(self.args))
    }

    fn parse(&self, text: &str) -> Result<Module, Vec<Diagnostic>> {
        let max_bytes = usize::try_from(self.args.max_input_bytes.0).unwrap_or(usize::MAX);
        let module = text::parse(text, &ParseLimits { max_bytes, ..ParseLimits::default() })?;
        ir::verify(&module)?;
        Ok(module)
    }

    /// The functions that the command line asks for.
    fn functions(&self, module: &Module) -> Result<Vec<Function>, Vec<Diagnostic>> {
        let mut functions = module.functions();
        if let Some(name) = &self.args.function {
            let known: Vec<&str> = functions.iter().map(|function| function.name(module)).collect();
            let error = Diagnostic::error(Span::default(), format!("no function @{name} has a body"));
            let error = error.help(did_you_mean(name, known));
            functions.retain(|function| function.name(module) == name);
            if functions.is_empty() {
                return Err(vec![error]);
            }
        }
        Ok(functions)
    }

    fn tell_of_plans(&self, planned: &Planned, chunk: &Chunk<'_>, source: &Source<'_>) -> Outcome {
        let input = self.args.input.display().to_string();
        let pipeline = self.pipeline.to_string();
        let wants_summary = self.args.stats || (io::stderr().is_terminal() && !self.args.verify_diagnostics);
        let mut reports = Vec::new();
        for function in &planned.functions {
            let wants_reasons = wants_summary || self.args.explain;
            let explanation = wants_reasons.then(|| self.explain(planned, function, chunk, source)).flatten();
            if wants_summary {
                say(&summary::summary(function));
                say(&explanation.as_ref().map(Explanation::brief).unwrap_or_default());
            }
            if self.args.explain {
                say(&explanation.as_ref().map(|why| why.tell(&function.name)).unwrap_or_default());
            }
            if self.args.timing {
                say(&summary::timing(function));
            }
            let explained = explanation.filter(|_| self.args.explain);
            reports.push(Report { explain: explained, ..Report::new(&input, &pipeline, function) });
        }
        if self.args.verify_only {
            return Outcome { exit: Exit::Fine, text: None, reports };
        }
        match emit::emit(self.args.emit, &planned.module, &self.registry, &self.args.target) {
            Ok(text) => Outcome { exit: Exit::Fine, text: Some(text), reports },
            Err(errors) => {
                say(&self.renderer.render(&errors, source, chunk.offset));
                Outcome::without_text(Exit::Diagnostics)
            }
        }
    }

    /// What holds memory at the peak of a plan.
    fn explain(
        &self,
        planned: &Planned,
        function: &PlannedFunction,
        chunk: &Chunk<'_>,
        source: &Source<'_>,
    ) -> Option<Explanation> {
        let module = &planned.module;
        let of_name = |candidate: &Function| candidate.name(module) == function.name;
        let of = module.functions().into_iter().find(of_name).filter(|_| function.certificate.is_some())?;
        let planned = explain::Planned { module, function: of, source, offset: chunk.offset };
        explain::explain(&planned, &function.witness, &self.registry, &self.args.target)
    }

    /// An error in memopt: says so, and leaves a file that shows it again.
    fn tell_of_our_error(&self, what: &str, errors: &[Diagnostic], chunk: &Chunk<'_>, source: &Source<'_>) -> Outcome {
        say(&self.renderer.render(errors, source, chunk.offset));
        let where_to = match reproducer::write(self.args, &self.pipeline, chunk.text) {
            Ok(path) => format!("{} shows it again: please report it", path.display()),
            Err(error) => format!("no reproducer: {error}"),
        };
        say(&self.renderer.render_error(&format!("{what}; this is an error in memopt; {where_to}")));
        Outcome::without_text(Exit::Refused)
    }

    /// Checks a planned file against the file it was planned from.
    fn check(&self, before: &Path, after: &Path) -> Result<Exit, Failure> {
        let limit = self.args.max_input_bytes;
        let (before, after) = (input::read(before, limit)?, input::read(after, limit)?);
        let (Some(original), Some(planned)) = (self.parse_or_tell(&before), self.parse_or_tell(&after)) else {
            return Ok(Exit::Diagnostics);
        };
        let functions = match self.functions(&original) {
            Ok(functions) => functions,
            Err(errors) => {
                say(&self.renderer.render(&errors, &Source::new(&before.name, &before.text), 0));
                return Ok(Exit::Diagnostics);
            }
        };
        let exits = functions.iter().map(|&function| self.check_function(&original, function, &planned, &after));
        Ok(exits.max().unwrap_or(Exit::Fine))
    }

    fn parse_or_tell(&self, input: &Input) -> Option<Module> {
        let tell = |errors: Vec<Diagnostic>| {
            say(&self.renderer.render(&errors, &Source::new(&input.name, &input.text), 0));
        };
        self.parse(&input.text).map_err(tell).ok()
    }

    fn check_function(&self, original: &Module, function: Function, planned: &Module, after: &Input) -> Exit {
        let name = function.name(original);
        match memopt_passes::check(original, function, planned, &self.registry, &self.args.target) {
            Ok(Some(certificate)) => {
                say(&summary::certified(name, &certificate));
                Exit::Fine
            }
            Ok(None) => {
                say(&self.renderer.render_error(&format!("@{name} of {} has no plan to check", after.name)));
                Exit::Diagnostics
            }
            Err(errors) => {
                let source = Source::new(&after.name, &after.text);
                say(&self.renderer.render(&errors.diagnostics(), &source, 0));
                say(&self.renderer.render_error(&format!("the plan of @{name} is wrong")));
                Exit::Refused
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use memopt::pass::{OptionInfo, OptionValues, Pass, PassContext, PassInfo, PassKind, PassOutcome, PassRegistry};
    use memopt::plan::StopReason;

    const SOURCE: &str = r#""func.func"() <{function_type = () -> (), sym_name = "main"}> ({
  "test.a"() : () -> ()
  "func.return"() : () -> ()
}) : () -> ()
"#;

    /// Breaks what passes promise, in the way that its option says.
    struct Broken(&'static str);

    static BROKEN: PassInfo = PassInfo {
        name: "broken",
        help: "breaks",
        kind: PassKind::Plan,
        options: &[OptionInfo {
            name: "how",
            help: "how",
            values: OptionValues::OneOf(&["invalid", "panic"]),
            default: "invalid",
        }],
        not_before: &[],
    };

    impl Pass for Broken {
        fn info(&self) -> &'static PassInfo {
            &BROKEN
        }

        fn run(&self, context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>> {
            assert!(self.0 == "invalid", "as asked");
            let last = context.function.terminator(context.module).expect("functions end in one");
            context.module.erase(last);
            Ok(PassOutcome::new(StopReason::Saturated))
        }
    }

    /// Runs the broken pass; returns the exit code and the reproducer.
    fn run_broken(pipeline: &str) -> (Exit, String) {
        let directory = tempfile::tempdir().unwrap();
        let reproducer = directory.path().join("reproducer.mlir");
        let mut args = Args::parse_from(["memopt-opt", "--verify-diagnostics"]);
        args.reproducer = Some(reproducer.clone());
        let mut passes = PassRegistry::new();
        passes.register(&BROKEN, |options| Box::new(Broken(options.word("how"))));
        let pipeline = Pipeline::parse(pipeline, &passes).unwrap();
        let tool = Tool { args: &args, pipeline, registry: Registry::new(), renderer: Renderer::new(false) };
        let outcome = tool.process(&Chunk { offset: 0, text: SOURCE }, &Source::new("in.mlir", SOURCE));
        (outcome.exit, std::fs::read_to_string(reproducer).unwrap())
    }

    #[test]
    fn errors_in_memopt_leave_a_reproducer() {
        for pipeline in ["broken", "broken{how=panic}"] {
            let (exit, reproducer) = run_broken(pipeline);
            assert_eq!(exit, Exit::Refused);
            assert_eq!(reproducer, format!("// memopt-opt --pass-pipeline='{pipeline}' --target=generic\n{SOURCE}"));
        }
    }
}

//! The tool from start to end: read the program and its inputs, run, compare, write.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use memopt::diag::Diagnostic;
use memopt::dialect::Registry;
use memopt::ir::{self, Attr, Bytes, Function, Module, Span};
use memopt::pass::did_you_mean;
use memopt::text::{self, ParseLimits};
use memopt_opt::input::{self, Input};
use memopt_opt::output::{self, say};
use memopt_opt::render::{Renderer, Source};

use crate::args::Args;
use crate::backend::{self, Program};
use crate::compare::difference;
use crate::ops::describe;
use crate::tensor::{Tensor, TensorSpec};
use crate::{Exit, archive, native, sample};

/// Runs the tool, and says on standard error what went wrong.
pub fn run(args: &Args) -> Exit {
    let renderer = Renderer::for_stderr();
    let input = match input::read(&args.input, args.max_input_bytes) {
        Ok(input) => input,
        Err(error) => {
            say(&renderer.render_error(&error.to_string()));
            return Exit::Usage;
        }
    };
    match execute(args, &input) {
        Ok(exit) => exit,
        Err(Failure::Program(errors)) => {
            say(&renderer.render(&errors, &Source::new(&input.name, &input.text), 0));
            Exit::Diagnostics
        }
        Err(Failure::File(what)) => {
            say(&renderer.render_error(&what));
            Exit::Usage
        }
    }
}

/// What ends a run early.
enum Failure {
    /// The program, its plan or its inputs are wrong.
    Program(Vec<Diagnostic>),
    /// A file cannot be read or written.
    File(String),
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(errors: Vec<Diagnostic>) -> Self {
        Failure::Program(errors)
    }
}

impl From<archive::ArchiveError> for Failure {
    fn from(error: archive::ArchiveError) -> Self {
        Failure::File(error.to_string())
    }
}

impl From<output::OutputError> for Failure {
    fn from(error: output::OutputError) -> Self {
        Failure::File(error.to_string())
    }
}

fn execute(args: &Args, input: &Input) -> Result<Exit, Failure> {
    let max_bytes = usize::try_from(args.max_input_bytes.0).unwrap_or(usize::MAX);
    let module = text::parse(&input.text, &ParseLimits { max_bytes, ..ParseLimits::default() })?;
    ir::verify(&module)?;
    let function = choose(&module, args.function.as_deref())?;
    let registry = registry(&module, function);
    let program = Program { module: &module, function, registry: &registry, limits: args.limits() };
    if let Some(path) = &args.emit_object {
        let header = native::write_object(program, path)?;
        output::write(Some(&path.with_extension("h")), &header)?;
        return Ok(Exit::Fine);
    }
    let inputs = inputs(args, &module, function)?;
    let mut backend = backend::open(args.backend, program, args.mode)?;
    let mut told = String::new();
    let mut results = Vec::new();
    for round in 1..=args.repeat.unwrap_or(1) {
        let started = Instant::now();
        results = backend.run(&inputs)?;
        if args.repeat.is_some() {
            // Writing to a string cannot fail.
            let _ = writeln!(told, "run {round}: {:.6} s", started.elapsed().as_secs_f64());
        }
    }
    let exit = match &args.compare {
        Some(path) => compare(path, args, &results, &mut told)?,
        None => Exit::Fine,
    };
    if let Some(path) = &args.outputs {
        output::write_bytes(&[(Some(path), &archive::archive_of("out", &results)?)])?;
    }
    output::write(None, &told)?;
    Ok(exit)
}

/// What operations mean. The kernels of the native target need scratch memory of their own.
fn registry(module: &Module, function: Function) -> Registry {
    let native = memopt_mlir::TARGET.as_bytes();
    match module.find_attr(function.op, "memopt.target") {
        Some(Attr::String { value, .. }) if **value == *native => memopt_mlir::registry(),
        _ => Registry::new(),
    }
}

/// The function of this name, else `main`, else the only one.
fn choose(module: &Module, name: Option<&str>) -> Result<Function, Vec<Diagnostic>> {
    let functions = module.functions();
    let wanted = name.unwrap_or("main");
    if let Some(&found) = functions.iter().find(|function| function.name(module) == wanted) {
        return Ok(found);
    }
    match (name, &functions[..]) {
        (None, &[only]) => Ok(only),
        _ => {
            let error = Diagnostic::error(Span::default(), format!("no function @{wanted} has a body"));
            let known: Vec<&str> = functions.iter().map(|function| function.name(module)).collect();
            Err(vec![error.help(did_you_mean(wanted, known))])
        }
    }
}

fn inputs(args: &Args, module: &Module, function: Function) -> Result<Vec<Tensor>, Failure> {
    let span = module.op(function.op).span;
    let wrong = |what: String| vec![Diagnostic::error(span, what).label("in this function")];
    let arguments = function.arguments(module);
    let specs: Result<Vec<TensorSpec>, String> =
        arguments.iter().map(|&value| TensorSpec::of(module, module.value(value).ty)).collect();
    let bytes: Bytes = specs.map_err(wrong)?.iter().map(|spec| Bytes(spec.bytes() as u64)).sum();
    if bytes > args.max_bytes {
        return Err(wrong(format!("its arguments are {bytes}; raise --max-bytes if memory is there")).into());
    }
    match (&args.inputs, args.random_inputs) {
        (Some(path), _) => Ok(archive::read(path, "in", args.max_bytes)?),
        (None, Some(seed)) => Ok(sample::inputs(module, function, seed).map_err(wrong)?),
        (None, None) if arguments.is_empty() => Ok(Vec::new()),
        (None, None) => {
            let error = Diagnostic::error(span, format!("@{} takes arguments", function.name(module)));
            Err(vec![error.help("give --inputs=IN.safetensors or --random-inputs=SEED")].into())
        }
    }
}

/// Prints the largest difference of each result.
fn compare(path: &Path, args: &Args, results: &[Tensor], told: &mut String) -> Result<Exit, Failure> {
    let expected = archive::read(path, "out", args.max_bytes)?;
    let mut exit = Exit::Fine;
    if expected.len() != results.len() {
        let _ = writeln!(told, "{} results instead of {}", results.len(), expected.len());
        exit = Exit::Diagnostics;
    }
    for (index, (found, expected)) in results.iter().zip(&expected).enumerate() {
        let (line, fine) = match difference(found, expected) {
            Ok(found) => (format!("{:.3e} at element {}", found.largest, found.at), found.largest <= args.tolerance),
            Err(problem) => (problem, false),
        };
        let verdict = if fine { "" } else { "  TOO FAR" };
        let _ = writeln!(told, "out.{index:03}  {:<24} {line}{verdict}", describe(&expected.spec()));
        exit = exit.max(if fine { Exit::Fine } else { Exit::Diagnostics });
    }
    Ok(exit)
}

//! The only calls into the planner: everything else in this crate works on text.

use std::fmt::Write as _;

use memopt::analysis::Analysis;
use memopt::diag::Diagnostic;
use memopt::dialect::Registry;
use memopt::ir::{Module, verify};
use memopt::pass::{PassRegistry, ResultsIn};
use memopt::target::Target;
use memopt::text::{self, ParseLimits};
use memopt_passes::{Certificate, Planned, PlannedFunction, Planner};

use crate::case::Flags;
use crate::mark;
use crate::table::table;

/// A planned file, verified and checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedText {
    /// The module after the pipeline.
    pub ir: String,
    /// The plan as a table, see [`crate::table`].
    pub table: String,
    /// The numbers of the report that are the same in every run: bytes, stop reasons, the certificate.
    pub numbers: String,
    /// Warnings and notes.
    pub notes: Vec<Diagnostic>,
}

/// Why there is no plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PlanError {
    /// The input cannot be planned.
    Input(Vec<Diagnostic>),
    /// The verifier or the checker refused what the passes made: an error of ours.
    Refused(Vec<Diagnostic>),
}

/// Parses and verifies a module and prints it.
///
/// # Errors
/// What is wrong with the text.
pub fn parse(source: &str) -> Result<String, Vec<Diagnostic>> {
    Ok(text::print(&read(source)?))
}

/// Parses, runs the pipeline, verifies, and checks the result against the source.
///
/// # Errors
/// What is wrong with the source, or with what the passes made of it.
pub fn plan(source: &str, pipeline: &str, flags: &Flags) -> Result<PlannedText, PlanError> {
    let module = read(source).map_err(PlanError::Input)?;
    let mut passes = PassRegistry::new();
    memopt_passes::register_all(&mut passes);
    passes.register(&mark::INFO, mark::build);
    let mut planner = Planner::with_passes(pipeline, &passes).map_err(PlanError::Input)?;
    planner.results = flags.results_in_arena.then_some(ResultsIn::Arena);
    let Planned { module, functions, notes } = planner.plan(&module).map_err(|error| match error {
        memopt_passes::PlanError::Input(errors) => PlanError::Input(errors),
        memopt_passes::PlanError::Internal { errors, .. } => PlanError::Refused(errors),
        memopt_passes::PlanError::Refused { errors, .. } => PlanError::Refused(errors.diagnostics()),
    })?;
    let mut tables = String::new();
    for function in module.functions() {
        let analysis =
            Analysis::of(&module, function, &planner.registry, &planner.target).map_err(PlanError::Refused)?;
        tables += &table(&module, function, &analysis);
    }
    let numbers = functions.iter().map(numbers).collect();
    Ok(PlannedText { ir: text::print(&module), table: tables, numbers, notes })
}

/// Checks a planned file against the file it was made from; the certificate as text.
///
/// # Errors
/// What is wrong with either text, or with the plan; places are in `after`.
pub fn check(before: &str, after: &str) -> Result<String, Vec<Diagnostic>> {
    let (before, after) = (read(before)?, read(after)?);
    let (registry, target) = (Registry::new(), Target::default());
    let mut out = String::new();
    for function in before.functions() {
        let certificate = memopt_passes::check(&before, function, &after, &registry, &target);
        match certificate.map_err(|errors| errors.diagnostics())? {
            Some(certificate) => out += &certified(&certificate),
            None => out += "no plan\n",
        }
    }
    Ok(out)
}

fn read(source: &str) -> Result<Module, Vec<Diagnostic>> {
    let module = text::parse(source, &ParseLimits::default())?;
    verify(&module)?;
    Ok(module)
}

fn numbers(planned: &PlannedFunction) -> String {
    let mut out = format!("@{}: {} operations\n", planned.name, planned.source.ops);
    // Writing to a string cannot fail.
    let mut line = |what: &str, value: String| _ = writeln!(out, "{what:<14} {value}");
    line("program order", planned.source.program_order.0.to_string());
    line("lower bound", planned.bounds.any_order.0.to_string());
    for pass in &planned.run.passes {
        line(pass.name, pass.stop.to_string());
    }
    match &planned.certificate {
        Some(certificate) => out += &certified(certificate),
        None => out += "not a plan yet\n",
    }
    out
}

fn certified(certificate: &Certificate) -> String {
    let rows = [
        ("arguments", certificate.arguments),
        ("results", certificate.results),
        ("arena", certificate.arena),
        ("planned", certificate.planned),
        ("peak live", certificate.peak_live),
        ("hosted", certificate.hosted),
        ("copies", certificate.copies),
    ];
    rows.iter().map(|(what, bytes)| format!("{what:<14} {}\n", bytes.0)).collect()
}

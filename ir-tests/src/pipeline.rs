//! The only calls into the planner: everything else in this crate works on text.

use memopt::diag::Diagnostic;
use memopt::ir::Span;

use crate::case::Flags;

/// Whether the functions below reach the planner. While they do not, the tests that need them are reported as ignored.
pub const WIRED: bool = false;

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
    Err(vec![unwired(source)])
}

/// Parses, runs the pipeline, verifies, and checks the result against the source.
///
/// # Errors
/// What is wrong with the source, or with what the passes made of it.
pub fn plan(source: &str, _pipeline: &str, _flags: &Flags) -> Result<PlannedText, PlanError> {
    Err(PlanError::Input(vec![unwired(source)]))
}

/// Checks a planned file against the file it was made from; the certificate as text.
///
/// # Errors
/// What is wrong with either text, or with the plan; places are in `after`.
pub fn check(_before: &str, after: &str) -> Result<String, Vec<Diagnostic>> {
    Err(vec![unwired(after)])
}

fn unwired(source: &str) -> Diagnostic {
    Diagnostic::error(Span::new(0, source.len()), "the tests are not connected to the planner")
}

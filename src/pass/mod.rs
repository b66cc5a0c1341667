//! Passes and pipelines.

mod prepare;

pub use prepare::{FUNCTION_ATTRIBUTES, PLAN_ATTRIBUTES, ResultsIn, prepare, textual_order};

use crate::diag::Diagnostic;
use crate::dialect::Registry;
use crate::ir::{Function, Module};
use crate::plan::StopReason;
use crate::target::Target;

/// One entry of a pass's table of options: the one source of parsing, help and error messages.
#[derive(Clone, Copy, Debug)]
pub struct OptionInfo {
    /// Name, as in `name=value`.
    pub name: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// What values it takes.
    pub values: OptionValues,
    /// What holds where it is not written, as text.
    pub default: &'static str,
}

/// What values an option takes.
#[derive(Clone, Copy, Debug)]
pub enum OptionValues {
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A whole number in this range.
    Integer {
        /// Least.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A number of bytes: `1500`, `2GiB`, `500MB`.
    Bytes,
}

/// The table entry of a pass.
#[derive(Clone, Copy, Debug)]
pub struct PassInfo {
    /// Name in pipelines.
    pub name: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// Its options.
    pub options: &'static [OptionInfo],
    /// Passes that may not run later than this one, each with the reason in one clause.
    pub not_before: &'static [(&'static str, &'static str)],
}

/// What a pass works on.
pub struct PassContext<'a> {
    /// The module.
    pub module: &'a mut Module,
    /// The function to plan.
    pub function: Function,
    /// What operations mean.
    pub registry: &'a Registry,
    /// The machine planned for.
    pub target: &'a Target,
    /// What the user may want to know.
    pub notes: Vec<Diagnostic>,
}

/// What a pass reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PassOutcome {
    /// Why its search stopped.
    pub stop: StopReason,
}

/// A transformation of one function.
pub trait Pass: Send + Sync {
    /// Its table entry.
    fn info(&self) -> &'static PassInfo;

    /// The options it runs with that differ from the defaults, in table order, for printing the pipeline.
    fn options(&self) -> Vec<(&'static str, String)>;

    /// Transforms one function.
    ///
    /// # Errors
    /// What makes the function impossible to process; it is then left in an unspecified state and must be dropped.
    fn run(&self, context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>>;
}

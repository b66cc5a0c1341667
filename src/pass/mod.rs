//! Passes and pipelines.
//!
//! - A [`Pass`] transforms one function; its [`PassInfo`] is the one table that parsing, help and messages come from.
//! - A [`PassRegistry`] knows passes and presets by name; it starts empty and is filled by whoever links passes.
//! - A [`Pipeline`] is a list of passes with options, parsed from and printed as MLIR's pipeline text.
//! - [`run_pipeline`] runs one over one function; an [`Instrument`] watches.

mod bytes;
mod instrument;
mod manager;
mod options;
mod pipeline;
mod registry;
mod suggest;

pub use bytes::{ParseBytesError, parse_bytes};
pub use instrument::{Instrument, Uninstrumented};
pub use manager::{PassReport, RunError, RunReport, run_pipeline};
pub use options::{OptionError, OptionInfo, OptionValue, OptionValues, PassOptions};
pub use pipeline::{Pipeline, Stage};
pub use registry::{BuildPass, PassEntry, PassRegistry, Preset};
pub use suggest::did_you_mean;

mod prepare;

pub use prepare::{
    FUNCTION_ATTRIBUTES, PLAN_ATTRIBUTES, ResultsIn, is_donated, number_operations, prepare, prepare_numbered,
    textual_order,
};

use crate::analysis::Analysis;
use crate::cost::Objective;
use crate::diag::Diagnostic;
use crate::dialect::Registry;
use crate::ir::{Bytes, Function, Module};
use crate::plan::StopReason;
use crate::target::Target;

/// What a pass changes. It says where in a pipeline it may stand: what plans comes last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PassKind {
    /// The program: it returns the same, computed from other values. The plan is then proven against what such a pass leaves.
    Rewrite,
    /// Which operations compute the values of the program. The plan is still proven against the program as read.
    Simplify,
    /// Orders, copies, clones, bytes: the plan of a prepared function.
    Plan,
}

/// The table entry of a pass.
#[derive(Clone, Copy, Debug)]
pub struct PassInfo {
    /// Name in pipelines.
    pub name: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// What it changes.
    pub kind: PassKind,
    /// Its options.
    pub options: &'static [OptionInfo],
    /// Passes that may not run later than this one, each with the reason in one clause. A pass that names itself runs
    /// once.
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
    /// What the arena may have, where a pass of the pipeline keeps a budget.
    pub capacity: Option<Bytes>,
    /// Bytes of a budget that planning must leave free for what placing adds.
    pub reserve: Bytes,
    /// The analysis that the pass before has kept, and the one that this pass keeps.
    offered: Option<Analysis>,
    kept: Option<Analysis>,
}

impl<'a> PassContext<'a> {
    /// For passes over a function.
    pub fn new(
        module: &'a mut Module,
        function: Function,
        registry: &'a Registry,
        target: &'a Target,
    ) -> PassContext<'a> {
        let (notes, capacity, reserve) = (Vec::new(), None, Bytes::ZERO);
        PassContext { module, function, registry, target, notes, capacity, reserve, offered: None, kept: None }
    }

    /// The analysis of the function as it is: the one that the pass before has kept, else a new one. A pass asks before it
    /// changes anything.
    ///
    /// # Errors
    /// As [`Analysis::of`].
    pub fn analysis(&mut self) -> Result<Analysis, Vec<Diagnostic>> {
        match self.offered.take() {
            Some(analysis) => Ok(analysis),
            None => self.analyse(),
        }
    }

    fn analyse(&self) -> Result<Analysis, Vec<Diagnostic>> {
        Analysis::of(self.module, self.function, self.registry, self.target)
    }

    /// Leaves an analysis to the pass after this one. It must be that of the function as this pass leaves it: numbers of
    /// storages follow from the order of operations, and so a pass that moves, adds or removes any, or writes a hint, keeps
    /// none.
    pub fn keep(&mut self, analysis: Analysis) {
        self.kept = Some(analysis);
    }
}

/// What a pass reports.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PassOutcome {
    /// Why its search stopped.
    pub stop: StopReason,
    /// How good its answer is, where it minimises bytes.
    pub gap: Option<Gap>,
    /// What it adds to the work of the function to save memory, where it does.
    pub added: Option<AddedWork>,
}

/// Work that is done again, as a share of the work of the function as the pass finds it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct AddedWork {
    /// The unit that is kept small.
    pub objective: Objective,
    /// How much.
    pub share: f64,
    /// No answer for the order of the function, as it was found or is now, adds less; 0 where nothing is known.
    pub least: f64,
}

/// Bytes that an answer needs, and a lower bound on those of any answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    /// The answer's.
    pub bytes: Bytes,
    /// No answer needs less.
    pub lower_bound: Bytes,
}

impl PassOutcome {
    /// The outcome of a pass that minimises nothing.
    pub fn new(stop: StopReason) -> PassOutcome {
        PassOutcome { stop, gap: None, added: None }
    }
}

impl Gap {
    /// How much more the answer needs than the bound, as a share of the bound.
    pub fn relative(self) -> f64 {
        let above = self.bytes.saturating_sub(self.lower_bound);
        if above.is_zero() { 0.0 } else { above.0 as f64 / self.lower_bound.0 as f64 }
    }
}

/// A transformation of one function.
pub trait Pass: Send + Sync {
    /// Its table entry.
    fn info(&self) -> &'static PassInfo;

    /// The bytes that the arena must not exceed, where the pass was given a budget.
    fn budget(&self) -> Option<Bytes> {
        None
    }

    /// Transforms one function.
    ///
    /// # Errors
    /// What makes the function impossible to process; it is then left in an unspecified state and must be dropped.
    fn run(&self, context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>>;
}

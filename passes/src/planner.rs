//! The front door: what to plan with, in one value.

use memopt::diag::Diagnostic;
use memopt::dialect::Registry;
use memopt::ir::Module;
use memopt::pass::{PassRegistry, Pipeline, ResultsIn, Uninstrumented};
use memopt::target::Target;

use crate::{PlanError, PlanOptions, Planned, plan, register_all};

/// A pipeline with all that it needs. Fields may be changed before planning.
pub struct Planner {
    /// The passes.
    pub pipeline: Pipeline,
    /// What operations mean: at first, the dialects that memopt knows.
    pub registry: Registry,
    /// The machine planned for.
    pub target: Target,
    /// Who owns results; `None`, the default, for what each function says.
    pub results: Option<ResultsIn>,
    /// Whether to verify the module after each pass: so by default.
    pub verify_each: bool,
}

impl Planner {
    /// A planner by the name of a preset or the text of a pipeline.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn new(pipeline: &str) -> Result<Planner, Vec<Diagnostic>> {
        let mut passes = PassRegistry::new();
        register_all(&mut passes);
        Planner::with_passes(pipeline, &passes)
    }

    /// The same with other passes to choose from, of a client maybe.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn with_passes(pipeline: &str, passes: &PassRegistry) -> Result<Planner, Vec<Diagnostic>> {
        let text = passes.preset(pipeline).map_or(pipeline, |preset| preset.pipeline);
        let pipeline = Pipeline::parse(text, passes)?;
        let (registry, target) = (Registry::new(), Target::default());
        Ok(Planner { pipeline, registry, target, results: None, verify_each: true })
    }

    /// Plans all functions of a valid module.
    ///
    /// # Errors
    /// What makes a program impossible to plan, or what went wrong in a pass.
    pub fn plan(&self, module: &Module) -> Result<Planned, PlanError> {
        plan(module, &module.functions(), &self.options(), &mut Uninstrumented)
    }

    /// The same for [`plan`](crate::plan()), which plans some functions only and tells an instrument what happens.
    pub fn options(&self) -> PlanOptions<'_> {
        let &Planner { ref pipeline, ref registry, ref target, results, verify_each } = self;
        PlanOptions { pipeline, registry, target, results, verify_each }
    }
}

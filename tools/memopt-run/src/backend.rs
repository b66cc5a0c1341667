//! The ways to run a function: one trait, one constructor.

use memopt::diag::Diagnostic;
use memopt::dialect::Registry;
use memopt::ir::{Function, Module};

use crate::args::{BackendName, Mode};
use crate::machine::{self, Limits};
use crate::native;
use crate::tensor::Tensor;

/// A function that is ready to run.
pub trait Backend {
    /// Runs it once: one tensor for each argument gives one for each result.
    ///
    /// # Errors
    /// What is wrong with the program or its plan.
    fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, Vec<Diagnostic>>;
}

/// What all backends are given.
#[derive(Clone, Copy)]
pub struct Program<'a> {
    /// The module, verified.
    pub module: &'a Module,
    /// The function to run.
    pub function: Function,
    /// What operations mean for memory.
    pub registry: &'a Registry,
    /// What a run may cost.
    pub limits: Limits,
}

/// Makes a function ready to run.
///
/// # Errors
/// Why that is impossible.
pub fn open<'a>(
    name: BackendName,
    program: Program<'a>,
    mode: Option<Mode>,
) -> Result<Box<dyn Backend + 'a>, Vec<Diagnostic>> {
    match name {
        BackendName::Interp => Ok(Box::new(Interpreter::new(program, mode)?)),
        BackendName::Native => native::open(program),
    }
}

struct Interpreter<'a> {
    program: Program<'a>,
    mode: Mode,
}

impl<'a> Interpreter<'a> {
    fn new(program: Program<'a>, mode: Option<Mode>) -> Result<Interpreter<'a>, Vec<Diagnostic>> {
        let Program { module, function, .. } = program;
        let planned = machine::is_planned(module, function);
        let mode = mode.unwrap_or(if planned { Mode::Arena } else { Mode::Values });
        if mode != Mode::Values && !planned {
            let what = format!("@{} has no plan to run", function.name(module));
            let error = Diagnostic::error(module.op(function.op).span, what).label("no memopt.arena_size");
            return Err(vec![error.help("plan it with memopt-opt, or run it with --mode=values")]);
        }
        Ok(Interpreter { program, mode })
    }
}

impl Backend for Interpreter<'_> {
    fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, Vec<Diagnostic>> {
        let Program { module, function, registry, limits } = self.program;
        let on_values = || machine::run_on_values(module, function, inputs, limits).map_err(|stop| vec![*stop]);
        let in_arena = || machine::run_in_arena(module, function, registry, inputs, limits).map_err(|stop| vec![*stop]);
        match self.mode {
            Mode::Values => on_values(),
            Mode::Arena => in_arena(),
            Mode::Both => {
                let (expected, found) = (on_values()?, in_arena()?);
                for (index, (expected, found)) in expected.iter().zip(&found).enumerate() {
                    if expected != found {
                        let what = format!("result {index} is another one in the arena than on values");
                        return Err(vec![Diagnostic::error(module.op(function.op).span, what).label("in this plan")]);
                    }
                }
                Ok(found)
            }
        }
    }
}

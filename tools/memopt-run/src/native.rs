//! The native backend: machine code through MLIR, in one arena.

use std::path::Path;

use memopt::diag::Diagnostic;
#[cfg(feature = "mlir")]
use memopt_mlir::{LowerOptions, Lowered, jit};

use crate::backend::{Backend, Program};
#[cfg(feature = "mlir")]
use crate::tensor::{Tensor, TensorSpec};

#[cfg(not(feature = "mlir"))]
fn absent(program: Program<'_>) -> Vec<Diagnostic> {
    let span = program.module.op(program.function.op).span;
    let error = Diagnostic::error(span, "this memopt-run was built without MLIR");
    vec![error.help("build it with --features mlir")]
}

#[cfg(not(feature = "mlir"))]
pub(crate) fn open<'a>(program: Program<'a>) -> Result<Box<dyn Backend + 'a>, Vec<Diagnostic>> {
    Err(absent(program))
}

#[cfg(not(feature = "mlir"))]
pub(crate) fn write_object(program: Program<'_>, _: &Path) -> Result<String, Vec<Diagnostic>> {
    Err(absent(program))
}

/// A compiled function with the memory of its runs.
#[cfg(feature = "mlir")]
struct Native {
    compiled: jit::Compiled,
    memory: Option<jit::Memory>,
    results: Vec<TensorSpec>,
}

#[cfg(feature = "mlir")]
fn lower(program: Program<'_>, options: &LowerOptions) -> Result<Lowered, Vec<Diagnostic>> {
    let Program { module, function, registry, limits } = program;
    let lowered = memopt_mlir::lower(module, function, registry, &memopt_mlir::target(), options)?;
    let signature = &lowered.signature;
    let bytes =
        signature.arguments.iter().chain(&signature.results).copied().sum::<memopt::ir::Bytes>() + signature.arena;
    if bytes > limits.max_bytes {
        return Err(ours(program, format!("it needs {bytes}; raise --max-bytes if memory is there")));
    }
    Ok(lowered)
}

#[cfg(feature = "mlir")]
fn ours(program: Program<'_>, message: String) -> Vec<Diagnostic> {
    vec![Diagnostic::error(program.module.op(program.function.op).span, message).label("in this function")]
}

/// Compiles a planned function.
///
/// # Errors
/// A plan for another target, and operations without a lowering.
#[cfg(feature = "mlir")]
pub(crate) fn open<'a>(program: Program<'a>) -> Result<Box<dyn Backend + 'a>, Vec<Diagnostic>> {
    let lowered = lower(program, &LowerOptions::default())?;
    let compiled = jit::compile(&lowered, &[]).map_err(|message| ours(program, message))?;
    let Program { module, function, .. } = program;
    let specs = function.results(module).iter().map(|&value| TensorSpec::of(module, module.value(value).ty));
    let results = specs.collect::<Result<_, String>>().map_err(|message| ours(program, message))?;
    Ok(Box::new(Native { compiled, memory: None, results }))
}

/// Writes an object file; returns the header for it.
///
/// # Errors
/// As [`open`], and where the file cannot be written.
#[cfg(feature = "mlir")]
pub(crate) fn write_object(program: Program<'_>, path: &Path) -> Result<String, Vec<Diagnostic>> {
    let options = LowerOptions { entry: "main_plan".to_owned(), ..LowerOptions::default() };
    let lowered = lower(program, &options)?;
    jit::write_object(&lowered, path).map_err(|message| ours(program, message))?;
    Ok(lowered.c_header())
}

#[cfg(feature = "mlir")]
impl Backend for Native {
    fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, Vec<Diagnostic>> {
        let signature = &self.compiled.signature;
        let wrong = |message: String| vec![Diagnostic::error(memopt::ir::Span::default(), message)];
        // The arena is poisoned once: what a run leaves there is as good as poison for the next one.
        let memory = match self.memory.take() {
            Some(mut memory) => {
                for (buffer, input) in memory.arguments.iter_mut().zip(inputs) {
                    buffer.as_mut_slice().copy_from_slice(&input.bytes);
                }
                memory
            }
            None => {
                let buffers = inputs.iter().map(|input| jit::Buffer::from_bytes(&input.bytes)).collect();
                jit::Memory::new(signature, buffers).map_err(wrong)?
            }
        };
        let memory = self.memory.insert(memory);
        self.compiled.call(memory);
        let result = |(k, spec): (usize, &TensorSpec)| Tensor {
            element: spec.element,
            shape: spec.shape.clone(),
            bytes: memory.result(signature, k).to_vec(),
        };
        Ok(self.results.iter().enumerate().map(result).collect())
    }
}

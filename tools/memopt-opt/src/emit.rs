//! What becomes of a planned module: its text, or what it is lowered to.

use memopt::diag::Diagnostic;
use memopt::dialect::Registry;
use memopt::ir::{Module, Span};
use memopt::target::Target;
use memopt::text;
use memopt_mlir::{LowerOptions, Lowered, lower};

use crate::args::Emit;

/// The text to write.
///
/// # Errors
/// What cannot be lowered.
pub(crate) fn emit(
    what: Emit,
    module: &Module,
    registry: &Registry,
    target: &Target,
) -> Result<String, Vec<Diagnostic>> {
    match what {
        Emit::Plan => Ok(text::print(module)),
        Emit::Mlir => Ok(lowered(module, registry, target)?.text),
        Emit::Llvm => llvm(&lowered(module, registry, target)?),
    }
}

fn lowered(module: &Module, registry: &Registry, target: &Target) -> Result<Lowered, Vec<Diagnostic>> {
    let error = |message: &str, help: &str| vec![Diagnostic::error(Span::default(), message).help(help)];
    if target.name != memopt_mlir::TARGET {
        return Err(error("code is made for the native target only", "add --target=native"));
    }
    match module.functions()[..] {
        [function] => lower(module, function, registry, target, &LowerOptions::default()),
        _ => Err(error(
            "one function at a time is lowered",
            "name it: --function=main, in a file with no other function",
        )),
    }
}

#[cfg(feature = "mlir")]
fn llvm(lowered: &Lowered) -> Result<String, Vec<Diagnostic>> {
    memopt_mlir::jit::to_llvm_dialect(lowered).map_err(|message| vec![Diagnostic::error(Span::default(), message)])
}

#[cfg(not(feature = "mlir"))]
fn llvm(_: &Lowered) -> Result<String, Vec<Diagnostic>> {
    let error = Diagnostic::error(Span::default(), "this memopt-opt was built without MLIR");
    Err(vec![error.help("build it with --features mlir, or write --emit=mlir and run mlir-opt")])
}

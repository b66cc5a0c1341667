//! MLIR's context, with everything registered, and its diagnostics as text.

use std::cell::RefCell;
use std::rc::Rc;

use melior::Context;
use melior::dialect::DialectRegistry;
use melior::ir::Module;
use melior::ir::operation::OperationLike;
use melior::pass::PassManager;
use melior::utility::{
    parse_pass_pipeline, register_all_dialects, register_all_llvm_translations, register_all_passes,
};

/// A context that knows all dialects and all translations to LLVM.
pub(crate) fn context() -> Context {
    let registry = DialectRegistry::new();
    register_all_dialects(&registry);
    register_all_passes();
    let context = Context::new_with_registry(&registry, false);
    context.load_all_available_dialects();
    register_all_llvm_translations(&context);
    context
}

/// What MLIR says while `work` runs.
pub(crate) fn with_messages<T>(context: &Context, work: impl FnOnce() -> Option<T>) -> Result<T, String> {
    let messages = Rc::new(RefCell::new(String::new()));
    let sink = Rc::clone(&messages);
    let handler = context.attach_diagnostic_handler(move |diagnostic| {
        let mut all = sink.borrow_mut();
        // The first few say what is wrong; a wrong lowering can produce one for each operation.
        if all.len() < 4000 {
            all.push_str(&format!("{}: {diagnostic}\n", diagnostic.location()));
        }
        true
    });
    let done = work();
    context.detach_diagnostic_handler(handler);
    done.ok_or_else(|| messages.borrow().trim_end().to_owned())
}

/// Parses a module's text.
pub(crate) fn parse<'c>(context: &'c Context, text: &str) -> Result<Module<'c>, String> {
    with_messages(context, || Module::parse(context, text).filter(|module| module.as_operation().verify()))
}

/// Runs a pass pipeline, written as MLIR writes it.
pub(crate) fn run_passes(context: &Context, module: &mut Module<'_>, pipeline: &str) -> Result<(), String> {
    let manager = PassManager::new(context);
    manager.enable_verifier(false);
    parse_pass_pipeline(manager.as_operation_pass_manager(), pipeline).map_err(|error| error.to_string())?;
    with_messages(context, || manager.run(module).ok())
}

//! Whatever MLIR's own parser reads, as generic text: pretty forms, bytecode, and TOSA by way of linalg.

use melior::ir::operation::{Operation, OperationPrintingFlags};
use melior::ir::{Module, operation::OperationLike};

use crate::context::{context, parse, run_passes, with_messages};

/// From TOSA to linalg on tensors. Nothing happens to a module that has no TOSA in it.
const FROM_TOSA: &str = "builtin.module(func.func(tosa-optional-decompositions),func.func(tosa-infer-shapes,\
    tosa-make-broadcastable,tosa-to-linalg-named,tosa-to-linalg,tosa-to-arith{include-apply-rescale=true},tosa-to-tensor),\
    canonicalize,cse)";

/// What bytecode begins with.
const BYTECODE: &[u8] = b"ML\xefR";

/// The module in generic form, which memopt's own parser reads.
///
/// # Errors
/// What MLIR says against it.
pub fn to_generic(input: &[u8]) -> Result<String, String> {
    let context = context();
    context.set_allow_unregistered_dialects(true);
    let mut module = match input.starts_with(BYTECODE) {
        true => from_bytecode(&context, input)?,
        false => parse(&context, std::str::from_utf8(input).map_err(|error| error.to_string())?)?,
    };
    if module.as_operation().to_string().contains("tosa.") {
        run_passes(&context, &mut module, FROM_TOSA)?;
    }
    let flags = OperationPrintingFlags::new().print_generic_operation_form();
    module.as_operation().to_string_with_flags(flags).map_err(|error| error.to_string())
}

fn from_bytecode<'c>(context: &'c melior::Context, input: &[u8]) -> Result<Module<'c>, String> {
    // The parser wants a zero byte behind the last one.
    let bytes: Vec<u8> = input.iter().copied().chain([0]).collect();
    with_messages(context, || {
        let text = mlir_sys::MlirStringRef { data: bytes.as_ptr().cast(), length: input.len() };
        let name = mlir_sys::MlirStringRef { data: c"bytecode".as_ptr(), length: 8 };
        // SAFETY: both strings live through the call, which copies what it keeps; the operation is owned by the module.
        #[allow(unsafe_code)]
        let operation = unsafe {
            let raw = mlir_sys::mlirOperationCreateParse(context.to_raw(), text, name);
            if raw.ptr.is_null() {
                return None;
            }
            Operation::from_raw(raw)
        };
        Module::from_operation(operation).filter(|module| module.as_operation().verify())
    })
}

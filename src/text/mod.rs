//! MLIR's textual form, read and written without LLVM.
//!
//! - [`parse()`]: a source text to a [`Module`], or all that is wrong with it. Only MLIR's *generic* form is read, as
//!   `mlir-opt --mlir-print-op-generic` prints it; every dialect's operations, attributes and types are accepted.
//! - [`print()`] and [`write()`]: a [`Module`] to text that `mlir-opt --allow-unregistered-dialect` accepts, and for which
//!   `parse(print(m))` is `m` again.
//! - [`ParseLimits`]: what a source text may cost. Within them time and memory grow linearly with the text.
//! - [`LineIndex`]: from the byte offsets of a [`Span`](crate::ir::Span) to lines and columns.
//!
//! Aliases (`#map = ...`, `!t = ...`, `#loc3 = loc(...)`) are substituted where they are used, and printing does not bring
//! them back. Values are numbered afresh.
//!
//! ```
//! use memopt::text::{ParseLimits, parse, print};
//!
//! let source = r#""test.op"() {n = 1 : i64, on} : () -> ()"#;
//! let module = parse(source, &ParseLimits::default()).unwrap();
//! assert_eq!(print(&module), format!("\"builtin.module\"() ({{\n  {source}\n}}) : () -> ()\n"));
//! ```

mod lexer;
mod lines;
mod parse;
mod print;
mod spelling;
#[cfg(test)]
mod tests;

pub use lines::{LineColumn, LineIndex};
pub use print::{attribute_text, print, type_text, write};

use crate::diag::Diagnostic;
use crate::ir::Module;

/// What a source text may cost.
#[derive(Clone, Debug)]
pub struct ParseLimits {
    /// Largest text in bytes.
    pub max_bytes: usize,
    /// Deepest nesting of regions, types, attributes and locations, all counted together.
    pub max_depth: usize,
    /// After so many errors the rest of the text is not read.
    pub max_errors: usize,
}

impl Default for ParseLimits {
    fn default() -> Self {
        ParseLimits { max_bytes: 256 << 20, max_depth: 256, max_errors: 100 }
    }
}

/// Reads a module: one `builtin.module`, or any other list of operations, which then stand in a module of their own.
///
/// # Errors
/// Everything that is wrong with the text, in source order. After an error inside an operation, reading goes on with the
/// next operation.
pub fn parse(source: &str, limits: &ParseLimits) -> Result<Module, Vec<Diagnostic>> {
    parse::module(source, limits)
}

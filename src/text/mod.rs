//! MLIR's textual form.

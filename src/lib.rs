//! memopt: the vocabulary that passes, tools and other compilers share.
//!
//! - [`ir`]: operations in a graph, types, attributes; [`text`]: MLIR's syntax for it.
//! - [`dialect`]: what operations mean for memory, asked through small traits.
//! - [`analysis`]: liveness, aliasing, memory profile, lower bounds.
//! - [`cost`]: what operations cost, in operations, bytes and time.
//! - [`plan`]: schedule, storage and layout, as a planned file carries them.
//! - [`checker`]: the proof that a plan computes what the program said, inside its arena.
//! - [`pass`]: passes and pipelines.
//!
//! No solver, no e-graph, no LLVM, no argument parsing and no file I/O live here.

pub mod analysis;
pub mod checker;
pub mod cost;
pub mod diag;
pub mod dialect;
pub mod ir;
pub mod pass;
pub mod plan;
pub mod target;
pub mod text;

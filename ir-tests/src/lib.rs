//! What the IR tests and the fuzzer share.
//!
//! - [`case`]: the format of a test file; [`table`]: a plan for people.
//! - [`draw`]: decisions drawn from bytes; [`random`]: random programs; [`mutate`]: spoiled texts and spoiled plans.
//! - [`simulate`]: a program and its plan run on bytes and compared, with nothing of the planner or the checker.
//! - [`mark`]: a pass that makes any values virtual that may be.
//! - [`fuzz`]: the two fuzz targets, which `cargo test` also runs for a second each.
//! - [`pipeline`]: the only calls into the planner.

pub mod case;
pub mod draw;
pub mod fuzz;
pub mod glob;
pub mod mark;
pub mod mutate;
pub mod pipeline;
pub mod random;
pub mod simulate;
pub mod table;

/// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

//! A program and its plan, run on bytes and compared.
//!
//! Both runs use hashes for arithmetic: the content of a value follows from its operation, its attributes and the contents
//! that it is computed from, so that any value that is read too late, too early or from elsewhere changes every value that
//! depends on it. The *reference* runs the program as read, each value in a buffer of its own. The *planned* run has one
//! arena, filled with poison, one buffer for each argument, and one for each result; every value lies where the plan says.
//!
//! What makes a wrong plan visible:
//! - results are destroyed before operands are read, unless they lie exactly in operands that the operation reads element
//!   by element; then it runs element by element;
//! - workspace is destroyed before and after;
//! - an update gives its whole storage new content, also if it goes through a view;
//! - virtual values are computed from what their roots hold when they are read;
//! - loops run a few rounds in their slots, and branches take either way, as a hash of the predicate says.
//!
//! Nothing of this asks the dialects, the analyses, the planner or the checker: the meaning of operations comes from a
//! table of its own ([`meaning`]), addresses from equations of its own ([`places`]). It is slow and knows the operations of
//! [`crate::random`] only; an operation that it does not know is a kernel that reads all of its operands.

mod arithmetic;
mod control;
mod digest;
mod held;
mod machine;
mod meaning;
mod memory;
mod places;
#[cfg(test)]
mod tests;

use memopt::ir::Module;
use memopt::text::{self, ParseLimits};

use machine::{Outcome, run};

/// How often both are run, each time with other contents, other branches taken and other numbers of rounds.
const RUNS: u64 = 3;

/// Runs a program and its plan, and says how they differ.
///
/// # Errors
/// The first difference, or what cannot be run at all.
pub fn compare(before: &str, after: &str) -> Result<(), String> {
    let (before, after) = (parse(before)?, parse(after)?);
    for (original, planned) in before.functions().into_iter().zip(after.functions()) {
        for salt in 0..RUNS {
            let expected = run((&before, original), None, salt)?;
            let found = run((&after, planned), Some((&before, original)), salt)?;
            same(&expected, &found)?;
        }
    }
    Ok(())
}

fn parse(source: &str) -> Result<Module, String> {
    text::parse(source, &ParseLimits::default()).map_err(|errors| format!("it cannot be read: {errors:?}"))
}

fn same(expected: &Outcome, found: &Outcome) -> Result<(), String> {
    if expected.results.len() != found.results.len() {
        return Err(format!("{} results instead of {}", found.results.len(), expected.results.len()));
    }
    for (index, (expected, found)) in expected.results.iter().zip(&found.results).enumerate() {
        if let Some(at) = first_difference(expected, found) {
            return Err(format!("result {index} differs from byte {at} on"));
        }
    }
    if expected.observed != found.observed {
        return Err("what is seen outside differs".to_owned());
    }
    if expected.drawn != found.drawn {
        return Err("random operations ran another number of times, or on other operands".to_owned());
    }
    match found.spoiled_argument {
        Some(argument) => Err(format!("argument {argument} is not donated, and was overwritten")),
        None => Ok(()),
    }
}

fn first_difference(expected: &[u8], found: &[u8]) -> Option<usize> {
    let differs = expected.iter().zip(found).position(|(a, b)| a != b);
    differs.or((expected.len() != found.len()).then_some(expected.len().min(found.len())))
}

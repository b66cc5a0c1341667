//! What the checker can find wrong, each with what was expected and what was found.

use std::fmt;

use super::memory::Range;
use crate::diag::Diagnostic;
use crate::ir::{OpId, Span};

/// A claim of the planned file that does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckerError {
    /// The operation of the planned file.
    pub op: OpId,
    /// Where it stands in the planned file's text.
    pub span: Span,
    /// What is wrong.
    pub violation: Violation,
}

/// What is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Violation {
    /// The two files do not hold the same function.
    Mismatch {
        /// What differs.
        what: String,
    },
    /// An operation is not one of the original, nor a clone of one, nor a plan's copy.
    UnknownOp {
        /// Its name.
        name: String,
    },
    /// A hint differs from the original's.
    HintChanged {
        /// The attribute.
        hint: String,
    },
    /// A result of the function has another value than in the original.
    WrongResult {
        /// Which.
        result: usize,
    },
    /// An operation with effects is missing, repeated or out of order.
    Effects {
        /// What is wrong.
        what: String,
    },
    /// A value has bytes, but the plan does not say where.
    NoPlace {
        /// The value.
        value: String,
    },
    /// A value has two places.
    TwoPlaces {
        /// The value.
        value: String,
        /// What follows from the program and the ties.
        expected: String,
        /// What the plan says.
        found: String,
    },
    /// An offset is no multiple of the alignment.
    Misaligned {
        /// The value.
        value: String,
        /// Its place.
        range: Range,
        /// The alignment in bytes.
        alignment: u64,
    },
    /// Bytes outside their space.
    OutOfBounds {
        /// What lies there.
        what: String,
        /// Where.
        range: Range,
        /// The size of the space.
        size: u64,
    },
    /// An operand's bytes do not hold its value.
    Clobbered {
        /// The value that is read.
        value: String,
        /// Where it should be.
        range: Range,
        /// What is there.
        found: String,
    },
    /// A result overlaps an operand that it must not overwrite, or another result.
    Overlap {
        /// What is written.
        written: String,
        /// What is still needed.
        other: String,
        /// Where.
        range: Range,
    },
    /// An argument that is not donated is written.
    ArgumentWritten {
        /// Which.
        argument: u32,
        /// What is written there.
        value: String,
    },
    /// A value is declared virtual that cannot be, or is read by a kernel that cannot compute it.
    NotVirtual {
        /// The value.
        value: String,
        /// Why not.
        why: &'static str,
    },
    /// A value is said to lie in its parts, but does not.
    NotJoined {
        /// The value, or the operation.
        value: String,
        /// Why not.
        why: &'static str,
    },
    /// A loop's slot does not hold what its body yields, or its condition wrote it.
    Slot {
        /// Which.
        slot: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A donation that the original does not allow.
    Donation {
        /// Which argument.
        argument: i64,
        /// Which result.
        result: i64,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Violation::Mismatch { what } => write!(f, "the planned function is not the original one: {what}"),
            Violation::UnknownOp { name } => {
                write!(
                    f,
                    "{name} is no operation of the original: expected memopt.id, memopt.recompute_of or memopt.copy"
                )
            }
            Violation::HintChanged { hint } => write!(f, "{hint} differs from the original"),
            Violation::WrongResult { result } => {
                write!(f, "result {result} is not the value that the original returns")
            }
            Violation::Effects { what } => write!(f, "{what}"),
            Violation::NoPlace { value } => write!(f, "{value} has bytes, but no offset"),
            Violation::TwoPlaces { value, expected, found } => {
                write!(f, "{value} has two places: expected {expected}, found {found}")
            }
            Violation::Misaligned { value, range, alignment } => {
                write!(f, "{value} at {range}: expected a multiple of {alignment}")
            }
            Violation::OutOfBounds { what, range, size } => write!(f, "{what} at {range} ends beyond {size} bytes"),
            Violation::Clobbered { value, range, found } => write!(f, "{range} should hold {value}, but holds {found}"),
            Violation::Overlap { written, other, range } => {
                write!(f, "{written} is written to {range}, where {other} is still needed")
            }
            Violation::ArgumentWritten { argument, value } => {
                write!(f, "{value} is written into argument {argument}, which is not donated")
            }
            Violation::NotVirtual { value, why } => write!(f, "{value} is declared virtual, but {why}"),
            Violation::NotJoined { value, why } => write!(f, "{value} is declared joined, but {why}"),
            Violation::Slot { slot, what } => write!(f, "slot {slot} of the loop {what}"),
            Violation::Donation { argument, result } => {
                write!(f, "argument {argument} may not give its bytes to result {result}")
            }
        }
    }
}

/// Everything that the checker found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckerErrors {
    /// In the order of the planned file; at most [`MAX_ERRORS`](Self::MAX_ERRORS).
    pub errors: Vec<CheckerError>,
}

impl CheckerErrors {
    /// More errors are not collected: the first ones tell what went wrong.
    pub const MAX_ERRORS: usize = 100;

    /// As diagnostics on the planned file's text.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.errors
            .iter()
            .map(|error| Diagnostic::error(error.span, format!("unsound plan: {}", error.violation)))
            .collect()
    }
}

impl fmt::Display for CheckerErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for error in &self.errors {
            writeln!(f, "{}: {}", error.op, error.violation)?;
        }
        Ok(())
    }
}

impl std::error::Error for CheckerErrors {}

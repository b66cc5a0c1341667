//! Diagnostics expected on the lines they concern: `// expected-error@+1 {{part of the message}}`.
//!
//! The place is `@+n` or `@-n` lines away, `@above`, `@below`, or, left out, the line itself. Several may stand on one line.
//! Every error must be expected; warnings and notes are compared only where the file expects some of their kind.

use std::fmt;

use memopt::diag::{Diagnostic, Severity};

/// A diagnostic that a file expects.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expected {
    /// Its kind.
    pub severity: Severity,
    /// The line it must be on, from 1.
    pub line: usize,
    /// What its message must contain.
    pub message: String,
}

/// A difference between what a file expects and what was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mismatch {
    /// Expected, and did not come.
    Missing(Expected),
    /// Came, and was not expected.
    Unexpected(Expected),
    /// No expectation can be read on this line.
    Malformed {
        /// From 1.
        line: usize,
    },
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |severity| match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        match self {
            Mismatch::Missing(e) => {
                write!(f, "line {}: expected {} was not produced: {}", e.line, word(e.severity), e.message)
            }
            Mismatch::Unexpected(e) => write!(f, "line {}: unexpected {}: {}", e.line, word(e.severity), e.message),
            Mismatch::Malformed { line } => {
                write!(f, "line {line}: write // expected-error@+1 {{{{part of the message}}}}")
            }
        }
    }
}

/// What a text expects.
///
/// # Errors
/// The lines that mention an expectation and cannot be read.
pub fn expectations(source: &str) -> Result<Vec<Expected>, Vec<Mismatch>> {
    let (mut expected, mut malformed) = (Vec::new(), Vec::new());
    for (i, line) in source.lines().enumerate() {
        let Some((_, comment)) = line.split_once("//") else { continue };
        for part in comment.split("expected-").skip(1) {
            match expectation(part, i + 1) {
                Some(found) => expected.push(found),
                None => malformed.push(Mismatch::Malformed { line: i + 1 }),
            }
        }
    }
    if malformed.is_empty() { Ok(expected) } else { Err(malformed) }
}

fn expectation(text: &str, line: usize) -> Option<Expected> {
    let kinds = [("error", Severity::Error), ("warning", Severity::Warning), ("note", Severity::Note)];
    let (severity, rest) = kinds.iter().find_map(|&(word, kind)| Some((kind, text.strip_prefix(word)?)))?;
    let (place, rest) = rest.split_once("{{")?;
    let (message, _) = rest.split_once("}}")?;
    let line = match place.trim() {
        "" => line,
        "@above" => line.checked_sub(1)?,
        "@below" => line + 1,
        place => line.checked_add_signed(place.strip_prefix('@')?.parse().ok()?)?,
    };
    Some(Expected { severity, line, message: message.to_owned() })
}

/// Compares the diagnostics of a text with what it expects. All differences, in the order of their lines.
pub fn compare(source: &str, diagnostics: &[Diagnostic]) -> Vec<Mismatch> {
    let mut missing = match expectations(source) {
        Ok(expected) => expected,
        Err(malformed) => return malformed,
    };
    let kinds: Vec<Severity> = missing.iter().map(|expected| expected.severity).collect();
    let mut mismatches = Vec::new();
    for diagnostic in diagnostics {
        let (severity, line) = (diagnostic.severity, line_of(source, diagnostic.span.start as usize));
        let fits = |e: &Expected| e.severity == severity && e.line == line && diagnostic.message.contains(&e.message);
        match missing.iter().position(fits) {
            Some(i) => {
                missing.remove(i);
            }
            None if severity == Severity::Error || kinds.contains(&severity) => {
                let message = diagnostic.message.clone();
                mismatches.push(Mismatch::Unexpected(Expected { severity, line, message }));
            }
            None => {}
        }
    }
    mismatches.extend(missing.into_iter().map(Mismatch::Missing));
    mismatches.sort_by_key(|mismatch| match mismatch {
        Mismatch::Missing(e) | Mismatch::Unexpected(e) => e.line,
        Mismatch::Malformed { line } => *line,
    });
    mismatches
}

fn line_of(source: &str, byte: usize) -> usize {
    1 + source.as_bytes()[..byte.min(source.len())].iter().filter(|&&b| b == b'\n').count()
}

#[cfg(test)]
mod tests {
    use memopt::ir::Span;

    use super::*;

    const SOURCE: &str = "// expected-error@+1 {{bad}}\nop // expected-note {{why}}\n";

    fn found(severity: Severity, byte: usize, message: &str) -> Diagnostic {
        Diagnostic { severity, ..Diagnostic::error(Span::new(byte, byte + 1), message) }
    }

    #[test]
    fn what_is_expected_and_comes_is_fine() {
        let both = [found(Severity::Error, 29, "a bad op"), found(Severity::Note, 30, "here is why")];
        assert_eq!(compare(SOURCE, &both), []);
    }

    #[test]
    fn wrong_lines_missing_and_unexpected_are_all_named() {
        let mismatches = compare(SOURCE, &[found(Severity::Error, 0, "bad"), found(Severity::Note, 30, "why")]);
        let shown: Vec<String> = mismatches.iter().map(Mismatch::to_string).collect();
        assert_eq!(shown, ["line 1: unexpected error: bad", "line 2: expected error was not produced: bad"]);
    }

    #[test]
    fn warnings_that_no_line_speaks_of_are_ignored_and_errors_never() {
        assert_eq!(compare("op", &[found(Severity::Warning, 0, "odd")]), []);
        assert_eq!(compare("op", &[found(Severity::Error, 0, "bad")]).len(), 1);
    }

    #[test]
    fn malformed_expectations_are_no_silence() {
        assert_eq!(compare("// expected-eror {{x}}", &[]), [Mismatch::Malformed { line: 1 }]);
        assert_eq!(expectations("// expected-error@below {{x}} expected-error@-0 {{y}}").unwrap()[0].line, 2);
    }
}

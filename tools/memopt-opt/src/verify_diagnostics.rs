//! Compares diagnostics with what comments in the text expect, in MLIR's notation.
//!
//! ```text
//! // expected-error@+1 {{reads %x before}}
//! "test.use"(%x) : (tensor<4xf32>) -> ()
//! ```
//!
//! - The kind is `error`, `warning` or `note`; the text between braces is a part of the message.
//! - `@+N` and `@-N` count lines; `@above` and `@below` mean the nearest line that holds no expectation; `@unknown` means
//!   no place at all; without any, the line of the comment is meant.
//! - An expectation takes one diagnostic. Errors, warnings and notes that nothing expects are mismatches. The related places
//!   of a diagnostic can be expected as notes, and need not be.

use memopt::diag::{Diagnostic, Severity};
use memopt::ir::Span;
use memopt::text::LineIndex;

/// What a comment expects.
struct Expectation<'s> {
    severity: Severity,
    /// Line, from zero; `None` for no place.
    line: Option<usize>,
    substring: &'s str,
    /// Where the comment says so.
    span: Span,
}

/// What can be expected.
struct Candidate<'d> {
    severity: Severity,
    line: Option<usize>,
    message: &'d str,
    span: Span,
    /// Whether it is a mismatch where nothing expects it.
    required: bool,
    taken: bool,
}

/// Compares diagnostics with the expectations in `source`; returns what does not match, in source order, and nothing where
/// all does.
pub fn compare(source: &str, diagnostics: &[Diagnostic]) -> Vec<Diagnostic> {
    let (expectations, mut mismatches) = expectations(source);
    let mut candidates = candidates(source, diagnostics);
    for expectation in &expectations {
        let found = candidates.iter_mut().find(|candidate| candidate.answers(expectation));
        match found {
            Some(candidate) => candidate.taken = true,
            None => mismatches.push(expectation.unanswered()),
        }
    }
    let unexpected = candidates.iter().filter(|candidate| candidate.required && !candidate.taken);
    mismatches.extend(unexpected.map(Candidate::unexpected));
    mismatches.sort_by_key(|mismatch| mismatch.span.start);
    mismatches
}

impl Candidate<'_> {
    fn answers(&self, expectation: &Expectation<'_>) -> bool {
        !self.taken
            && self.severity == expectation.severity
            && self.line == expectation.line
            && self.message.contains(expectation.substring)
    }

    fn unexpected(&self) -> Diagnostic {
        Diagnostic::error(self.span, format!("unexpected {}: {}", word(self.severity), self.message))
            .label("nothing expects it here")
    }
}

impl Expectation<'_> {
    fn unanswered(&self) -> Diagnostic {
        let place = self.line.map_or("without a place".to_owned(), |line| format!("on line {}", line + 1));
        let message = format!("expected {} {place} was not produced: {}", word(self.severity), self.substring);
        Diagnostic::error(self.span, message).label("expected here")
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn candidates<'d>(source: &str, diagnostics: &'d [Diagnostic]) -> Vec<Candidate<'d>> {
    let lines = LineIndex::new(source);
    let candidate = |severity, span, message, required| Candidate {
        severity,
        line: line_of(span, &lines),
        message,
        span,
        required,
        taken: false,
    };
    let mut candidates = Vec::new();
    for diagnostic in diagnostics {
        candidates.push(candidate(diagnostic.severity, diagnostic.span, diagnostic.message.as_str(), true));
        let related = diagnostic.related.iter();
        candidates.extend(related.map(|(span, what)| candidate(Severity::Note, *span, what.as_str(), false)));
    }
    candidates
}

/// The line of a span, from zero; `None` for the span of nothing, which stands for no place.
fn line_of(span: Span, lines: &LineIndex<'_>) -> Option<usize> {
    (span != Span::default()).then(|| lines.start(span).line - 1)
}

/// An expectation with its place as written.
struct Written<'s> {
    severity: Severity,
    place: Place,
    substring: &'s str,
}

#[derive(Clone, Copy)]
enum Place {
    Relative(i64),
    Above,
    Below,
    Unknown,
}

/// All expectations of a text, and errors for those that are malformed.
fn expectations(source: &str) -> (Vec<Expectation<'_>>, Vec<Diagnostic>) {
    let lines: Vec<&str> = source.split('\n').collect();
    let holds_none = |line: &usize| !lines[*line].contains(MARK);
    let (mut expectations, mut errors) = (Vec::new(), Vec::new());
    let mut start = 0;
    for (number, line) in lines.iter().enumerate() {
        for (at, _) in line.match_indices(MARK) {
            let span = Span::new(start + at, start + line.trim_end().len());
            let Some(Written { severity, place, substring }) = parse(&line[at + MARK.len()..]) else {
                errors.push(malformed(span));
                continue;
            };
            let target = match place {
                Place::Unknown => Ok(None),
                Place::Above => (0..number).rev().find(holds_none).map(Some).ok_or(()),
                Place::Below => (number + 1..lines.len()).find(holds_none).map(Some).ok_or(()),
                Place::Relative(by) => usize::try_from(number as i64 + by).map(Some).map_err(|_| ()),
            };
            match target {
                Ok(line) => expectations.push(Expectation { severity, line, substring, span }),
                Err(()) => errors.push(malformed(span)),
            }
        }
        start += line.len() + 1;
    }
    (expectations, errors)
}

/// What starts an expectation.
const MARK: &str = "expected-";

/// Parses what follows [`MARK`]: `error@+1 {{...}}`.
fn parse(text: &str) -> Option<Written<'_>> {
    let kinds = [("error", Severity::Error), ("warning", Severity::Warning), ("note", Severity::Note)];
    let (severity, rest) = kinds.iter().find_map(|(word, kind)| Some((*kind, text.strip_prefix(word)?)))?;
    let (place, rest) = match rest.strip_prefix('@') {
        None => (Place::Relative(0), rest),
        Some(rest) => {
            let end = rest.find([' ', '{']).unwrap_or(rest.len());
            (parse_place(&rest[..end])?, &rest[end..])
        }
    };
    let (substring, _) = rest.trim_start().strip_prefix("{{")?.split_once("}}")?;
    Some(Written { severity, place, substring })
}

fn parse_place(text: &str) -> Option<Place> {
    match text {
        "above" => Some(Place::Above),
        "below" => Some(Place::Below),
        "unknown" => Some(Place::Unknown),
        _ if text.starts_with(['+', '-']) => text.parse::<i32>().ok().map(|by| Place::Relative(by.into())),
        _ => None,
    }
}

fn malformed(span: Span) -> Diagnostic {
    Diagnostic::error(span, "malformed expectation").label("here").help(
        "write expected-error@+1 {{part of the message}}; the place is @+N, @-N, @above, @below, @unknown or absent",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An error at the first place that holds `place`.
    fn error(source: &str, place: &str, message: &str) -> Diagnostic {
        let at = source.find(place).unwrap();
        Diagnostic::error(Span::new(at, at + place.len()), message)
    }

    fn messages(source: &str, diagnostics: &[Diagnostic]) -> Vec<String> {
        compare(source, diagnostics).into_iter().map(|mismatch| mismatch.message).collect()
    }

    #[test]
    fn expectations_stand_on_the_line_or_near_it() {
        let comments = [
            "XX // expected-error {{bad}}\n",
            "// expected-error@+1 {{is ba}}\nXX\n",
            "XX\n// expected-error@-1{{bad}}",
            "XX\n// expected-note {{n}}\n// expected-error@above {{bad}}",
            "// expected-error@below {{bad}}\n// expected-note@below {{n}}\nXX",
        ];
        for source in comments {
            let mut diagnostics = vec![error(source, "XX", "it is bad")];
            if source.contains("note {{") {
                diagnostics.push(Diagnostic::note(error(source, "expected-note", "").span, "n"));
            } else if source.contains("note@") {
                diagnostics.push(Diagnostic::note(diagnostics[0].span, "n"));
            }
            assert_eq!(messages(source, &diagnostics), Vec::<String>::new(), "{source}");
        }
    }

    #[test]
    fn each_expectation_takes_one_diagnostic() {
        let source = "XX // expected-error {{bad}} expected-error {{bad}}\n";
        let bad = error(source, "XX", "bad");
        assert!(compare(source, &[bad.clone(), bad.clone()]).is_empty());
        assert_eq!(messages(source, std::slice::from_ref(&bad)), ["expected error on line 1 was not produced: bad"]);
        assert_eq!(messages(source, &[bad.clone(), bad.clone(), bad]), ["unexpected error: bad"]);
    }

    #[test]
    fn kind_line_and_text_must_match() {
        let source = "// expected-warning@+1 {{bad}}\nXX\nYY\n";
        assert_eq!(messages(source, &[error(source, "XX", "bad")]).len(), 2);
        let warning =
            |place, message: &str| Diagnostic { severity: Severity::Warning, ..error(source, place, message) };
        assert_eq!(messages(source, &[warning("YY", "bad")]).len(), 2);
        assert_eq!(messages(source, &[warning("XX", "good")]).len(), 2);
        assert!(compare(source, &[warning("XX", "bad")]).is_empty());
    }

    #[test]
    fn related_places_may_be_expected_as_notes() {
        let source = "YY // expected-note {{defined here}}\nXX // expected-error {{bad}}\n";
        let bad = error(source, "XX", "bad").related(Span::new(0, 2), "defined here");
        assert!(compare(source, std::slice::from_ref(&bad)).is_empty());
        let without = "YY\nXX // expected-error {{bad}}\n";
        assert!(compare(without, &[error(without, "XX", "bad").related(Span::new(0, 2), "defined here")]).is_empty());
    }

    #[test]
    fn diagnostics_without_a_place_are_expected_as_unknown() {
        let source = "// expected-error@unknown {{bad}}\n";
        assert!(compare(source, &[Diagnostic::error(Span::default(), "bad")]).is_empty());
    }

    #[test]
    fn malformed_expectations_are_errors() {
        for source in ["// expected-eror {{x}}", "// expected-error {x}", "// expected-error@1 {{x}}"] {
            assert_eq!(messages(source, &[]), ["malformed expectation"], "{source}");
        }
        for source in ["// expected-error@-1 {{x}}", "// expected-error@above {{x}}"] {
            assert_eq!(messages(source, &[]), ["malformed expectation"], "{source}");
        }
    }
}

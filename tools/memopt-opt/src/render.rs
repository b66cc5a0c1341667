//! Diagnostics as people read them: the line, an underline, the remedy. The drawing is miette's.

use std::fmt;
use std::io::{self, IsTerminal};

use memopt::diag::{Diagnostic, Severity};
use memopt::ir::Span;
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents,
};

/// Lines longer than this are shown in part, without their neighbours: a constant can be one line of megabytes.
const LONG_LINE: usize = 400;

/// How much of a long line is shown on each side.
const MARGIN: usize = 60;

/// A text to point into.
pub struct Source<'s> {
    name: String,
    text: &'s str,
    /// Where its lines start.
    lines: Vec<usize>,
}

impl<'s> Source<'s> {
    /// A text with its name.
    pub fn new(name: impl Into<String>, text: &'s str) -> Source<'s> {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Source { name: name.into(), text, lines }
    }

    /// The line of a byte, from 1.
    pub fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|&start| start <= at)
    }

    /// The number of the line that holds this byte, from zero.
    fn line_at(&self, at: usize) -> usize {
        self.lines.partition_point(|&start| start <= at) - 1
    }

    fn line_start(&self, line: usize) -> usize {
        self.lines[line]
    }

    /// One past the last byte of a line, its end included.
    fn line_end(&self, line: usize) -> usize {
        self.lines.get(line + 1).copied().unwrap_or(self.text.len())
    }

    fn is_long(&self, line: usize) -> bool {
        self.line_end(line) - self.line_start(line) > LONG_LINE
    }

    /// The nearest place at or before `at` where a character starts.
    fn character_at(&self, at: usize) -> usize {
        let at = at.min(self.text.len());
        (0..=at).rev().find(|&at| self.text.is_char_boundary(at)).unwrap_or(0)
    }
}

impl SourceCode for Source<'_> {
    /// As miette does it for strings, but by binary search instead of a walk through all lines, and with parts of long
    /// lines instead of all of them.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (low, high) = (self.character_at(span.offset()), self.character_at(span.offset() + span.len()));
        let (first, last) = (self.line_at(low), self.line_at(high));
        let (mut start, mut end) = (low, high);
        if before > 0 && self.is_long(first) {
            start = self.character_at(low.saturating_sub(MARGIN)).max(self.line_start(first));
        } else if before > 0 {
            let from = (first.saturating_sub(before)..=first).rev().take_while(|&line| !self.is_long(line)).last();
            start = self.line_start(from.unwrap_or(first));
        }
        if after > 0 && self.is_long(last) {
            end = self.character_at(high + MARGIN).min(self.line_end(last));
        } else if after > 0 {
            let most = (last + after).min(self.lines.len() - 1);
            let to = (last..=most).take_while(|&line| !self.is_long(line)).last();
            end = self.line_end(to.unwrap_or(last));
        }
        let line = self.line_at(start);
        let lines = self.line_at(end) - line;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            &self.text.as_bytes()[start..end],
            (start, end - start).into(),
            line,
            start - self.line_start(line),
            lines,
        )))
    }
}

/// Draws diagnostics in the way that standard error can show.
pub struct Renderer {
    handler: GraphicalReportHandler,
}

impl Renderer {
    /// For standard error: colours on a terminal, unless `NO_COLOR` is set.
    pub fn for_stderr() -> Renderer {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Renderer::new(io::stderr().is_terminal() && !no_color)
    }

    /// With or without colours.
    pub fn new(colours: bool) -> Renderer {
        let theme = if colours { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_width(120);
        Renderer { handler }
    }

    /// Diagnostics of the part of a text that starts at byte `offset`.
    pub fn render(&self, diagnostics: &[Diagnostic], source: &Source<'_>, offset: usize) -> String {
        let mut text = String::new();
        for (i, diagnostic) in diagnostics.iter().enumerate() {
            if i > 0 {
                text.push('\n');
            }
            let report = Report { diagnostic, source, offset };
            // Writing to a string fails only if miette gives up drawing; the message alone is better than nothing.
            if self.handler.render_report(&mut text, &report).is_err() {
                text += &format!("error: {diagnostic}\n");
            }
        }
        text
    }

    /// An error that has no place in a text.
    pub fn render_error(&self, message: &str) -> String {
        self.render(&[Diagnostic::error(Span::default(), message)], &Source::new("", ""), 0)
    }
}

/// A diagnostic as miette wants it.
struct Report<'a> {
    diagnostic: &'a Diagnostic,
    source: &'a Source<'a>,
    offset: usize,
}

impl Report<'_> {
    /// The label of a place; `None` for the span of nothing, which stands for no place.
    fn labelled(&self, span: Span, label: &str) -> Option<LabeledSpan> {
        if span == Span::default() {
            return None;
        }
        let (start, end) = (span.start as usize, span.end.max(span.start) as usize);
        let label = (!label.is_empty()).then(|| label.to_owned());
        Some(LabeledSpan::new(label, self.offset + start, end - start))
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.diagnostic.fmt(f)
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.diagnostic, f)
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.diagnostic.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let primary = self
            .labelled(self.diagnostic.span, &self.diagnostic.label)
            .map(|label| LabeledSpan::new_primary_with_span(label.label().map(str::to_owned), *label.inner()));
        let related = self.diagnostic.related.iter().filter_map(|(span, what)| self.labelled(*span, what));
        Some(Box::new(primary.into_iter().chain(related)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(text: &str, diagnostic: Diagnostic) -> String {
        Renderer::new(false).render(&[diagnostic], &Source::new("in.mlir", text), 0)
    }

    #[test]
    fn a_diagnostic_shows_place_label_help_and_related_places() {
        let text = "line one\nuse x\nline three\nline four\nx = 1\n";
        let diagnostic = Diagnostic::error(Span::new(13, 14), "x is read before it is defined")
            .label("read here")
            .help("swap the lines")
            .related(Span::new(36, 37), "defined here");
        let shown = render(text, diagnostic);
        for part in ["x is read before", "in.mlir:2:5", "read here", "defined here", "swap the lines", "use x", "x = 1"]
        {
            assert!(shown.contains(part), "{part} in\n{shown}");
        }
        assert!(!shown.contains('\u{1b}'), "no colours");
    }

    #[test]
    fn long_lines_are_shown_in_part() {
        let text = format!("short\n{}HERE{}\nshort\n", "a".repeat(1 << 20), "b".repeat(1 << 20));
        let at = text.find("HERE").unwrap();
        let shown = render(&text, Diagnostic::error(Span::new(at, at + 4), "bad").label("here"));
        assert!(shown.contains("aHEREb") && shown.contains("in.mlir:2:1048577"), "{shown}");
        assert!(shown.len() < 2000, "{}", shown.len());
    }

    #[test]
    fn places_at_the_end_and_beyond_do_no_harm() {
        for (text, span) in
            [("", Span::new(0, 1)), ("ab", Span::new(2, 2)), ("ab\n", Span::new(3, 3)), ("é", Span::new(1, 9))]
        {
            let shown = render(text, Diagnostic::error(span, "unexpected end").label("here"));
            assert!(shown.contains("unexpected end"), "{shown}");
        }
    }

    #[test]
    fn spans_of_a_part_are_counted_from_its_start() {
        let source = Source::new("in.mlir", "one\ntwo\nthree\n");
        let shown = Renderer::new(false).render(&[Diagnostic::error(Span::new(1, 4), "bad")], &source, 7);
        assert!(shown.contains("in.mlir:3:1"), "{shown}");
    }
}

//! Pipelines: a list of passes with options, in MLIR's pipeline text.
//!
//! ```text
//! pipeline ::= (stage (`,` stage)*)?
//! stage    ::= name (`{` option* `}`)?
//! option   ::= name `=` value
//! ```
//!
//! Parsing goes through three phases, so that one run reports as much as can be known: the syntax (the first error ends
//! it), the names and values (all errors), the order of the passes (all errors).

use std::fmt;

use super::options::{OptionError, PassOptions};
use super::registry::{PassEntry, PassRegistry};
use super::suggest::did_you_mean;
use super::{Pass, PassInfo, PassKind};
use crate::diag::Diagnostic;
use crate::ir::Span;

/// Passes with their options, in the order they run.
#[derive(Clone, Default, Debug)]
pub struct Pipeline {
    stages: Vec<Stage>,
}

/// One pass of a pipeline.
#[derive(Clone, Debug)]
pub struct Stage {
    entry: PassEntry,
    options: PassOptions,
}

impl Stage {
    /// A pass with its defaults.
    pub fn new(entry: PassEntry) -> Stage {
        Stage { entry, options: PassOptions::new(entry.info.options) }
    }

    /// The table entry of its pass.
    pub fn info(&self) -> &'static PassInfo {
        self.entry.info
    }

    /// What was written in braces.
    pub fn options(&self) -> &PassOptions {
        &self.options
    }

    /// What was written in braces, to add to it.
    pub fn options_mut(&mut self) -> &mut PassOptions {
        &mut self.options
    }

    /// Makes the pass.
    pub fn build(&self) -> Box<dyn Pass> {
        (self.entry.build)(&self.options)
    }
}

impl Pipeline {
    /// Parses pipeline text with the passes of a registry.
    ///
    /// # Errors
    /// Everything that is wrong; spans are positions in `text`.
    pub fn parse(text: &str, registry: &PassRegistry) -> Result<Pipeline, Vec<Diagnostic>> {
        let written = Syntax { text, at: 0 }.pipeline().map_err(|error| vec![error])?;
        let stages = resolve(&written, registry)?;
        let names = written.iter().map(|stage| stage.name.span);
        check_order(&stages.iter().zip(names).collect::<Vec<_>>())?;
        Ok(Pipeline { stages })
    }

    /// The passes, in the order they run.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// The passes that change the program, and those that plan what these leave.
    pub fn split(&self) -> (Pipeline, Pipeline) {
        let plans = |stage: &Stage| stage.info().kind == PassKind::Plan;
        let first = self.stages.iter().position(plans).unwrap_or(self.stages.len());
        let (change, plan) = self.stages.split_at(first);
        (Pipeline { stages: change.to_vec() }, Pipeline { stages: plan.to_vec() })
    }

    /// The first stage that runs this pass.
    pub fn find_mut(&mut self, pass: &str) -> Option<&mut Stage> {
        self.stages.iter_mut().find(|stage| stage.info().name == pass)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.info().name, self.options)
    }
}

impl fmt::Display for Pipeline {
    /// The canonical text: no needless space, options in the order of their table. It parses to the same pipeline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, stage) in self.stages.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            write!(f, "{comma}{stage}")?;
        }
        Ok(())
    }
}

/// A word of the text.
#[derive(Clone, Copy)]
struct Word<'t> {
    text: &'t str,
    span: Span,
}

/// A stage as written, its names not looked up yet.
struct WrittenStage<'t> {
    name: Word<'t>,
    options: Vec<(Word<'t>, Word<'t>)>,
}

/// The first phase.
struct Syntax<'t> {
    text: &'t str,
    /// The next byte to read.
    at: usize,
}

impl<'t> Syntax<'t> {
    fn pipeline(&mut self) -> Result<Vec<WrittenStage<'t>>, Diagnostic> {
        let mut stages = Vec::new();
        self.skip_space();
        if self.at == self.text.len() {
            return Ok(stages);
        }
        loop {
            stages.push(self.stage()?);
            self.skip_space();
            match self.peek() {
                None => return Ok(stages),
                Some(',') => self.at += 1,
                Some('(') => {
                    let error = self.unexpected("`,` or the end of the pipeline");
                    return Err(error.help("passes run on functions: write them without the operation around them"));
                }
                Some(_) => return Err(self.unexpected("`,` or the end of the pipeline")),
            }
        }
    }

    fn stage(&mut self) -> Result<WrittenStage<'t>, Diagnostic> {
        let name = self.name("the name of a pass")?;
        let mut options = Vec::new();
        self.skip_space();
        if self.peek() == Some('{') {
            let open = self.here();
            self.at += 1;
            loop {
                self.skip_space();
                match self.peek() {
                    Some('}') => break self.at += 1,
                    None => return Err(self.unexpected("`}`").related(open, "opened here")),
                    Some(_) => options.push(self.option()?),
                }
            }
        }
        Ok(WrittenStage { name, options })
    }

    fn option(&mut self) -> Result<(Word<'t>, Word<'t>), Diagnostic> {
        let name = self.name("the name of an option")?;
        if self.peek() != Some('=') {
            return Err(self.unexpected("`=`").help(format!("write {}=value", name.text)));
        }
        self.at += 1;
        let value = self.word(|c| !c.is_whitespace() && !matches!(c, '{' | '}' | ',' | '='));
        if value.text.is_empty() {
            return Err(self.unexpected("a value"));
        }
        Ok((name, value))
    }

    fn name(&mut self, expected: &str) -> Result<Word<'t>, Diagnostic> {
        self.skip_space();
        let name = self.word(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if name.text.is_empty() { Err(self.unexpected(expected)) } else { Ok(name) }
    }

    fn word(&mut self, belongs: impl Fn(char) -> bool) -> Word<'t> {
        let rest = &self.text[self.at..];
        let text = &rest[..rest.find(|c| !belongs(c)).unwrap_or(rest.len())];
        let span = Span::new(self.at, self.at + text.len());
        self.at += text.len();
        Word { text, span }
    }

    fn skip_space(&mut self) {
        self.word(char::is_whitespace);
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// The next character, or the end.
    fn here(&self) -> Span {
        Span::new(self.at, self.at + self.peek().map_or(0, char::len_utf8))
    }

    fn unexpected(&self, expected: &str) -> Diagnostic {
        let found = self.peek().map_or("the end of the pipeline".to_owned(), |c| format!("`{c}`"));
        Diagnostic::error(self.here(), format!("expected {expected}, found {found}")).label("here")
    }
}

/// The second phase: looks up names and reads values.
fn resolve(written: &[WrittenStage<'_>], registry: &PassRegistry) -> Result<Vec<Stage>, Vec<Diagnostic>> {
    let mut stages = Vec::new();
    let mut errors = Vec::new();
    for WrittenStage { name, options } in written {
        let Some(entry) = registry.find(name.text) else {
            let help = did_you_mean(name.text, registry.passes().iter().map(|entry| entry.info.name));
            let error = Diagnostic::error(name.span, format!("unknown pass `{}`", name.text));
            errors.push(error.label("no pass has this name").help(help));
            continue;
        };
        let mut stage = Stage::new(entry);
        for (option, value) in options {
            if let Err(error) = stage.options.set(option.text, value.text) {
                errors.push(option_error(entry.info.name, option.span, value.span, error));
            }
        }
        stages.push(stage);
    }
    if errors.is_empty() { Ok(stages) } else { Err(errors) }
}

fn option_error(pass: &str, option: Span, value: Span, error: OptionError) -> Diagnostic {
    match error {
        OptionError::Unknown { name, help } => {
            Diagnostic::error(option, format!("pass `{pass}` has no option `{name}`"))
                .label("no option has this name")
                .help(help)
        }
        OptionError::Value { name, found, help } => {
            Diagnostic::error(value, format!("option `{name}` of pass `{pass}` cannot be `{found}`"))
                .label("not a value of this option")
                .help(help)
        }
        OptionError::Twice { name } => {
            Diagnostic::error(option, format!("option `{name}` of pass `{pass}` is set twice"))
                .label("set before")
                .help("write it once")
        }
    }
}

/// The third phase: refuses orders that cannot work, and repetitions that do nothing.
fn check_order(stages: &[(&Stage, Span)]) -> Result<(), Vec<Diagnostic>> {
    let mut errors = Vec::new();
    for (at, &(stage, span)) in stages.iter().enumerate() {
        let name = stage.info().name;
        let forbids = |&&(earlier, _): &&(&Stage, Span)| reason_against(earlier.info(), stage.info()).is_some();
        if let Some(&(earlier, earlier_span)) = stages[..at].iter().find(forbids) {
            let reason = reason_against(earlier.info(), stage.info()).unwrap_or_default();
            errors.push(order_error(name, span, earlier.info().name, earlier_span, reason));
        } else if at > 0 && stages[at - 1].0.to_string() == stage.to_string() {
            let error = Diagnostic::error(span, format!("pass `{name}` runs twice in a row with the same options"));
            let error = error.label("changes nothing").related(stages[at - 1].1, "ran here");
            errors.push(error.help(format!("write `{stage}` once")));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Why `later` may not run after `earlier`, if it may not.
fn reason_against(earlier: &PassInfo, later: &PassInfo) -> Option<&'static str> {
    if earlier.kind == PassKind::Plan && later.kind != PassKind::Plan {
        return Some("a program is changed before it is planned");
    }
    earlier.not_before.iter().find(|(pass, _)| *pass == later.name).map(|&(_, reason)| reason)
}

fn order_error(name: &str, span: Span, earlier: &str, earlier_span: Span, reason: &str) -> Diagnostic {
    let (message, help) = if name == earlier {
        (format!("pass `{name}` cannot run twice: {reason}"), "write it once".to_owned())
    } else {
        (format!("pass `{name}` cannot run after `{earlier}`: {reason}"), format!("write `{name}` before `{earlier}`"))
    };
    let related = format!("`{earlier}` runs here");
    Diagnostic::error(span, message).label("too late").related(earlier_span, related).help(help)
}

#[cfg(test)]
mod tests;

//! The parser: one recursive descent over the text, one file for each kind of thing.
//!
//! - [`Parser`]: the text, the module that is being built, and the errors so far.
//! - [`Reported`]: a syntax error that was recorded already; it unwinds to the operation, and reading goes on behind it.
//!   What is wrong without spoiling the syntax (an undefined value, a wrong type) is recorded and reading goes on at once.
//!
//! A type or attribute is interned as soon as it is read, so that an alias that is used many times costs its text once.
//! Recursion ends at [`ParseLimits::max_depth`], which counts nested aliases too; what aliases would add to the printed
//! text is counted by `aliases`, and limited.

mod affine;
mod aliases;
mod attributes;
mod literals;
mod locations;
mod names;
mod operations;
mod types;

use rustc_hash::FxHashMap;

use self::aliases::Aliases;
use self::names::Names;
use super::ParseLimits;
use super::lexer::{Kind, Lexer, Token};
use crate::diag::Diagnostic;
use crate::ir::{AttrId, Module, Span, TypeId};

/// A syntax error, recorded in [`Parser::errors`].
#[derive(Clone, Copy, Debug)]
struct Reported;

type Parsed<T> = Result<T, Reported>;

/// How far behind the start of a broken operation its end is looked for by its brackets.
const RECOVERY_WINDOW: usize = 4 << 20;

struct Parser<'s> {
    source: &'s str,
    limits: &'s ParseLimits,
    lexer: Lexer<'s>,
    /// The token that is next to be read.
    token: Token,
    /// The end of the token that was read last.
    last_end: usize,
    module: Module,
    errors: Vec<Diagnostic>,
    /// Where the last syntax error was, so that unwinding does not report it twice.
    last_syntax_error: Option<usize>,
    /// There were too many errors, or the nesting is too deep: nothing is read any more.
    stopped: bool,
    depth: usize,
    /// The largest `depth` since an alias definition began.
    deepest: usize,
    names: Names,
    aliases: Aliases<'s>,
    /// Types by their text, for types without nested brackets.
    known_types: FxHashMap<&'s str, TypeId>,
    /// Locations by their text, for locations without aliases.
    known_locations: FxHashMap<&'s str, AttrId>,
}

/// Parses a module; see [`parse`](super::parse()).
pub(super) fn module(source: &str, limits: &ParseLimits) -> Result<Module, Vec<Diagnostic>> {
    let most = limits.max_bytes.min(u32::MAX as usize);
    if source.len() > most {
        let message = format!("the text has {} bytes, more than the limit of {most}", source.len());
        return Err(vec![Diagnostic::error(Span::default(), message).help("split the file, or raise the limit")]);
    }
    // Whether the module is written out is known for sure only at the end: a file may hold several modules.
    let explicit = match Parser::new(source, limits).file(true) {
        Some(outcome) => return outcome,
        None => Parser::new(source, limits).file(false),
    };
    explicit.expect("the implicit module holds any list of operations")
}

impl<'s> Parser<'s> {
    fn new(source: &'s str, limits: &'s ParseLimits) -> Self {
        let mut lexer = Lexer::new(source);
        let token = lexer.next();
        Parser {
            source,
            limits,
            lexer,
            token,
            last_end: 0,
            module: Module::new(),
            errors: Vec::new(),
            last_syntax_error: None,
            stopped: false,
            depth: 0,
            deepest: 0,
            names: Names::default(),
            aliases: Aliases::find(source),
            known_types: FxHashMap::default(),
            known_locations: FxHashMap::default(),
        }
    }

    /// Reads the whole text. With `written_out`, a leading `builtin.module` becomes the module itself; the answer is `None`
    /// if more operations follow it.
    fn file(mut self, written_out: bool) -> Option<Result<Module, Vec<Diagnostic>>> {
        let root = self.module.root();
        let top_level = self.module.top_level();
        let mut is_root = false;
        self.names.open();
        while self.token.kind != Kind::End {
            match self.token.kind {
                Kind::Hash | Kind::Bang => self.alias_definition(),
                Kind::Resources => self.resources(),
                _ if is_root => return None,
                _ if written_out && self.text(self.token) == "\"builtin.module\"" => {
                    is_root = true;
                    self.operation_or_skip(None, Some(root));
                }
                _ => self.operation_or_skip(Some(top_level), None),
            }
        }
        self.undefined_values();
        if self.errors.is_empty() {
            return Some(Ok(self.module));
        }
        self.errors.sort_by_key(|error| error.span.start);
        Some(Err(self.errors))
    }

    /// `{-# ... #-}`, kept as it is.
    fn resources(&mut self) {
        let start = self.token.start;
        let mut at = self.token.end;
        let bytes = self.source.as_bytes();
        let mut quoted = false;
        while at < bytes.len() && (quoted || !bytes[at..].starts_with(b"#-}")) {
            match bytes[at] {
                b'"' => quoted = !quoted,
                b'\\' if quoted => at += 1,
                _ => {}
            }
            at += 1;
        }
        if at >= bytes.len() {
            let _ = self.error(self.token.span(), "this resource section has no end", |d| d.help("close it with #-}"));
            return self.jump(bytes.len());
        }
        let section = &self.source[start..at + 3];
        let joined = match self.module.resources.take() {
            Some(before) => format!("{before}\n{section}"),
            None => section.to_owned(),
        };
        self.module.resources = Some(joined.into());
        self.jump(at + 3);
    }
}

/// Tokens.
impl<'s> Parser<'s> {
    fn text(&self, token: Token) -> &'s str {
        &self.source[token.start..token.end]
    }

    /// Reads the token.
    fn advance(&mut self) -> Token {
        let read = self.token;
        self.last_end = read.end;
        self.token = self.lexer.next();
        read
    }

    /// Goes on reading at `position`.
    fn jump(&mut self, position: usize) {
        self.last_end = position;
        self.lexer.position = position;
        self.token = self.lexer.next();
    }

    fn at(&self, kind: Kind) -> bool {
        self.token.kind == kind
    }

    /// Reads the token if it is of this kind.
    fn eat(&mut self, kind: Kind) -> bool {
        let found = self.at(kind);
        if found {
            self.advance();
        }
        found
    }

    fn at_word(&self, word: &str) -> bool {
        self.at(Kind::Identifier) && self.text(self.token) == word
    }

    /// Reads a token of this kind, or reports what was expected.
    fn expect(&mut self, kind: Kind, what: &str) -> Parsed<Token> {
        if self.at(kind) { Ok(self.advance()) } else { Err(self.expected(what)) }
    }

    /// Reads `item`s with commas between them, up to and with `close`; the opening bracket was read.
    fn list(&mut self, close: Kind, what: &str, mut item: impl FnMut(&mut Self) -> Parsed<()>) -> Parsed<()> {
        if self.eat(close) {
            return Ok(());
        }
        loop {
            item(self)?;
            if self.eat(close) {
                return Ok(());
            }
            self.expect(Kind::Comma, what)?;
        }
    }
}

/// Errors and limits.
impl<'s> Parser<'s> {
    /// Reports that something else stands here.
    fn expected(&mut self, what: &str) -> Reported {
        let found = match self.token.kind {
            Kind::End => "the end of the text".to_owned(),
            Kind::OpenString => {
                return self
                    .error(self.token.span(), "this string has no end on its line", |d| d.help("close it with \""));
            }
            _ => format!("`{}`", shortened(self.text(self.token))),
        };
        self.error(self.token.span(), format!("expected {what}, found {found}"), |d| d.label("found here"))
    }

    /// Reports a syntax error, unless one was reported at this very place.
    fn error(
        &mut self,
        span: Span,
        message: impl Into<String>,
        more: impl FnOnce(Diagnostic) -> Diagnostic,
    ) -> Reported {
        let place = self.token.start;
        if self.last_syntax_error != Some(place) {
            self.last_syntax_error = Some(place);
            self.record(more(Diagnostic::error(span, message)));
        }
        Reported
    }

    /// Records an error after which reading can go on.
    fn record(&mut self, error: Diagnostic) {
        if self.stopped {
            return;
        }
        self.errors.push(error);
        if self.errors.len() >= self.limits.max_errors.max(1) {
            self.stop();
        }
    }

    /// Ends reading: from here on there is only the end of the text.
    fn stop(&mut self) {
        self.stopped = true;
        self.jump(self.source.len());
    }

    /// Reads something that nests.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.reach(self.depth + 1)?;
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Notes that something stands at this depth. Nesting that is too deep ends reading, since going on behind it would have
    /// to find its end first.
    fn reach(&mut self, depth: usize) -> Parsed<()> {
        self.deepest = self.deepest.max(depth);
        if depth <= self.limits.max_depth {
            return Ok(());
        }
        Err(self.too_deep(self.token.span()))
    }

    fn too_deep(&mut self, span: Span) -> Reported {
        let message = format!("nesting is deeper than the limit of {}", self.limits.max_depth);
        let reported = self.error(span, message, |d| d.help("flatten the program, or raise the limit"));
        self.stop();
        reported
    }

    /// Goes on behind a broken operation that began at `start`: at the next line that begins like an operation, a block or
    /// the end of the region.
    fn recover(&mut self, start: usize) {
        if self.stopped {
            return;
        }
        let error = self.token.start.max(start + 1);
        let position = after_brackets(self.source, start, error).unwrap_or_else(|| next_line(self.source, error));
        self.jump(position);
    }
}

/// The first line behind `error` that begins like an operation and lies in no bracket opened since `start`; or the bracket
/// that closes the region. `None` if the brackets do not match.
fn after_brackets(source: &str, start: usize, error: usize) -> Option<usize> {
    let mut lexer = Lexer { source, position: start };
    let mut open = Vec::new();
    loop {
        let gap = lexer.position;
        let token = lexer.next();
        let begins_line = token.start >= error && source.as_bytes()[gap..token.start].contains(&b'\n');
        match token.kind {
            Kind::End => return open.is_empty().then_some(source.len()),
            Kind::Value | Kind::String | Kind::Label if open.is_empty() && begins_line => return Some(token.start),
            Kind::RightBrace if open.is_empty() && token.start >= error => return Some(token.start),
            Kind::LeftBrace => open.push(Kind::RightBrace),
            Kind::LeftParen => open.push(Kind::RightParen),
            Kind::LeftBracket => open.push(Kind::RightBracket),
            Kind::RightBrace | Kind::RightParen | Kind::RightBracket if open.pop() != Some(token.kind) => return None,
            _ => {}
        }
        if token.end - start > RECOVERY_WINDOW {
            return None;
        }
    }
}

/// The first line behind `error` that begins like an operation or the end of a region, whatever brackets are open.
fn next_line(source: &str, error: usize) -> usize {
    let mut at = error.min(source.len());
    let bytes = source.as_bytes();
    while let Some(newline) = bytes[at..].iter().position(|&byte| byte == b'\n') {
        at += newline + 1;
        let blank = bytes[at..].iter().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
        if matches!(bytes.get(at + blank), Some(b'%' | b'"' | b'^' | b'}')) {
            return at + blank;
        }
    }
    source.len()
}

/// The beginning of a text, for messages.
fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

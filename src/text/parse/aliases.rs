//! Aliases: `#map = affine_map<...>`, `!t = tensor<4xf32>`, `#loc3 = loc(...)`.
//!
//! - [`Alias`]: a definition, found by its place at the beginning of a line, and read when it is first needed. So an alias may
//!   be used before it is defined, as `mlir-opt --mlir-print-debuginfo` writes them.
//! - *Cost* of an alias: the bytes that its use adds to the text once it is substituted. A chain of aliases that double each
//!   other would make the text exponentially long; the sum of all costs is limited.
//! - *Height*: how deep its definition nests, which counts where it is used.

use rustc_hash::FxHashMap;

use super::{Parsed, Parser};
use crate::diag::Diagnostic;
use crate::ir::{AttrId, Span, TypeId};
use crate::text::lexer::{Kind, Lexer, is_name};
use crate::text::print::{attribute_text, type_text};

/// What aliases may add to the printed text: this, and [`EXPANSION_FACTOR`] times the text.
const EXPANSION_ALLOWANCE: usize = 16 << 20;
const EXPANSION_FACTOR: usize = 32;

#[derive(Clone, Copy, Debug)]
enum Meaning {
    Attribute(AttrId),
    Type(TypeId),
}

#[derive(Clone, Copy, Debug)]
enum State {
    Unread,
    Reading,
    Read {
        meaning: Meaning,
        end: usize,
        cost: usize,
        height: usize,
    },
    /// Its errors were reported.
    Broken,
}

#[derive(Clone, Copy, Debug)]
struct Alias {
    /// Where its name stands.
    start: usize,
    state: State,
}

/// All aliases, by name with `#` or `!`.
#[derive(Default, Debug)]
pub(super) struct Aliases<'s> {
    all: FxHashMap<&'s str, Alias>,
    /// The cost of all uses so far.
    expanded: usize,
}

impl<'s> Aliases<'s> {
    /// Finds the definitions that begin a line.
    pub(super) fn find(source: &'s str) -> Self {
        let mut all = FxHashMap::default();
        let mut line_start = 0;
        for line in source.split_inclusive('\n') {
            let text = line.trim_start_matches([' ', '\t']);
            if text.starts_with(['#', '!']) {
                let start = line_start + line.len() - text.len();
                if let Some(name) = defined_name(&source[start..]) {
                    all.entry(name).or_insert(Alias { start, state: State::Unread });
                }
            }
            line_start += line.len();
        }
        Aliases { all, expanded: 0 }
    }
}

/// The name with its sigil, if `text` begins with one and `=` follows.
fn defined_name(text: &str) -> Option<&str> {
    let mut lexer = Lexer::new(text);
    let name = lexer.next();
    let is_alias = matches!(name.kind, Kind::Hash | Kind::Bang) && lexer.next().kind == Kind::Equal;
    is_alias.then(|| &text[..name.end])
}

impl<'s> Parser<'s> {
    /// Whether the `#name` or `!name` at the token is an alias: a name without a dot, and without a body.
    pub(super) fn is_alias(&self) -> bool {
        !self.text(self.token).contains('.') && self.lexer.byte(0) != b'<'
    }

    pub(super) fn attribute_alias(&mut self) -> Parsed<AttrId> {
        match self.alias_use()? {
            Meaning::Attribute(attr) => Ok(attr),
            Meaning::Type(_) => unreachable!("`#` begins the name of an attribute"),
        }
    }

    pub(super) fn type_alias(&mut self) -> Parsed<TypeId> {
        match self.alias_use()? {
            Meaning::Type(ty) => Ok(ty),
            Meaning::Attribute(_) => unreachable!("`!` begins the name of a type"),
        }
    }

    /// Reads the name of an alias, and answers what it means.
    fn alias_use(&mut self) -> Parsed<Meaning> {
        let token = self.token;
        let name = self.text(token);
        let meaning = self.meaning(name, token.span())?;
        self.advance();
        Ok(meaning)
    }

    /// What an alias means that is used at `span`. The token stays.
    fn meaning(&mut self, name: &'s str, span: Span) -> Parsed<Meaning> {
        let Some(&alias) = self.aliases.all.get(name) else {
            let what = if name.starts_with('#') { "attribute" } else { "type" };
            let help = format!("define it at top level: {name} = ..., or name the dialect: {}dialect.name", &name[..1]);
            return Err(self.error(span, format!("the {what} alias {name} is not defined"), |d| d.help(help)));
        };
        let alias = match alias.state {
            State::Unread => self.read_elsewhere(name, alias.start)?,
            state => state,
        };
        match alias {
            State::Read { meaning, cost, height, .. } => {
                self.reach(self.depth + height)?;
                self.charge(cost, span)?;
                Ok(meaning)
            }
            State::Reading => {
                let message = format!("the alias {name} is defined by itself");
                Err(self.error(span, message, |d| d.help("break the cycle")))
            }
            State::Unread | State::Broken => Err(super::Reported),
        }
    }

    /// Adds to what the aliases cost, or to what nested attributes cost that are kept as text, once for each level.
    pub(super) fn charge(&mut self, cost: usize, span: Span) -> Parsed<()> {
        self.aliases.expanded = self.aliases.expanded.saturating_add(cost);
        let most = EXPANSION_ALLOWANCE.saturating_add(EXPANSION_FACTOR.saturating_mul(self.source.len()));
        if self.aliases.expanded <= most {
            return Ok(());
        }
        let message = format!("aliases expand to more than {most} bytes");
        let reported = self.error(span, message, |d| d.help("shorten what the aliases repeat"));
        self.stop();
        Err(reported)
    }

    /// Reads a definition that stands at `start`, and comes back.
    fn read_elsewhere(&mut self, name: &'s str, start: usize) -> Parsed<State> {
        let here = (self.token, self.lexer.position, self.last_end);
        self.jump(start);
        self.advance();
        let state = self.nested(|p| Ok(p.read_definition(name, start)));
        // At the end of reading there is nowhere to come back to.
        if !self.stopped {
            (self.token, self.lexer.position, self.last_end) = here;
        }
        state
    }

    /// Reads `= value`.
    fn read_definition(&mut self, name: &'s str, start: usize) -> State {
        self.aliases.all.insert(name, Alias { start, state: State::Reading });
        let deepest = std::mem::replace(&mut self.deepest, self.depth);
        let expanded = self.aliases.expanded;
        let state = match self.definition_body(name) {
            Ok(meaning) => {
                // Escaped bytes print longer than they were written, at most by a constant factor.
                let cost = (self.last_end - start) + (self.aliases.expanded - expanded);
                State::Read { meaning, end: self.last_end, cost, height: self.deepest - self.depth }
            }
            Err(_) => State::Broken,
        };
        self.deepest = self.deepest.max(deepest);
        self.aliases.all.insert(name, Alias { start, state });
        state
    }

    fn definition_body(&mut self, name: &str) -> Parsed<Meaning> {
        self.expect(Kind::Equal, "`=` after the name of an alias")?;
        if name.starts_with('#') { Ok(Meaning::Attribute(self.attribute()?)) } else { Ok(Meaning::Type(self.ty()?)) }
    }

    /// A definition at top level.
    pub(super) fn alias_definition(&mut self) {
        let token = self.token;
        let name = self.text(token);
        if name.contains('.') {
            let _ = self.error(token.span(), "the name of an alias has no dots", |d| d);
            return self.recover(token.start);
        }
        let state = match self.aliases.all.get(name) {
            Some(alias) if alias.start != token.start && !matches!(alias.state, State::Unread) => {
                let first = Span::new(alias.start, alias.start + name.len());
                let message = format!("the alias {name} is defined twice");
                self.record(Diagnostic::error(token.span(), message).related(first, "first defined here"));
                State::Unread
            }
            Some(alias) => alias.state,
            None => State::Unread,
        };
        match state {
            State::Read { end, .. } => self.jump(end),
            State::Broken => self.recover_alias(token.start),
            State::Unread | State::Reading => {
                self.advance();
                if matches!(self.read_definition(name, token.start), State::Broken) {
                    self.recover_alias(token.start);
                }
            }
        }
    }

    /// Goes on behind a broken definition: at the next line that begins like an alias or an operation.
    fn recover_alias(&mut self, start: usize) {
        if self.stopped {
            return;
        }
        let mut at = start;
        while let Some(newline) = self.source[at..].find('\n') {
            at += newline + 1;
            if self.source[at..].starts_with(['#', '!', '"', '%']) {
                return self.jump(at);
            }
        }
        self.jump(self.source.len());
    }

    /// The text of an opaque attribute or type with the aliases in its body replaced by what they mean; names that are no
    /// aliases of this file stay.
    pub(super) fn expand_aliases(&mut self, text: &'s str) -> Parsed<String> {
        let bytes = text.as_bytes();
        let mut out = String::with_capacity(text.len());
        let (mut copied, mut at, mut quoted) = (0, 1, false);
        while at < bytes.len() {
            match bytes[at] {
                b'"' => quoted = !quoted,
                b'\\' if quoted => at += 1,
                b'#' | b'!' if !quoted => {
                    let length = bytes[at + 1..].iter().take_while(|&&byte| is_name(byte) || byte == b'-').count();
                    let end = at + 1 + length;
                    let name = &text[at..end];
                    if bytes.get(end) != Some(&b'<') && self.aliases.all.contains_key(name) {
                        let meaning = self.meaning(name, self.token.span())?;
                        out.push_str(&text[copied..at]);
                        match meaning {
                            Meaning::Attribute(attr) => out.push_str(&attribute_text(&self.module, attr)),
                            Meaning::Type(ty) => out.push_str(&type_text(&self.module, ty)),
                        }
                        copied = end;
                    }
                    at = end.max(at + 1);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        out.push_str(&text[copied..]);
        Ok(out)
    }
}

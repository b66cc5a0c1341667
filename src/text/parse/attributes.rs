//! Attributes, but for literals with elements, affine maps and locations.

use std::borrow::Cow;

use rustc_hash::FxHashSet;

use super::{Parsed, Parser};
use crate::ir::{Attr, AttrId, Dictionary, Symbol, TypeId};
use crate::text::lexer::{Kind, Token, Unbalanced};
use crate::text::print::attribute_text;
use crate::text::spelling::unescape;

impl<'s> Parser<'s> {
    /// Any attribute.
    pub(super) fn attribute(&mut self) -> Parsed<AttrId> {
        let attr = match self.token.kind {
            Kind::Hash if self.is_alias() => return self.attribute_alias(),
            Kind::Hash => {
                let text = self.opaque_text()?.into();
                Attr::Opaque { text, ty: self.trailing_type()? }
            }
            Kind::String => {
                let token = self.advance();
                let value = self.string_content(token)?.into();
                Attr::String { value, ty: self.trailing_type()? }
            }
            Kind::Symbol => self.symbol_reference()?,
            Kind::Integer | Kind::Float | Kind::Minus => self.number()?,
            Kind::LeftBracket => self.nested(Self::array)?,
            Kind::LeftBrace => Attr::Dictionary(self.dictionary()?.into()),
            Kind::LeftParen | Kind::Bang => Attr::Type(self.ty()?),
            Kind::Identifier => return self.word_attribute(),
            _ => return Err(self.expected("an attribute")),
        };
        Ok(self.module.intern_attr(attr))
    }

    fn word_attribute(&mut self) -> Parsed<AttrId> {
        let attr = match self.text(self.token) {
            "loc" => return self.location(),
            word @ ("unit" | "true" | "false") => {
                self.advance();
                if word == "unit" { Attr::Unit } else { Attr::Bool(word == "true") }
            }
            "array" => self.dense_array()?,
            "dense" => self.dense()?,
            "sparse" => self.sparse()?,
            "dense_resource" => self.dense_resource()?,
            "affine_map" => self.affine_map()?,
            "affine_set" => self.affine_set()?,
            "strided" => self.strided()?,
            "distinct" => self.distinct()?,
            word if Self::names_type(word) => Attr::Type(self.ty()?),
            _ => return Err(self.expected("an attribute")),
        };
        Ok(self.module.intern_attr(attr))
    }

    /// `: type`, if it is there.
    pub(super) fn trailing_type(&mut self) -> Parsed<Option<TypeId>> {
        if self.eat(Kind::Colon) { Ok(Some(self.ty()?)) } else { Ok(None) }
    }

    fn array(&mut self) -> Parsed<Attr> {
        self.advance();
        let mut elements = Vec::new();
        self.list(Kind::RightBracket, "`,` or `]` after an element of an array", |p| {
            elements.push(p.attribute()?);
            Ok(())
        })?;
        Ok(Attr::Array(elements.into()))
    }

    /// `{a = 1, "b c", d}`
    pub(super) fn dictionary(&mut self) -> Parsed<Dictionary> {
        self.nested(|p| {
            p.expect(Kind::LeftBrace, "`{` and attributes")?;
            let mut entries = Dictionary::new();
            let mut seen = FxHashSet::default();
            p.list(Kind::RightBrace, "`,` or `}` after an attribute", |p| {
                let token = p.token;
                let name = p.attribute_name()?;
                if !seen.insert(name) {
                    let message = format!("the attribute {} is given twice", p.module.str(name));
                    p.record(crate::diag::Diagnostic::error(token.span(), message).help("keep one of them"));
                }
                let value = if p.eat(Kind::Equal) { p.attribute()? } else { p.module.intern_attr(Attr::Unit) };
                entries.push((name, value));
                Ok(())
            })?;
            Ok(entries)
        })
    }

    fn attribute_name(&mut self) -> Parsed<Symbol> {
        let token = self.token;
        let name = match token.kind {
            Kind::Identifier => Cow::Borrowed(self.text(token)),
            Kind::String => self.utf8_string(token)?,
            _ => return Err(self.expected("the name of an attribute")),
        };
        if name.is_empty() {
            return Err(self.error(token.span(), "an attribute needs a name", |d| d));
        }
        self.advance();
        Ok(self.module.symbol(&name))
    }

    /// `@a::@"b c"`
    fn symbol_reference(&mut self) -> Parsed<Attr> {
        let mut path: Vec<Box<[u8]>> = Vec::new();
        loop {
            let token = self.expect(Kind::Symbol, "a symbol")?;
            let name = self.text(token);
            path.push(if name.starts_with("@\"") {
                self.string_content(Token { start: token.start + 1, ..token })?.into()
            } else {
                name.as_bytes()[1..].into()
            });
            if !self.eat(Kind::DoubleColon) {
                return Ok(Attr::SymbolRef(path.into()));
            }
        }
    }

    /// `distinct[0]<attribute>`
    fn distinct(&mut self) -> Parsed<Attr> {
        self.advance();
        self.expect(Kind::LeftBracket, "`[` after `distinct`")?;
        let number = self.expect(Kind::Integer, "a number")?;
        self.expect(Kind::RightBracket, "`]`")?;
        self.expect(Kind::Less, "`<` and the attribute")?;
        let inner = match self.at(Kind::Greater) {
            true => String::new(),
            false => {
                let inner = self.nested(Self::attribute)?;
                let inner = attribute_text(&self.module, inner);
                self.charge(inner.len(), number.span())?;
                inner
            }
        };
        self.expect(Kind::Greater, "`>` after the attribute")?;
        let text = format!("distinct[{}]<{inner}>", self.text(number)).into();
        Ok(Attr::Opaque { text, ty: None })
    }
}

/// Strings and opaque text.
impl<'s> Parser<'s> {
    /// The bytes that a string literal stands for.
    pub(super) fn string_content(&mut self, token: Token) -> Parsed<Cow<'s, [u8]>> {
        let (start, end) = (token.start + 1, token.end - 1);
        unescape(&self.source[start..end]).map_err(|at| {
            let span = crate::ir::Span::new(start + at, start + at + 1);
            self.error(span, "this escape is not known", |d| {
                d.help("known are \\n, \\t, \\\\, \\\" and a backslash with two hexadecimal digits")
            })
        })
    }

    /// The content of a string literal that must be text: the name of an operation or attribute.
    pub(super) fn utf8_string(&mut self, token: Token) -> Parsed<Cow<'s, str>> {
        let text = match self.string_content(token)? {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
        };
        text.ok_or_else(|| self.error(token.span(), "a name must be UTF-8", |d| d))
    }

    /// `#dialect.name<...>`, `#dialect<...>`, `!dialect.name`: as spelled, but for aliases inside it.
    pub(super) fn opaque_text(&mut self) -> Parsed<Cow<'s, str>> {
        let start = self.token.start;
        if self.lexer.byte(0) == b'<' {
            let open = self.lexer.position;
            let room = self.limits.max_depth.saturating_sub(self.depth);
            match self.lexer.balanced(room) {
                Ok(()) => self.token.end = self.lexer.position,
                Err(Unbalanced::Depth(at)) => return Err(self.too_deep(crate::ir::Span::new(at, at + 1))),
                Err(problem) => return Err(self.unbalanced(open, problem)),
            }
            self.deepest = self.deepest.max(self.depth + 1);
        }
        let name_end = start + 1;
        self.advance();
        let text = &self.source[start..self.last_end];
        // The sigil at the front belongs to the attribute itself.
        match self.source[name_end..self.last_end].contains(['#', '!']) {
            true => self.expand_aliases(text).map(Cow::Owned),
            false => Ok(Cow::Borrowed(text)),
        }
    }

    fn unbalanced(&mut self, open: usize, problem: Unbalanced) -> super::Reported {
        let opened = crate::ir::Span::new(open, open + 1);
        match problem {
            Unbalanced::Mismatch(at) => {
                let message = "this bracket closes none that is open";
                self.error(crate::ir::Span::new(at, at + 1), message, |d| d.related(opened, "the body begins here"))
            }
            _ => self.error(opened, "this bracket is never closed", |d| d),
        }
    }
}

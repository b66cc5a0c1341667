//! Locations: read into one canonical text, with aliases expanded.

use super::{Parsed, Parser};
use crate::ir::{Attr, AttrId};
use crate::text::lexer::Kind;
use crate::text::print::attribute_text;
use crate::text::spelling::write_quoted;

impl<'s> Parser<'s> {
    /// `loc(...)`
    pub(super) fn location(&mut self) -> Parsed<AttrId> {
        let start = self.token.start;
        let simple_end = self.simple_location_end(start);
        if let Some(end) = simple_end
            && let Some(&known) = self.known_locations.get(&self.source[start..end])
        {
            self.jump(end);
            return Ok(known);
        }
        self.advance();
        self.expect(Kind::LeftParen, "`(` after `loc`")?;
        let location = if self.at(Kind::Hash) && self.is_alias() {
            self.location_alias()?
        } else {
            let mut text = String::new();
            self.nested(|p| p.location_body(&mut text))?;
            self.module.intern_attr(Attr::Location(text.into()))
        };
        self.expect(Kind::RightParen, "`)` at the end of a location")?;
        if simple_end == Some(self.last_end) {
            self.known_locations.insert(&self.source[start..self.last_end], location);
        }
        Ok(location)
    }

    /// The end of a location like `loc("file":1:2)`, whose text alone says what it is.
    fn simple_location_end(&self, start: usize) -> Option<usize> {
        let body = self.source[start..].strip_prefix("loc(")?;
        let length = body.bytes().take(256).position(|byte| matches!(byte, b')' | b'#' | b'('))?;
        (body.as_bytes()[length] == b')').then_some(start + 4 + length + 1)
    }

    /// An alias as a whole location: the same attribute, without copying its text.
    fn location_alias(&mut self) -> Parsed<AttrId> {
        let token = self.token;
        let attr = self.attribute_alias()?;
        match self.module.attr(attr) {
            Attr::Location(_) => Ok(attr),
            Attr::Opaque { text, ty: None } => {
                let text = text.clone();
                Ok(self.module.intern_attr(Attr::Location(text)))
            }
            _ => {
                let message = format!("{} is no location", self.text(token));
                Err(self.error(token.span(), message, |d| d.help("define it as loc(...)")))
            }
        }
    }

    fn location_body(&mut self, out: &mut String) -> Parsed<()> {
        match self.token.kind {
            Kind::String => self.file_or_name(out),
            Kind::Hash if self.is_alias() => {
                let attr = self.location_alias()?;
                if let Attr::Location(text) = self.module.attr(attr) {
                    out.push_str(text);
                }
                Ok(())
            }
            Kind::Hash => {
                let text = self.opaque_text()?;
                out.push_str(&text);
                Ok(())
            }
            Kind::Identifier => match self.text(self.token) {
                "unknown" => {
                    self.advance();
                    out.push_str("unknown");
                    Ok(())
                }
                "callsite" => self.call_site(out),
                "fused" => self.fused(out),
                _ => Err(self.expected("a location")),
            },
            _ => Err(self.expected("a location")),
        }
    }

    /// `"file":1:2`, `"file":1:2 to 3:4`, `"name"`, `"name"(location)`
    fn file_or_name(&mut self, out: &mut String) -> Parsed<()> {
        let token = self.advance();
        let content = self.string_content(token)?;
        let _ = write_quoted(out, &content);
        if self.at(Kind::LeftParen) {
            self.advance();
            out.push('(');
            self.nested(|p| p.location_body(out))?;
            self.expect(Kind::RightParen, "`)` after a location")?;
            out.push(')');
        } else if self.at(Kind::Colon) {
            self.position_part(out)?;
            if !self.at(Kind::Colon) {
                return Err(self.expected("`:` and a column"));
            }
            self.position_part(out)?;
            if self.at_word("to") {
                self.advance();
                out.push_str(" to ");
                if self.at(Kind::Integer) {
                    let line = self.advance();
                    out.push_str(self.text(line));
                }
                if !self.at(Kind::Colon) {
                    return Err(self.expected("`:` and a column"));
                }
                self.position_part(out)?;
            }
        }
        Ok(())
    }

    /// `:12`
    fn position_part(&mut self, out: &mut String) -> Parsed<()> {
        self.advance();
        let number = self.expect(Kind::Integer, "a line or column")?;
        out.push(':');
        out.push_str(self.text(number));
        Ok(())
    }

    /// `callsite(callee at caller)`
    fn call_site(&mut self, out: &mut String) -> Parsed<()> {
        self.advance();
        self.expect(Kind::LeftParen, "`(` after `callsite`")?;
        out.push_str("callsite(");
        self.nested(|p| p.location_body(out))?;
        if !self.at_word("at") {
            return Err(self.expected("`at` and the location of the caller"));
        }
        self.advance();
        out.push_str(" at ");
        self.nested(|p| p.location_body(out))?;
        self.expect(Kind::RightParen, "`)` after the location of the caller")?;
        out.push(')');
        Ok(())
    }

    /// `fused[a, b]`, `fused<attribute>[a, b]`
    fn fused(&mut self, out: &mut String) -> Parsed<()> {
        self.advance();
        out.push_str("fused");
        if self.eat(Kind::Less) {
            let metadata = self.nested(Self::attribute)?;
            self.expect(Kind::Greater, "`>` after the metadata of a location")?;
            let metadata = attribute_text(&self.module, metadata);
            self.charge(metadata.len(), self.token.span())?;
            out.push('<');
            out.push_str(&metadata);
            out.push('>');
        }
        self.expect(Kind::LeftBracket, "`[` and locations")?;
        out.push('[');
        let mut first = true;
        self.list(Kind::RightBracket, "`,` or `]` after a location", |p| {
            if !std::mem::take(&mut first) {
                out.push_str(", ");
            }
            p.nested(|p| p.location_body(out))
        })?;
        out.push(']');
        Ok(())
    }
}

//! Affine maps and sets, and strided layouts: checked against their grammar, and kept as spelled.

use rustc_hash::FxHashSet;

use super::{Parsed, Parser};
use crate::ir::Attr;
use crate::text::lexer::{Kind, Lexer};

/// The dimensions and symbols of a map.
type Declared<'s> = FxHashSet<&'s str>;

impl<'s> Parser<'s> {
    /// `affine_map<(d0, d1)[s0] -> (d0 + s0, d1 floordiv 4)>`
    pub(super) fn affine_map(&mut self) -> Parsed<Attr> {
        self.spelled(|p| {
            let declared = p.affine_space()?;
            p.expect(Kind::Arrow, "`->` and the results of the map")?;
            p.expect(Kind::LeftParen, "`(` and the results of the map")?;
            p.list(Kind::RightParen, "`,` or `)` after an affine expression", |p| p.affine_expression(&declared))
        })
    }

    /// `affine_set<(d0)[s0] : (d0 - 10 >= 0, s0 == 0)>`
    pub(super) fn affine_set(&mut self) -> Parsed<Attr> {
        self.spelled(|p| {
            let declared = p.affine_space()?;
            p.expect(Kind::Colon, "`:` and the constraints of the set")?;
            p.expect(Kind::LeftParen, "`(` and the constraints of the set")?;
            p.list(Kind::RightParen, "`,` or `)` after a constraint", |p| {
                p.affine_expression(&declared)?;
                if !p.eat(Kind::Greater) && !p.eat(Kind::Less) {
                    p.expect(Kind::Equal, "`==`, `>=` or `<=`")?;
                }
                p.expect(Kind::Equal, "`==`, `>=` or `<=`")?;
                p.affine_expression(&declared)
            })
        })
    }

    /// `strided<[1, ?], offset: 3>`
    pub(super) fn strided(&mut self) -> Parsed<Attr> {
        self.spelled(|p| {
            p.expect(Kind::LeftBracket, "`[` and strides")?;
            p.list(Kind::RightBracket, "`,` or `]` after a stride", Self::stride)?;
            if !p.eat(Kind::Comma) {
                return Ok(());
            }
            if !p.at_word("offset") {
                return Err(p.expected("`offset`"));
            }
            p.advance();
            p.expect(Kind::Colon, "`:` and the offset")?;
            p.stride()
        })
    }

    fn stride(&mut self) -> Parsed<()> {
        if self.at(Kind::Other) && self.text(self.token) == "?" {
            self.advance();
            return Ok(());
        }
        self.eat(Kind::Minus);
        self.expect(Kind::Integer, "an integer or `?`").map(drop)
    }

    /// Reads `word<body>`; the attribute is its text.
    fn spelled(&mut self, body: impl FnOnce(&mut Self) -> Parsed<()>) -> Parsed<Attr> {
        let start = self.token.start;
        self.advance();
        self.expect(Kind::Less, "`<`")?;
        body(self)?;
        self.expect(Kind::Greater, "`>`")?;
        let text = &self.source[start..self.last_end];
        let text = if text.contains('\n') { on_one_line(text) } else { text.to_owned() };
        Ok(Attr::Opaque { text: text.into(), ty: None })
    }

    /// `(d0, d1)[s0]`
    fn affine_space(&mut self) -> Parsed<Declared<'s>> {
        let mut declared = Declared::default();
        self.expect(Kind::LeftParen, "`(` and dimensions")?;
        self.list(Kind::RightParen, "`,` or `)` after a dimension", |p| p.affine_name(&mut declared))?;
        if self.eat(Kind::LeftBracket) {
            self.list(Kind::RightBracket, "`,` or `]` after a symbol", |p| p.affine_name(&mut declared))?;
        }
        Ok(declared)
    }

    fn affine_name(&mut self, declared: &mut Declared<'s>) -> Parsed<()> {
        let token = self.expect(Kind::Identifier, "the name of a dimension or symbol")?;
        if declared.insert(self.text(token)) {
            return Ok(());
        }
        Err(self.error(token.span(), format!("{} is declared twice", self.text(token)), |d| d))
    }

    fn affine_expression(&mut self, declared: &Declared<'s>) -> Parsed<()> {
        self.affine_term(declared)?;
        while matches!(self.text(self.token), "+" | "-" | "*" | "floordiv" | "ceildiv" | "mod") {
            self.advance();
            self.affine_term(declared)?;
        }
        Ok(())
    }

    fn affine_term(&mut self, declared: &Declared<'s>) -> Parsed<()> {
        while self.eat(Kind::Minus) {}
        match self.token.kind {
            Kind::Integer => {
                self.advance();
                Ok(())
            }
            Kind::Identifier if declared.contains(self.text(self.token)) => {
                self.advance();
                Ok(())
            }
            Kind::LeftParen => self.nested(|p| {
                p.advance();
                p.affine_expression(declared)?;
                p.expect(Kind::RightParen, "`)` after an affine expression").map(drop)
            }),
            _ => Err(self.expected("a dimension, a symbol, an integer or `(`")),
        }
    }
}

/// A text without comments and line breaks.
fn on_one_line(text: &str) -> String {
    let mut lexer = Lexer::new(text);
    let mut joined = String::new();
    loop {
        let gap = lexer.position;
        let token = lexer.next();
        if token.kind == Kind::End {
            return joined;
        }
        if gap < token.start {
            joined.push(' ');
        }
        joined.push_str(&text[token.start..token.end]);
    }
}

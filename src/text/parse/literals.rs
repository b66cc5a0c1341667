//! Numbers, and literals with elements: `array<...>`, `dense<...>`, `sparse<...>`, `dense_resource<...>`.

use super::{Parsed, Parser};
use crate::ir::{Attr, DenseArray, FloatKind, Signedness, Span, Type, TypeId};
use crate::text::lexer::Kind;

/// A number as written, before its type is known.
struct Number {
    negative: bool,
    is_float: bool,
    span: Span,
}

impl<'s> Parser<'s> {
    /// `-3 : i32`, `0xFF : ui8`, `1.0e-5 : f32`, `0x7FC00000 : f32`
    pub(super) fn number(&mut self) -> Parsed<Attr> {
        let number = self.bare_number()?;
        let ty = match self.trailing_type()? {
            Some(ty) => ty,
            None if number.is_float => self.float_type("f64"),
            None => self.module.intern_type(Type::Integer { width: 64, signedness: Signedness::Signless }),
        };
        match self.module.ty(ty) {
            Type::Float(_) => Ok(Attr::Float { literal: self.float_literal(&number)?.into(), ty }),
            Type::Integer { .. } | Type::Index if !number.is_float => self.integer(&number, ty),
            _ => {
                let what = if number.is_float { "a float" } else { "an integer" };
                Err(self.error(number.span, format!("{what} cannot have this type"), |d| d))
            }
        }
    }

    fn bare_number(&mut self) -> Parsed<Number> {
        let start = self.token.start;
        let negative = self.eat(Kind::Minus);
        if !matches!(self.token.kind, Kind::Integer | Kind::Float) {
            return Err(self.expected("a number"));
        }
        let is_float = self.at(Kind::Float);
        self.advance();
        Ok(Number { negative, is_float, span: Span::new(start, self.last_end) })
    }

    fn float_type(&mut self, name: &str) -> TypeId {
        let kind = FloatKind::from_name(name).expect("a float type of MLIR");
        self.module.intern_type(Type::Float(kind))
    }

    fn digits(&self, number: &Number) -> &'s str {
        let text = &self.source[number.span.start as usize..number.span.end as usize];
        if number.negative { text[1..].trim_start() } else { text }
    }

    /// The spelling of a number of a float type, where an integer must be the bits in hexadecimal.
    fn float_literal(&mut self, number: &Number) -> Parsed<String> {
        let digits = self.digits(number);
        if !number.is_float && (number.negative || !digits.starts_with("0x")) {
            let help = format!("write {digits}.0, or the bits as 0x...");
            return Err(self.error(number.span, "a float cannot be written as an integer", |d| d.help(help)));
        }
        Ok(if number.negative { format!("-{digits}") } else { digits.to_owned() })
    }

    /// An integer as its type reads it: `255 : i8` is -1, and `1 : i1` is `true`, as in MLIR.
    fn integer(&mut self, number: &Number, ty: TypeId) -> Parsed<Attr> {
        let (width, signed) = match *self.module.ty(ty) {
            Type::Integer { width, signedness: Signedness::Signless } => (width, None),
            Type::Integer { width, signedness } => (width, Some(signedness == Signedness::Signed)),
            _ => (64, Some(true)),
        };
        let Some(value) = self.value(number) else {
            // Too wide to compute with: kept as spelled.
            if width > 127 {
                let sign = if number.negative { "-" } else { "" };
                let text = format!("{sign}{}", self.digits(number)).into();
                return Ok(Attr::Opaque { text, ty: Some(ty) });
            }
            return Err(self.out_of_range(number));
        };
        if width > 127 || width == 0 {
            return Ok(Attr::Integer { value, ty });
        }
        let half = 1i128 << (width - 1);
        let in_range = match signed {
            None => (-half..2 * half).contains(&value),
            Some(true) => (-half..half).contains(&value),
            Some(false) => (0..2 * half).contains(&value),
        };
        match (width, signed, value) {
            _ if !in_range => Err(self.out_of_range(number)),
            (1, None, _) => Ok(Attr::Bool(value != 0)),
            (_, None, _) if value >= half => Ok(Attr::Integer { value: value - 2 * half, ty }),
            _ => Ok(Attr::Integer { value, ty }),
        }
    }

    fn out_of_range(&mut self, number: &Number) -> super::Reported {
        self.error(number.span, "this number does not fit into its type", |d| d.help("use a wider integer type"))
    }

    fn value(&self, number: &Number) -> Option<i128> {
        let digits = self.digits(number);
        let magnitude = match digits.strip_prefix("0x") {
            Some(hex) => u128::from_str_radix(hex, 16).ok()?,
            None => digits.parse().ok()?,
        };
        let value = i128::try_from(magnitude).ok()?;
        Some(if number.negative { -value } else { value })
    }

    /// `array<i64: 1, 2>`, `array<i1: true>`, `array<f32: 1.0>`, `array<i64>`
    pub(super) fn dense_array(&mut self) -> Parsed<Attr> {
        self.advance();
        self.expect(Kind::Less, "`<` and the element type")?;
        let place = self.token.span();
        let element = self.ty()?;
        let is_float = match *self.module.ty(element) {
            Type::Float(_) => true,
            Type::Integer { width: 1..=64, signedness: Signedness::Signless } => false,
            _ => return Err(self.error(place, "the elements of an array are i1 to i64, or floats", |d| d)),
        };
        let (mut integers, mut floats) = (Vec::new(), Vec::new());
        if self.eat(Kind::Colon) {
            loop {
                if is_float {
                    let number = self.bare_number()?;
                    floats.push(self.float_literal(&number)?.into());
                } else {
                    integers.push(self.array_integer(element)?);
                }
                if !self.eat(Kind::Comma) {
                    break;
                }
            }
        }
        self.expect(Kind::Greater, "`,` or `>` after an element of an array")?;
        let values = if is_float { DenseArray::Floats(floats.into()) } else { DenseArray::Integers(integers.into()) };
        Ok(Attr::DenseArray { element, values })
    }

    fn array_integer(&mut self, element: TypeId) -> Parsed<i64> {
        for (word, value) in [("true", 1), ("false", 0)] {
            if self.at_word(word) && self.module.ty(element).is_bool() {
                self.advance();
                return Ok(value);
            }
        }
        let number = self.bare_number()?;
        if number.is_float {
            return Err(self.error(number.span, "a float cannot be an element of an integer array", |d| d));
        }
        match self.integer(&number, element)? {
            Attr::Integer { value, .. } => Ok(value as i64),
            Attr::Bool(value) => Ok(i64::from(value)),
            _ => unreachable!("an integer of at most 64 bits fits"),
        }
    }

    /// `dense<literal> : type`
    pub(super) fn dense(&mut self) -> Parsed<Attr> {
        self.advance();
        self.expect(Kind::Less, "`<` after `dense`")?;
        let mut literal = String::new();
        if !self.at(Kind::Greater) {
            self.elements(&mut literal)?;
        }
        self.expect(Kind::Greater, "`>` after the elements")?;
        Ok(Attr::DenseElements { literal: literal.into(), ty: self.type_of_whole()? })
    }

    /// `sparse<indices, values> : type`
    pub(super) fn sparse(&mut self) -> Parsed<Attr> {
        self.advance();
        self.expect(Kind::Less, "`<` after `sparse`")?;
        let mut literal = String::new();
        if !self.at(Kind::Greater) {
            self.elements(&mut literal)?;
            self.expect(Kind::Comma, "`,` and the values")?;
            literal.push_str(", ");
            self.elements(&mut literal)?;
        }
        self.expect(Kind::Greater, "`>` after the elements")?;
        Ok(Attr::SparseElements { literal: literal.into(), ty: self.type_of_whole()? })
    }

    /// `dense_resource<key> : type`
    pub(super) fn dense_resource(&mut self) -> Parsed<Attr> {
        self.advance();
        self.expect(Kind::Less, "`<` and a key")?;
        if !self.at(Kind::Identifier) && !self.at(Kind::String) {
            return Err(self.expected("the key of a resource"));
        }
        let key = self.advance();
        self.expect(Kind::Greater, "`>` after the key")?;
        Ok(Attr::DenseResource { key: self.text(key).into(), ty: self.type_of_whole()? })
    }

    fn type_of_whole(&mut self) -> Parsed<TypeId> {
        self.expect(Kind::Colon, "`:` and the type of the elements")?;
        self.ty()
    }

    /// Elements in nested lists, or one for all; appends them without needless space.
    fn elements(&mut self, out: &mut String) -> Parsed<()> {
        let mut open = 0;
        loop {
            let mut empty = false;
            while !empty && self.eat(Kind::LeftBracket) {
                open += 1;
                self.reach(self.depth + open)?;
                out.push('[');
                empty = self.at(Kind::RightBracket);
            }
            if !empty {
                self.element(out)?;
            }
            while open > 0 && self.eat(Kind::RightBracket) {
                open -= 1;
                out.push(']');
            }
            if open == 0 {
                return Ok(());
            }
            self.expect(Kind::Comma, "`,` or `]` after an element")?;
            out.push_str(", ");
        }
    }

    /// A number, a boolean, a string, or `(real,imaginary)`.
    fn element(&mut self, out: &mut String) -> Parsed<()> {
        match self.token.kind {
            Kind::String => {
                let token = self.advance();
                self.string_content(token)?;
                out.push_str(self.text(token));
            }
            Kind::Identifier if self.at_word("true") || self.at_word("false") => {
                let token = self.advance();
                out.push_str(self.text(token));
            }
            Kind::LeftParen => {
                self.advance();
                out.push('(');
                self.plain_number(out)?;
                self.expect(Kind::Comma, "`,` and the imaginary part")?;
                out.push(',');
                self.plain_number(out)?;
                self.expect(Kind::RightParen, "`)` after the imaginary part")?;
                out.push(')');
            }
            Kind::Integer | Kind::Float | Kind::Minus => self.plain_number(out)?,
            _ => return Err(self.expected("an element: a number, a boolean, a string or a complex number")),
        }
        Ok(())
    }

    fn plain_number(&mut self, out: &mut String) -> Parsed<()> {
        let number = self.bare_number()?;
        if number.negative {
            out.push('-');
        }
        out.push_str(self.digits(&number));
        Ok(())
    }
}

impl Type {
    /// Whether this is `i1`.
    fn is_bool(&self) -> bool {
        matches!(self, Type::Integer { width: 1, signedness: Signedness::Signless })
    }
}

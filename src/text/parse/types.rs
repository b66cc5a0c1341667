//! Types.

use smallvec::SmallVec;

use super::{Parsed, Parser};
use crate::ir::{Attr, AttrId, DYNAMIC, FloatKind, Signedness, TensorType, Type, TypeId};
use crate::text::lexer::Kind;

/// MLIR's widest integer type.
const MAX_INTEGER_WIDTH: u32 = (1 << 24) - 1;

type Types = SmallVec<[TypeId; 4]>;

impl<'s> Parser<'s> {
    /// Any type.
    pub(super) fn ty(&mut self) -> Parsed<TypeId> {
        match self.token.kind {
            Kind::LeftParen => self.nested(|p| {
                let (inputs, results) = p.signature()?;
                Ok(p.module
                    .intern_type(Type::Function { inputs: inputs.to_vec().into(), results: results.to_vec().into() }))
            }),
            Kind::Bang => self.dialect_type(),
            Kind::Identifier => self.builtin_type(),
            _ => Err(self.expected("a type")),
        }
    }

    /// `(f32) -> f32`, `(f32) -> (f32, i32)`
    pub(super) fn signature(&mut self) -> Parsed<(Types, Types)> {
        self.expect(Kind::LeftParen, "`(` and the types of the operands")?;
        let inputs = self.types(Kind::RightParen)?;
        self.expect(Kind::Arrow, "`->` and the types of the results")?;
        let results =
            if self.eat(Kind::LeftParen) { self.types(Kind::RightParen)? } else { SmallVec::from_slice(&[self.ty()?]) };
        Ok((inputs, results))
    }

    fn types(&mut self, close: Kind) -> Parsed<Types> {
        let mut types = Types::new();
        self.list(close, "`,` or a closing bracket after a type", |p| {
            types.push(p.ty()?);
            Ok(())
        })?;
        Ok(types)
    }

    /// Whether a word is the name of a builtin type.
    pub(super) fn names_type(word: &str) -> bool {
        matches!(word, "index" | "none" | "complex" | "tensor" | "memref" | "vector" | "tuple")
            || FloatKind::from_name(word).is_some()
            || integer_type(word).is_some()
    }

    fn builtin_type(&mut self) -> Parsed<TypeId> {
        if let Some(known) = self.known_type() {
            return Ok(known);
        }
        let start = self.token.start;
        let word = self.text(self.token);
        let ty = match word {
            "index" => Type::Index,
            "none" => Type::None,
            "complex" | "tensor" | "memref" | "vector" | "tuple" => {
                self.advance();
                if !self.at(Kind::Less) {
                    return Err(self.expected(&format!("`<` after `{word}`")));
                }
                let ty = self.nested(|p| match word {
                    "complex" => p.complex(),
                    "tensor" => p.tensor(),
                    "memref" => p.memref(),
                    "vector" => p.vector(),
                    _ => p.tuple(),
                })?;
                self.expect(Kind::Greater, &format!("`>` at the end of `{word}<`"))?;
                let ty = self.module.intern_type(ty);
                self.remember_type(start, ty);
                return Ok(ty);
            }
            _ => match (FloatKind::from_name(word), integer_type(word)) {
                (Some(kind), _) => Type::Float(kind),
                (None, Some((width, signedness))) if width <= MAX_INTEGER_WIDTH => Type::Integer { width, signedness },
                (None, Some(_)) => {
                    let message = format!("an integer has at most {MAX_INTEGER_WIDTH} bits");
                    return Err(self.error(self.token.span(), message, |d| d));
                }
                (None, None) => return Err(self.expected("a type")),
            },
        };
        self.advance();
        Ok(self.module.intern_type(ty))
    }

    /// The type at the token if its text was seen before: most types of a program occur again and again.
    fn known_type(&mut self) -> Option<TypeId> {
        let end = self.simple_type_end(self.token.start)?;
        let known = *self.known_types.get(&self.source[self.token.start..end])?;
        self.jump(end);
        Some(known)
    }

    fn remember_type(&mut self, start: usize, ty: TypeId) {
        if self.simple_type_end(start) == Some(self.last_end) {
            self.known_types.insert(&self.source[start..self.last_end], ty);
        }
    }

    /// The end of a type like `tensor<4x8xf32>`, whose text alone says what it is.
    fn simple_type_end(&self, start: usize) -> Option<usize> {
        let rest = &self.source.as_bytes()[start..];
        let open = rest.iter().take(8).position(|&byte| byte == b'<')?;
        let body = &rest[open + 1..];
        let length = body.iter().take(64).position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'?')?;
        (body[length] == b'>').then_some(start + open + length + 2)
    }

    fn complex(&mut self) -> Parsed<Type> {
        self.advance();
        Ok(Type::Complex(self.ty()?))
    }

    fn tuple(&mut self) -> Parsed<Type> {
        self.advance();
        let mut types = Vec::new();
        if self.at(Kind::Greater) {
            return Ok(Type::Tuple(Box::default()));
        }
        loop {
            types.push(self.ty()?);
            if !self.eat(Kind::Comma) {
                return Ok(Type::Tuple(types.into()));
            }
        }
    }

    fn tensor(&mut self) -> Parsed<Type> {
        let Some(shape) = self.shape()? else { return Ok(Type::UnrankedTensor(self.ty()?)) };
        let element = self.ty()?;
        let encoding = if self.eat(Kind::Comma) { Some(self.attribute()?) } else { None };
        Ok(Type::Tensor(TensorType { shape: shape.into(), element, encoding }))
    }

    fn memref(&mut self) -> Parsed<Type> {
        let Some(shape) = self.shape()? else {
            let element = self.ty()?;
            let space = if self.eat(Kind::Comma) { Some(self.attribute()?) } else { None };
            return Ok(Type::UnrankedMemRef { element, space });
        };
        let shaped = TensorType { shape: shape.into(), element: self.ty()?, encoding: None };
        let (mut layout, mut space) = (None, None);
        if self.eat(Kind::Comma) {
            let first = self.attribute()?;
            if self.eat(Kind::Comma) {
                (layout, space) = (Some(first), Some(self.attribute()?));
            } else if self.is_layout(first) {
                layout = Some(first);
            } else {
                space = Some(first);
            }
        }
        Ok(Type::MemRef { shaped, layout, space })
    }

    /// Whether a lone attribute of a memref is its layout: an affine map or `strided`.
    fn is_layout(&self, attr: AttrId) -> bool {
        let Attr::Opaque { text, ty: None } = self.module.attr(attr) else { return false };
        text.starts_with("affine_map<") || text.starts_with("strided<")
    }

    fn vector(&mut self) -> Parsed<Type> {
        let mut shape = Vec::new();
        loop {
            self.lexer.skip_space();
            match self.lexer.byte(0) {
                b'0'..=b'9' => shape.push((self.extent()?, false)),
                b'[' => {
                    self.lexer.position += 1;
                    self.lexer.skip_space();
                    let extent = self.extent()?;
                    self.raw(b']', "`]` after a scalable extent")?;
                    shape.push((extent, true));
                }
                _ => break,
            }
            self.raw(b'x', "`x` after an extent")?;
        }
        self.advance();
        Ok(Type::Vector { shape: shape.into(), element: self.ty()? })
    }

    /// `4x?x` behind the token `<`, which is read with it; `None` for `*x`. Read byte by byte, since `0x10` is no number
    /// here.
    fn shape(&mut self) -> Parsed<Option<Vec<i64>>> {
        self.lexer.skip_space();
        if self.lexer.byte(0) == b'*' {
            self.lexer.position += 1;
            self.raw(b'x', "`x` after `*`")?;
            self.advance();
            return Ok(None);
        }
        let mut shape = Vec::new();
        loop {
            self.lexer.skip_space();
            match self.lexer.byte(0) {
                b'0'..=b'9' => shape.push(self.extent()?),
                b'?' => {
                    self.lexer.position += 1;
                    shape.push(DYNAMIC);
                }
                _ => break,
            }
            self.raw(b'x', "`x` after an extent")?;
        }
        self.advance();
        Ok(Some(shape))
    }

    fn extent(&mut self) -> Parsed<i64> {
        let start = self.lexer.position;
        while self.lexer.byte(0).is_ascii_digit() {
            self.lexer.position += 1;
        }
        let end = self.lexer.position;
        self.source[start..end].parse().map_err(|_| {
            self.jump(start);
            self.error(self.token.span(), "expected an extent from 0 to 2^63 - 1", |d| d.label("found here"))
        })
    }

    /// Reads one byte of a shape.
    fn raw(&mut self, byte: u8, what: &str) -> Parsed<()> {
        self.lexer.skip_space();
        if self.lexer.byte(0) == byte {
            self.lexer.position += 1;
            return Ok(());
        }
        self.jump(self.lexer.position);
        Err(self.expected(what))
    }

    /// `!dialect.t<...>`, `!dialect<...>`, or an alias.
    fn dialect_type(&mut self) -> Parsed<TypeId> {
        if self.is_alias() {
            return self.type_alias();
        }
        let text = self.opaque_text()?;
        let symbol = self.module.symbol(&text);
        Ok(self.module.intern_type(Type::Opaque(symbol)))
    }
}

/// `i32`, `si8`, `ui64`
fn integer_type(word: &str) -> Option<(u32, Signedness)> {
    let (digits, signedness) = if let Some(digits) = word.strip_prefix("si") {
        (digits, Signedness::Signed)
    } else if let Some(digits) = word.strip_prefix("ui") {
        (digits, Signedness::Unsigned)
    } else {
        (word.strip_prefix('i')?, Signedness::Signless)
    };
    let numeric = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // Absurd widths are still integer types, and refused as such.
    numeric.then(|| (digits.parse().unwrap_or(u32::MAX), signedness))
}

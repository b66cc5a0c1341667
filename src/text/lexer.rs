//! Tokens of MLIR's text.
//!
//! - [`Token`]: a kind and the bytes it covers.
//! - [`Lexer`]: a position in a source text; each call of [`Lexer::next`] reads one token.
//!
//! Shapes (`4x0xf32`) and the bodies of opaque attributes are no sequences of these tokens; the parser reads them byte by
//! byte, with [`Lexer::balanced`] for the latter.

use crate::ir::Span;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// The end of the text.
    End,
    /// `func`, `memopt.kind`, `x4xf32`
    Identifier,
    /// `%name`
    Value,
    /// `^name`
    Label,
    /// `@name`, `@"any name"`
    Symbol,
    /// `#name`
    Hash,
    /// `!name`
    Bang,
    /// `12`, `0xFF`
    Integer,
    /// `1.0e-5`
    Float,
    /// `"text"`
    String,
    /// `"text` without an end on its line
    OpenString,
    Arrow,
    DoubleColon,
    Colon,
    LeftParen,
    RightParen,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    Less,
    Greater,
    Comma,
    Equal,
    Minus,
    /// `{-#`, which opens a resource section
    Resources,
    /// A character that begins no token, or begins one that only affine expressions and shapes know.
    Other,
}

/// A token: a kind and the bytes `[start, end)`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Token {
    pub(super) fn span(self) -> Span {
        Span::new(self.start, self.end)
    }
}

/// A position in a source text.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'s> {
    pub(super) source: &'s str,
    pub(super) position: usize,
}

/// Why an opaque body has no end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unbalanced {
    /// A bracket at this offset closes none that is open, or another kind.
    Mismatch(usize),
    /// The text ends first.
    End,
    /// Brackets nest too deep at this offset.
    Depth(usize),
}

impl<'s> Lexer<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Lexer { source, position: 0 }
    }

    /// The byte `ahead` of the position; 0 beyond the end.
    pub(super) fn byte(&self, ahead: usize) -> u8 {
        self.source.as_bytes().get(self.position + ahead).copied().unwrap_or(0)
    }

    /// Skips space and comments.
    pub(super) fn skip_space(&mut self) {
        let bytes = self.source.as_bytes();
        loop {
            match self.byte(0) {
                b' ' | b'\t' | b'\r' | b'\n' => self.position += 1,
                b'/' if self.byte(1) == b'/' => {
                    let rest = &bytes[self.position..];
                    self.position += rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
                }
                _ => return,
            }
        }
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Token {
        self.skip_space();
        let start = self.position;
        let kind = self.token();
        Token { kind, start, end: self.position }
    }

    fn token(&mut self) -> Kind {
        let first = self.byte(0);
        match first {
            0 if self.position >= self.source.len() => return Kind::End,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                self.skip_while(is_name);
                return Kind::Identifier;
            }
            b'%' => return self.sigil(Kind::Value),
            b'^' => return self.sigil(Kind::Label),
            b'#' => return self.sigil(Kind::Hash),
            b'!' => return self.sigil(Kind::Bang),
            b'@' => return self.symbol(),
            b'"' => return self.string(),
            b'0'..=b'9' => return self.number(),
            _ => {}
        }
        let (kind, length) = match (first, self.byte(1), self.byte(2)) {
            (b'-', b'>', _) => (Kind::Arrow, 2),
            (b'-', ..) => (Kind::Minus, 1),
            (b':', b':', _) => (Kind::DoubleColon, 2),
            (b':', ..) => (Kind::Colon, 1),
            (b'{', b'-', b'#') => (Kind::Resources, 3),
            (b'{', ..) => (Kind::LeftBrace, 1),
            (b'}', ..) => (Kind::RightBrace, 1),
            (b'(', ..) => (Kind::LeftParen, 1),
            (b')', ..) => (Kind::RightParen, 1),
            (b'[', ..) => (Kind::LeftBracket, 1),
            (b']', ..) => (Kind::RightBracket, 1),
            (b'<', ..) => (Kind::Less, 1),
            (b'>', ..) => (Kind::Greater, 1),
            (b',', ..) => (Kind::Comma, 1),
            (b'=', ..) => (Kind::Equal, 1),
            _ => (Kind::Other, self.source[self.position..].chars().next().map_or(1, char::len_utf8)),
        };
        self.position += length;
        kind
    }

    fn skip_while(&mut self, accept: impl Fn(u8) -> bool) {
        let bytes = self.source.as_bytes();
        while self.position < bytes.len() && accept(bytes[self.position]) {
            self.position += 1;
        }
    }

    /// A name behind a sigil: only digits, or a letter or one of `$._-` and then digits too.
    fn sigil(&mut self, kind: Kind) -> Kind {
        self.position += 1;
        let start = self.position;
        if self.byte(0).is_ascii_digit() {
            self.skip_while(|byte| byte.is_ascii_digit());
        } else {
            self.skip_while(|byte| is_name(byte) || byte == b'-');
        }
        if self.position == start { Kind::Other } else { kind }
    }

    fn symbol(&mut self) -> Kind {
        self.position += 1;
        match self.byte(0) {
            b'"' => match self.string() {
                Kind::String => Kind::Symbol,
                open => open,
            },
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                self.skip_while(is_name);
                Kind::Symbol
            }
            _ => Kind::Other,
        }
    }

    fn string(&mut self) -> Kind {
        let bytes = self.source.as_bytes();
        self.position += 1;
        while let Some(&byte) = bytes.get(self.position) {
            match byte {
                b'"' => {
                    self.position += 1;
                    return Kind::String;
                }
                b'\n' => return Kind::OpenString,
                // Whatever follows a backslash does not end the string, but a newline still does.
                b'\\' if self.byte(1) != b'\n' => self.position = (self.position + 2).min(bytes.len()),
                _ => self.position += 1,
            }
        }
        // An escape may have jumped into the middle of the last character.
        self.position = bytes.len();
        Kind::OpenString
    }

    fn number(&mut self) -> Kind {
        if self.byte(0) == b'0' && self.byte(1) == b'x' && self.byte(2).is_ascii_hexdigit() {
            self.position += 2;
            self.skip_while(|byte| byte.is_ascii_hexdigit());
            return Kind::Integer;
        }
        self.skip_while(|byte| byte.is_ascii_digit());
        if self.byte(0) != b'.' {
            return Kind::Integer;
        }
        self.position += 1;
        self.skip_while(|byte| byte.is_ascii_digit());
        let sign = usize::from(matches!(self.byte(1), b'+' | b'-'));
        if matches!(self.byte(0), b'e' | b'E') && self.byte(1 + sign).is_ascii_digit() {
            self.position += 1 + sign;
            self.skip_while(|byte| byte.is_ascii_digit());
        }
        Kind::Float
    }

    /// Skips a body that begins at an opening bracket, up to and with the bracket that closes it. Arrows, comparisons with
    /// `=` inside parentheses, strings and comments do not count as brackets.
    pub(super) fn balanced(&mut self, max_depth: usize) -> Result<(), Unbalanced> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            match self.byte(0) {
                0 if self.position >= self.source.len() => return Err(Unbalanced::End),
                b'"' => {
                    if self.string() == Kind::OpenString {
                        return Err(Unbalanced::End);
                    }
                    continue;
                }
                b'/' if self.byte(1) == b'/' => {
                    self.skip_space();
                    continue;
                }
                b'-' if self.byte(1) == b'>' => self.position += 1,
                b'<' | b'>' if self.byte(1) == b'=' && open.last() == Some(&b')') => self.position += 1,
                b'<' => open.push(b'>'),
                b'(' => open.push(b')'),
                b'[' => open.push(b']'),
                b'{' => open.push(b'}'),
                close @ (b'>' | b')' | b']' | b'}') => {
                    if open.pop() != Some(close) {
                        return Err(Unbalanced::Mismatch(self.position));
                    }
                    if open.is_empty() {
                        self.position += 1;
                        return Ok(());
                    }
                }
                _ => {}
            }
            if open.len() > max_depth {
                return Err(Unbalanced::Depth(self.position));
            }
            self.position += 1;
        }
    }
}

/// A byte of a bare name, after its first.
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<(Kind, &str)> {
        let mut lexer = Lexer::new(source);
        let tokens = std::iter::from_fn(|| Some(lexer.next()).filter(|token| token.kind != Kind::End));
        tokens.map(|token| (token.kind, &source[token.start..token.end])).collect()
    }

    #[test]
    fn names_and_numbers() {
        assert_eq!(kinds("%0#1 // x\n%a.b-c"), [(Kind::Value, "%0"), (Kind::Hash, "#1"), (Kind::Value, "%a.b-c")]);
        assert_eq!(
            kinds("1.5e-3 0xFF 1e5"),
            [(Kind::Float, "1.5e-3"), (Kind::Integer, "0xFF"), (Kind::Integer, "1"), (Kind::Identifier, "e5")]
        );
        assert_eq!(
            kinds("@a::@\"b c\""),
            [(Kind::Symbol, "@a"), (Kind::DoubleColon, "::"), (Kind::Symbol, "@\"b c\"")]
        );
    }

    #[test]
    fn strings_end_on_their_line() {
        assert_eq!(kinds("\"a\\\"b\" c"), [(Kind::String, "\"a\\\"b\""), (Kind::Identifier, "c")]);
        assert_eq!(kinds("\"a\nb"), [(Kind::OpenString, "\"a"), (Kind::Identifier, "b")]);
        assert_eq!(kinds("\"\\\u{e9}"), [(Kind::OpenString, "\"\\\u{e9}")]);
    }

    #[test]
    fn balanced_bodies() {
        let body = |source| {
            let mut lexer = Lexer::new(source);
            lexer.balanced(4).map(|()| lexer.position)
        };
        assert_eq!(body("<a -> b, \">\", [(x >= 1)]> rest"), Ok(25));
        assert_eq!(body("<[>"), Err(Unbalanced::Mismatch(2)));
        assert_eq!(body("<["), Err(Unbalanced::End));
        assert_eq!(body("<<<<<<"), Err(Unbalanced::Depth(4)));
    }
}

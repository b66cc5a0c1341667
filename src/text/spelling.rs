//! How names and strings are spelled: what reading and writing must agree on.

use std::borrow::Cow;
use std::fmt::{self, Write};

/// Whether a name may stand without quotes: a letter or `_`, then letters, digits, `_`, `$` and `.`.
pub(super) fn is_bare(name: &[u8]) -> bool {
    let starts = name.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_');
    starts && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.'))
}

/// Writes a string with quotes, escaped as LLVM does it.
pub(super) fn write_quoted(out: &mut impl Write, content: &[u8]) -> fmt::Result {
    out.write_char('"')?;
    for run in content.chunk_by(|a, b| is_plain(*a) && is_plain(*b)) {
        match (run, std::str::from_utf8(run)) {
            ([byte], _) if !is_plain(*byte) => write_escape(out, *byte)?,
            (_, Ok(plain)) => out.write_str(plain)?,
            (_, Err(_)) => run.iter().try_for_each(|&byte| write_escape(out, byte))?,
        }
    }
    out.write_char('"')
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

fn write_escape(out: &mut impl Write, byte: u8) -> fmt::Result {
    if byte == b'\\' { out.write_str("\\\\") } else { write!(out, "\\{byte:02X}") }
}

/// Resolves the escapes of what stands between two quotes: `\n`, `\t`, `\\`, `\"` and two hexadecimal digits.
///
/// # Errors
/// The offset of a backslash that begins none of these.
pub(super) fn unescape(text: &str) -> Result<Cow<'_, [u8]>, usize> {
    let bytes = text.as_bytes();
    if !bytes.contains(&b'\\') {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut content = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            content.push(bytes[at]);
            at += 1;
            continue;
        }
        let (byte, length) = match *bytes.get(at + 1).ok_or(at)? {
            b'n' => (b'\n', 2),
            b't' => (b'\t', 2),
            quoted @ (b'\\' | b'"') => (quoted, 2),
            high => (hex(high).zip(bytes.get(at + 2).copied().and_then(hex)).map(|(h, l)| h * 16 + l).ok_or(at)?, 3),
        };
        content.push(byte);
        at += length;
    }
    Ok(Cow::Owned(content))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_quoting() {
        let all: Vec<u8> = (0..=255).collect();
        let mut quoted = String::new();
        write_quoted(&mut quoted, &all).unwrap();
        assert!(
            quoted.contains("\\22") && quoted.contains("\\\\") && quoted.contains("\\0A") && quoted.contains("\\FF")
        );
        assert_eq!(unescape(&quoted[1..quoted.len() - 1]).unwrap(), all);
    }

    #[test]
    fn escapes() {
        assert_eq!(&*unescape(r#"a\n\t\\\"\41"#).unwrap(), b"a\n\t\\\"A");
        assert_eq!(unescape(r"ab\q"), Err(2));
        assert_eq!(unescape(r"\4"), Err(0));
    }

    #[test]
    fn bare_names() {
        assert!(is_bare(b"memopt.x$1") && is_bare(b"_"));
        assert!(!is_bare(b"") && !is_bare(b"0a") && !is_bare(b"a b") && !is_bare(b".a"));
    }
}

//! Reading files: plain or gzip, told apart by content, never more than the limit.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use memopt::ir::Bytes;

/// The line between two inputs of one file.
pub const SEPARATOR: &str = "// -----";

/// A text and where it comes from.
#[derive(Clone, Debug)]
pub struct Input {
    /// The path as messages name it.
    pub name: String,
    /// The text.
    pub text: String,
}

/// A part of an input that is read on its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chunk<'i> {
    /// Where it starts in the input, in bytes.
    pub offset: usize,
    /// Its text.
    pub text: &'i str,
}

/// Why an input cannot be read.
#[derive(Debug)]
pub enum InputError {
    /// The system says so.
    Io {
        /// The file.
        name: String,
        /// What it says.
        error: io::Error,
    },
    /// It is longer than allowed.
    TooLarge {
        /// The file.
        name: String,
        /// What is allowed.
        limit: Bytes,
    },
    /// It is no UTF-8 text.
    NotText {
        /// The file.
        name: String,
        /// The first byte that is none.
        at: usize,
    },
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InputError::Io { name, error } => write!(f, "cannot read {name}: {error}"),
            InputError::TooLarge { name, limit } => {
                write!(f, "{name} is longer than {} bytes; raise --max-input-bytes if it is meant to be", limit.0)
            }
            InputError::NotText { name, at } => write!(f, "{name} is no UTF-8 text: see byte {at}"),
        }
    }
}

impl std::error::Error for InputError {}

/// Reads a file, or standard input for `-`.
///
/// # Errors
/// If it cannot be read, is longer than `limit` after decompression, or is no text.
pub fn read(path: &Path, limit: Bytes) -> Result<Input, InputError> {
    let (name, source): (String, Box<dyn Read>) = if path == Path::new("-") {
        ("<stdin>".to_owned(), Box::new(io::stdin().lock()))
    } else {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| InputError::Io { name: name.clone(), error })?;
        (name, Box::new(file))
    };
    read_from(source, name, limit)
}

fn read_from(source: impl Read, name: String, limit: Bytes) -> Result<Input, InputError> {
    let content = match decompressed(source, limit) {
        Ok(content) => content,
        Err(error) => return Err(InputError::Io { name, error }),
    };
    if content.len() as u64 > limit.0 {
        return Err(InputError::TooLarge { name, limit });
    }
    match String::from_utf8(content) {
        Ok(text) => Ok(Input { name, text }),
        Err(error) => Err(InputError::NotText { name, at: error.utf8_error().valid_up_to() }),
    }
}

/// The content, of which at most one byte more than `limit` is read: enough to know that it is too long, and no more, since
/// a few kilobytes of gzip can hold gigabytes.
fn decompressed(source: impl Read, limit: Bytes) -> io::Result<Vec<u8>> {
    let mut source = BufReader::new(source);
    let is_gzip = source.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let mut content = Vec::new();
    let most = limit.0.saturating_add(1);
    if is_gzip {
        MultiGzDecoder::new(source).take(most).read_to_end(&mut content)?;
    } else {
        source.take(most).read_to_end(&mut content)?;
    }
    Ok(content)
}

/// The parts of a text between lines that are [`SEPARATOR`]; the whole where `split` is off.
pub fn chunks(text: &str, split: bool) -> Vec<Chunk<'_>> {
    let mut chunks = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n').filter(|_| split) {
        if line.trim_end() == SEPARATOR {
            chunks.push(Chunk { offset: start, text: &text[start..at] });
            start = at + line.len();
        }
        at += line.len();
    }
    chunks.push(Chunk { offset: start, text: &text[start..] });
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn read_bytes(content: &[u8], limit: u64) -> Result<String, InputError> {
        read_from(content, "in".to_owned(), Bytes(limit)).map(|input| input.text)
    }

    #[test]
    fn gzip_is_known_by_its_content() {
        assert_eq!(read_bytes(b"text", 4).unwrap(), "text");
        assert_eq!(read_bytes(&gzip(b"text"), 4).unwrap(), "text");
        let two_members = [gzip(b"te"), gzip(b"xt")].concat();
        assert_eq!(read_bytes(&two_members, 4).unwrap(), "text");
        assert_eq!(read_bytes(b"", 0).unwrap(), "");
    }

    #[test]
    fn what_is_too_long_is_refused_compressed_or_not() {
        assert!(matches!(read_bytes(b"text", 3), Err(InputError::TooLarge { limit: Bytes(3), .. })));
        let bomb = gzip(&vec![b' '; 64 << 20]);
        assert!(bomb.len() < 1 << 20);
        assert!(matches!(read_bytes(&bomb, 1 << 20), Err(InputError::TooLarge { .. })));
    }

    #[test]
    fn broken_files_are_refused() {
        assert!(matches!(read_bytes(b"a\xff", 9), Err(InputError::NotText { at: 1, .. })));
        assert!(matches!(read_bytes(&gzip(b"text")[..12], 9), Err(InputError::Io { .. })));
    }

    #[test]
    fn chunks_know_where_they_start() {
        let text = "a\n// -----\nb\n  // -----\n// -----   \nc";
        let parts: Vec<_> = chunks(text, true).iter().map(|chunk| (chunk.offset, chunk.text)).collect();
        assert_eq!(parts, [(0, "a\n"), (11, "b\n  // -----\n"), (36, "c")]);
        assert_eq!(chunks(text, false), [Chunk { offset: 0, text }]);
        assert_eq!(chunks("", true), [Chunk { offset: 0, text: "" }]);
    }
}

//! Reads the modules that the tables are about.

use std::error::Error;
use std::io::Read;

use memopt::ir::Module;
use memopt::text::{ParseLimits, parse};

/// The module of a file, plain or gzip.
pub(crate) fn read(path: &str) -> Result<Module, Box<dyn Error>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.read_to_end(&mut bytes)?;
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text)?;
    } else {
        text = String::from_utf8(bytes)?;
    }
    parse(&text, &ParseLimits::default()).map_err(|errors| format!("{path}: {}", errors[0].message).into())
}

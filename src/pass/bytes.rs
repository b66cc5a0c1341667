//! Byte sizes as people write them: `1500`, `2GiB`, `500MB`, `1.5GB`.

use std::fmt;

use crate::ir::Bytes;

/// Units by name; decimal and binary ones are different sizes, and both are meant as written.
const UNITS: [(&str, u64); 10] = [
    ("", 1),
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// What is wrong with a byte size.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ParseBytesError {
    /// It does not start with a decimal number.
    Number {
        /// What stands there.
        found: String,
    },
    /// Its unit is unknown.
    Unit {
        /// What stands there.
        found: String,
    },
    /// It is no whole number of bytes, as `1.5` or `0.3kiB`.
    Fraction {
        /// What stands there.
        found: String,
    },
    /// It does not fit into 64 bits.
    TooLarge {
        /// What stands there.
        found: String,
    },
}

impl fmt::Display for ParseBytesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParseBytesError::Number { found } => {
                write!(f, "expected a number of bytes like 1500, 500MB or 2GiB, found `{found}`")
            }
            ParseBytesError::Unit { found } => {
                write!(f, "expected one of the units B, kB, MB, GB, TB, KiB, MiB, GiB, TiB, found `{found}`")
            }
            ParseBytesError::Fraction { found } => write!(f, "expected a whole number of bytes, found `{found}`"),
            ParseBytesError::TooLarge { found } => write!(f, "expected less than 2^64 bytes, found `{found}`"),
        }
    }
}

impl std::error::Error for ParseBytesError {}

/// Reads a byte size. Units may be in any case; a fraction must come to whole bytes.
///
/// ```
/// use memopt::ir::Bytes;
/// use memopt::pass::parse_bytes;
///
/// assert_eq!(parse_bytes("2GiB"), Ok(Bytes(2 << 30)));
/// assert_eq!(parse_bytes("1.5MB"), Ok(Bytes(1_500_000)));
/// assert!(parse_bytes("2 bananas").is_err());
/// ```
///
/// # Errors
/// What is wrong, with what was found.
pub fn parse_bytes(text: &str) -> Result<Bytes, ParseBytesError> {
    let found = || text.to_owned();
    let number_len = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(number_len);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return Err(ParseBytesError::Number { found: found() });
    }
    let known = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
    let Some(&(_, scale)) = known else {
        return Err(ParseBytesError::Unit { found: unit.to_owned() });
    };
    // `whole.fraction` units are `digits * scale / 10^k` bytes, with `digits` the number without its point.
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{whole}{fraction}").parse::<u128>().ok();
    let divisor = u32::try_from(fraction.len()).ok().and_then(|k| 10u128.checked_pow(k));
    let product = digits.and_then(|n| n.checked_mul(u128::from(scale)));
    let (Some(product), Some(divisor)) = (product, divisor) else {
        return Err(ParseBytesError::TooLarge { found: found() });
    };
    if product % divisor != 0 {
        return Err(ParseBytesError::Fraction { found: found() });
    }
    u64::try_from(product / divisor).map(Bytes).map_err(|_| ParseBytesError::TooLarge { found: found() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_in_every_unit() {
        let sizes = [
            ("0", 0),
            ("1500", 1500),
            ("1500B", 1500),
            ("500MB", 500_000_000),
            ("2GiB", 2 << 30),
            ("2gib", 2 << 30),
            ("1.5KiB", 1536),
            ("1.50kB", 1500),
            ("3TB", 3_000_000_000_000),
            ("18446744073709551615", u64::MAX),
        ];
        for (text, bytes) in sizes {
            assert_eq!(parse_bytes(text), Ok(Bytes(bytes)), "{text}");
        }
    }

    #[test]
    fn wrong_sizes_say_what_was_found() {
        let found = str::to_owned;
        assert_eq!(parse_bytes(""), Err(ParseBytesError::Number { found: found("") }));
        assert_eq!(parse_bytes("-1"), Err(ParseBytesError::Number { found: found("-1") }));
        assert_eq!(parse_bytes("."), Err(ParseBytesError::Number { found: found(".") }));
        assert_eq!(parse_bytes("1.2.3MB"), Err(ParseBytesError::Number { found: found("1.2.3MB") }));
        assert_eq!(parse_bytes("2G"), Err(ParseBytesError::Unit { found: found("G") }));
        assert_eq!(parse_bytes("2 GiB"), Err(ParseBytesError::Unit { found: found(" GiB") }));
        assert_eq!(parse_bytes("1.5"), Err(ParseBytesError::Fraction { found: found("1.5") }));
        assert_eq!(parse_bytes("17000000TiB"), Err(ParseBytesError::TooLarge { found: found("17000000TiB") }));
        let long = "9".repeat(60);
        assert_eq!(parse_bytes(&long), Err(ParseBytesError::TooLarge { found: long.clone() }));
    }
}

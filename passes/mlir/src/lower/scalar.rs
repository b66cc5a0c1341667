//! Element types, and constants of them.

use memopt::ir::{FloatKind, Module, Signedness, Type, TypeId};

/// The type of one element.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Scalar {
    /// `i1`: a byte in memory, 0 or 1.
    Bool,
    /// An integer of whole bytes. MLIR's arithmetic is signless, so the sign is kept here.
    Integer {
        /// In bits: 8, 16, 32 or 64.
        width: u32,
        /// Whether it is unsigned.
        unsigned: bool,
    },
    /// `f16`, `bf16`, `f32`, `f64`
    Float(FloatKind),
}

impl Scalar {
    /// The element type, if there is code for it.
    pub(crate) fn of(module: &Module, ty: TypeId) -> Option<Scalar> {
        match *module.ty(ty) {
            Type::Integer { width: 1, .. } => Some(Scalar::Bool),
            Type::Integer { width: width @ (8 | 16 | 32 | 64), signedness } => {
                Some(Scalar::Integer { width, unsigned: signedness == Signedness::Unsigned })
            }
            Type::Index => Some(Scalar::Integer { width: 64, unsigned: false }),
            Type::Float(kind) if matches!(kind.name(), "f16" | "bf16" | "f32" | "f64") => Some(Scalar::Float(kind)),
            _ => None,
        }
    }

    /// As arithmetic spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Scalar::Bool => "i1",
            Scalar::Integer { width: 8, .. } => "i8",
            Scalar::Integer { width: 16, .. } => "i16",
            Scalar::Integer { width: 32, .. } => "i32",
            Scalar::Integer { .. } => "i64",
            Scalar::Float(kind) => kind.name(),
        }
    }

    /// As memory holds it.
    pub(crate) fn stored(self) -> &'static str {
        match self {
            Scalar::Bool => "i8",
            other => other.name(),
        }
    }

    /// Bytes in memory.
    pub(crate) fn bytes(self) -> u64 {
        match self {
            Scalar::Bool => 1,
            Scalar::Integer { width, .. } => u64::from(width / 8),
            Scalar::Float(kind) => u64::from(kind.bits() / 8),
        }
    }

    pub(crate) fn is_float(self) -> bool {
        matches!(self, Scalar::Float(_))
    }

    /// Whether comparisons, divisions and conversions read it as unsigned.
    pub(crate) fn is_unsigned(self) -> bool {
        matches!(self, Scalar::Bool | Scalar::Integer { unsigned: true, .. })
    }

    /// A small number as a constant of the type.
    pub(crate) fn literal(self, value: i64) -> String {
        match self {
            Scalar::Bool => (value != 0).to_string(),
            Scalar::Integer { .. } => value.to_string(),
            Scalar::Float(_) => format!("{value}.0"),
        }
    }

    /// The one element that a dense literal spells, as a constant of the type: `1.0`, `[[1.0]]`, `0x7FC00000`,
    /// `"0x0000C07F"` (the bytes as they lie in memory).
    pub(crate) fn splat_literal(self, literal: &str) -> Option<String> {
        let literal = literal.trim_matches(|c: char| c == '[' || c == ']' || c.is_whitespace());
        let Some(quoted) = literal.strip_prefix('"') else {
            return Some(match (self, literal) {
                (Scalar::Bool, "0" | "1") => (literal == "1").to_string(),
                _ => literal.to_owned(),
            });
        };
        let digits = quoted.strip_suffix('"')?.strip_prefix("0x")?;
        if digits.len() as u64 != 2 * self.bytes() || !digits.is_ascii() {
            return None;
        }
        if self == Scalar::Bool {
            return Some((digits != "00").to_string());
        }
        let bytes = (0..digits.len()).step_by(2).rev().map(|at| &digits[at..at + 2]);
        Some(format!("0x{}", bytes.collect::<String>()))
    }
}

/// Booleans that a hexadecimal literal packs into bits, the lowest of each byte first, as one byte each; a literal of one
/// byte of ones is all true.
pub(super) fn unpacked(literal: &str, count: usize) -> Option<String> {
    let digits = literal.strip_prefix("\"0x")?.strip_suffix('"')?;
    let bytes = (0..digits.len() / 2).map(|at| u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok());
    let bytes: Vec<u8> = bytes.collect::<Option<_>>()?;
    let is_splat = bytes.len() == 1 && count > 8 && matches!(bytes[0], 0 | 0xff);
    if bytes.len() != count.div_ceil(8) && !is_splat {
        return None;
    }
    let bit = |at: usize| if is_splat { bytes[0] & 1 } else { bytes[at / 8] >> (at % 8) & 1 };
    let all: String = (0..count).map(|at| if bit(at) == 1 { "01" } else { "00" }).collect();
    Some(format!("\"0x{all}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_as_arithmetic_spells_them() {
        let f32 = Scalar::Float(FloatKind::from_name("f32").unwrap());
        assert_eq!(f32.splat_literal("[[1.5]]").as_deref(), Some("1.5"));
        assert_eq!(f32.splat_literal("\"0x0000C07F\"").as_deref(), Some("0x7FC00000"));
        assert_eq!(f32.splat_literal("\"0x00\""), None, "too short");
        assert_eq!(Scalar::Bool.splat_literal("\"0xFF\"").as_deref(), Some("true"));
        assert_eq!(Scalar::Bool.literal(1), "true");
        assert_eq!(Scalar::Integer { width: 8, unsigned: true }.literal(3), "3");
    }

    #[test]
    fn booleans_are_packed_into_bits() {
        assert_eq!(unpacked("\"0x05\"", 3).as_deref(), Some("\"0x010001\""));
        assert_eq!(unpacked("\"0xFF\"", 9).as_deref(), Some("\"0x010101010101010101\""), "all are true");
        assert_eq!(unpacked("\"0x05\"", 9), None, "too short");
        assert_eq!(unpacked("\"0xG5\"", 3), None);
    }
}

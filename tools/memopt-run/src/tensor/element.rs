//! Element types, and elements as bytes.

use half::{bf16, f16};
use memopt::ir::{Module, Signedness, Type, TypeId};
use num_complex::Complex64;

/// An integer type of 1, 8, 16, 32 or 64 bits. A boolean is an unsigned integer of one bit, stored in a byte.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Int {
    /// Width.
    pub bits: u32,
    /// Whether the highest bit is a sign.
    pub signed: bool,
}

impl Int {
    /// The type of booleans.
    pub const BOOL: Int = Int { bits: 1, signed: false };

    /// The value of this type that is equal modulo 2^bits.
    pub fn wrap(self, value: i64) -> i64 {
        let spare = 64 - self.bits;
        if self.signed { value << spare >> spare } else { ((value as u64) << spare >> spare) as i64 }
    }

    /// The smallest value.
    pub fn min(self) -> i64 {
        if self.signed { i64::MIN >> (64 - self.bits) } else { 0 }
    }

    /// The largest value, as bits.
    pub fn max(self) -> i64 {
        self.wrap(if self.signed { i64::MAX >> (64 - self.bits) } else { -1 })
    }

    /// Which of two values is larger.
    pub fn compare(self, a: i64, b: i64) -> std::cmp::Ordering {
        if self.signed { a.cmp(&b) } else { (a as u64).cmp(&(b as u64)) }
    }

    /// The value itself, however it is stored.
    pub fn widen(self, value: i64) -> i128 {
        if self.signed { i128::from(value) } else { i128::from(value as u64) }
    }
}

/// An element type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Element {
    /// `i1` to `i64`, `ui8` to `ui64`
    Int(Int),
    /// `f16`
    F16,
    /// `bf16`
    BF16,
    /// `f32`
    F32,
    /// `f64`
    F64,
    /// `complex<f32>`
    C64,
    /// `complex<f64>`
    C128,
}

impl Element {
    /// `i1`
    pub const BOOL: Element = Element::Int(Int::BOOL);
    /// `i32`
    pub const I32: Element = Element::Int(Int { bits: 32, signed: true });
    /// `i64`
    pub const I64: Element = Element::Int(Int { bits: 64, signed: true });
    /// `ui32`
    pub const U32: Element = Element::Int(Int { bits: 32, signed: false });
    /// `ui64`
    pub const U64: Element = Element::Int(Int { bits: 64, signed: false });

    /// The element type of the IR; `None` for one without arithmetic here: packed integers, 8-bit floats, quantised types.
    pub fn of(module: &Module, ty: TypeId) -> Option<Element> {
        Some(match module.ty(ty) {
            Type::Integer { width: 1, .. } => Element::BOOL,
            Type::Integer { width: bits @ (8 | 16 | 32 | 64), signedness } => {
                Element::Int(Int { bits: *bits, signed: *signedness != Signedness::Unsigned })
            }
            Type::Index => Element::I64,
            Type::Float(kind) => match kind.name() {
                "f16" => Element::F16,
                "bf16" => Element::BF16,
                "f32" => Element::F32,
                "f64" => Element::F64,
                _ => return None,
            },
            Type::Complex(part) => match Element::of(module, *part)? {
                Element::F32 => Element::C64,
                Element::F64 => Element::C128,
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Bytes of one element.
    pub fn width(self) -> usize {
        match self {
            Element::Int(Int { bits: 1, .. }) => 1,
            Element::Int(Int { bits, .. }) => bits as usize / 8,
            Element::F16 | Element::BF16 => 2,
            Element::F32 => 4,
            Element::F64 | Element::C64 => 8,
            Element::C128 => 16,
        }
    }

    /// Whether it is a real float.
    pub fn is_float(self) -> bool {
        matches!(self, Element::F16 | Element::BF16 | Element::F32 | Element::F64)
    }

    /// Whether it is complex.
    pub fn is_complex(self) -> bool {
        matches!(self, Element::C64 | Element::C128)
    }

    /// The integer type that it is.
    pub fn as_int(self) -> Option<Int> {
        match self {
            Element::Int(int) => Some(int),
            _ => None,
        }
    }

    /// The name as MLIR spells it.
    pub fn name(self) -> String {
        match self {
            Element::Int(Int { bits, signed: true } | Int { bits: bits @ 1, .. }) => format!("i{bits}"),
            Element::Int(Int { bits, .. }) => format!("ui{bits}"),
            Element::F16 => "f16".to_owned(),
            Element::BF16 => "bf16".to_owned(),
            Element::F32 => "f32".to_owned(),
            Element::F64 => "f64".to_owned(),
            Element::C64 => "complex<f32>".to_owned(),
            Element::C128 => "complex<f64>".to_owned(),
        }
    }

    pub(super) fn load_floats(self, bytes: &[u8]) -> Vec<f64> {
        match self {
            Element::F16 => load(bytes, |b| f16::from_le_bytes(b).to_f64()),
            Element::BF16 => load(bytes, |b| bf16::from_le_bytes(b).to_f64()),
            Element::F32 => load(bytes, |b| f64::from(f32::from_le_bytes(b))),
            Element::F64 => load(bytes, f64::from_le_bytes),
            _ => Vec::new(),
        }
    }

    pub(super) fn store_floats(self, values: &[f64], bytes: &mut [u8]) {
        match self {
            Element::F16 => store(values, bytes, |v| f16::from_f64(v).to_le_bytes()),
            Element::BF16 => store(values, bytes, |v| to_bf16(v).to_le_bytes()),
            Element::F32 => store(values, bytes, |v| (v as f32).to_le_bytes()),
            Element::F64 => store(values, bytes, f64::to_le_bytes),
            _ => {}
        }
    }

    pub(super) fn load_ints(self, bytes: &[u8]) -> Vec<i64> {
        let Some(Int { bits, signed }) = self.as_int() else { return Vec::new() };
        match (bits, signed) {
            (1, _) => load(bytes, |b: [u8; 1]| i64::from(b[0] & 1)),
            (8, true) => load(bytes, |b| i64::from(i8::from_le_bytes(b))),
            (8, false) => load(bytes, |b| i64::from(u8::from_le_bytes(b))),
            (16, true) => load(bytes, |b| i64::from(i16::from_le_bytes(b))),
            (16, false) => load(bytes, |b| i64::from(u16::from_le_bytes(b))),
            (32, true) => load(bytes, |b| i64::from(i32::from_le_bytes(b))),
            (32, false) => load(bytes, |b| i64::from(u32::from_le_bytes(b))),
            _ => load(bytes, i64::from_le_bytes),
        }
    }

    pub(super) fn store_ints(self, values: &[i64], bytes: &mut [u8]) {
        let Some(Int { bits, .. }) = self.as_int() else { return };
        match bits {
            1 => store(values, bytes, |v| [(v & 1) as u8]),
            8 => store(values, bytes, |v| (v as u8).to_le_bytes()),
            16 => store(values, bytes, |v| (v as u16).to_le_bytes()),
            32 => store(values, bytes, |v| (v as u32).to_le_bytes()),
            _ => store(values, bytes, i64::to_le_bytes),
        }
    }

    pub(super) fn load_complex(self, bytes: &[u8]) -> Vec<Complex64> {
        let part = match self {
            Element::C64 => Element::F32,
            Element::C128 => Element::F64,
            _ => return Vec::new(),
        };
        part.load_floats(bytes).chunks_exact(2).map(|pair| Complex64::new(pair[0], pair[1])).collect()
    }

    pub(super) fn store_complex(self, values: &[Complex64], bytes: &mut [u8]) {
        let part = if self == Element::C64 { Element::F32 } else { Element::F64 };
        let parts: Vec<f64> = values.iter().flat_map(|z| [z.re, z.im]).collect();
        part.store_floats(&parts, bytes);
    }
}

fn load<const N: usize, T>(bytes: &[u8], of: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|&chunk| of(chunk)).collect()
}

fn store<const N: usize, T: Copy>(values: &[T], bytes: &mut [u8], of: impl Fn(T) -> [u8; N]) {
    for (chunk, &value) in bytes.as_chunks_mut::<N>().0.iter_mut().zip(values) {
        *chunk = of(value);
    }
}

/// `half` rounds through `f32`, and two roundings are not one: the lowest bit of the `f32` remembers what was cut off
/// (rounding to odd), as in Boldo and Melquiond, "When double rounding is odd", 2005.
fn to_bf16(value: f64) -> bf16 {
    let near = value as f32;
    if f64::from(near) == value || !near.is_finite() {
        return bf16::from_f32(near);
    }
    let toward_zero = if f64::from(near).abs() > value.abs() { near.to_bits() - 1 } else { near.to_bits() };
    bf16::from_f32(f32::from_bits(toward_zero | 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_wrap_to_their_type() {
        let (i8, u8) = (Int { bits: 8, signed: true }, Int { bits: 8, signed: false });
        assert_eq!([i8.wrap(128), u8.wrap(-1), Int::BOOL.wrap(3)], [-128, 255, 1]);
        assert_eq!([i8.min(), i8.max(), u8.min(), u8.max()], [-128, 127, 0, 255]);
        let (i64, u64) = (Int { bits: 64, signed: true }, Int { bits: 64, signed: false });
        assert_eq!([i64.min(), i64.max(), u64.max()], [i64::MIN, i64::MAX, -1]);
        assert!(u64.compare(-1, 1).is_gt() && i64.compare(-1, 1).is_lt());
    }

    #[test]
    fn bf16_is_rounded_once() {
        // Just above the middle between 1 and 1 + 2^-7: by f32 it becomes the middle, and ties to even down to 1.
        let above = 1.0 + 2f64.powi(-8) + 2f64.powi(-40);
        assert_eq!(to_bf16(above).to_f64(), 1.0 + 2f64.powi(-7));
        assert_eq!(to_bf16(1.0 + 2f64.powi(-8)).to_f64(), 1.0);
        assert_eq!(to_bf16(-above).to_f64(), -1.0 - 2f64.powi(-7));
        assert!(to_bf16(f64::NAN).is_nan() && to_bf16(1e300).is_infinite());
    }
}

//! Constants: what stands between the angle brackets of `dense<...>`, as a tensor.

use num_complex::Complex64;

use super::{Element, Int, Tensor, TensorSpec};

/// Reads `1.0`, `[[1, 2], [3, 4]]`, `(1.0, 2.0)`, `true`, `0xFF800000`, or `"0x..."` (the bytes, booleans eight to a byte).
/// One element stands for all.
///
/// # Errors
/// What is wrong with it.
pub fn parse_dense(literal: &str, spec: &TensorSpec) -> Result<Tensor, String> {
    if let Some(quoted) = literal.strip_prefix('"') {
        return parse_hex(quoted.trim_end_matches('"'), spec);
    }
    // Complex numbers hold a comma of their own, so elements are split at the commas outside of parentheses.
    let flat: String = literal.chars().filter(|c| !matches!(c, '[' | ']') && !c.is_whitespace()).collect();
    let words: Vec<&str> = if flat.is_empty() {
        Vec::new()
    } else if spec.element.is_complex() {
        flat.split("),").map(|word| word.trim_matches(['(', ')'])).collect()
    } else {
        flat.split(',').collect()
    };
    let wrong = || format!("the constant has {} elements, its type {}", words.len(), spec.len());
    if words.len() != spec.len() && (words.len() != 1 || literal.starts_with('[')) {
        return Err(wrong());
    }
    let one = TensorSpec::new(spec.element, &[words.len()]);
    let part = |word: &str, element| float(word, element).ok_or_else(|| format!("{word} is no number"));
    let read = match spec.element {
        Element::Int(int) => {
            let values: Result<Vec<i64>, String> = words.iter().map(|word| integer(word, int)).collect();
            Tensor::from_ints(&one, &values?)
        }
        Element::C64 | Element::C128 => {
            let element = if spec.element == Element::C64 { Element::F32 } else { Element::F64 };
            let pair = |word: &&str| {
                let (re, im) = word.split_once(',').ok_or_else(|| format!("{word} is no complex number"))?;
                Ok(Complex64::new(part(re, element)?, part(im, element)?))
            };
            let values: Result<Vec<Complex64>, String> = words.iter().map(pair).collect();
            Tensor::from_complex(&one, &values?)
        }
        element => {
            let values: Result<Vec<f64>, String> = words.iter().map(|word| part(word, element)).collect();
            Tensor::from_floats(&one, &values?)
        }
    };
    Ok(if words.len() == spec.len() { read.reshaped(&spec.shape) } else { read.splat(&spec.shape) })
}

fn integer(word: &str, int: Int) -> Result<i64, String> {
    let wrong = || format!("{word} is no integer");
    let (digits, negative) = match word.strip_prefix('-') {
        Some(digits) => (digits, true),
        None => (word, false),
    };
    let magnitude = match (digits, digits.strip_prefix("0x")) {
        ("true", _) => 1,
        ("false", _) => 0,
        (_, Some(hex)) => i128::from_str_radix(hex, 16).map_err(|_| wrong())?,
        _ => digits.parse::<i128>().map_err(|_| wrong())?,
    };
    Ok(int.wrap((if negative { -magnitude } else { magnitude }) as i64))
}

/// A decimal number, or the bits in hexadecimal. A decimal one is read in its own type: by `f64` it would be rounded twice.
fn float(word: &str, element: Element) -> Option<f64> {
    if let Some(hex) = word.strip_prefix("0x") {
        let bits = u64::from_str_radix(hex, 16).ok()?;
        let bytes = bits.to_le_bytes();
        return element.load_floats(&bytes[..element.width()]).first().copied();
    }
    match element {
        Element::F32 => word.parse::<f32>().ok().map(f64::from),
        _ => word.parse().ok(),
    }
}

fn parse_hex(text: &str, spec: &TensorSpec) -> Result<Tensor, String> {
    let wrong = || format!("the constant's bytes are not those of {} elements of {}", spec.len(), spec.element.name());
    let digits = text.strip_prefix("0x").ok_or_else(wrong)?;
    if digits.len() % 2 != 0 || !digits.is_ascii() {
        return Err(wrong());
    }
    let bytes: Result<Vec<u8>, _> =
        (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16)).collect();
    let bytes = bytes.map_err(|_| wrong())?;
    if spec.element == Element::BOOL {
        let bit = |i: usize| i64::from(bytes[i / 8] >> (i % 8) & 1);
        return match bytes[..] {
            [0] => Ok(Tensor::zeros(spec)),
            [0xff] => Ok(Tensor::from_ints(spec, &vec![1; spec.len()])),
            _ if bytes.len() == spec.len().div_ceil(8) => {
                Ok(Tensor::from_ints(spec, &(0..spec.len()).map(bit).collect::<Vec<_>>()))
            }
            _ => Err(wrong()),
        };
    }
    match bytes.len() {
        len if len == spec.bytes() => Ok(Tensor::new(spec, bytes)),
        len if len == spec.element.width() => {
            Ok(Tensor::new(&TensorSpec::new(spec.element, &[1]), bytes).splat(&spec.shape))
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(element: Element, shape: &[usize]) -> TensorSpec {
        TensorSpec::new(element, shape)
    }

    #[test]
    fn lists_splats_and_bits() {
        let f = |literal, shape: &[usize]| parse_dense(literal, &spec(Element::F32, shape)).unwrap().floats();
        assert_eq!(f("[[1.0, -2.5], [3.0e1, 4.0]]", &[2, 2]), [1.0, -2.5, 30.0, 4.0]);
        assert_eq!(f("0xFF800000", &[2]), [f64::NEG_INFINITY; 2]);
        assert_eq!(f("0.899999976", &[]), [f64::from(0.9f32)]);
        assert_eq!(f("\"0x0000803F00000040\"", &[2]), [1.0, 2.0]);
        assert_eq!(f("\"0x0000803F\"", &[2]), [1.0, 1.0]);
        assert!(f("", &[0]).is_empty());
    }

    #[test]
    fn integers_booleans_and_complex_numbers() {
        let i = |literal, element, shape: &[usize]| parse_dense(literal, &spec(element, shape)).unwrap().ints();
        assert_eq!(i("[18446744073709551615, 1]", Element::U64, &[2]), [-1, 1]);
        assert_eq!(i("true", Element::BOOL, &[3]), [1; 3]);
        assert_eq!(i("[true, false]", Element::BOOL, &[2]), [1, 0]);
        assert_eq!(i("\"0x05\"", Element::BOOL, &[3]), [1, 0, 1], "eight to a byte");
        let c = parse_dense("[(1.0, 2.0), (3.0, -4.0)]", &spec(Element::C64, &[2])).unwrap();
        assert_eq!(c.complex(), [Complex64::new(1.0, 2.0), Complex64::new(3.0, -4.0)]);
    }

    #[test]
    fn wrong_counts_are_refused() {
        for literal in ["[1.0]", "[1.0, 2.0, 3.0]", "x", "\"0x00\"", "\"0xzz\"", ""] {
            assert!(parse_dense(literal, &spec(Element::F32, &[2])).is_err(), "{literal}");
        }
    }
}

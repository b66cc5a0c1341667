//! `stablehlo.reduce_precision`: rounding to a float with fewer bits, and back, on the bits of the float.

use super::code::Name;
use super::kernel::{Done, Kernel};
use super::scalar::Scalar;

impl Kernel<'_> {
    /// Ties go to even; what is too large becomes infinite, and what is below the smallest normal number zero.
    pub(super) fn reduce_precision(&mut self, a: Name, ty: Scalar, [exponent, mantissa]: [i64; 2]) -> Done<Name> {
        // How the type itself divides its bits.
        let (width, own_mantissa) = match ty.name() {
            "f64" => (64, 52),
            "f32" => (32, 23),
            "f16" => (16, 10),
            "bf16" => (16, 7),
            _ => return self.refuse("there is no code for its element type"),
        };
        let own_exponent = width - 1 - own_mantissa;
        if exponent < 1 || mantissa < 0 {
            return self.refuse("a float without exponent holds nothing");
        }
        let (f, i) = (ty.name(), format!("i{width}"));
        let bits = self.code.op(format_args!("arith.bitcast {a} : {f} to {i}"));
        let number = |kernel: &mut Self, value: u64| kernel.code.constant(&format!("0x{value:X}"), &i);
        let all = u64::MAX >> (64 - width);
        let infinity = ((1 << own_exponent) - 1) << own_mantissa;
        let (sign_mask, size_mask) = (number(self, 1 << (width - 1)), number(self, all >> 1));
        let sign = self.code.op(format_args!("arith.andi {bits}, {sign_mask} : {i}"));
        let size = self.code.op(format_args!("arith.andi {bits}, {size_mask} : {i}"));
        let infinite = number(self, infinity);
        let special = self.code.op(format_args!("arith.cmpi uge, {size}, {infinite} : {i}"));
        let mut rounded = size;
        if mantissa < own_mantissa {
            let cut = own_mantissa - mantissa;
            let (by, one) = (number(self, cut as u64), number(self, 1));
            let (half, kept) = (number(self, (1 << (cut - 1)) - 1), number(self, all << cut & all));
            let last = self.code.op(format_args!("arith.shrui {size}, {by} : {i}"));
            let last = self.code.op(format_args!("arith.andi {last}, {one} : {i}"));
            rounded = self.code.op(format_args!("arith.addi {rounded}, {half} : {i}"));
            rounded = self.code.op(format_args!("arith.addi {rounded}, {last} : {i}"));
            rounded = self.code.op(format_args!("arith.andi {rounded}, {kept} : {i}"));
        }
        if exponent < own_exponent {
            let (own_bias, bias) = ((1u64 << (own_exponent - 1)) - 1, (1u64 << (exponent - 1)) - 1);
            let zero = number(self, 0);
            // From the first power of two beyond the range on, and below the last one inside of it.
            let (end, start) =
                (number(self, (own_bias + bias + 1) << own_mantissa), (own_bias + 1 - bias) << own_mantissa);
            let start = number(self, start);
            let above = self.code.op(format_args!("arith.cmpi uge, {rounded}, {end} : {i}"));
            let below = self.code.op(format_args!("arith.cmpi ult, {rounded}, {start} : {i}"));
            rounded = self.code.op(format_args!("arith.select {above}, {infinite}, {rounded} : {i}"));
            rounded = self.code.op(format_args!("arith.select {below}, {zero}, {rounded} : {i}"));
        }
        // Without mantissa there is no NaN.
        let as_it_was = if mantissa == 0 { infinite } else { size };
        let size = self.code.op(format_args!("arith.select {special}, {as_it_was}, {rounded} : {i}"));
        let bits = self.code.op(format_args!("arith.ori {sign}, {size} : {i}"));
        Ok(self.code.op(format_args!("arith.bitcast {bits} : {i} to {f}")))
    }
}

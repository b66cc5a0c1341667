//! Operations on single elements: StableHLO's and CHLO's elementwise operations in the `arith` and `math` dialects.
//!
//! Where the two differ in what is undefined, StableHLO as XLA runs it wins: division by zero, shifts by the width or more,
//! and conversions out of range have values.
// tidy: long because it is one table of small cases

use memopt::dialect::OpRef;
use memopt::ir::{Attr, OpId, RegionId, ValueId};
use rustc_hash::FxHashMap;

use super::code::Name;
use super::kernel::{At, Done, Kernel};
use super::scalar::Scalar;

/// Operations of the `math` dialect, by what StableHLO and CHLO call them.
const MATH: &[(&str, &str)] = &[
    ("stablehlo.atan2", "atan2"),
    ("stablehlo.cbrt", "cbrt"),
    ("stablehlo.ceil", "ceil"),
    ("stablehlo.cosine", "cos"),
    ("stablehlo.exponential", "exp"),
    ("stablehlo.exponential_minus_one", "expm1"),
    ("stablehlo.floor", "floor"),
    ("stablehlo.log", "log"),
    ("stablehlo.log_plus_one", "log1p"),
    ("stablehlo.power", "powf"),
    ("stablehlo.round_nearest_afz", "round"),
    ("stablehlo.round_nearest_even", "roundeven"),
    ("stablehlo.sine", "sin"),
    ("stablehlo.sqrt", "sqrt"),
    ("stablehlo.tan", "tan"),
    ("stablehlo.tanh", "tanh"),
    ("chlo.acos", "acos"),
    ("chlo.acosh", "acosh"),
    ("chlo.asin", "asin"),
    ("chlo.asinh", "asinh"),
    ("chlo.atan", "atan"),
    ("chlo.atanh", "atanh"),
    ("chlo.cosh", "cosh"),
    ("chlo.erf", "erf"),
    ("chlo.erfc", "erfc"),
    ("chlo.sinh", "sinh"),
    ("chlo.tan", "tan"),
];

/// The other elementwise operations.
const OTHERS: &[&str] = &[
    "stablehlo.abs",
    "stablehlo.add",
    "stablehlo.and",
    "stablehlo.bitcast_convert",
    "stablehlo.clamp",
    "stablehlo.compare",
    "stablehlo.convert",
    "stablehlo.count_leading_zeros",
    "stablehlo.divide",
    "stablehlo.is_finite",
    "stablehlo.logistic",
    "stablehlo.map",
    "stablehlo.maximum",
    "stablehlo.minimum",
    "stablehlo.multiply",
    "stablehlo.negate",
    "stablehlo.not",
    "stablehlo.or",
    "stablehlo.popcnt",
    "stablehlo.reduce_precision",
    "stablehlo.remainder",
    "stablehlo.rsqrt",
    "stablehlo.select",
    "stablehlo.shift_left",
    "stablehlo.shift_right_arithmetic",
    "stablehlo.shift_right_logical",
    "stablehlo.sign",
    "stablehlo.subtract",
    "stablehlo.xor",
    "chlo.constant_like",
    "chlo.is_inf",
    "chlo.is_neg_inf",
    "chlo.is_pos_inf",
    "chlo.square",
];

/// Whether this file describes the operation.
pub(super) fn is_elementwise(name: &str) -> bool {
    super::linalg::is_scalar_operation(name) || OTHERS.contains(&name) || MATH.iter().any(|(known, _)| *known == name)
}

impl Kernel<'_> {
    /// The element of the only result that follows from these elements of the operands.
    pub(super) fn arithmetic(&mut self, op: OpId, elements: &[Name]) -> Done<Name> {
        let of = OpRef::new(self.context.module, op);
        if super::linalg::is_scalar_operation(of.name()) {
            return self.scalar_operation(op, elements);
        }
        let Some(result) = of.op().results().next() else { return self.refuse("it has no result") };
        let to = self.scalar(result)?;
        let from = match of.operands().first() {
            Some(&operand) => self.scalar(operand)?,
            None => to,
        };
        if elements.len() < fewest_operands(of.name()) {
            return self.refuse("it has too few operands");
        }
        if of.name() == "stablehlo.map" {
            let Some(&region) = of.op().regions().first() else { return self.refuse("it has no body") };
            return Ok(self.body(region, elements)?[0]);
        }
        if let Some((_, math)) = MATH.iter().find(|(name, _)| *name == of.name()) {
            return match to {
                Scalar::Float(_) => Ok(self.math(math, elements, to)),
                Scalar::Integer { .. } if *math == "powf" => Ok(self.typed("math.ipowi", elements, to)),
                _ => self.refuse("there is no code for its element type"),
            };
        }
        match of.name() {
            "stablehlo.compare" => self.compare_elements(of, elements, from),
            "stablehlo.convert" => Ok(self.convert(elements[0], from, to)),
            "stablehlo.bitcast_convert" if from.bytes() == to.bytes() => Ok(self.bitcast(elements[0], from, to)),
            "stablehlo.reduce_precision" => {
                let bits = ["exponent_bits", "mantissa_bits"].map(|name| of.integer(name).unwrap_or(-1));
                self.reduce_precision(elements[0], to, bits)
            }
            "stablehlo.select" => {
                let [condition, yes, no] = *elements else { return self.refuse("it has too few operands") };
                Ok(self.code.op(format_args!("arith.select {condition}, {yes}, {no} : {}", to.name())))
            }
            "stablehlo.clamp" => {
                let [low, element, high] = *elements else { return self.refuse("it has too few operands") };
                let raised = self.simple("stablehlo.maximum", &[element, low], to)?;
                self.simple("stablehlo.minimum", &[raised, high], to)
            }
            "stablehlo.is_finite" => {
                let size = self.typed("math.absf", elements, from);
                let infinity = self.code.constant(infinity(from), from.name());
                Ok(self.code.op(format_args!("arith.cmpf olt, {size}, {infinity} : {}", from.name())))
            }
            "chlo.is_inf" | "chlo.is_pos_inf" | "chlo.is_neg_inf" => {
                let element = match of.name() {
                    "chlo.is_inf" => self.typed("math.absf", elements, from),
                    "chlo.is_neg_inf" => self.typed("arith.negf", elements, from),
                    _ => elements[0],
                };
                let infinity = self.code.constant(infinity(from), from.name());
                Ok(self.code.op(format_args!("arith.cmpf oeq, {element}, {infinity} : {}", from.name())))
            }
            "chlo.constant_like" => {
                let literal = match of.attr("value") {
                    Some(Attr::Float { literal, .. }) => literal.to_string(),
                    Some(Attr::Integer { value, .. }) => value.to_string(),
                    _ => return self.refuse("its value is not understood"),
                };
                Ok(self.code.constant(&literal, to.name()))
            }
            name => self.simple(name, elements, to),
        }
    }

    /// Operations whose operands and result have one element type.
    pub(super) fn simple(&mut self, name: &str, elements: &[Name], ty: Scalar) -> Done<Name> {
        let a = elements[0];
        let b = elements.get(1).copied().unwrap_or(a);
        let unsigned = ty.is_unsigned();
        let pick = |float, signed, not_signed, boolean| match ty {
            Scalar::Float(_) => float,
            Scalar::Bool => boolean,
            Scalar::Integer { .. } if unsigned => not_signed,
            Scalar::Integer { .. } => signed,
        };
        let word = match name {
            "stablehlo.add" => pick("arith.addf", "arith.addi", "arith.addi", "arith.ori"),
            "stablehlo.subtract" => pick("arith.subf", "arith.subi", "arith.subi", "arith.xori"),
            "stablehlo.multiply" => pick("arith.mulf", "arith.muli", "arith.muli", "arith.andi"),
            "stablehlo.maximum" => pick("arith.maximumf", "arith.maxsi", "arith.maxui", "arith.ori"),
            "stablehlo.minimum" => pick("arith.minimumf", "arith.minsi", "arith.minui", "arith.andi"),
            "stablehlo.and" => pick("", "arith.andi", "arith.andi", "arith.andi"),
            "stablehlo.or" => pick("", "arith.ori", "arith.ori", "arith.ori"),
            "stablehlo.xor" => pick("", "arith.xori", "arith.xori", "arith.xori"),
            "stablehlo.popcnt" => pick("", "math.ctpop", "math.ctpop", ""),
            "stablehlo.count_leading_zeros" => pick("", "math.ctlz", "math.ctlz", ""),
            "stablehlo.divide" => pick("arith.divf", "/", "/", ""),
            "stablehlo.remainder" => pick("arith.remf", "%", "%", ""),
            "stablehlo.abs" => pick("math.absf", "math.absi", "=", ""),
            "stablehlo.negate" => pick("arith.negf", "0-", "0-", ""),
            "stablehlo.shift_left" => pick("", "arith.shli", "arith.shli", ""),
            "stablehlo.shift_right_logical" => pick("", "arith.shrui", "arith.shrui", ""),
            "stablehlo.shift_right_arithmetic" => pick("", "arith.shrsi", "arith.shrsi", ""),
            "stablehlo.not" => pick("", "~", "~", "~"),
            "stablehlo.sign" => pick("sign", "signi", "", ""),
            "chlo.square" => pick("arith.mulf", "arith.muli", "arith.muli", ""),
            "stablehlo.rsqrt" => pick("rsqrt", "", "", ""),
            "stablehlo.logistic" => pick("logistic", "", "", ""),
            _ => "",
        };
        Ok(match word {
            "" => return self.refuse("there is no code for its element type"),
            "=" => a,
            "/" | "%" => self.divide_integers(word == "%", a, b, ty),
            "0-" => {
                let zero = self.code.constant("0", ty.name());
                self.typed("arith.subi", &[zero, a], ty)
            }
            "~" => {
                let ones = self.code.constant(if ty == Scalar::Bool { "true" } else { "-1" }, ty.name());
                self.typed("arith.xori", &[a, ones], ty)
            }
            "sign" => self.sign_of_float(a, ty),
            "signi" => self.sign_of_integer(a, ty),
            "rsqrt" => {
                let one = self.code.constant("1.0", ty.name());
                let root = self.math("sqrt", &[a], ty);
                self.typed("arith.divf", &[one, root], ty)
            }
            "logistic" => {
                let one = self.code.constant("1.0", ty.name());
                let negative = self.typed("arith.negf", &[a], ty);
                let power = self.math("exp", &[negative], ty);
                let sum = self.typed("arith.addf", &[one, power], ty);
                self.typed("arith.divf", &[one, sum], ty)
            }
            "arith.shli" | "arith.shrui" | "arith.shrsi" => self.shift(word, a, b, ty),
            "arith.addf" | "arith.mulf" if self.reassociate => {
                self.code.op(format_args!("{word} {a}, {b} fastmath<reassoc> : {}", ty.name()))
            }
            word => match elements.len() {
                1 if name != "chlo.square" => self.typed(word, &[a], ty),
                _ => self.typed(word, &[a, b], ty),
            },
        })
    }

    /// An operation on values of one type.
    pub(super) fn typed(&mut self, word: &str, elements: &[Name], ty: Scalar) -> Name {
        let operands = super::code::list(elements);

        self.code.op(format_args!("{word} {operands} : {}", ty.name()))
    }

    /// A function of the `math` dialect; the narrow float types go through `f32`, as libm has no others.
    pub(super) fn math(&mut self, function: &str, elements: &[Name], ty: Scalar) -> Name {
        let Scalar::Float(kind) = ty else { return self.typed(&format!("math.{function}"), elements, ty) };
        if kind.bits() >= 32 {
            return self.typed(&format!("math.{function}"), elements, ty);
        }
        let ext = |kernel: &mut Self, a: Name| kernel.code.op(format_args!("arith.extf {a} : {} to f32", kind.name()));
        let wide: Vec<Name> = elements.iter().map(|&a| ext(self, a)).collect();
        let operands = super::code::list(&wide);
        let wide = self.code.op(format_args!("math.{function} {operands} : f32"));
        self.code.op(format_args!("arith.truncf {wide} : f32 to {}", kind.name()))
    }

    /// `x / 0 = -1`, `x % 0 = x`, and the least integer over -1 is itself, with remainder 0.
    pub(super) fn divide_integers(&mut self, remainder: bool, a: Name, b: Name, ty: Scalar) -> Name {
        let t = ty.name();
        let (zero, one, ones) = (self.code.constant("0", t), self.code.constant("1", t), self.code.constant("-1", t));
        let by_zero = self.code.op(format_args!("arith.cmpi eq, {b}, {zero} : {t}"));
        let mut odd = by_zero;
        if !ty.is_unsigned() {
            let least = self.code.constant(&format!("-{}", 1u64 << (8 * ty.bytes() - 1)), t);
            let of_least = self.code.op(format_args!("arith.cmpi eq, {a}, {least} : {t}"));
            let by_ones = self.code.op(format_args!("arith.cmpi eq, {b}, {ones} : {t}"));
            let overflow = self.code.op(format_args!("arith.andi {of_least}, {by_ones} : i1"));
            odd = self.code.op(format_args!("arith.ori {by_zero}, {overflow} : i1"));
        }
        let divisor = self.code.op(format_args!("arith.select {odd}, {one}, {b} : {t}"));
        let word = match (remainder, ty.is_unsigned()) {
            (false, false) => "arith.divsi",
            (false, true) => "arith.divui",
            (true, false) => "arith.remsi",
            (true, true) => "arith.remui",
        };
        let done = self.typed(word, &[a, divisor], ty);
        let otherwise = if remainder { a } else { ones };
        self.code.op(format_args!("arith.select {by_zero}, {otherwise}, {done} : {t}"))
    }

    /// Shifts by the width or more leave nothing but the sign.
    fn shift(&mut self, word: &str, a: Name, by: Name, ty: Scalar) -> Name {
        let t = ty.name();
        let bits = 8 * ty.bytes() as i64;
        let (width, last) = (self.code.constant(&bits.to_string(), t), self.code.constant(&(bits - 1).to_string(), t));
        let fits = self.code.op(format_args!("arith.cmpi ult, {by}, {width} : {t}"));
        let safe = self.code.op(format_args!("arith.select {fits}, {by}, {last} : {t}"));
        let shifted = self.typed(word, &[a, safe], ty);
        if word == "arith.shrsi" {
            return shifted;
        }
        let zero = self.code.constant("0", t);
        self.code.op(format_args!("arith.select {fits}, {shifted}, {zero} : {t}"))
    }

    /// Zeros and not-a-number are their own sign.
    fn sign_of_float(&mut self, a: Name, ty: Scalar) -> Name {
        let t = ty.name();
        let (zero, one) = (self.code.constant("0.0", t), self.code.constant("1.0", t));
        let sign = self.code.op(format_args!("math.copysign {one}, {a} : {t}"));
        let own = self.code.op(format_args!("arith.cmpf ueq, {a}, {zero} : {t}"));
        self.code.op(format_args!("arith.select {own}, {a}, {sign} : {t}"))
    }

    fn sign_of_integer(&mut self, a: Name, ty: Scalar) -> Name {
        let t = ty.name();
        let (one, ones) = (self.code.constant("1", t), self.code.constant("-1", t));
        let low = self.code.op(format_args!("arith.maxsi {a}, {ones} : {t}"));
        self.code.op(format_args!("arith.minsi {low}, {one} : {t}"))
    }

    fn bitcast(&mut self, a: Name, from: Scalar, to: Scalar) -> Name {
        match from.name() == to.name() {
            true => a,
            false => self.code.op(format_args!("arith.bitcast {a} : {} to {}", from.name(), to.name())),
        }
    }

    fn compare_elements(&mut self, of: OpRef<'_>, elements: &[Name], ty: Scalar) -> Done<Name> {
        let word = |name: &str| match of.attr(name) {
            Some(Attr::Opaque { text, .. }) => text.trim_end_matches('>').split_whitespace().last().map(str::to_owned),
            _ => None,
        };
        let Some(direction) = word("comparison_direction") else { return self.refuse("its direction is missing") };
        let total = word("compare_type").as_deref() == Some("TOTALORDER");
        let (mut a, mut b, mut ty) = (elements[0], elements[1], ty);
        if total && ty.is_float() {
            // The bits of floats, their size turned over where they are negative, are ordered as integers.
            ty = Scalar::Integer { width: 8 * ty.bytes() as u32, unsigned: false };
            let scalar = self.scalar(of.operands()[0])?;
            (a, b) = (self.total_order(a, scalar, ty), self.total_order(b, scalar, ty));
        }
        let (float, integer, unsigned) = match direction.as_str() {
            "EQ" => ("oeq", "eq", "eq"),
            "NE" => ("une", "ne", "ne"),
            "LT" => ("olt", "slt", "ult"),
            "LE" => ("ole", "sle", "ule"),
            "GT" => ("ogt", "sgt", "ugt"),
            "GE" => ("oge", "sge", "uge"),
            _ => return self.refuse("its direction is not understood"),
        };
        let word = match ty {
            Scalar::Float(_) => format!("arith.cmpf {float}"),
            _ if ty.is_unsigned() => format!("arith.cmpi {unsigned}"),
            _ => format!("arith.cmpi {integer}"),
        };
        Ok(self.code.op(format_args!("{word}, {a}, {b} : {}", ty.name())))
    }

    /// Integers that are ordered as the floats are: -nan < -inf < ... < -0 < +0 < ... < inf < nan.
    pub(super) fn total_order(&mut self, a: Name, from: Scalar, to: Scalar) -> Name {
        let bits = self.bitcast(a, from, to);
        let t = to.name();
        let most = self.code.constant(&((1u64 << (8 * to.bytes() - 1)) - 1).to_string(), t);
        let zero = self.code.constant("0", t);
        let turned = self.code.op(format_args!("arith.xori {bits}, {most} : {t}"));
        let negative = self.code.op(format_args!("arith.cmpi slt, {bits}, {zero} : {t}"));
        self.code.op(format_args!("arith.select {negative}, {turned}, {bits} : {t}"))
    }

    /// An element in another type.
    pub(super) fn convert(&mut self, a: Name, from: Scalar, to: Scalar) -> Name {
        let (f, t) = (from.name(), to.name());
        match (from, to) {
            _ if f == t => a,
            (Scalar::Float(kind), Scalar::Float(into)) => match (kind.bits(), into.bits()) {
                (less, more) if less < more => self.code.op(format_args!("arith.extf {a} : {f} to {t}")),
                (64, 16) => {
                    let odd = self.round_to_odd(a);
                    self.code.op(format_args!("arith.truncf {odd} : f32 to {t}"))
                }
                (more, less) if more > less => self.code.op(format_args!("arith.truncf {a} : {f} to {t}")),
                // f16 and bf16 have nothing in common but f32.
                _ => {
                    let wide = self.code.op(format_args!("arith.extf {a} : {f} to f32"));
                    self.code.op(format_args!("arith.truncf {wide} : f32 to {t}"))
                }
            },
            (Scalar::Float(_), Scalar::Bool) => {
                let zero = self.code.constant("0.0", f);
                self.code.op(format_args!("arith.cmpf une, {a}, {zero} : {f}"))
            }
            (_, Scalar::Bool) => {
                let zero = self.code.constant("0", f);
                self.code.op(format_args!("arith.cmpi ne, {a}, {zero} : {f}"))
            }
            (Scalar::Float(_), Scalar::Integer { width, unsigned }) => {
                self.float_to_integer(a, from, to, width, unsigned)
            }
            (_, Scalar::Float(kind)) if kind.bits() < 32 => {
                // f32 holds integers of 16 bits, and f64 those of 32.
                let wide = if from.bytes() <= 2 { "f32" } else { "f64" };
                let wide = Scalar::Float(memopt::ir::FloatKind::from_name(wide).expect("a float type"));
                let whole = self.convert(a, from, wide);
                self.convert(whole, wide, to)
            }
            (_, Scalar::Float(_)) => {
                let word = if from.is_unsigned() { "uitofp" } else { "sitofp" };
                self.code.op(format_args!("arith.{word} {a} : {f} to {t}"))
            }
            _ if from == Scalar::Bool || from.bytes() < to.bytes() => {
                let word = if from.is_unsigned() { "extui" } else { "extsi" };
                self.code.op(format_args!("arith.{word} {a} : {f} to {t}"))
            }
            _ => self.code.op(format_args!("arith.trunci {a} : {f} to {t}")),
        }
    }

    /// An f64 as the f32 next to it towards zero, with its last bit set if that is not exact: rounded again to a narrower
    /// type, it becomes what rounding once would have given.
    fn round_to_odd(&mut self, a: Name) -> Name {
        let near = self.code.op(format_args!("arith.truncf {a} : f64 to f32"));
        let back = self.code.op(format_args!("arith.extf {near} : f32 to f64"));
        let (size, of_back) =
            (self.code.op(format_args!("math.absf {a} : f64")), self.code.op(format_args!("math.absf {back} : f64")));
        let inexact = self.code.op(format_args!("arith.cmpf one, {a}, {back} : f64"));
        let larger = self.code.op(format_args!("arith.cmpf ogt, {of_back}, {size} : f64"));
        let [inexact, larger] = [inexact, larger].map(|b| self.code.op(format_args!("arith.extui {b} : i1 to i32")));
        let bits = self.code.op(format_args!("arith.bitcast {near} : f32 to i32"));
        let toward_zero = self.code.op(format_args!("arith.subi {bits}, {larger} : i32"));
        let odd = self.code.op(format_args!("arith.ori {toward_zero}, {inexact} : i32"));
        self.code.op(format_args!("arith.bitcast {odd} : i32 to f32"))
    }

    /// Values out of range become the nearest integer, and not-a-number becomes 0.
    fn float_to_integer(&mut self, a: Name, from: Scalar, to: Scalar, width: u32, unsigned: bool) -> Name {
        let t = to.name();
        // Through f64: f16 cannot hold the bounds of any but the narrowest types.
        let f64 = Scalar::Float(memopt::ir::FloatKind::from_name("f64").expect("f64 is a float type"));
        let a = self.convert(a, from, f64);
        let bits = if unsigned { width } else { width - 1 };
        let end = 2f64.powi(bits as i32);
        let (low, end) = (if unsigned { 0.0 } else { -end }, self.code.constant(&format!("{end:?}"), "f64"));
        let start = self.code.constant(&format!("{low:?}"), "f64");
        let most = if bits == 64 { "-1".to_owned() } else { ((1u64 << bits) - 1).to_string() };
        let least = if unsigned { "0".to_owned() } else { format!("-{}", 1u64 << bits) };
        let (most, least, zero) =
            (self.code.constant(&most, t), self.code.constant(&least, t), self.code.constant("0.0", "f64"));
        let above = self.code.op(format_args!("arith.cmpf oge, {a}, {end} : f64"));
        let below = self.code.op(format_args!("arith.cmpf olt, {a}, {start} : f64"));
        let unordered = self.code.op(format_args!("arith.cmpf uno, {a}, {a} : f64"));
        let outside = self.code.op(format_args!("arith.ori {above}, {below} : i1"));
        let odd = self.code.op(format_args!("arith.ori {outside}, {unordered} : i1"));
        let safe = self.code.op(format_args!("arith.select {odd}, {zero}, {a} : f64"));
        let word = if unsigned { "fptoui" } else { "fptosi" };
        let inside = self.code.op(format_args!("arith.{word} {safe} : f64 to {t}"));
        let raised = self.code.op(format_args!("arith.select {below}, {least}, {inside} : {t}"));
        self.code.op(format_args!("arith.select {above}, {most}, {raised} : {t}"))
    }

    /// What a scalar body yields for these arguments.
    pub(super) fn body(&mut self, region: RegionId, arguments: &[Name]) -> Done<Vec<Name>> {
        let module = self.context.module;
        let &[block] = module.region(region).blocks() else { return self.refuse("its body is not one block") };
        let block = module.block(block);
        if block.arguments().len() != arguments.len() {
            return self.refuse("its body has another number of arguments");
        }
        let mut values: FxHashMap<ValueId, Name> =
            block.arguments().iter().copied().zip(arguments.iter().copied()).collect();
        for &op in block.ops() {
            let of = OpRef::new(module, op);
            let mut elements = Vec::new();
            for operand in of.operands() {
                elements.push(match values.get(operand) {
                    Some(&name) => name,
                    // A tensor that the body looks things up in; the look-up addresses it.
                    None if self.is_tensor(*operand) && !self.shape(*operand)?.is_empty() => self.code.index(0),
                    None => self.element(*operand, &At::scalar())?,
                });
            }
            if matches!(of.name(), "stablehlo.return" | "linalg.yield") {
                return Ok(elements);
            }
            let Some(result) = of.op().results().next() else { return Err(Box::new(self.context.no_lowering(op))) };
            let name = match of.name() {
                name if !name.starts_with("stablehlo.") && !name.starts_with("chlo.") => {
                    match self.in_linalg_body(op, &elements)? {
                        Some(name) => name,
                        None => return Err(Box::new(self.context.no_lowering(op))),
                    }
                }
                "stablehlo.constant" => {
                    let scalar = self.scalar(result)?;
                    let literal = match of.attr("value") {
                        Some(Attr::DenseElements { literal, .. }) => scalar.splat_literal(literal),
                        _ => None,
                    };
                    let Some(literal) = literal else { return self.refuse("a constant of its body is not understood") };
                    self.code.constant(&literal, scalar.name())
                }
                "stablehlo.reshape" | "stablehlo.broadcast_in_dim" if elements.len() == 1 => elements[0],
                name if is_elementwise(name) => self.arithmetic(op, &elements)?,
                _ => return Err(Box::new(self.context.no_lowering(op))),
            };
            values.insert(result, name);
        }
        self.refuse("its body does not end in a yield")
    }
}

fn fewest_operands(name: &str) -> usize {
    match name.rsplit('.').next().unwrap_or(name) {
        "add"
        | "and"
        | "atan2"
        | "compare"
        | "divide"
        | "maximum"
        | "minimum"
        | "multiply"
        | "or"
        | "power"
        | "remainder"
        | "shift_left"
        | "shift_right_arithmetic"
        | "shift_right_logical"
        | "subtract"
        | "xor" => 2,
        "clamp" | "select" => 3,
        _ => 1,
    }
}

fn infinity(ty: Scalar) -> &'static str {
    match ty.name() {
        "f16" => "0x7C00",
        "bf16" => "0x7F80",
        "f32" => "0x7F800000",
        _ => "0x7FF0000000000000",
    }
}

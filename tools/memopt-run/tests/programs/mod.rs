//! Random programs of StableHLO that are well typed and have small shapes.
//!
//! What they compute means nothing. Results have one of a few types, so that later operations find operands.

// tidy: long because every kind of operation is a few lines of text, and they share nothing but the text.

mod windows;

use std::fmt::Write as _;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// A value and its type.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Value {
    name: String,
    shape: Vec<usize>,
    element: &'static str,
}

impl Value {
    fn ty(&self) -> String {
        ty(&self.shape, self.element)
    }
}

fn is_float(element: &str) -> bool {
    matches!(element, "f32" | "f16" | "bf16" | "f64")
}

fn ty(shape: &[usize], element: &str) -> String {
    let extents: String = shape.iter().map(|extent| format!("{extent}x")).collect();
    format!("tensor<{extents}{element}>")
}

fn list(numbers: &[usize]) -> String {
    let words: Vec<String> = numbers.iter().map(usize::to_string).collect();
    if words.is_empty() { "array<i64>".to_owned() } else { format!("array<i64: {}>", words.join(", ")) }
}

/// Which operations on floats a program has; those on integers are in all.
#[allow(dead_code, reason = "the tests of the interpreter make some kinds, those of native code others")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Floats {
    /// All.
    Any,
    /// Those that every implementation must agree on to the last bit: no functions of analysis, no sums.
    Exact,
    /// Those where a small change of operands makes a small change of the result: no comparisons, no steps, no narrow types.
    Smooth,
}

/// A module with one function `@main`.
pub(crate) fn module(seed: u64, floats: Floats) -> String {
    let random = SmallRng::seed_from_u64(seed);
    let mut program = Program { random, floats, text: String::new(), values: Vec::new(), next: 0 };
    let arguments: Vec<Value> = (0..program.below(4) + 1).map(|_| program.argument()).collect();
    program.values.clone_from(&arguments);
    let count = 3 + program.below(22);
    program.body(count, 2);
    let results: Vec<Value> = (0..program.below(4) + 1).map(|_| program.any()).collect();
    program.function(&arguments, &results)
}

struct Program {
    random: SmallRng,
    floats: Floats,
    text: String,
    /// What may be read where the text ends.
    values: Vec<Value>,
    next: usize,
}

impl Program {
    fn below(&mut self, n: usize) -> usize {
        self.random.random_range(0..n)
    }

    fn fresh(&mut self) -> String {
        self.next += 1;
        format!("%v{}", self.next)
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    fn any(&mut self) -> Value {
        let at = self.below(self.values.len());
        self.values[at].clone()
    }

    /// A value of this type; itself, if there is no other.
    fn like(&mut self, value: &Value) -> Value {
        let alike: Vec<Value> = self.values.iter().filter(|other| other.ty() == value.ty()).cloned().collect();
        self.of(&alike)
    }

    /// Rounding to a narrow type is a step.
    fn narrow(&self) -> &'static str {
        if self.floats == Floats::Smooth { "f32" } else { "bf16" }
    }

    /// Whether a program may compare, round or truncate values of this type.
    fn may_step(&self, element: &str) -> bool {
        self.floats != Floats::Smooth || !is_float(element)
    }

    /// Whether a program may round sums of values of this type.
    fn may_sum(&self, element: &str) -> bool {
        self.floats != Floats::Exact || !is_float(element)
    }

    fn argument(&mut self) -> Value {
        let element = self.of(&["f32", "f32", "f32", "i32", "ui8", "i1", self.narrow(), "f64"]);
        let shape = (0..self.below(4)).map(|_| self.below(4) + 1).collect();
        Value { name: self.fresh(), shape, element }
    }

    /// Writes an operation; `attributes` are its properties and whatever else stands before the types.
    fn emit(
        &mut self,
        op: &str,
        operands: &[&Value],
        attributes: &str,
        shape: &[usize],
        element: &'static str,
    ) -> Value {
        let result = Value { name: self.fresh(), shape: shape.to_vec(), element };
        let names: Vec<&str> = operands.iter().map(|value| value.name.as_str()).collect();
        let types: Vec<String> = operands.iter().map(|value| value.ty()).collect();
        let (names, types) = (names.join(", "), types.join(", "));
        // Writing to a string cannot fail.
        let _ = writeln!(
            self.text,
            "{} = \"stablehlo.{op}\"({names}) {attributes} : ({types}) -> {}",
            result.name,
            result.ty()
        );
        self.values.push(result.clone());
        result
    }

    fn scalar(&mut self, element: &'static str, number: usize) -> Value {
        let literal = match element {
            "i1" => (number % 2 == 1).to_string(),
            _ if is_float(element) => format!("{number}.5"),
            _ => number.to_string(),
        };
        self.emit("constant", &[], &format!("<{{value = dense<{literal}> : {}}}>", ty(&[], element)), &[], element)
    }

    /// A region of one operation on two scalars.
    fn region(&mut self, op: &str, element: &str, attributes: &str, result: &str) -> String {
        let (a, b, c, of) = (self.fresh(), self.fresh(), self.fresh(), ty(&[], element));
        let result = ty(&[], result);
        format!(
            "({{ ^bb0({a}: {of}, {b}: {of}): {c} = \"stablehlo.{op}\"({a}, {b}) {attributes} : ({of}, {of}) -> {result} \
             \"stablehlo.return\"({c}) : ({result}) -> () }})"
        )
    }

    fn body(&mut self, count: usize, depth: usize) {
        for _ in 0..count {
            match self.below(29) {
                0..4 => self.unary(),
                4..8 => self.binary(),
                8 => self.select(),
                9 | 10 => self.broadcast(),
                11 => self.reshape(),
                12 => self.transpose(),
                13 => self.slice(),
                14 => self.pad(),
                15 => self.reduce(),
                16 => self.dot(),
                17 => self.update(),
                18 => self.convert(),
                19 => self.constant(),
                20 => self.join(),
                21 => self.window(),
                22 => self.convolution(),
                23 => self.pick(),
                24 => self.random_bits(),
                25 => self.clamp(),
                26 => self.batched_dot(),
                27 => self.normalise(),
                _ if depth > 0 && self.below(3) == 0 => self.branch(depth - 1),
                _ if depth > 0 => self.repeat(depth - 1),
                _ => self.sort(),
            }
        }
    }

    fn unary(&mut self) {
        let x = self.any();
        let op = match x.element {
            "i1" => "not",
            element if element.starts_with("ui") => self.of(&["not", "popcnt", "count_leading_zeros"]),
            element if is_float(element) => {
                const EXACT: [&str; 7] =
                    ["abs", "negate", "floor", "ceil", "sign", "round_nearest_even", "round_nearest_afz"];
                const SMOOTH: [&str; 7] = ["abs", "negate", "tanh", "logistic", "sine", "cosine", "cbrt"];
                match self.floats {
                    Floats::Exact => self.of(&EXACT),
                    Floats::Smooth => self.of(&SMOOTH[..6]),
                    Floats::Any => self.of(&[&EXACT[..], &SMOOTH, &["exponential"]].concat()),
                }
            }
            _ => self.of(&["negate", "abs", "sign", "popcnt", "not", "count_leading_zeros"]),
        };
        self.emit(op, &[&x], "", &x.shape, x.element);
        if is_float(x.element) && self.may_step(x.element) {
            let bits = format!("exponent_bits = {} : i32, mantissa_bits = {} : i32", self.below(7) + 2, self.below(12));
            self.emit("reduce_precision", &[&x], &format!("<{{{bits}}}>"), &x.shape, x.element);
        }
    }

    fn compare(&mut self, x: &Value, y: &Value) -> Value {
        let direction = self.of(&["LT", "GE", "EQ"]);
        let attribute = format!("<{{comparison_direction = #stablehlo<comparison_direction {direction}>}}>");
        self.emit("compare", &[x, y], &attribute, &x.shape, "i1")
    }

    fn binary(&mut self) {
        let x = self.any();
        let y = self.like(&x);
        let op = match x.element {
            "i1" => self.of(&["and", "or", "xor"]),
            element => {
                const ALL: [&str; 5] = ["add", "subtract", "multiply", "maximum", "minimum"];
                const INTEGERS: [&str; 7] = [
                    "divide",
                    "remainder",
                    "and",
                    "xor",
                    "shift_left",
                    "shift_right_logical",
                    "shift_right_arithmetic",
                ];
                match is_float(element) {
                    true if self.floats == Floats::Smooth => self.of(&ALL),
                    true => self.of(&[&ALL[..], &["divide"]].concat()),
                    false => self.of(&[&ALL[..], &INTEGERS].concat()),
                }
            }
        };
        self.emit(op, &[&x, &y], "", &x.shape, x.element);
    }

    fn select(&mut self) {
        let x = self.any();
        let y = self.like(&x);
        if !self.may_step(x.element) {
            return;
        }
        let predicate = self.compare(&x, &y);
        self.emit("select", &[&predicate, &y, &x], "", &x.shape, x.element);
    }

    /// A new dimension in front or behind.
    fn broadcast(&mut self) {
        let x = self.any();
        let (extra, rank) = (self.below(3) + 1, x.shape.len());
        if rank > 2 {
            return;
        }
        let (shape, dimensions): (Vec<usize>, Vec<usize>) = match self.below(2) {
            0 => ([&[extra], &x.shape[..]].concat(), (1..=rank).collect()),
            _ => ([&x.shape[..], &[extra]].concat(), (0..rank).collect()),
        };
        let attribute = format!("<{{broadcast_dimensions = {}}}>", list(&dimensions));
        let wide = self.emit("broadcast_in_dim", &[&x], &attribute, &shape, x.element);
        if is_float(x.element) {
            self.emit(if self.may_sum(x.element) { "tanh" } else { "negate" }, &[&wide], "", &shape, x.element);
        }
    }

    fn reshape(&mut self) {
        let x = self.any();
        let count: usize = x.shape.iter().product();
        let shape = if count.is_multiple_of(2) { vec![2, count / 2] } else { vec![count] };
        self.emit("reshape", &[&x], "", &shape, x.element);
    }

    fn transpose(&mut self) {
        let x = self.any();
        let permutation: Vec<usize> = (0..x.shape.len()).rev().collect();
        let shape: Vec<usize> = permutation.iter().map(|&d| x.shape[d]).collect();
        self.emit("transpose", &[&x], &format!("<{{permutation = {}}}>", list(&permutation)), &shape, x.element);
        if !x.shape.is_empty() {
            self.emit("reverse", &[&x], "<{dimensions = array<i64: 0>}>", &x.shape, x.element);
        }
    }

    fn slice(&mut self) {
        let x = self.any();
        let starts: Vec<usize> = x.shape.iter().map(|&extent| self.below(extent)).collect();
        let shape: Vec<usize> = x.shape.iter().zip(&starts).map(|(extent, start)| extent - start).collect();
        let (limits, first, steps) = (list(&x.shape), list(&starts), list(&vec![1; starts.len()]));
        let attributes = format!("<{{limit_indices = {limits}, start_indices = {first}, strides = {steps}}}>");
        self.emit("slice", &[&x], &attributes, &shape, x.element);
    }

    fn pad(&mut self) {
        let x = self.any();
        let value = self.scalar(x.element, 1);
        let low: Vec<usize> = x.shape.iter().map(|_| self.below(2)).collect();
        let shape: Vec<usize> = x.shape.iter().zip(&low).map(|(extent, low)| extent + low).collect();
        let (none, low) = (list(&vec![0; low.len()]), list(&low));
        let attributes =
            format!("<{{edge_padding_high = {none}, edge_padding_low = {low}, interior_padding = {none}}}>");
        self.emit("pad", &[&x, &value], &attributes, &shape, x.element);
    }

    fn reduce(&mut self) {
        let x = self.any();
        if x.shape.is_empty() {
            return;
        }
        let initial = self.scalar(x.element, 0);
        let dimension = self.below(x.shape.len());
        let mut shape = x.shape.clone();
        shape.remove(dimension);
        let op = match x.element {
            "i1" => "or",
            element if self.may_sum(element) => self.of(&["add", "maximum"]),
            _ => "maximum",
        };
        let region = self.region(op, x.element, "", x.element);
        let attributes = format!("<{{dimensions = array<i64: {dimension}>}}> {region}");
        self.emit("reduce", &[&x, &initial], &attributes, &shape, x.element);
    }

    fn dot(&mut self) {
        let x = self.any();
        if x.shape.len() != 2 || x.element == "i1" || !self.may_sum(x.element) {
            return;
        }
        let numbers = "<{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [0], \
                       rhs_contracting_dimensions = [0]>}>";
        self.emit("dot_general", &[&x, &x], numbers, &[x.shape[1], x.shape[1]], x.element);
    }

    /// A part read at a place that may be outside, and written back at it.
    fn update(&mut self) {
        let x = self.any();
        let mut starts = Vec::new();
        for _ in 0..x.shape.len() {
            let at = self.below(3);
            starts.push(self.scalar("i32", at));
        }
        let window: Vec<usize> = x.shape.iter().map(|&extent| self.below(extent) + 1).collect();
        let operands: Vec<&Value> = std::iter::once(&x).chain(&starts).collect();
        let sizes = format!("<{{slice_sizes = {}}}>", list(&window));
        let part = self.emit("dynamic_slice", &operands, &sizes, &window, x.element);
        let operands: Vec<&Value> = [&x, &part].into_iter().chain(&starts).collect();
        self.emit("dynamic_update_slice", &operands, "", &x.shape, x.element);
    }

    fn convert(&mut self) {
        let x = self.any();
        let element = match self.may_step(x.element) {
            true => self.of(&["f32", "i32", self.narrow(), "f64", "i1", "ui8"]),
            false => self.of(&["f32", "f64"]),
        };
        self.emit("convert", &[&x], "", &x.shape, element);
    }

    fn constant(&mut self) {
        let shape = [self.below(3) + 1, self.below(3) + 1];
        if self.below(2) == 0 {
            self.emit("iota", &[], "<{iota_dimension = 0 : i64}>", &shape, "i32");
            // Ten bits in two bytes.
            self.emit("constant", &[], "<{value = dense<\"0xB501\"> : tensor<5x2xi1>}>", &[5, 2], "i1");
            return;
        }
        let row = |r: usize| format!("{:?}", (0..shape[1]).map(|c| (r * 3 + c) as f32 + 0.25).collect::<Vec<_>>());
        let rows: Vec<String> = (0..shape[0]).map(row).collect();
        let value = format!("<{{value = dense<[{}]> : {}}}>", rows.join(", "), ty(&shape, "f32"));
        self.emit("constant", &[], &value, &shape, "f32");
    }

    fn join(&mut self) {
        let x = self.any();
        if x.shape.is_empty() {
            return;
        }
        let y = self.like(&x);
        let mut shape = x.shape.clone();
        shape[0] *= 2;
        self.emit("concatenate", &[&x, &y], "<{dimension = 0 : i64}>", &shape, x.element);
    }

    fn sort(&mut self) {
        let x = self.any();
        if x.shape.is_empty() || !self.may_step(x.element) {
            return;
        }
        let direction = "<{comparison_direction = #stablehlo<comparison_direction LT>}>";
        let region = self.region("compare", x.element, direction, "i1");
        let attributes = format!("<{{dimension = 0 : i64, is_stable = true}}> {region}");
        self.emit("sort", &[&x], &attributes, &x.shape, x.element);
    }

    /// Operations in a text of their own, and a value of the type of `x` among those that can be read at its end.
    fn inner(&mut self, count: usize, depth: usize, x: &Value, results: usize) -> (String, Vec<Value>) {
        let (text, known) = (std::mem::take(&mut self.text), self.values.clone());
        self.body(count, depth);
        let made = (0..results).map(|_| self.like(x)).collect();
        self.values = known;
        (std::mem::replace(&mut self.text, text), made)
    }

    fn branch(&mut self, depth: usize) {
        let x = self.any();
        let count = self.below(4) + 1;
        let predicate = self.scalar("i1", count);
        let mut regions = Vec::new();
        for _ in 0..2 {
            let (text, made) = self.inner(count, depth, &x, 1);
            regions.push(format!("{{ {text} \"stablehlo.return\"({}) : ({}) -> () }}", made[0].name, x.ty()));
        }
        self.emit("if", &[&predicate], &format!("({})", regions.join(", ")), &x.shape, x.element);
    }

    /// A loop of three rounds over a counter and two tensors.
    fn repeat(&mut self, depth: usize) {
        let (x, start, one, limit) = (self.any(), self.scalar("i32", 0), self.scalar("i32", 1), self.scalar("i32", 3));
        let (y, count) = (self.like(&x), self.below(4) + 1);
        let types = format!("tensor<i32>, {0}, {0}", x.ty());
        let header = |names: &[String; 3]| {
            format!("^bb0({}: tensor<i32>, {}: {}, {}: {}):", names[0], names[1], x.ty(), names[2], x.ty())
        };
        let (of_condition, of_body) = ([0; 3].map(|_| self.fresh()), [0; 3].map(|_| self.fresh()));
        let (holds, next) = (self.fresh(), self.fresh());
        let condition = format!(
            "{{ {} {holds} = \"stablehlo.compare\"({}, {}) <{{comparison_direction = #stablehlo<comparison_direction \
             LT>}}> : (tensor<i32>, tensor<i32>) -> tensor<i1> \"stablehlo.return\"({holds}) : (tensor<i1>) -> () }}",
            header(&of_condition),
            of_condition[0],
            limit.name
        );
        let outer = self.values.clone();
        self.values.extend([1, 2].map(|slot: usize| Value { name: of_body[slot].clone(), ..x.clone() }));
        let (text, made) = self.inner(count, depth, &x, 2);
        self.values = outer;
        let body = format!(
            "{{ {} {next} = \"stablehlo.add\"({}, {}) : (tensor<i32>, tensor<i32>) -> tensor<i32> {text} \
             \"stablehlo.return\"({next}, {}, {}) : ({types}) -> () }}",
            header(&of_body),
            of_body[0],
            one.name,
            made[0].name,
            made[1].name
        );
        let result = self.fresh();
        let operands = format!("{}, {}, {}", start.name, x.name, y.name);
        let _ = writeln!(
            self.text,
            "{result}:3 = \"stablehlo.while\"({operands}) ({condition}, {body}) : ({types}) -> ({types})"
        );
        self.values.extend([1, 2].map(|index| Value { name: format!("{result}#{index}"), ..x.clone() }));
    }

    /// Some arguments give their bytes to a result of their type.
    fn function(&mut self, arguments: &[Value], results: &[Value]) -> String {
        let mut donated: Vec<Option<usize>> = vec![None; arguments.len()];
        for (index, result) in results.iter().enumerate() {
            let free = (0..arguments.len()).find(|&a| donated[a].is_none() && arguments[a].ty() == result.ty());
            if let Some(argument) = free.filter(|_| self.random.random_bool(0.7)) {
                donated[argument] = Some(index);
            }
        }
        let join = |words: Vec<String>| words.join(", ");
        let attribute = |result: &Option<usize>| match result {
            Some(result) => format!("{{tf.aliasing_output = {result} : i32}}"),
            None => "{}".to_owned(),
        };
        let attributes = join(donated.iter().map(attribute).collect());
        let inputs = join(arguments.iter().map(Value::ty).collect());
        let outputs = join(results.iter().map(Value::ty).collect());
        let header = join(arguments.iter().map(|value| format!("{}: {}", value.name, value.ty())).collect());
        let returned = join(results.iter().map(|value| value.name.clone()).collect());
        format!(
            "\"builtin.module\"() ({{\n\"func.func\"() <{{arg_attrs = [{attributes}], function_type = ({inputs}) -> \
             ({outputs}), sym_name = \"main\"}}> ({{\n^bb0({header}):\n{}\"func.return\"({returned}) : ({outputs}) -> \
             ()\n}}) : () -> ()\n}}) : () -> ()\n",
            self.text
        )
    }
}

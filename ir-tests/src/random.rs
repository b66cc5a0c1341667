// tidy: long because every kind of operation that it can write is a short function of its own.
//! Random programs: one small module in generic form for every string of bytes.
//!
//! Every decision is drawn from the bytes, so the fuzzer's mutations of them are mutations of the program. The module is
//! always valid input: types agree, values are defined before they are read, no version of a storage is read after an
//! update of it, and only donated arguments are updated. What it contains is chosen for what planners get wrong: views of
//! views, updates through views, donated and swapped arguments, results returned twice, loops that carry tensors, values
//! without bytes, values that nobody reads, effects.

use std::fmt::Write as _;

use crate::draw::Draw;

/// The most operations at the top level, besides the scalars that some of them need.
const MAX_OPS: usize = 40;

/// Regions inside regions hold simple operations only.
const MAX_DEPTH: usize = 2;

/// The shapes of the program: few, so that values of the same type meet often.
const SHAPES: [&[u64]; 7] = [&[4, 16], &[64], &[16, 4], &[16, 16], &[], &[8, 2, 4], &[0, 4]];

/// A ranked tensor type.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Ty {
    shape: Vec<u64>,
    element: &'static str,
}

impl Ty {
    fn f32(shape: &[u64]) -> Ty {
        Ty { shape: shape.to_vec(), element: "f32" }
    }

    fn with(&self, element: &'static str) -> Ty {
        Ty { shape: self.shape.clone(), element }
    }

    fn elements(&self) -> u64 {
        self.shape.iter().product()
    }

    fn text(&self) -> String {
        let extents: String = self.shape.iter().map(|extent| format!("{extent}x")).collect();
        format!("tensor<{extents}{}>", self.element)
    }
}

/// A value that may be read.
#[derive(Clone, Debug)]
struct Val {
    name: String,
    ty: Ty,
    /// The storages that reading it may read, each with the version that it shows. The first is the one it lies in; a
    /// broadcast may be computed from others when it is read.
    shows: Vec<(usize, u32)>,
}

impl Val {
    fn root(&self) -> usize {
        self.shows[0].0
    }
}

/// A storage.
#[derive(Clone, Copy, Debug)]
struct Root {
    version: u32,
    /// Whether an operation of the same region may overwrite it: results with bytes of their own, and donated arguments.
    updatable: bool,
    /// The region that it was made in.
    scope: usize,
}

/// One function under construction.
struct Program<'d, 'a> {
    draw: &'d mut Draw<'a>,
    body: String,
    indent: usize,
    names: usize,
    values: Vec<Val>,
    roots: Vec<Root>,
    /// The regions around the next operation, innermost last, by number.
    scopes: Vec<usize>,
    /// Regions so far.
    regions: usize,
}

/// A module for these bytes.
pub fn module(data: &[u8]) -> String {
    let mut draw = Draw::new(data);
    let mut program = Program {
        draw: &mut draw,
        body: String::new(),
        indent: 4,
        names: 0,
        values: Vec::new(),
        roots: Vec::new(),
        scopes: vec![0],
        regions: 0,
    };
    let arguments = program.arguments();
    let count = 1 + program.draw.below(MAX_OPS);
    for _ in 0..count {
        if program.draw.is_empty() {
            break;
        }
        program.operation();
    }
    let results = program.results();
    program.finish(&arguments, &results)
}

/// An argument: its type, and whether it is donated to any result that fits (`jax.buffer_donor`).
struct Argument {
    ty: Ty,
    donor: bool,
}

impl Program<'_, '_> {
    fn arguments(&mut self) -> Vec<Argument> {
        let count = 1 + self.draw.below(4);
        let mut arguments = Vec::new();
        for i in 0..count {
            let argument = Argument { ty: self.some_type(), donor: self.draw.one_in(2) };
            let root = self.root(argument.donor);
            self.values.push(Val { name: format!("%arg{i}"), ty: argument.ty.clone(), shows: vec![(root, 0)] });
            arguments.push(argument);
        }
        arguments
    }

    fn some_type(&mut self) -> Ty {
        let shape = self.draw.of(&SHAPES);
        Ty::f32(shape)
    }

    fn root(&mut self, updatable: bool) -> usize {
        let scope = self.scopes.last().copied().unwrap_or(0);
        self.roots.push(Root { version: 0, updatable, scope });
        self.roots.len() - 1
    }

    /// Values that show the newest version of all that they may read.
    fn readable(&self, wanted: impl Fn(&Val) -> bool) -> Vec<Val> {
        self.values.iter().filter(|value| self.is_current(value) && wanted(value)).cloned().collect()
    }

    fn is_current(&self, value: &Val) -> bool {
        value.shows.iter().all(|&(root, version)| self.roots[root].version == version)
    }

    fn pick(&mut self, wanted: impl Fn(&Val) -> bool) -> Option<Val> {
        let choices = self.readable(wanted);
        // The newest first: bytes that are used up then make chains, which are what programs mostly are.
        (!choices.is_empty()).then(|| choices[choices.len() - 1 - self.draw.below(choices.len())].clone())
    }

    fn tensor(&mut self) -> Val {
        match self.pick(|value| value.ty.element == "f32") {
            Some(value) => value,
            None => self.constant(&Ty::f32(SHAPES[0])),
        }
    }

    fn like(&mut self, ty: &Ty) -> Val {
        match self.pick(|value| value.ty == *ty) {
            Some(value) => value,
            None => self.constant(ty),
        }
    }

    fn line(&mut self, text: &str) {
        writeln!(self.body, "{:indent$}{text}", "", indent = self.indent).expect("writing to a string cannot fail");
    }

    fn fresh_name(&mut self) -> String {
        self.names += 1;
        format!("%v{}", self.names)
    }

    /// Writes an operation with one result in a storage of its own.
    fn emit(&mut self, op: &str, operands: &[&Val], attributes: &str, ty: Ty) -> Val {
        let shows = vec![(self.root(true), 0)];
        self.emit_in(op, operands, attributes, ty, shows)
    }

    fn emit_in(&mut self, op: &str, operands: &[&Val], attributes: &str, ty: Ty, shows: Vec<(usize, u32)>) -> Val {
        let name = self.fresh_name();
        let line = format!("{name} = {}", call(op, operands, attributes, &[&ty]));
        self.line(&line);
        let value = Val { name, ty, shows };
        self.values.push(value.clone());
        value
    }

    /// A value that already stands in the text, in a storage of its own.
    fn define(&mut self, name: String, ty: Ty) {
        let shows = vec![(self.root(true), 0)];
        self.values.push(Val { name, ty, shows });
    }

    fn constant(&mut self, ty: &Ty) -> Val {
        let number = match ty.element {
            "f32" => "1.0",
            "i1" => "true",
            _ => "1",
        };
        let attributes = format!("<{{value = dense<{number}> : {}}}>", ty.text());
        let shows = vec![(self.root(false), 0)];
        self.emit_in("stablehlo.constant", &[], &attributes, ty.clone(), shows)
    }

    /// A constant whose bytes lie in the program.
    fn list_constant(&mut self) {
        let ty = Ty::f32(&[4]);
        let attributes = "<{value = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>}>";
        let shows = vec![(self.root(false), 0)];
        self.emit_in("stablehlo.constant", &[], attributes, ty, shows);
    }

    fn operation(&mut self) {
        match self.draw.below(18) {
            0 => self.elementwise(),
            1 => self.binary(),
            2 => self.reshape(),
            3 => self.transpose(),
            4 => self.dot(),
            5 => self.broadcast(),
            6 => self.slice(),
            7 => self.concatenate(),
            8 => self.reduce(),
            9 => self.select(),
            10 => self.opaque(),
            11 => self.view(),
            12 => self.update(),
            13 => self.effect(),
            14 => self.while_loop(),
            15 => self.movement(),
            16 => self.spread(),
            _ => self.rarer(),
        }
    }

    fn elementwise(&mut self) {
        let op = self.draw.of(&["stablehlo.tanh", "stablehlo.negate", "stablehlo.exponential", "stablehlo.abs"]);
        let x = self.tensor();
        self.emit(op, &[&x], "", x.ty.clone());
    }

    fn binary(&mut self) {
        let op = self.draw.of(&["stablehlo.add", "stablehlo.multiply", "stablehlo.subtract", "stablehlo.maximum"]);
        let x = self.tensor();
        let y = self.like(&x.ty);
        self.emit(op, &[&x, &y], "", x.ty.clone());
    }

    fn reshape(&mut self) {
        let x = self.tensor();
        let same = |shape: &&[u64]| shape.iter().product::<u64>() == x.ty.elements();
        let shapes: Vec<&[u64]> = SHAPES.into_iter().filter(same).collect();
        let ty = Ty::f32(if shapes.is_empty() { &x.ty.shape } else { self.draw.of(&shapes) });
        // A view of the operand, and so of everything that the operand is a view of.
        self.emit_in("stablehlo.reshape", &[&x], "", ty, x.shows.clone());
    }

    fn transpose(&mut self) {
        let x = self.tensor();
        let permutation: Vec<String> = (0..x.ty.shape.len()).rev().map(|i| i.to_string()).collect();
        let ty = Ty::f32(&x.ty.shape.iter().rev().copied().collect::<Vec<_>>());
        let list = array(&permutation);
        // It is a view if it moves nothing but dimensions of extent 1.
        let mut shows = vec![(self.root(false), 0)];
        shows.extend(&x.shows);
        self.emit_in("stablehlo.transpose", &[&x], &format!("<{{permutation = {list}}}>"), ty, shows);
    }

    fn dot(&mut self) {
        let Some(x) = self.pick(|value| value.ty.element == "f32" && value.ty.shape.len() == 2) else { return };
        let inner = x.ty.shape[1];
        let fits = |value: &Val| value.ty.element == "f32" && value.ty.shape.len() == 2 && value.ty.shape[0] == inner;
        let Some(y) = self.pick(fits) else { return };
        let ty = Ty::f32(&[x.ty.shape[0], y.ty.shape[1]]);
        let dims = "<{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], \
                    rhs_contracting_dimensions = [0]>}>";
        self.emit("stablehlo.dot_general", &[&x, &y], dims, ty);
    }

    fn broadcast(&mut self) {
        let Some(x) = self.pick(|value| value.ty.element == "f32" && value.ty.shape.len() < 2) else { return };
        let shape: Vec<u64> = std::iter::once(4).chain(x.ty.shape.iter().copied()).collect();
        let dims: Vec<String> = (1..shape.len()).map(|i| i.to_string()).collect();
        let attributes = format!("<{{broadcast_dimensions = {}}}>", array(&dims));
        // It may be without bytes, and then there is nothing to overwrite.
        let mut shows = vec![(self.root(false), 0)];
        shows.extend(&x.shows);
        self.emit_in("stablehlo.broadcast_in_dim", &[&x], &attributes, Ty::f32(&shape), shows);
    }

    fn slice(&mut self) {
        let Some(x) = self.pick(|v| v.ty.element == "f32" && v.ty.shape.first().is_some_and(|&n| n >= 2)) else {
            return;
        };
        let half = x.ty.shape[0] / 2;
        let start = if self.draw.one_in(2) { half } else { 0 };
        let rank = x.ty.shape.len();
        let mut starts = vec!["0".to_owned(); rank];
        starts[0] = start.to_string();
        let mut limits: Vec<String> = x.ty.shape.iter().map(u64::to_string).collect();
        limits[0] = (start + half).to_string();
        let ones = vec!["1".to_owned(); rank];
        let attributes = format!(
            "<{{limit_indices = {}, start_indices = {}, strides = {}}}>",
            array(&limits),
            array(&starts),
            array(&ones)
        );
        let mut ty = x.ty.clone();
        ty.shape[0] = half;
        self.emit_in("stablehlo.slice", &[&x], &attributes, ty, x.shows.clone());
    }

    /// A movement that needs no bytes where its readers find the elements themselves.
    fn movement(&mut self) {
        let choice = self.draw.below(5);
        let fits = |value: &Val| {
            let extents = &value.ty.shape;
            value.ty.element == "f32" && extents.first().is_some_and(|&n| n >= 2) && value.ty.elements() <= 1024
        };
        let Some(x) = self.pick(fits) else { return };
        let (rank, half) = (x.ty.shape.len(), x.ty.shape[0] / 2);
        let each = |first: u64, others: u64| {
            array(&(0..rank).map(|d| if d == 0 { first } else { others }.to_string()).collect::<Vec<_>>())
        };
        let mut ty = x.ty.clone();
        match choice {
            0 => {
                // Reversing a dimension of one element, as taking one of a row, moves nothing: that would be a view.
                self.emit("stablehlo.reverse", &[&x], "<{dimensions = array<i64: 0>}>", ty);
            }
            1 if x.ty.shape[0] > 2 => {
                let limits: Vec<String> = x.ty.shape.iter().map(u64::to_string).collect();
                let attributes = format!(
                    "<{{limit_indices = {}, start_indices = {}, strides = {}}}>",
                    array(&limits),
                    each(0, 0),
                    each(2, 1)
                );
                ty.shape[0] = x.ty.shape[0].div_ceil(2);
                self.emit("stablehlo.slice", &[&x], &attributes, ty);
            }
            2 => {
                let value = self.like(&Ty::f32(&[]));
                let (low, high) = if self.draw.one_in(2) { (x.ty.shape[0], 0) } else { (0, x.ty.shape[0]) };
                let attributes = format!(
                    "<{{edge_padding_high = {}, edge_padding_low = {}, interior_padding = {}}}>",
                    each(high, 0),
                    each(low, 0),
                    each(0, 0)
                );
                ty.shape[0] *= 2;
                self.emit("stablehlo.pad", &[&x, &value], &attributes, ty);
            }
            3 => {
                let at = self.index();
                let zero = self.constant(&at.ty);
                let mut operands = vec![&x, &at];
                operands.extend(std::iter::repeat_n(&zero, rank - 1));
                ty.shape[0] = half;
                let sizes: Vec<String> = ty.shape.iter().map(u64::to_string).collect();
                let sizes = format!("<{{slice_sizes = {}}}>", array(&sizes));
                self.emit("stablehlo.dynamic_slice", &operands, &sizes, ty);
            }
            _ => {
                let permutation: Vec<String> = (0..rank).map(|d| ((d + 1) % rank).to_string()).collect();
                ty.shape.rotate_left(1);
                let permutation = format!("<{{permutation = {}}}>", array(&permutation));
                let mut shows = vec![(self.root(false), 0)];
                shows.extend(&x.shows);
                self.emit_in("stablehlo.transpose", &[&x], &permutation, ty, shows);
            }
        }
    }

    /// A place to slice at: a constant, or computed.
    fn index(&mut self) -> Val {
        let ty = Ty { shape: Vec::new(), element: "i32" };
        match self.pick(|value| value.ty == Ty::f32(&[])) {
            Some(x) if self.draw.one_in(2) => self.emit("stablehlo.convert", &[&x], "", ty),
            _ => self.constant(&ty),
        }
    }

    /// A row for each of some rows, or another width of elements: what stands between elementwise operations.
    fn spread(&mut self) {
        let x = self.tensor();
        match self.draw.below(3) {
            0 => {
                let narrow = self.emit("stablehlo.convert", &[&x], "", x.ty.with("f16"));
                let narrow = self.emit("stablehlo.negate", &[&narrow], "", narrow.ty.clone());
                self.emit("stablehlo.convert", &[&narrow], "", x.ty);
            }
            1 => {
                let (least, most) = (self.like(&Ty::f32(&[])), self.like(&x.ty));
                self.emit("stablehlo.clamp", &[&least, &x, &most], "", x.ty.clone());
            }
            _ => {
                let Some(row) = self.pick(|value| value.ty.element == "f32" && value.ty.shape.len() == 1) else {
                    return;
                };
                let ty = Ty::f32(&[row.ty.shape[0], 4]);
                if ty.elements() <= 1024 {
                    let mut shows = vec![(self.root(false), 0)];
                    shows.extend(&row.shows);
                    self.emit_in(
                        "stablehlo.broadcast_in_dim",
                        &[&row],
                        "<{broadcast_dimensions = array<i64: 0>}>",
                        ty,
                        shows,
                    );
                }
            }
        }
    }

    fn concatenate(&mut self) {
        // Small operands only: forty doublings of anything would be no small program.
        let fits = |value: &Val| value.ty.element == "f32" && !value.ty.shape.is_empty() && value.ty.elements() <= 1024;
        let Some(x) = self.pick(fits) else { return };
        let y = self.like(&x.ty);
        let mut ty = x.ty.clone();
        ty.shape[0] *= 2;
        self.emit("stablehlo.concatenate", &[&x, &y], "<{dimension = 0 : i64}>", ty);
    }

    fn reduce(&mut self) {
        let Some(x) = self.pick(|value| value.ty.element == "f32" && !value.ty.shape.is_empty()) else { return };
        let zero = self.constant(&Ty::f32(&[]));
        let ty = Ty::f32(&x.ty.shape[1..]);
        let name = self.fresh_name();
        let (a, b, sum) = (self.fresh_name(), self.fresh_name(), self.fresh_name());
        let head =
            format!("{name} = \"stablehlo.reduce\"({}, {}) <{{dimensions = array<i64: 0>}}> ({{", x.name, zero.name);
        self.line(&head);
        self.line(&format!("^bb0({a}: tensor<f32>, {b}: tensor<f32>):"));
        self.line(&format!("  {sum} = \"stablehlo.add\"({a}, {b}) : (tensor<f32>, tensor<f32>) -> tensor<f32>"));
        self.line(&format!("  \"stablehlo.return\"({sum}) : (tensor<f32>) -> ()"));
        self.line(&format!("}}) : ({}, tensor<f32>) -> {}", x.ty.text(), ty.text()));
        self.define(name, ty);
    }

    fn select(&mut self) {
        let x = self.tensor();
        let y = self.like(&x.ty);
        let compare = "<{comparison_direction = #stablehlo<comparison_direction LT>}>";
        let mask = self.emit("stablehlo.compare", &[&x, &y], compare, x.ty.with("i1"));
        self.emit("stablehlo.select", &[&mask, &y, &x], "", x.ty.clone());
    }

    /// An operation that no dialect describes, with hints.
    fn opaque(&mut self) {
        let x = self.tensor();
        let y = self.tensor();
        let hint = self.draw.below(5);
        let attributes = match hint {
            1 => "{memopt.workspace = 192 : i64}",
            // Padding needs something to pad.
            2 if x.ty.elements() > 0 => "{memopt.bytes = [[0 : i64, 4100 : i64]]}",
            3 if x.ty == y.ty => "{memopt.inplace = [[0 : i64, 0 : i64], [0 : i64, 1 : i64]]}",
            4 => "{memopt.recompute = \"never\", memopt.flops = 100 : i64}",
            _ => "",
        };
        self.emit("t.op", &[&x, &y], attributes, x.ty.clone());
    }

    /// An opaque view: it may touch all of its operand.
    fn view(&mut self) {
        let x = self.tensor();
        if x.ty.elements() > 0 {
            let ty = if self.draw.one_in(2) { x.ty.clone() } else { self.some_type() };
            self.emit_in("t.view", &[&x], "{memopt.alias = [[0 : i64, 0 : i64]]}", ty, x.shows.clone());
        }
    }

    /// Overwrites a value, perhaps through a view: a new version of the whole storage. Perhaps it has another result.
    fn update(&mut self) {
        let scope = self.scopes.last().copied().unwrap_or(0);
        let updatable: Vec<bool> = self.roots.iter().map(|root| root.updatable && root.scope == scope).collect();
        let may = |value: &Val| value.ty.element == "f32" && value.shows.len() == 1 && updatable[value.root()];
        let Some(x) = self.pick(may) else { return };
        let y = self.tensor();
        // An operand that lies in the updated storage would be read while it is overwritten.
        let reads_x = y.shows.iter().any(|&(root, _)| root == x.root());
        let operands: &[&Val] = if reads_x { &[&x] } else { &[&x, &y] };
        self.roots[x.root()].version += 1;
        let shows = vec![(x.root(), self.roots[x.root()].version)];
        let hint = "{memopt.update = [[0 : i64, 0 : i64]]}";
        if self.draw.one_in(3) {
            let name = self.fresh_name();
            let line = format!("{name}:2 = {}", call("t.update_and", operands, hint, &[&x.ty, &y.ty]));
            self.line(&line);
            self.values.push(Val { name: format!("{name}#0"), ty: x.ty.clone(), shows });
            self.define(format!("{name}#1"), y.ty);
        } else {
            self.emit_in("t.update", operands, hint, x.ty.clone(), shows);
        }
    }

    /// Two results, perhaps each in place of an operand.
    fn pair(&mut self) {
        let x = self.tensor();
        let y = self.like(&x.ty);
        let hint = self.draw.of(&[
            "",
            "{memopt.inplace = [[0 : i64, 0 : i64], [1 : i64, 1 : i64]]}",
            "{memopt.inplace = [[0 : i64, 1 : i64]], memopt.workspace = 100 : i64}",
            "{memopt.effects = \"none\"}",
        ]);
        let name = self.fresh_name();
        let line = format!("{name}:2 = {}", call("t.pair", &[&x, &y], hint, &[&x.ty, &y.ty]));
        self.line(&line);
        self.define(format!("{name}#0"), x.ty);
        self.define(format!("{name}#1"), y.ty);
    }

    /// An operation with a region that nobody described, which reads a value around it.
    fn region(&mut self) {
        let (x, y) = (self.tensor(), self.tensor());
        let (name, inner) = (self.fresh_name(), self.fresh_name());
        self.line(&format!("{name} = \"t.region\"({}) ({{", x.name));
        let op = call("t.inner", &[&y], "", &[&y.ty]);
        self.line(&format!("  {inner} = {op}"));
        self.line(&format!("  \"t.yield\"({inner}) : ({}) -> ()", y.ty.text()));
        self.line(&format!("}}) : ({}) -> {}", x.ty.text(), x.ty.text()));
        self.define(name, x.ty);
    }

    fn effect(&mut self) {
        let x = self.tensor();
        match self.draw.below(3) {
            0 => drop(self.emit("t.random", &[&x], "{memopt.effects = \"random\"}", x.ty.clone())),
            1 => drop(self.emit("t.exchange", &[&x], "{memopt.effects = \"side\"}", x.ty.clone())),
            _ => {
                let line = call("t.print", &[&x], "{memopt.effects = \"side\"}", &[]);
                self.line(&line);
            }
        }
    }

    fn rarer(&mut self) {
        match self.draw.below(8) {
            0 => self.branches(),
            1 => self.update_slice(),
            2 => self.barrier(),
            3 => self.pair(),
            4 => self.region(),
            5 => self.list_constant(),
            6 => {
                let x = self.tensor();
                self.emit("memopt.copy", &[&x], "", x.ty.clone());
            }
            _ => {
                let ty = self.some_type();
                if !ty.shape.is_empty() {
                    let shows = vec![(self.root(false), 0)];
                    self.emit_in("stablehlo.iota", &[], "<{iota_dimension = 0 : i64}>", ty, shows);
                }
            }
        }
    }

    fn update_slice(&mut self) {
        let Some(x) = self.pick(|value| value.ty.element == "f32" && value.ty.shape.len() == 1) else { return };
        let part = self.like(&Ty::f32(&[x.ty.shape[0].min(4)]));
        let at = self.constant(&Ty { shape: Vec::new(), element: "i32" });
        self.emit("stablehlo.dynamic_update_slice", &[&x, &part, &at], "", x.ty.clone());
    }

    fn barrier(&mut self) {
        let values = [self.tensor(), self.tensor()];
        let name = self.fresh_name();
        let [x, y] = &values;
        let line = format!("{name}:2 = {}", call("stablehlo.optimization_barrier", &[x, y], "", &[&x.ty, &y.ty]));
        self.line(&line);
        for (i, value) in values.into_iter().enumerate() {
            self.values.push(Val { name: format!("{name}#{i}"), ..value });
        }
    }

    /// Opens a region; what is defined in it ends with it.
    fn enter(&mut self) -> usize {
        self.regions += 1;
        self.scopes.push(self.regions);
        self.indent += 2;
        self.values.len()
    }

    fn leave(&mut self, mark: usize) {
        self.scopes.pop();
        self.indent -= 2;
        self.values.truncate(mark);
    }

    /// A few operations inside a region.
    fn inside(&mut self) {
        for _ in 0..self.draw.below(5) {
            if self.scopes.len() <= MAX_DEPTH {
                self.operation();
            } else {
                self.binary();
            }
        }
    }

    /// `stablehlo.if` or `case` with one or two results, whose branches read and yield values around them.
    fn branches(&mut self) {
        let x = self.tensor();
        let count = 2 + self.draw.below(2);
        let (op, element) = if count == 2 { ("stablehlo.if", "i1") } else { ("stablehlo.case", "i32") };
        let predicate = self.constant(&Ty { shape: Vec::new(), element });
        let results = 1 + self.draw.below(2);
        let name = self.fresh_name();
        self.line(&format!("{name}:{results} = \"{op}\"({}) ({{", predicate.name));
        for branch in 0..count {
            if branch > 0 {
                self.line("}, {");
            }
            let mark = self.enter();
            self.inside();
            let yields: Vec<Val> = (0..results).map(|_| self.like(&x.ty)).collect();
            let line = call("stablehlo.return", &yields.iter().collect::<Vec<_>>(), "", &[]);
            self.line(&line);
            self.leave(mark);
        }
        let types = vec![x.ty.text(); results].join(", ");
        self.line(&format!("}}) : ({}) -> ({types})", predicate.ty.text()));
        for i in 0..results {
            self.define(format!("{name}#{i}"), x.ty.clone());
        }
    }

    /// A loop that carries a counter and up to four tensors: each is kept, changed, or swapped with another.
    fn while_loop(&mut self) {
        let mut slots = vec![self.constant(&Ty { shape: Vec::new(), element: "i32" })];
        let x = self.tensor();
        slots.push(x.clone());
        for _ in 0..self.draw.below(4) {
            let slot = if self.draw.one_in(3) { self.tensor() } else { self.like(&x.ty) };
            slots.push(slot);
        }
        let types: Vec<String> = slots.iter().map(|slot| slot.ty.text()).collect();
        let operands: Vec<&str> = slots.iter().map(|slot| slot.name.as_str()).collect();
        let name = self.fresh_name();
        self.line(&format!("{name}:{} = \"stablehlo.while\"({}) ({{", slots.len(), operands.join(", ")));
        self.loop_condition(&slots);
        self.line("}, {");
        let unchanged = self.loop_body(&slots);
        self.line(&format!("}}) : ({0}) -> ({0})", types.join(", ")));
        for (i, (slot, unchanged)) in slots.into_iter().zip(unchanged).enumerate() {
            let name = format!("{name}#{i}");
            match unchanged {
                // It is its operand by another name.
                true => self.values.push(Val { name, ..slot }),
                false => self.define(name, slot.ty),
            }
        }
    }

    fn loop_arguments(&mut self, slots: &[Val]) -> Vec<Val> {
        let root = |program: &mut Self| vec![(program.root(true), 0)];
        let arguments: Vec<Val> =
            slots.iter().map(|s| Val { name: self.fresh_name(), ty: s.ty.clone(), shows: root(self) }).collect();
        let typed: Vec<String> = arguments.iter().map(|a| format!("{}: {}", a.name, a.ty.text())).collect();
        self.line(&format!("^bb0({}):", typed.join(", ")));
        arguments
    }

    fn loop_condition(&mut self, slots: &[Val]) {
        let mark = self.enter();
        let arguments = self.loop_arguments(slots);
        let read = arguments[self.draw.below(arguments.len())].clone();
        let captured = self.tensor();
        let scalar = Ty { shape: Vec::new(), element: "i1" };
        let operands: &[&Val] = if self.draw.one_in(2) { &[&arguments[0], &captured] } else { &[&arguments[0], &read] };
        let test = self.emit("t.test", operands, "{memopt.effects = \"none\"}", scalar);
        let line = call("stablehlo.return", &[&test], "", &[]);
        self.line(&line);
        self.leave(mark);
    }

    /// Writes the body, and says which slots it hands on.
    fn loop_body(&mut self, slots: &[Val]) -> Vec<bool> {
        let mark = self.enter();
        let arguments = self.loop_arguments(slots);
        self.values.extend(arguments.iter().skip(1).cloned());
        let one = self.constant(&arguments[0].ty);
        let next = self.emit("stablehlo.add", &[&arguments[0], &one], "", arguments[0].ty.clone());
        self.inside();
        let mut yields = vec![next];
        for argument in &arguments[1..] {
            let keeps = self.draw.one_in(3) && self.is_current(argument);
            let value = if keeps { argument.clone() } else { self.like(&argument.ty) };
            yields.push(value);
        }
        let line = call("stablehlo.return", &yields.iter().collect::<Vec<_>>(), "", &[]);
        self.line(&line);
        self.leave(mark);
        yields.iter().zip(&arguments).map(|(value, argument)| value.name == argument.name).collect()
    }

    /// What is returned: up to four values, perhaps arguments, views, or one value twice.
    fn results(&mut self) -> Vec<Val> {
        let count = 1 + self.draw.below(4);
        (0..count).map(|_| self.tensor()).collect()
    }

    fn finish(mut self, arguments: &[Argument], results: &[Val]) -> String {
        let attributes = self.argument_attributes(arguments, results);
        let line = call("func.return", &results.iter().collect::<Vec<_>>(), "", &[]);
        self.line(&line);
        let typed = |(i, argument): (usize, &Argument)| format!("%arg{i}: {}", argument.ty.text());
        let block: Vec<String> = arguments.iter().enumerate().map(typed).collect();
        let inputs: Vec<String> = arguments.iter().map(|argument| argument.ty.text()).collect();
        let outputs: Vec<String> = results.iter().map(|value| value.ty.text()).collect();
        // Without the promise, operations that nobody described keep their order.
        let hints = if self.draw.one_in(4) { "" } else { " {memopt.hints = \"complete\"}" };
        format!(
            "\"builtin.module\"() ({{\n  \"func.func\"() <{{arg_attrs = [{}], function_type = ({}) -> ({}), sym_name = \
             \"main\"}}> ({{\n  ^bb0({}):\n{}  }}) : () -> ()\n}}){hints} : () -> ()\n",
            attributes.join(", "),
            inputs.join(", "),
            outputs.join(", "),
            block.join(", "),
            self.body
        )
    }

    /// Donors, and arguments that name the result they give their bytes to: each result at most once, types equal.
    fn argument_attributes(&mut self, arguments: &[Argument], results: &[Val]) -> Vec<String> {
        let mut free: Vec<bool> = vec![true; results.len()];
        let mut attributes = Vec::new();
        for argument in arguments {
            let fits: Vec<usize> = (0..results.len()).filter(|&k| free[k] && results[k].ty == argument.ty).collect();
            let chosen = (!fits.is_empty()).then(|| self.draw.of(&fits));
            attributes.push(match chosen {
                Some(k) if self.draw.one_in(2) => {
                    free[k] = false;
                    format!("{{tf.aliasing_output = {k} : i32}}")
                }
                _ if argument.donor => "{jax.buffer_donor = true}".to_owned(),
                _ => "{}".to_owned(),
            });
        }
        attributes
    }
}

/// An operation without its results: `"op"(operands) attributes : (types) -> types`.
fn call(op: &str, operands: &[&Val], attributes: &str, results: &[&Ty]) -> String {
    let names: Vec<&str> = operands.iter().map(|value| value.name.as_str()).collect();
    let types: Vec<String> = operands.iter().map(|value| value.ty.text()).collect();
    let results: Vec<String> = results.iter().map(|ty| ty.text()).collect();
    let results = if results.len() == 1 { results.concat() } else { format!("({})", results.join(", ")) };
    let space = if attributes.is_empty() { "" } else { " " };
    format!("\"{op}\"({}){space}{attributes} : ({}) -> {results}", names.join(", "), types.join(", "))
}

fn array(numbers: &[String]) -> String {
    if numbers.is_empty() { "array<i64>".to_owned() } else { format!("array<i64: {}>", numbers.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::random_bytes;

    #[test]
    fn no_bytes_make_the_smallest_program() {
        let text = module(&[]);
        assert!(text.contains("\"func.return\"(%arg0)"), "{text}");
    }

    #[test]
    fn the_same_bytes_make_the_same_program() {
        let bytes = random_bytes(3, 200);
        assert_eq!(module(&bytes), module(&bytes));
    }

    #[test]
    fn many_seeds_reach_every_kind_of_operation() {
        let texts: String = (0..200).map(|seed| module(&random_bytes(seed, 300))).collect();
        let kinds =
            ["tanh", "dot_general", "while", "\"stablehlo.if\"", "t.update", "t.view", "t.random", "aliasing_output"];
        for kind in
            kinds.into_iter().chain(["buffer_donor", "optimization_barrier", "dynamic_update_slice", "tensor<0x"])
        {
            assert!(texts.contains(kind), "{kind}");
        }
    }

    /// What is valid is decided by the parser and the passes; that names are defined before they are read is seen here.
    #[test]
    fn names_are_defined_before_they_are_read() {
        for seed in 0..200 {
            let text = module(&random_bytes(seed, 300));
            let mut defined = Vec::new();
            for line in text.lines() {
                for name in
                    line.split(|c: char| !(c.is_alphanumeric() || c == '%')).filter(|word| word.starts_with('%'))
                {
                    let defines = line.contains("^bb0") || line.trim_start().starts_with(name);
                    if defines {
                        defined.push(name);
                    }
                    assert!(defined.contains(&name), "{name} in {line}\n{text}");
                }
            }
        }
    }
}

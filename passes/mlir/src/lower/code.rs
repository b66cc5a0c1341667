//! The text of one function body: SSA names, constants, loops.
//!
//! Constants are written at the head of the function, each once, so that they dominate everything; arithmetic on indices
//! that are known is done here and not by MLIR, which keeps the text of a large program short.

use std::fmt::{self, Write};

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// An SSA value of the emitted text: `%3`, or one of several results, `%3#1`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Name {
    id: u32,
    part: Option<u16>,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            None => write!(f, "%{}", self.id),
            Some(part) => write!(f, "%{}#{part}", self.id),
        }
    }
}

/// A few names.
pub(crate) type Names = SmallVec<[Name; 6]>;

/// A comparison of indices.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Compare {
    Equal,
    Less,
    AtLeast,
}

/// The text written so far.
#[derive(Default)]
pub(crate) struct Code {
    head: String,
    body: String,
    next: u32,
    depth: usize,
    constants: FxHashMap<String, Name>,
    /// Indices whose number is known.
    known: FxHashMap<Name, i64>,
}

impl Code {
    /// The whole body, constants first.
    pub(crate) fn finish(self) -> String {
        self.head + &self.body
    }

    /// A name that nothing has yet.
    pub(crate) fn fresh(&mut self) -> Name {
        self.next += 1;
        Name { id: self.next - 1, part: None }
    }

    /// One operation without results.
    pub(crate) fn line(&mut self, text: fmt::Arguments<'_>) {
        self.indent();
        _ = writeln!(self.body, "{text}");
    }

    /// One operation with one result.
    pub(crate) fn op(&mut self, text: fmt::Arguments<'_>) -> Name {
        let name = self.fresh();
        self.line(format_args!("{name} = {text}"));
        name
    }

    /// Opens a region; the line ends in `{`.
    pub(crate) fn open(&mut self, text: fmt::Arguments<'_>) {
        self.line(text);
        self.depth += 1;
    }

    /// Closes a region and opens the next one of the same operation.
    pub(crate) fn turn(&mut self, text: &str) {
        self.depth -= 1;
        self.line(format_args!("{text}"));
        self.depth += 1;
    }

    /// Closes a region.
    pub(crate) fn close(&mut self) {
        self.depth -= 1;
        self.line(format_args!("}}"));
    }

    fn indent(&mut self) {
        for _ in 0..=self.depth {
            self.body.push_str("  ");
        }
    }

    /// A constant, as `arith.constant` spells it.
    pub(crate) fn constant(&mut self, literal: &str, ty: &str) -> Name {
        let text = match ty {
            "i1" => literal.to_owned(),
            _ => format!("{literal} : {ty}"),
        };
        if let Some(&known) = self.constants.get(&text) {
            return known;
        }
        let name = self.fresh();
        _ = writeln!(self.head, "  {name} = arith.constant {text}");
        self.constants.insert(text, name);
        name
    }

    /// A constant index.
    pub(crate) fn index(&mut self, value: i64) -> Name {
        let name = self.constant(&value.to_string(), "index");
        self.known.insert(name, value);
        name
    }

    /// The number that an index is known to be.
    pub(crate) fn known(&self, name: Name) -> Option<i64> {
        self.known.get(&name).copied()
    }

    /// `a + b`
    pub(crate) fn add(&mut self, a: Name, b: Name) -> Name {
        match (self.known(a), self.known(b)) {
            (Some(0), _) => b,
            (_, Some(0)) => a,
            (Some(x), Some(y)) => self.index(x + y),
            _ => self.op(format_args!("arith.addi {a}, {b} overflow<nsw> : index")),
        }
    }

    /// `a + n`
    pub(crate) fn add_constant(&mut self, a: Name, n: i64) -> Name {
        let n = self.index(n);
        self.add(a, n)
    }

    /// `a - b`
    pub(crate) fn subtract(&mut self, a: Name, b: Name) -> Name {
        match (self.known(a), self.known(b)) {
            (_, Some(0)) => a,
            (Some(x), Some(y)) => self.index(x - y),
            _ => self.op(format_args!("arith.subi {a}, {b} overflow<nsw> : index")),
        }
    }

    /// `a * n`
    pub(crate) fn scale(&mut self, a: Name, n: i64) -> Name {
        match (self.known(a), n) {
            (_, 1) => a,
            (_, 0) => self.index(0),
            (Some(x), n) => self.index(x * n),
            (None, n) => {
                let n = self.index(n);
                self.op(format_args!("arith.muli {a}, {n} overflow<nsw> : index"))
            }
        }
    }

    /// `a / n` and `a % n` of an index that is not negative.
    pub(crate) fn divide(&mut self, a: Name, n: i64) -> (Name, Name) {
        if let Some(x) = self.known(a) {
            return (self.index(x / n), self.index(x % n));
        }
        if n == 1 {
            return (a, self.index(0));
        }
        let n = self.index(n);
        let quotient = self.op(format_args!("arith.divui {a}, {n} : index"));
        (quotient, self.op(format_args!("arith.remui {a}, {n} : index")))
    }

    /// The sum of indices times their strides.
    pub(crate) fn dot(&mut self, indices: &[Name], strides: &[i64]) -> Name {
        let mut sum = self.index(0);
        for (&index, &stride) in indices.iter().zip(strides) {
            let term = self.scale(index, stride);
            sum = self.add(sum, term);
        }
        sum
    }

    /// A comparison of an index with a number, as signed numbers.
    pub(crate) fn compare(&mut self, a: Name, compare: Compare, n: i64) -> Name {
        let word = match compare {
            Compare::Equal => "eq",
            Compare::Less => "slt",
            Compare::AtLeast => "sge",
        };
        let n = self.index(n);
        self.op(format_args!("arith.cmpi {word}, {a}, {n} : index"))
    }

    /// Whether all conditions hold; `None` where there are none.
    pub(crate) fn all(&mut self, conditions: &[Name]) -> Option<Name> {
        conditions.iter().copied().reduce(|a, b| self.op(format_args!("arith.andi {a}, {b} : i1")))
    }

    /// An index forced into `0..=most`.
    pub(crate) fn clamp(&mut self, index: Name, most: i64) -> Name {
        let (zero, most) = (self.index(0), self.index(most));
        let low = self.op(format_args!("arith.maxsi {index}, {zero} : index"));
        self.op(format_args!("arith.minsi {low}, {most} : index"))
    }

    /// The results of an operation with several, for [`results`](Self::results).
    pub(crate) fn results(&self, name: Name, count: usize) -> Vec<Name> {
        match count {
            1 => vec![name],
            _ => (0..count as u16).map(|part| Name { part: Some(part), ..name }).collect(),
        }
    }
}

/// `%3` or `%3:2 ` for the left side of an operation with so many results.
pub(crate) fn declare(name: Name, count: usize) -> String {
    match count {
        0 | 1 => name.to_string(),
        n => format!("{name}:{n}"),
    }
}

/// Names separated by commas.
pub(crate) fn list<T: fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    let mut text = String::new();
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        _ = write!(text, "{item}");
    }
    text
}

//! Problems for tests: a builder, and random ones.

use memopt::dialect::Virtual;
use memopt::ir::Bytes;
use memopt::plan::Csr;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::problem::{FuseBuffer, FuseOp, FuseProblem, FuseRead, FuseValue, Fusible};

/// What an operation does with the elements of its operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Element i from elements i: one operation for each.
    Elementwise,
    /// Its elements are those of the operand at other indices.
    Broadcast,
    /// Each element of the operand is looked at once.
    Reduce,
    /// As a matrix product: arithmetic of its operands is not for it.
    Product,
    /// Nobody knows.
    Opaque,
}

/// A problem in the making. A value of n elements has 64 n bytes.
#[derive(Default)]
pub(super) struct Builder {
    problem: FuseProblem,
    readers: Vec<(u32, u32)>,
}

impl Builder {
    /// A value that is there from the start.
    pub(super) fn argument(&mut self, elements: u64) -> u32 {
        self.value(None, None, elements, Fusible::Never)
    }

    /// An operation that reads values and makes one.
    pub(super) fn op(&mut self, kind: Kind, operands: &[u32], elements: u64) -> u32 {
        let step = self.problem.ops.len() as u32;
        let buffer = self.problem.buffers.len() as u32;
        self.problem.buffers.push(FuseBuffer {
            size: Bytes(64 * elements),
            writer: step,
            until_end: false,
            is_part: false,
        });
        let (fusible, computes, flops) = match kind {
            Kind::Elementwise => (Fusible::May(Virtual::Computed), Some(Virtual::Computed), elements),
            Kind::Broadcast => (Fusible::May(Virtual::Addressing), Some(Virtual::Computed), 0),
            Kind::Reduce => (Fusible::Never, Some(Virtual::Computed), elements),
            Kind::Product => (Fusible::Never, Some(Virtual::Addressing), 100 * elements),
            Kind::Opaque => (Fusible::Never, None, elements),
        };
        let value = self.value(Some(step), Some(buffer), elements, fusible);
        let first_read = self.problem.reads.len() as u32;
        for &operand in operands {
            let of = self.problem.values[operand as usize];
            let same_index = kind == Kind::Elementwise && of.elements == elements;
            self.problem.reads.push(FuseRead {
                value: operand,
                elements: if same_index || kind == Kind::Broadcast { elements } else { of.elements },
                same_index,
                overwritten_by: same_index.then_some(buffer),
            });
            self.readers.push((operand, step));
        }
        self.problem.ops.push(FuseOp {
            runs: true,
            makes: (fusible != Fusible::Never).then_some(value),
            writes: Some(buffer),
            first_read,
            read_count: operands.len() as u32,
            computes,
            flops,
            workspace: Bytes::ZERO,
        });
        value
    }

    /// A value that lives to the end.
    pub(super) fn keep(&mut self, value: u32) {
        let facts = &mut self.problem.values[value as usize];
        facts.fusible = Fusible::Never;
        let (buffer, writer) = (facts.buffer.expect("a result"), facts.writer.expect("a result"));
        self.problem.buffers[buffer as usize].until_end = true;
        self.problem.ops[writer as usize].makes = None;
    }

    /// The last operation overwrites a value that was there from the start.
    pub(super) fn overwrite(&mut self, value: u32) {
        self.problem.values[value as usize].overwritten = Some(self.problem.ops.len() as u32 - 1);
    }

    fn value(&mut self, writer: Option<u32>, buffer: Option<u32>, elements: u64, fusible: Fusible) -> u32 {
        let (stored, overwritten) = (false, None);
        self.problem.values.push(FuseValue { writer, buffer, elements, fusible, stored, overwritten });
        self.problem.values.len() as u32 - 1
    }

    pub(super) fn build(mut self) -> FuseProblem {
        self.readers.sort_unstable();
        self.readers.dedup();
        self.problem.readers = Csr::from_pairs(self.problem.values.len(), &self.readers);
        self.problem
    }
}

/// A random problem: operations of all sorts that read a few of the latest values, and some early ones late.
pub(super) fn random(seed: u64, ops: usize) -> FuseProblem {
    let mut random = SmallRng::seed_from_u64(seed);
    let mut builder = Builder::default();
    let mut open: Vec<(u32, u64)> = Vec::new();
    for elements in [1, 4] {
        open.push((builder.argument(elements), elements));
    }
    for step in 0..ops {
        let late = step * 2 > ops;
        let mut pick = || match late && random.random_bool(0.6) {
            true => random.random_range(0..open.len()),
            false => open.len() - 1 - random.random_range(0..open.len().min(3)),
        };
        let (a, b) = (open[pick()], open[pick()]);
        let kind = match random.random_range(0..10) {
            0..6 => Kind::Elementwise,
            6 => Kind::Broadcast,
            7 => Kind::Reduce,
            8 => Kind::Product,
            _ => Kind::Opaque,
        };
        let operands = if kind == Kind::Elementwise && a.1 == b.1 { vec![a.0, b.0] } else { vec![a.0] };
        let elements = match kind {
            Kind::Elementwise => a.1,
            Kind::Broadcast => a.1 * random.random_range(1..=4),
            Kind::Reduce => (a.1 / 2).max(1),
            Kind::Product | Kind::Opaque => random.random_range(1..=4),
        };
        let value = builder.op(kind, &operands, elements);
        open.push((value, elements));
        if random.random_bool(0.1) {
            builder.keep(value);
        } else if random.random_bool(0.05) {
            let argument = usize::from(random.random_bool(0.5));
            let (argument, _) = open[argument];
            if builder.problem.values[argument as usize].writer.is_none() {
                builder.overwrite(argument);
                open.retain(|&(value, _)| value != argument);
                open.insert(0, (value, elements));
            }
        }
    }
    let (last, _) = open[open.len() - 1];
    builder.keep(last);
    builder.build()
}

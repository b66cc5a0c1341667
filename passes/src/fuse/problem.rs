//! The fusion problem as plain data.
//!
//! *Operations* run in a fixed order; index = step. *Values* are what they make; each has bytes in a *buffer*, or is
//! *virtual*: its operation does not run, and every kernel that reads it computes the elements that it wants, from the
//! elements of the operands. An operation that runs is a *kernel*; the *tree* of a virtual value is what a kernel computes
//! for it, down to the *roots*, the values with bytes.
//!
//! ```text
//! step     0: a = f(x)     1: b = exp(a)     2: c = g(x)     3: d = sum(b)
//! kept     a in 0..2       b in 1..4         c in 2..3       b has bytes from its step to that of its reader
//! virtual  a in 0..4       -                 c in 2..3       the sum computes exp(a): a lives for b
//! ```

use memopt::dialect::Virtual;
use memopt::ir::Bytes;
use memopt::plan::Csr;

/// Which values are virtual, so that little memory is needed?
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct FuseProblem {
    /// In the order in which they run.
    pub ops: Vec<FuseOp>,
    /// What operations read, those of each together, in the order of its operands.
    pub reads: Vec<FuseRead>,
    /// What operations make, and what is there before the first one runs. Those that can be virtual are in the order of
    /// their operations.
    pub values: Vec<FuseValue>,
    /// Value -> operations that read it, without duplicates.
    pub readers: Csr,
    /// What lies in the arena.
    pub buffers: Vec<FuseBuffer>,
}

/// An operation.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct FuseOp {
    /// Whether it does something at run time, unless its value is made virtual.
    pub runs: bool,
    /// The value that it makes and that is, or can be, virtual.
    pub makes: Option<u32>,
    /// The buffer of its only result, which may lie in the bytes of roots that it reads at the same index.
    pub writes: Option<u32>,
    /// Where its reads start in [`FuseProblem::reads`], and how many there are.
    pub first_read: u32,
    /// How many values it reads, with repetitions.
    pub read_count: u32,
    /// Floating-point operations of running it once.
    pub flops: u64,
    /// Bytes that it needs while it runs, besides its buffers.
    pub workspace: Bytes,
}

/// What an operation reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FuseRead {
    /// Which value.
    pub value: u32,
    /// How many of its elements one run reads, repetitions counted.
    pub elements: u64,
    /// Whether element i of the value is read for element i of the only result, and for no other.
    pub same_index: bool,
    /// If the value has bytes: the buffer that the operation writes and that may lie in them, if they die here.
    pub overwritten_by: Option<u32>,
}

/// A value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FuseValue {
    /// The operation that makes it; `None`: it is there from the start.
    pub writer: Option<u32>,
    /// Where it lies if it is not virtual; `None`: in memory that does not count.
    pub buffer: Option<u32>,
    /// Number of elements.
    pub elements: u64,
    /// Whether it is, or can be, virtual.
    pub fusible: Fusible,
    /// The most that all kernels which read it can compute on the fly; `None` where one of them needs its bytes.
    pub readable: Option<Virtual>,
    /// The step that overwrites its bytes: whatever reads it runs before.
    pub overwritten: Option<u32>,
}

/// Whether a value can do without bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fusible {
    /// It has bytes.
    Never,
    /// It is virtual if this pass says so, computed in this way.
    May(Virtual),
    /// It is virtual.
    Always(Virtual),
}

/// A buffer of the arena.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FuseBuffer {
    /// Rounded to the alignment.
    pub size: Bytes,
    /// The step that writes it first.
    pub writer: u32,
    /// Whether it lives to the end.
    pub until_end: bool,
    /// Whether it lies beside others, so that nothing may be written over it.
    pub is_part: bool,
}

impl FuseProblem {
    /// What an operation reads.
    #[inline]
    pub fn reads_of(&self, op: u32) -> &[FuseRead] {
        let FuseOp { first_read, read_count, .. } = self.ops[op as usize];
        &self.reads[first_read as usize..(first_read + read_count) as usize]
    }

    /// The same, with the place of each in [`FuseProblem::reads`].
    #[inline]
    pub(super) fn numbered_reads(&self, op: u32) -> impl Iterator<Item = (u32, &FuseRead)> {
        (self.ops[op as usize].first_read..).zip(self.reads_of(op))
    }

    /// The operation of a value that is, or can be, virtual.
    #[inline]
    pub fn maker(&self, value: u32) -> u32 {
        self.values[value as usize].writer.expect("what can be virtual is made by an operation")
    }

    /// Whether an operation is a kernel, where these values are virtual.
    #[inline]
    pub fn is_kernel(&self, op: u32, is_virtual: &[bool]) -> bool {
        let FuseOp { runs, makes, .. } = self.ops[op as usize];
        runs && makes.is_none_or(|value| !is_virtual[value as usize])
    }

    /// For each value, whether it is virtual where this pass makes none so.
    pub fn always_virtual(&self) -> Vec<bool> {
        self.values.iter().map(|value| matches!(value.fusible, Fusible::Always(_))).collect()
    }

    /// The flops of running every operation once.
    pub fn total_flops(&self) -> u64 {
        self.ops.iter().fold(0, |sum, op| sum.saturating_add(op.flops))
    }

    /// The bytes of all buffers and workspaces together.
    pub fn sizes(&self) -> Bytes {
        let buffers = self.buffers.iter().map(|buffer| buffer.size);
        buffers.chain(self.ops.iter().map(|op| op.workspace)).sum()
    }
}

//! The recomputation problem as plain data.
//!
//! *Kernels* run in a fixed order, each once; index = step. *Values* are what they write. A kernel may run again, as a
//! *clone*, if it is repeatable; what a clone writes lies in buffers of its own.

use memopt::ir::Bytes;
use memopt::plan::Csr;

/// Which kernels run again, and for whom, so that little memory is needed?
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct RecomputeProblem {
    /// In the order in which they run.
    pub kernels: Vec<RecomputeKernel>,
    /// What kernels write, and what is there before the first one runs.
    pub values: Vec<RecomputeValue>,
    /// Kernel -> values that it reads, without duplicates.
    pub reads: Csr,
    /// Kernel -> values that it writes.
    pub writes: Csr,
    /// Value -> the last kernel that reads it.
    pub last_reader: Vec<Option<u32>>,
    /// In-place ties that are possible, sorted.
    pub ties: Vec<RecomputeTie>,
}

/// A kernel.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct RecomputeKernel {
    /// What running it once costs, in a unit of the caller's choice.
    pub cost: u64,
    /// Whether it may run more than once.
    pub repeatable: bool,
    /// Whether memory traffic and not arithmetic is what it costs, so that fused into its reader it costs next to nothing.
    /// For Echo, Mirror and the rule of PyTorch, which count no costs.
    pub is_light: bool,
    /// Bytes that it needs while it runs, besides its values.
    pub workspace: Bytes,
}

/// A value with bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecomputeValue {
    /// Of its buffer, rounded to the alignment.
    pub size: Bytes,
    /// The kernel that writes it; `None`: it is there from the start and the caller's.
    pub writer: Option<u32>,
    /// The value that the writer overwrites to make this one: both have one buffer.
    pub updates: Option<u32>,
    /// The kernel that overwrites it; whatever reads it runs before.
    pub overwritten_by: Option<u32>,
    /// Who keeps what the first run of the writer makes.
    pub keeper: Keeper,
}

/// Who keeps a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keeper {
    /// The arena, as long as it is read.
    Readers,
    /// The arena, to the end.
    Arena,
    /// The caller, in memory that does not count.
    Caller,
}

/// A tie that is possible: the result may lie in the operand's bytes if the operand dies there. Both have the same size.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RecomputeTie {
    /// The kernel that reads the operand and writes the result.
    pub kernel: u32,
    /// The value that it writes.
    pub result: u32,
    /// The value that it reads.
    pub operand: u32,
}

impl RecomputeProblem {
    /// The ties that are possible at a kernel.
    pub fn ties_of(&self, kernel: u32) -> &[RecomputeTie] {
        let from = self.ties.partition_point(|tie| tie.kernel < kernel);
        let len = self.ties[from..].partition_point(|tie| tie.kernel == kernel);
        &self.ties[from..from + len]
    }

    /// The cost of running every kernel once.
    pub fn total_cost(&self) -> u64 {
        self.kernels.iter().fold(0, |sum, kernel| sum.saturating_add(kernel.cost))
    }

    /// The bytes of all values and workspaces together.
    pub fn sizes(&self) -> Bytes {
        let values = self.values.iter().map(|value| value.size);
        values.chain(self.kernels.iter().map(|kernel| kernel.workspace)).sum()
    }
}

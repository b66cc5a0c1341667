//! Which dialects are known: from an operation's name to what is known about it.

use rustc_hash::FxHashMap;

use super::interface::{CostSemantics, MemorySemantics, OpRef, TypeInference};
use super::{aten, chlo, func, linalg, memopt, stablehlo};
use crate::ir::Bytes;

/// What is known about the operations of one name. Shared by all operations of a dialect that has one table for them.
#[derive(Clone, Copy)]
pub struct OpDescription {
    /// What it does to memory.
    pub memory: &'static dyn MemorySemantics,
    /// What it costs.
    pub cost: &'static dyn CostSemantics,
    /// What its results are.
    pub types: &'static dyn TypeInference,
}

/// The pessimistic answers to everything.
struct Undescribed;

impl MemorySemantics for Undescribed {}
impl CostSemantics for Undescribed {}
impl TypeInference for Undescribed {}

/// The description of an operation that nobody described.
pub(super) static UNDESCRIBED: OpDescription =
    OpDescription { memory: &Undescribed, cost: &Undescribed, types: &Undescribed };

/// All described operations, by full name.
#[derive(Clone, Default)]
pub struct Registry {
    ops: FxHashMap<Box<str>, OpDescription>,
    workspace: Option<WorkspaceOf>,
}

/// Scratch bytes of an operation, by the code generator that chose its algorithm; `None` for what its dialect says.
pub type WorkspaceOf = fn(OpRef<'_>) -> Option<Bytes>;

impl Registry {
    /// A registry that knows nothing.
    pub fn empty() -> Registry {
        Registry::default()
    }

    /// A registry with the dialects that memopt knows: `stablehlo`, `chlo`, `aten`, `func`, `memopt`, and `linalg` with
    /// `tensor`, `arith` and `math`.
    pub fn new() -> Registry {
        let mut registry = Registry::empty();
        stablehlo::register(&mut registry);
        chlo::register(&mut registry);
        aten::register(&mut registry);
        func::register(&mut registry);
        linalg::register(&mut registry);
        memopt::register(&mut registry);
        registry
    }

    /// Describes the operations of one name; a later description replaces an earlier one.
    pub fn register(&mut self, name: &str, description: OpDescription) {
        self.ops.insert(name.into(), description);
    }

    /// Asks a code generator first how much scratch memory an operation needs.
    #[must_use]
    pub fn with_workspace(mut self, workspace: WorkspaceOf) -> Registry {
        self.workspace = Some(workspace);
        self
    }

    /// Scratch bytes of an operation, if the code generator has an answer.
    pub(super) fn workspace(&self, op: OpRef<'_>) -> Option<Bytes> {
        self.workspace?(op)
    }

    /// What is known about the operations of this name.
    pub fn get(&self, name: &str) -> Option<&OpDescription> {
        self.ops.get(name)
    }
}

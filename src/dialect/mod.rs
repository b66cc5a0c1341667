//! What operations mean: asked through small traits, never by comparing names in a pass.

pub mod aten;
pub mod chlo;
mod facts;
pub mod func;
mod hints;
mod interface;
pub mod linalg;
pub mod memopt;
mod registry;
pub mod stablehlo;
mod table;
#[cfg(test)]
pub(crate) mod testing;

pub use facts::{OpFacts, Recompute, ResultFacts, Tie, Workspace};
pub(crate) use hints::is_reference;
pub use hints::{Facts, HINTS, hints_of};
pub use interface::{
    Aliasing, CostSemantics, Effects, Extent, KernelKind, MemorySemantics, OpRef, Overwrite, Regions, TypeInference,
    Virtual,
};
pub use registry::{OpDescription, Registry, WorkspaceOf};

//! What operations mean: asked through small traits, never by comparing names in a pass.

pub mod chlo;
pub mod func;
mod hints;
mod interface;
pub mod memopt;
mod registry;
pub mod stablehlo;
mod table;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use hints::is_reference;
pub use hints::{Facts, OpFacts, Recompute, ResultFacts, Tie, Workspace};
pub use interface::{
    Aliasing, CostSemantics, Effects, Extent, KernelKind, MemorySemantics, OpRef, Overwrite, Regions, TypeInference,
    Virtual,
};
pub use registry::{OpDescription, Registry};

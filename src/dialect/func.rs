//! The `func` dialect, and the module itself: structure without memory of its own.

use super::interface::{CostSemantics, Effects, KernelKind, MemorySemantics, OpRef, Regions, TypeInference};
use super::registry::{OpDescription, Registry};
use crate::ir::Bytes;

struct Structure;

impl MemorySemantics for Structure {
    fn effects(&self, _op: OpRef<'_>) -> Effects {
        Effects::None
    }

    fn workspace(&self, _op: OpRef<'_>) -> Option<Bytes> {
        Some(Bytes::ZERO)
    }

    /// A terminator hands its operands on; whatever receives them reads bytes.
    fn kind(&self, _op: OpRef<'_>) -> KernelKind {
        KernelKind::Control
    }

    fn regions(&self, _op: OpRef<'_>) -> Regions {
        Regions::Scalar
    }

    fn says_all(&self, _op: OpRef<'_>) -> bool {
        true
    }
}

impl CostSemantics for Structure {
    fn flops(&self, _op: OpRef<'_>) -> Option<u64> {
        Some(0)
    }
}

impl TypeInference for Structure {}

/// Describes `func.return` and `builtin.module`. `func.call` stays undescribed: what it calls is not known to be pure.
pub fn register(registry: &mut Registry) {
    static STRUCTURE: OpDescription = OpDescription { memory: &Structure, cost: &Structure, types: &Structure };
    for name in ["func.return", "func.func", "builtin.module"] {
        registry.register(name, STRUCTURE);
    }
}

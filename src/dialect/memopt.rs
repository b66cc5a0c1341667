//! memopt's own operation: `memopt.copy`, an identity into a buffer of its own.

use super::interface::{CostSemantics, Effects, KernelKind, MemorySemantics, OpRef, Regions, TypeInference};
use super::registry::{OpDescription, Registry};
use crate::ir::{Bytes, TypeId};

/// The name of the copy operation.
pub const COPY: &str = "memopt.copy";

struct Copy;

impl MemorySemantics for Copy {
    fn effects(&self, _op: OpRef<'_>) -> Effects {
        Effects::None
    }

    fn workspace(&self, _op: OpRef<'_>) -> Option<Bytes> {
        Some(Bytes::ZERO)
    }

    fn kind(&self, _op: OpRef<'_>) -> KernelKind {
        KernelKind::Movement
    }

    fn regions(&self, _op: OpRef<'_>) -> Regions {
        Regions::Scalar
    }

    fn says_all(&self, _op: OpRef<'_>) -> bool {
        true
    }
}

impl CostSemantics for Copy {
    fn flops(&self, _op: OpRef<'_>) -> Option<u64> {
        Some(0)
    }
}

impl TypeInference for Copy {
    fn infer(&self, op: OpRef<'_>) -> Option<Vec<TypeId>> {
        op.operands().first().map(|&value| vec![op.module.value(value).ty])
    }
}

/// Describes `memopt.copy`.
pub fn register(registry: &mut Registry) {
    registry.register(COPY, OpDescription { memory: &Copy, cost: &Copy, types: &Copy });
}

//! Describing a dialect by one table: operations that mean the same to a memory planner form a class, and a class is one
//! row of plain data and small functions.
//!
//! The row itself answers the three traits, so a query costs one call and never looks at the operation's name.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::interface::{
    Aliasing, CostSemantics, Effects, KernelKind, MemorySemantics, OpRef, Overwrite, Regions, TypeInference, Virtual,
};
use super::registry::{OpDescription, Registry};
use super::{aten, chlo, linalg, memopt, stablehlo};
use crate::ir::{Attr, Bytes, Module, OpId, TypeId};

/// One row: what all operations of some names have in common.
pub(super) struct OpClass {
    /// The names, without the dialect.
    pub(super) names: &'static [&'static str],
    /// Whether the text says all that the results follow from.
    pub(super) says_all: bool,
    /// Effects of the operation itself; those of its regions come on top.
    pub(super) effects: Effects,
    /// What kind of kernel it is.
    pub(super) kind: KernelKind,
    /// What its regions are, if it has any.
    pub(super) regions: Regions,
    /// Where a result lies.
    pub(super) aliasing: fn(OpRef<'_>, usize) -> Aliasing,
    /// Whether a result may overwrite an operand.
    pub(super) overwrite: fn(OpRef<'_>, usize, usize) -> Overwrite,
    /// Whether a result always does without bytes.
    pub(super) virtual_kind: fn(OpRef<'_>, usize) -> Option<Virtual>,
    /// How readers could compute the only result, beyond what `virtual_kind` says.
    pub(super) fusible: Option<Virtual>,
    /// Whether the result is the operands one after another.
    pub(super) joins: fn(OpRef<'_>) -> bool,
    /// Floating-point operations; `None` for one per result element.
    pub(super) flops: fn(OpRef<'_>) -> Option<u64>,
    /// Bytes read and written; `None` for all operands and all results.
    pub(super) bytes: fn(OpRef<'_>) -> Option<Bytes>,
    /// Result types that follow from the operands.
    pub(super) infer: fn(OpRef<'_>) -> Option<Vec<TypeId>>,
}

/// The row that others are written as changes of: a pure kernel of which nothing more is known than that it reads all of
/// its operands before it may write anything.
pub(super) const PURE: OpClass = OpClass {
    names: &[],
    says_all: true,
    effects: Effects::None,
    kind: KernelKind::Other,
    regions: Regions::Scalar,
    aliasing: |_, _| Aliasing::Fresh,
    overwrite: |_, _, _| Overwrite::Never,
    virtual_kind: |_, _| None,
    fusible: None,
    joins: |_| false,
    flops: |_| None,
    bytes: |_| None,
    infer: |_| None,
};

impl MemorySemantics for OpClass {
    fn effects(&self, op: OpRef<'_>) -> Effects {
        self.effects.max(effects_of_regions(op))
    }

    fn aliasing(&self, op: OpRef<'_>, result: usize) -> Aliasing {
        (self.aliasing)(op, result)
    }

    fn overwrite(&self, op: OpRef<'_>, result: usize, operand: usize) -> Overwrite {
        (self.overwrite)(op, result, operand)
    }

    fn virtual_kind(&self, op: OpRef<'_>, result: usize) -> Option<Virtual> {
        (self.virtual_kind)(op, result)
    }

    fn fusible(&self, op: OpRef<'_>, result: usize) -> Option<Virtual> {
        let is_value = self.fusible.is_some() && op.op().regions().is_empty();
        let on_request =
            self.fusible.filter(|_| is_value && op.op().result_count() == 1 && op.result_tensor(0).is_some());
        (self.virtual_kind)(op, result).or(on_request)
    }

    fn joins(&self, op: OpRef<'_>) -> bool {
        (self.joins)(op)
    }

    /// None: a dialect says what is computed, not by which algorithm. Where a kernel wants scratch (a convolution by
    /// matrix products, a merge sort), the backend that chose it says how much.
    fn workspace(&self, _op: OpRef<'_>) -> Option<Bytes> {
        Some(Bytes::ZERO)
    }

    fn kind(&self, _op: OpRef<'_>) -> KernelKind {
        self.kind
    }

    fn regions(&self, _op: OpRef<'_>) -> Regions {
        self.regions
    }

    fn says_all(&self, _op: OpRef<'_>) -> bool {
        self.says_all
    }
}

impl CostSemantics for OpClass {
    fn flops(&self, op: OpRef<'_>) -> Option<u64> {
        (self.flops)(op)
    }

    fn bytes(&self, op: OpRef<'_>) -> Option<Bytes> {
        (self.bytes)(op)
    }
}

impl TypeInference for OpClass {
    fn infer(&self, op: OpRef<'_>) -> Option<Vec<TypeId>> {
        (self.infer)(op)
    }
}

/// Describes all operations of a table.
pub(super) fn register(registry: &mut Registry, dialect: &str, classes: &'static [OpClass]) {
    for class in classes {
        for name in class.names {
            let description = OpDescription { memory: class, cost: class, types: class };
            registry.register(&format!("{dialect}.{name}"), description);
        }
    }
}

/// The strongest effects of the operations inside `op`, at any depth.
///
/// An operation runs what its regions hold, so it has their effects. Hints inside count; an operation of a dialect that has
/// no table here has unknown effects unless a hint says otherwise.
fn effects_of_regions(op: OpRef<'_>) -> Effects {
    let mut strongest = Effects::None;
    let mut regions = op.op().regions().to_vec();
    while let Some(region) = regions.pop() {
        for &block in op.module.region(region).blocks() {
            for &inner in op.module.block(block).ops() {
                strongest = strongest.max(own_effects(op.module, inner));
                regions.extend(op.module.op(inner).regions());
            }
        }
    }
    strongest
}

/// The effects of one operation, its regions left out.
fn own_effects(module: &Module, op: OpId) -> Effects {
    static OF_NAMES: LazyLock<FxHashMap<String, Effects>> = LazyLock::new(|| {
        let rows = |dialect: &'static str, classes: &'static [OpClass]| {
            let names = classes.iter().flat_map(|class| class.names.iter().map(move |name| (name, class.effects)));
            names.map(move |(name, effects)| (format!("{dialect}.{name}"), effects))
        };
        let copy = (memopt::COPY.to_owned(), Effects::None);
        let linalg = linalg::TABLES.iter().flat_map(|(dialect, classes)| rows(dialect, classes));
        let dialects = [("stablehlo", stablehlo::CLASSES), ("chlo", chlo::CLASSES), ("aten", aten::CLASSES)];
        dialects.into_iter().flat_map(|(dialect, classes)| rows(dialect, classes)).chain(linalg).chain([copy]).collect()
    });
    let hint = match module.find_attr(op, "memopt.effects") {
        Some(Attr::String { value, .. }) => Effects::from_hint(value),
        _ => None,
    };
    hint.or_else(|| OF_NAMES.get(module.op_name(op)).copied()).unwrap_or(Effects::Unknown)
}

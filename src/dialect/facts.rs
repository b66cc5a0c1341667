//! The facts about one operation, as everything but the dialects sees them.

use smallvec::SmallVec;

use super::interface::{Aliasing, Effects, KernelKind, Regions, Virtual};
use crate::ir::Bytes;

/// A result and an operand that may, or must, share their bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Tie {
    /// Which result.
    pub result: u32,
    /// Which operand.
    pub operand: u32,
}

/// Scratch bytes of an operation, besides the bytes of its planned regions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Workspace {
    /// So many.
    Known(Bytes),
    /// Nobody knows; planned as zero, and the report says "at least".
    Unknown,
}

impl Workspace {
    /// What is planned for.
    pub fn bytes(self) -> Bytes {
        match self {
            Workspace::Known(bytes) => bytes,
            Workspace::Unknown => Bytes::ZERO,
        }
    }
}

/// May an operation be cloned?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recompute {
    /// As its effects say.
    Default,
    /// `memopt.recompute = "never"`
    Never,
    /// `memopt.recompute = "allow"`
    Allow,
}

/// The facts about one result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ResultFacts {
    /// Exact bytes: of the type, or of `memopt.bytes`. Of a view: the bytes of its type.
    pub bytes: Bytes,
    /// Where it lies.
    pub aliasing: Aliasing,
    /// Whether it always does without bytes, where its readers may compute it.
    pub virtual_kind: Option<Virtual>,
    /// How its readers could compute it, should a pass want that.
    pub fusible: Option<Virtual>,
}

/// The facts about one operation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpFacts {
    /// Whether its text says all that its results follow from.
    pub says_all: bool,
    /// Effects.
    pub effects: Effects,
    /// What kind of kernel it is.
    pub kind: KernelKind,
    /// What its regions are.
    pub regions: Regions,
    /// One entry for each result.
    pub results: SmallVec<[ResultFacts; 1]>,
    /// Results that may overwrite an operand.
    pub ties: SmallVec<[Tie; 2]>,
    /// Results that are an operand, overwritten.
    pub updates: SmallVec<[Tie; 1]>,
    /// Operands of which element i, in row-major order, is read for element i of the only result and for no other.
    pub in_step: SmallVec<[u32; 4]>,
    /// Whether a pass has decided that the readers of the results compute them: `memopt.virtual`.
    pub fused: bool,
    /// Whether the bytes of the only result are those of the operands one after another.
    pub joins: bool,
    /// Scratch bytes.
    pub workspace: Workspace,
    /// `memopt.flops`, else what the dialect says; `None` for one per result element.
    pub flops: Option<u64>,
    /// Bytes read and written, as the dialect says; `None` for all operands and all results.
    pub bytes_moved: Option<Bytes>,
    /// `memopt.cost_ns`
    pub cost_ns: Option<u64>,
    /// `memopt.recompute`
    pub recompute: Recompute,
}

impl OpFacts {
    /// How the readers of a result compute it: always, or because a pass has decided so. Whether they may is theirs to say.
    pub fn virtual_kind(&self, result: usize) -> Option<Virtual> {
        let of = &self.results[result];
        of.virtual_kind.or(of.fusible.filter(|_| self.fused))
    }

    /// Whether the bytes of `result` are those of an operand, by view or update.
    pub fn shares(&self, result: usize) -> Option<u32> {
        if let Some(update) = self.updates.iter().find(|tie| tie.result as usize == result) {
            return Some(update.operand);
        }
        match self.results[result].aliasing {
            Aliasing::View { operand, .. } => Some(operand as u32),
            _ => None,
        }
    }
}

//! The placement written on the IR: offsets of all blocks in one arena, and guests in donated arguments.

use memopt::analysis::{Analysis, Scope, taken_ties};
use memopt::dialect::{Regions, Tie};
use memopt::ir::{Attr, BlockId, Bytes, Module, OpId, ValueId};
use memopt::plan::{Home, LayoutSolution, Part, StorageId, ValueStorage};
use rustc_hash::FxHashMap;

use super::extract::{Content, Extracted};
use super::host::Guest;
use crate::attributes::TieWriter;

/// Offsets within the block that holds the buffer.
#[derive(Default)]
pub(super) struct Placed {
    storages: FxHashMap<StorageId, Bytes>,
    /// Storages in a donated argument: which, and where in it.
    hosted: FxHashMap<StorageId, (u32, Bytes)>,
    workspaces: FxHashMap<OpId, Bytes>,
    regions: FxHashMap<OpId, Bytes>,
    /// Values whose parts lie one after another.
    joined: FxHashMap<ValueId, Bytes>,
}

impl Placed {
    pub(super) fn record(&mut self, extracted: &Extracted, solution: &LayoutSolution, guests: &[Guest]) {
        for (&storage, &buffer) in &extracted.buffer_of {
            match guests.binary_search_by_key(&buffer, |guest| guest.buffer) {
                Ok(at) => _ = self.hosted.insert(storage, (guests[at].argument, guests[at].offset)),
                Err(_) => _ = self.storages.insert(storage, solution.offsets[buffer]),
            }
        }
        for (content, &offset) in extracted.contents.iter().zip(&solution.offsets) {
            match *content {
                Content::Storages => {}
                Content::Joined(value) => _ = self.joined.insert(value, offset),
                Content::Workspace(op) => _ = self.workspaces.insert(op, offset),
                Content::Regions(op) => _ = self.regions.insert(op, offset),
            }
        }
    }

    /// Where each block's bytes begin in the arena: scopes come after the one around them.
    pub(super) fn bases(&self, module: &Module, scopes: &[Scope]) -> FxHashMap<BlockId, Bytes> {
        let mut bases: FxHashMap<BlockId, Bytes> = FxHashMap::default();
        for scope in scopes {
            let outer = module.op(scope.owner).parent().and_then(|block| bases.get(&block)).copied();
            let inside = self.regions.get(&scope.owner).copied().unwrap_or_default();
            bases.insert(scope.block, outer.unwrap_or_default() + inside);
        }
        bases
    }
}

/// Writes the plan on the operations of all blocks.
pub(super) struct Writer<'a> {
    pub(super) analysis: &'a Analysis,
    pub(super) placed: &'a Placed,
    pub(super) bases: FxHashMap<BlockId, Bytes>,
    /// Ties that the homes of results imply, whatever the schedule.
    pub(super) fixed_ties: FxHashMap<OpId, Vec<Tie>>,
}

impl Writer<'_> {
    /// Absolute offset of a value in the arena; -1 where it has none.
    fn offset(&self, module: &Module, value: ValueId) -> i64 {
        let (part, start) = match self.analysis.aliases.value(value) {
            ValueStorage::In { storage, part, .. } => {
                let storage = self.analysis.aliases.resolve_slot(storage);
                let of = self.analysis.aliases.storage(storage);
                let is_arena = matches!(of.home, Home::Arena | Home::ArenaUntilEnd);
                (
                    part,
                    self.placed.storages.get(&storage).filter(|_| is_arena).map(|&start| self.bases[&of.block] + start),
                )
            }
            ValueStorage::Joined { source, part } => {
                let block = module.op(module.defining_op(source)).parent();
                let base = block.map_or(Bytes::ZERO, |block| self.bases[&block]);
                (part, self.placed.joined.get(&source).map(|&start| base + start))
            }
            _ => return -1,
        };
        let within = match part {
            Part::Whole => Bytes::ZERO,
            Part::Exact { offset } => offset,
            Part::Opaque => return -1,
        };
        start.map_or(-1, |start| (start + within).0 as i64)
    }

    pub(super) fn write(&self, module: &mut Module, op: OpId, block: BlockId) {
        let results: Vec<ValueId> = module.op(op).results().collect();
        if !results.is_empty() {
            self.write_offsets(module, op, "memopt.offsets", &results);
        }
        self.write_hosted(module, op, &results);
        let is_virtual = |v: &ValueId| matches!(self.analysis.aliases.value(*v), ValueStorage::Virtual { source, .. } if source == *v);
        if !results.is_empty() && results.iter().all(is_virtual) {
            module.set_attr(op, "memopt.virtual", Attr::Unit);
        }
        if results
            .iter()
            .any(|&v| matches!(self.analysis.aliases.value(v), ValueStorage::Joined { source, .. } if source == v))
        {
            module.set_attr(op, "memopt.joined", Attr::Unit);
        }
        if let Some(&offset) = self.placed.workspaces.get(&op) {
            let offset = module.integer_attr((self.bases[&block] + offset).0 as i64);
            module.set_attr(op, "memopt.workspace_offset", offset);
        }
        if matches!(self.analysis.facts.op(op).regions, Regions::Loop { .. }) {
            let regions = module.op(op).regions().iter();
            let blocks = regions.flat_map(|&r| module.region(r).blocks());
            let arguments: Vec<ValueId> = blocks.flat_map(|&b| module.block(b).arguments()).copied().collect();
            self.write_offsets(module, op, "memopt.arg_offsets", &arguments);
        }
        if let Some(fixed) = self.fixed_ties.get(&op) {
            let taken = taken_ties(module, op).into_iter().chain(fixed.iter().copied());
            let taken = taken.collect();
            TieWriter::new(module, "memopt.reuse").write(module, op, taken);
        }
    }

    /// `[result, argument, byte]` for each result that is written into a donated argument.
    fn write_hosted(&self, module: &mut Module, op: OpId, results: &[ValueId]) {
        let mut rows: Vec<[i64; 3]> = Vec::new();
        for (index, &result) in results.iter().enumerate() {
            let ValueStorage::In { storage, part, version } = self.analysis.aliases.value(result) else { continue };
            let within = match part {
                Part::Whole => Bytes::ZERO,
                Part::Exact { offset } => offset,
                Part::Opaque => continue,
            };
            if let Some(&(argument, offset)) = self.placed.hosted.get(&storage).filter(|_| version == result) {
                rows.push([index as i64, i64::from(argument), (offset + within).0 as i64]);
            }
        }
        if !rows.is_empty() {
            let attr = module.tuples_attr(rows.iter().map(|row| &row[..]));
            module.set_attr(op, "memopt.hosted", attr);
        }
    }

    fn write_offsets(&self, module: &mut Module, op: OpId, name: &str, values: &[ValueId]) {
        let offsets: Vec<i64> = values.iter().map(|&v| self.offset(module, v)).collect();
        let attr = module.i64_array_attr(&offsets);
        module.set_attr(op, name, attr);
    }
}

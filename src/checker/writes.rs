//! What an operation of the symbolic run writes: results and workspace, and what they may lie over.

use smallvec::SmallVec;

use super::error::Violation;
use super::memory::{Range, Space};
use super::places::{Reading, ties};
use super::run::{Root, Run};
use crate::dialect::{Aliasing, Tie};
use crate::ir::{OpId, ValueId};

impl Run<'_> {
    /// The results that an operation writes, with their bytes.
    pub(super) fn written(&self, op: OpId) -> SmallVec<[(usize, ValueId, Range); 2]> {
        let results = self.module.op(op).results().enumerate();
        let writes = |(index, value): (usize, ValueId)| {
            let is_view = matches!(self.facts.op(op).results[index].aliasing, Aliasing::View { .. });
            let own = self.places.reading(value) == Reading::Bytes(value) && (!is_view || self.is_update(op, index));
            own.then(|| self.places.range(value).map(|range| (index, value, range))).flatten()
        };
        results.filter_map(writes).collect()
    }

    pub(super) fn is_update(&self, op: OpId, result: usize) -> bool {
        self.facts.op(op).updates.iter().any(|tie| tie.result as usize == result)
    }

    /// Results lie inside their spaces, overlap each other nowhere, and operands only by a legal tie.
    pub(super) fn check_written(&mut self, op: OpId) {
        let written = self.written(op);
        for (at, &(index, value, range)) in written.iter().enumerate() {
            self.check_bounds(op, value, range, !self.is_update(op, index));
            for &(_, other, of_other) in &written[..at] {
                if range.overlaps(of_other) {
                    self.overlap(op, value, other, range);
                }
            }
            self.check_operands(op, index, value, range);
        }
    }

    fn check_operands(&mut self, op: OpId, index: usize, value: ValueId, range: Range) {
        let operands = self.module.op(op).operands().to_vec();
        for (at, &operand) in operands.iter().enumerate() {
            for root in self.roots(operand) {
                let Some(of_root) = self.places.range(root.value) else { continue };
                let is_virtual = matches!(self.places.reading(operand), Reading::Virtual(_));
                let may = match is_virtual {
                    true => self.may_overwrite_root(op, index, at, root, range),
                    false => self.may_overwrite(op, index, at, operand, range),
                };
                if range.overlaps(of_root) && !may {
                    self.overlap(op, value, operand, range);
                }
            }
        }
        // A region may read what it captures after the first byte of the result is written.
        for captured in self.captures(op) {
            for root in self.roots(captured) {
                if self.places.range(root.value).is_some_and(|of| range.overlaps(of)) {
                    self.overlap(op, value, captured, range);
                }
            }
        }
    }

    /// Whether the `result`-th result may be written over the bytes of the `operand`-th operand.
    fn may_overwrite(&self, op: OpId, result: usize, operand: usize, value: ValueId, range: Range) -> bool {
        let facts = self.facts.op(op);
        if let Some(update) = facts.updates.iter().find(|tie| tie.result as usize == result) {
            // The program itself says that these bytes change; another operand in them is its own business.
            return update.operand as usize == operand || self.shares_storage(op, update.operand as usize, value);
        }
        let tie = Tie { result: result as u32, operand: operand as u32 };
        self.claims_tie(op, result)
            && facts.ties.contains(&tie)
            && self.places.reading(value) == Reading::Bytes(value)
            && self.places.range(value) == Some(range)
    }

    /// Whether the `result`-th result may be written over the bytes of a root of the virtual `operand`-th operand: the kernel
    /// reads each element of it only where it writes, and the elements of both are equally wide, since their number and their
    /// bytes are the same.
    fn may_overwrite_root(&self, op: OpId, result: usize, operand: usize, root: Root, range: Range) -> bool {
        let facts = self.facts.op(op);
        self.claims_tie(op, result)
            && !self.is_update(op, result)
            && facts.in_step.contains(&(operand as u32))
            && root.in_step
            && self.places.range(root.value) == Some(range)
            && [root.value, self.module.op(op).result(result)].into_iter().all(|value| self.has_bytes_of_type(value))
    }

    /// Whether its elements lie where its type says, and no hint gave it another size.
    fn has_bytes_of_type(&self, value: ValueId) -> bool {
        self.module.type_bytes(value) == Ok(self.facts.bytes(value))
    }

    /// Whether the planned file says that a result lies in the bytes of something that the operation reads.
    fn claims_tie(&self, op: OpId, result: usize) -> bool {
        ties(self.module, op).any(|tie| tie.result as usize == result)
    }

    fn shares_storage(&self, op: OpId, operand: usize, value: ValueId) -> bool {
        let updated = self.module.op(op).operands()[operand];
        let storage_of = |mut v: ValueId| loop {
            let crate::ir::Definition::Result { op, index } = self.module.value(v).definition else { return v };
            match self.facts.op(op).shares(index as usize) {
                Some(operand) => v = self.module.op(op).operands()[operand as usize],
                None => return v,
            }
        };
        storage_of(updated) == storage_of(value)
    }

    pub(super) fn check_bounds(&mut self, op: OpId, value: ValueId, range: Range, aligned: bool) {
        let name = || self.module.display_value(value);
        let size = match range.space {
            Space::Arena => self.arena,
            Space::Argument(k) => {
                let argument = self.function.arguments(self.module).get(k as usize).copied();
                if !self.donated.get(k as usize).copied().unwrap_or(false) {
                    let value = name();
                    return self.fail(op, Violation::ArgumentWritten { argument: k, value });
                }
                argument.map_or(0, |v| self.facts.bytes(v).0)
            }
            Space::Result(k) => {
                self.function.results(self.module).get(k as usize).map_or(0, |&v| self.facts.bytes(v).0)
            }
        };
        if range.end > size {
            let what = name();
            self.fail(op, Violation::OutOfBounds { what, range, size });
        }
        let alignment = self.target.alignment.bytes();
        if aligned && !range.start.is_multiple_of(alignment) {
            let value = name();
            self.fail(op, Violation::Misaligned { value, range, alignment });
        }
    }

    fn overlap(&mut self, op: OpId, written: ValueId, other: ValueId, range: Range) {
        let (written, other) = (self.module.display_value(written), self.module.display_value(other));
        self.fail(op, Violation::Overlap { written, other, range });
    }

    /// Workspace overlaps nothing of its step, and destroys what lay there.
    pub(super) fn trample_workspace(&mut self, op: OpId) {
        let Some(range) = self.workspace(op) else { return };
        let what = || "the workspace".to_owned();
        if range.end > self.arena {
            self.fail(op, Violation::OutOfBounds { what: what(), range, size: self.arena });
        }
        if !range.start.is_multiple_of(self.target.alignment.bytes()) {
            let alignment = self.target.alignment.bytes();
            self.fail(op, Violation::Misaligned { value: what(), range, alignment });
        }
        let operands = self.module.op(op).operands().to_vec();
        let reads: Vec<ValueId> = operands
            .into_iter()
            .chain(self.captures(op))
            .flat_map(|value| self.roots(value))
            .map(|root| root.value)
            .collect();
        let results = self.written(op).into_iter().map(|(_, value, _)| value);
        for value in reads.into_iter().chain(results) {
            if self.places.range(value).is_some_and(|of| of.overlaps(range)) {
                let other = self.module.display_value(value);
                self.fail(op, Violation::Overlap { written: what(), other, range });
            }
        }
        self.memory.scratch(range);
    }

    pub(super) fn workspace(&self, op: OpId) -> Option<Range> {
        let bytes = self.facts.op(op).workspace.bytes();
        if bytes.is_zero() {
            return None;
        }
        let start = match self.module.find_attr(op, "memopt.workspace_offset") {
            Some(crate::ir::Attr::Integer { value, .. }) => u64::try_from(*value).unwrap_or(u64::MAX / 2),
            // Without an offset it lies beyond the end, which is reported.
            _ => self.arena,
        };
        Some(Range { space: Space::Arena, start, end: start.saturating_add(bytes.0) })
    }

    pub(super) fn write_results(&mut self, op: OpId) {
        for (_, value, range) in self.written(op) {
            self.memory.write(range, self.numbers.of(value), self.places.hosted[value.index()]);
        }
        for (index, value) in self.module.op(op).results().enumerate() {
            let is_view = matches!(self.facts.op(op).results[index].aliasing, Aliasing::View { .. });
            let is_named = is_view && self.places.reading(value) == Reading::Bytes(value) && !self.is_update(op, index);
            if let Some(range) = self.places.range(value).filter(|_| is_named) {
                self.memory.label(range, self.numbers.of(value));
            }
        }
    }
}

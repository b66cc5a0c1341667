//! The symbolic run of the planned function.

use smallvec::SmallVec;

use super::error::{CheckerError, CheckerErrors, Violation};
use super::memory::{Memory, Range, Space};
use super::numbers::{Number, Numbers};
use super::places::{Places, Reading, ties};
use crate::dialect::{Aliasing, Effects, Facts, Regions, Tie, Virtual};
use crate::ir::{BlockId, Function, Module, OpId, ValueId};
use crate::target::Target;

/// What the run needs to know.
pub(super) struct Run<'a> {
    pub(super) module: &'a Module,
    pub(super) function: Function,
    pub(super) facts: &'a Facts,
    pub(super) numbers: &'a Numbers,
    pub(super) places: &'a Places,
    pub(super) target: &'a Target,
    /// Bytes of the arena.
    pub(super) arena: u64,
    /// Arguments whose bytes may be written.
    pub(super) donated: Vec<bool>,
    pub(super) memory: Memory,
    pub(super) errors: Vec<CheckerError>,
}

impl Run<'_> {
    /// Runs the function once.
    pub(super) fn function(&mut self) {
        for &argument in self.function.arguments(self.module) {
            if let Some(range) = self.places.range(argument) {
                self.memory.write(range, self.numbers.of(argument), false);
            }
        }
        self.block(self.function.body);
        let Some(terminator) = self.function.terminator(self.module) else { return };
        for &value in self.function.results(self.module) {
            self.read_materialised(terminator, value);
        }
    }

    /// Runs the operations of a block, without its terminator.
    fn block(&mut self, block: BlockId) {
        let ops = self.module.block(block).ops();
        for &op in &ops[..ops.len().saturating_sub(1)] {
            if self.errors.len() >= CheckerErrors::MAX_ERRORS {
                return;
            }
            self.memory.now += 1;
            self.operation(op);
        }
        self.memory.now += 1;
    }

    fn operation(&mut self, op: OpId) {
        if self.has_virtual(op) {
            return self.check_virtual(op);
        }
        if !self.is_well_formed(op) {
            let what = "its regions do not yield as many values as it has results".to_owned();
            return self.fail(op, Violation::Mismatch { what });
        }
        if self.is_idle(op) {
            return self.label_views(op);
        }
        let operands = self.module.op(op).operands().to_vec();
        for &operand in &operands {
            self.read_operand(op, operand);
        }
        match self.facts.op(op).regions {
            Regions::Loop { condition, body } => self.run_loop(op, condition, body),
            Regions::Branches => self.run_branches(op),
            Regions::Scalar | Regions::Unknown => {
                self.captures(op).into_iter().for_each(|value| self.read_operand(op, value));
                self.check_written(op);
                self.trample_workspace(op);
                self.write_results(op);
            }
        }
    }

    /// Whether nothing happens at run time: results that are views or have no bytes, and nothing besides.
    fn is_idle(&self, op: OpId) -> bool {
        let facts = self.facts.op(op);
        let planned = matches!(facts.regions, Regions::Loop { .. } | Regions::Branches);
        facts.effects == Effects::None
            && !planned
            && facts.workspace.bytes().is_zero()
            && self.module.op(op).result_count() > 0
            && self.written(op).is_empty()
    }

    /// A view holds its value only where its operand still holds its own; whoever reads it is told otherwise.
    fn label_views(&mut self, op: OpId) {
        for (index, value) in self.module.op(op).results().enumerate() {
            let Aliasing::View { operand, .. } = self.facts.op(op).results[index].aliasing else { continue };
            let Reading::Bytes(read) = self.places.reading(self.module.op(op).operands()[operand]) else { continue };
            let (Some(from), Some(to)) = (self.places.range(read), self.places.range(value)) else { continue };
            if self.places.reading(value) == Reading::Bytes(value)
                && self.memory.read(from, self.numbers.of(read)).is_ok()
            {
                self.memory.label(to, self.numbers.of(value));
            }
        }
    }

    /// Whether any result claims to have no bytes; then all of them must be able to do without.
    fn has_virtual(&self, op: OpId) -> bool {
        self.module.op(op).results().any(|v| self.places.reading(v) == Reading::Virtual(op))
    }

    /// Whether the regions of a loop or branch have the arguments and yields that its results need.
    fn is_well_formed(&self, op: OpId) -> bool {
        let results = self.module.op(op).result_count();
        let enough = |region: usize, arguments: usize, yields: usize| {
            self.region_block(op, region).is_some_and(|block| {
                let block = self.module.block(block);
                let last = block.ops().last().map_or(0, |&last| self.module.op(last).operands().len());
                block.arguments().len() >= arguments && last >= yields && !block.ops().is_empty()
            })
        };
        match self.facts.op(op).regions {
            Regions::Loop { condition, body } => {
                let operands = self.module.op(op).operands().len();
                operands >= results && enough(condition, results, 1) && enough(body, results, results)
            }
            Regions::Branches => (0..self.module.op(op).regions().len()).all(|region| enough(region, 0, results)),
            Regions::Scalar | Regions::Unknown => true,
        }
    }

    /// The number that the bytes of a yield hold: an unchanged slot holds what it is another name of.
    fn number_in_memory(&self, value: ValueId) -> Number {
        match self.places.reading(value) {
            Reading::Bytes(read) if self.places.renamed[value.index()] => self.numbers.of(read),
            _ => self.numbers.of(value),
        }
    }

    fn check_virtual(&mut self, op: OpId) {
        for (index, result) in self.module.op(op).results().enumerate() {
            if self.facts.op(op).results[index].virtual_kind.is_none() {
                let value = self.module.display_value(result);
                self.fail(op, Violation::NotVirtual { value, why: "its operation is no splat, iota or broadcast" });
            }
        }
    }

    /// Every value with bytes that reading `value` reads, with its bytes; constants and nothing have none.
    fn roots(&self, value: ValueId) -> SmallVec<[ValueId; 4]> {
        let mut roots: SmallVec<[ValueId; 4]> = SmallVec::new();
        let mut seen: SmallVec<[ValueId; 8]> = SmallVec::new();
        let mut work: SmallVec<[ValueId; 8]> = smallvec::smallvec![value];
        while let Some(value) = work.pop() {
            if seen.contains(&value) {
                continue;
            }
            seen.push(value);
            match self.places.reading(value) {
                Reading::Nothing | Reading::Constant => {}
                Reading::Bytes(read) => roots.push(read),
                Reading::Virtual(op) => work.extend(self.module.op(op).operands().iter().copied()),
            }
        }
        roots
    }

    /// An operand, virtual ones by their roots.
    fn read_operand(&mut self, op: OpId, value: ValueId) {
        let roots = self.roots(value);
        if matches!(self.places.reading(value), Reading::Virtual(_)) && !self.passes_on(op, value) {
            let kind = if roots.is_empty() { Virtual::Nullary } else { Virtual::Addressing };
            if !self.target.may_read(self.facts.op(op).kind, kind) {
                let value = self.module.display_value(value);
                self.fail(op, Violation::NotVirtual { value, why: "the kernel that reads it here cannot compute it" });
            }
        }
        for root in roots {
            self.read(op, root);
        }
    }

    /// Whether an operation only gives a value another name.
    fn passes_on(&self, op: OpId, value: ValueId) -> bool {
        let facts = self.facts.op(op);
        let mut operands = self.module.op(op).operands().iter().enumerate().filter(|(_, v)| **v == value).peekable();
        let viewed = |operand: usize| {
            let mut results = facts.results.iter();
            results.any(|r| matches!(r.aliasing, Aliasing::View { operand: o, .. } if o == operand))
        };
        operands.peek().is_some() && operands.map(|(operand, _)| operand).all(viewed)
    }

    /// What scalar bodies, and bodies that nobody described, read from outside.
    fn captures(&self, op: OpId) -> Vec<ValueId> {
        let mut captures = Vec::new();
        if !matches!(self.facts.op(op).regions, Regions::Scalar | Regions::Unknown) {
            return captures;
        }
        let mut inside: Vec<OpId> = vec![op];
        while let Some(next) = inside.pop() {
            for &region in self.module.op(next).regions() {
                for &block in self.module.region(region).blocks() {
                    for &inner in self.module.block(block).ops() {
                        // Values of unplanned regions have no place, so what has one comes from outside.
                        captures.extend(self.module.op(inner).operands());
                        inside.push(inner);
                    }
                }
            }
        }
        captures
    }

    /// A result or a yield: it needs bytes that hold it.
    fn read_materialised(&mut self, op: OpId, value: ValueId) {
        match self.places.reading(value) {
            Reading::Nothing => {}
            Reading::Bytes(read) => self.read(op, read),
            Reading::Virtual(_) | Reading::Constant => {
                let value = self.module.display_value(value);
                self.fail(op, Violation::NoPlace { value });
            }
        }
    }

    fn read(&mut self, op: OpId, value: ValueId) {
        let Some(range) = self.places.range(value) else { return };
        if let Err(found) = self.memory.read(range, self.numbers.of(value)) {
            let found = self.describe(&found);
            let value = self.module.display_value(value);
            self.fail(op, Violation::Clobbered { value, range, found });
        }
    }

    /// The names of values with these numbers, for a message.
    fn describe(&self, numbers: &[Number]) -> String {
        if numbers.is_empty() {
            return "nothing that is still known".to_owned();
        }
        let named = (0..self.module.value_bound()).map(ValueId::new).filter(|&v| numbers.contains(&self.numbers.of(v)));
        named.take(2).map(|v| self.module.display_value(v)).collect::<Vec<_>>().join(", ")
    }

    /// The results that an operation writes, with their bytes.
    fn written(&self, op: OpId) -> SmallVec<[(usize, ValueId, Range); 2]> {
        let results = self.module.op(op).results().enumerate();
        let writes = |(index, value): (usize, ValueId)| {
            let is_view = matches!(self.facts.op(op).results[index].aliasing, Aliasing::View { .. });
            let own = self.places.reading(value) == Reading::Bytes(value) && (!is_view || self.is_update(op, index));
            own.then(|| self.places.range(value).map(|range| (index, value, range))).flatten()
        };
        results.filter_map(writes).collect()
    }

    fn is_update(&self, op: OpId, result: usize) -> bool {
        self.facts.op(op).updates.iter().any(|tie| tie.result as usize == result)
    }

    /// Results lie inside their spaces, overlap each other nowhere, and operands only by a legal tie.
    fn check_written(&mut self, op: OpId) {
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
                let Some(of_root) = self.places.range(root) else { continue };
                if !range.overlaps(of_root) || self.may_overwrite(op, index, at, operand, range) {
                    continue;
                }
                self.overlap(op, value, operand, range);
            }
        }
        // A region may read what it captures after the first byte of the result is written.
        for captured in self.captures(op) {
            for root in self.roots(captured) {
                if self.places.range(root).is_some_and(|of| range.overlaps(of)) {
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
        let claimed = ties(self.module, op).any(|tie| tie.result as usize == result);
        let Reading::Bytes(read) = self.places.reading(value) else { return false };
        claimed
            && facts.ties.contains(&tie)
            && (read == value || self.places.renamed[value.index()])
            && self
                .places
                .range(read)
                .is_some_and(|of| (of.space, of.start, of.end) == (range.space, range.start, range.end))
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

    fn check_bounds(&mut self, op: OpId, value: ValueId, range: Range, aligned: bool) {
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
    fn trample_workspace(&mut self, op: OpId) {
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
        let reads: Vec<ValueId> =
            operands.into_iter().chain(self.captures(op)).flat_map(|value| self.roots(value)).collect();
        let results = self.written(op).into_iter().map(|(_, value, _)| value);
        for value in reads.into_iter().chain(results) {
            if self.places.range(value).is_some_and(|of| of.overlaps(range)) {
                let other = self.module.display_value(value);
                self.fail(op, Violation::Overlap { written: what(), other, range });
            }
        }
        self.memory.kill(range);
    }

    fn workspace(&self, op: OpId) -> Option<Range> {
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

    fn write_results(&mut self, op: OpId) {
        for (_, value, range) in self.written(op) {
            self.memory.write(range, self.numbers.of(value), self.places.hosted[value.index()]);
        }
        for (index, value) in self.module.op(op).results().enumerate() {
            let is_view = matches!(self.facts.op(op).results[index].aliasing, Aliasing::View { .. });
            if is_view
                && self.places.reading(value) == Reading::Bytes(value)
                && !self.is_update(op, index)
                && let Some(range) = self.places.range(value)
            {
                self.memory.label(range, self.numbers.of(value));
            }
        }
    }

    /// All bytes that the regions of an operation write, slots and yields in the outer results left out.
    fn inner_writes(&self, op: OpId) -> Vec<Range> {
        let outer: Vec<Range> = self.written(op).into_iter().map(|(_, _, range)| range).collect();
        let mut ranges = Vec::new();
        let mut work = vec![op];
        while let Some(next) = work.pop() {
            for &region in self.module.op(next).regions() {
                for &block in self.module.region(region).blocks() {
                    for &inner in self.module.block(block).ops() {
                        ranges.extend(self.written(inner).into_iter().map(|(_, _, range)| range));
                        ranges.extend(self.workspace(inner));
                        if matches!(self.facts.op(inner).regions, Regions::Loop { .. } | Regions::Branches) {
                            work.push(inner);
                        }
                    }
                }
            }
        }
        ranges.retain(|range| !outer.contains(range));
        ranges.sort_unstable();
        ranges.dedup();
        ranges
    }

    fn region_block(&self, op: OpId, region: usize) -> Option<BlockId> {
        self.module.op(op).regions().get(region).and_then(|&r| self.module.region(r).blocks().first()).copied()
    }

    fn yields(&self, block: BlockId) -> (OpId, Vec<ValueId>) {
        let terminator = *self.module.block(block).ops().last().expect("planned regions end in a terminator");
        (terminator, self.module.op(terminator).operands().to_vec())
    }

    /// Condition and body run once on fresh symbols. Whatever they write is destroyed first, so that nothing which a later
    /// round no longer finds can be read in this one.
    fn run_loop(&mut self, op: OpId, condition: usize, body: usize) {
        let (Some(condition), Some(body)) = (self.region_block(op, condition), self.region_block(op, body)) else {
            return;
        };
        self.check_written(op);
        self.trample_workspace(op);
        let slots = self.written(op);
        for &(index, _, range) in &slots {
            let operand = self.module.op(op).operands()[index];
            self.memory.write(range, self.numbers.of(operand), false);
        }
        let inner = self.inner_writes(op);
        inner.iter().for_each(|&range| self.memory.kill(range));
        for &(index, _, range) in &slots {
            self.memory.write(range, self.slot_symbol(condition, index), false);
        }
        self.block(condition);
        let (terminator, predicate) = self.yields(condition);
        predicate.iter().for_each(|&value| self.read_materialised(terminator, value));
        for &(index, _, range) in &slots {
            if self.memory.read(range, self.slot_symbol(condition, index)).is_err() {
                self.fail(terminator, Violation::Slot { slot: index, what: "is written by its condition" });
            }
            self.memory.write(range, self.slot_symbol(body, index), false);
        }
        self.block(body);
        let (terminator, yields) = self.yields(body);
        for &(index, _, range) in &slots {
            if self.memory.read(range, self.number_in_memory(yields[index])).is_err() {
                self.fail(
                    terminator,
                    Violation::Slot { slot: index, what: "does not hold its yield at the end of the body" },
                );
            }
        }
        self.leave(op, &inner);
    }

    fn slot_symbol(&self, block: BlockId, index: usize) -> Number {
        self.numbers.of(self.module.block(block).arguments()[index])
    }

    fn run_branches(&mut self, op: OpId) {
        self.check_written(op);
        self.trample_workspace(op);
        let results = self.written(op);
        let inner = self.inner_writes(op);
        for region in 0..self.module.op(op).regions().len() {
            let Some(block) = self.region_block(op, region) else { continue };
            let clobbered = inner.iter().chain(results.iter().map(|(_, _, range)| range));
            clobbered.for_each(|&range| self.memory.kill(range));
            self.block(block);
            let (terminator, yields) = self.yields(block);
            for &(index, _, range) in &results {
                self.read_materialised(terminator, yields[index]);
                if self.memory.read(range, self.number_in_memory(yields[index])).is_err() {
                    let found = "something else".to_owned();
                    let value = self.module.display_value(yields[index]);
                    self.fail(terminator, Violation::Clobbered { value, range, found });
                }
            }
        }
        self.leave(op, &inner);
    }

    /// After a region operation: what its regions wrote means nothing outside, its results hold their values.
    fn leave(&mut self, op: OpId, inner: &[Range]) {
        inner.iter().for_each(|&range| self.memory.kill(range));
        self.write_results(op);
    }

    pub(super) fn fail(&mut self, op: OpId, violation: Violation) {
        let span = self.module.op(op).span;
        self.errors.push(CheckerError { op, span, violation });
    }
}

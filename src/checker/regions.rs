//! The symbolic run of loops and branches.

use super::error::Violation;
use super::memory::Range;
use super::numbers::Number;
use super::places::Reading;
use super::run::Run;
use crate::dialect::{Aliasing, Regions};
use crate::ir::{BlockId, OpId, ValueId};

impl Run<'_> {
    /// Whether the regions of a loop or branch have the arguments and yields that its results need.
    pub(super) fn is_well_formed(&self, op: OpId) -> bool {
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

    pub(super) fn region_block(&self, op: OpId, region: usize) -> Option<BlockId> {
        self.module.op(op).regions().get(region).and_then(|&r| self.module.region(r).blocks().first()).copied()
    }

    fn yields(&self, block: BlockId) -> (OpId, Vec<ValueId>) {
        let terminator = *self.module.block(block).ops().last().expect("planned regions end in a terminator");
        (terminator, self.module.op(terminator).operands().to_vec())
    }

    /// Condition and body run once on fresh symbols. Whatever they write is destroyed first, so that nothing which a later
    /// round no longer finds can be read in this one.
    pub(super) fn run_loop(&mut self, op: OpId, condition: usize, body: usize) {
        let (Some(condition), Some(body)) = (self.region_block(op, condition), self.region_block(op, body)) else {
            return;
        };
        let entered = self.memory.now;
        self.check_written(op);
        self.trample_workspace(op);
        let slots = self.written(op);
        for &(index, _, range) in &slots {
            let operand = self.module.op(op).operands()[index];
            self.memory.write(range, self.numbers.of(operand), false);
        }
        let inner = self.inner_writes(op);
        self.kill_all(&inner);
        for &(index, _, range) in &slots {
            self.memory.write(range, self.slot_symbol(condition, index), false);
        }
        self.name_unchanged_slots(op, [condition, body]);
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
            if self.memory.read(range, self.numbers.of(yields[index])).is_err() {
                self.fail(
                    terminator,
                    Violation::Slot { slot: index, what: "does not hold its yield at the end of the body" },
                );
            }
        }
        self.memory.keep_what_was_read_since(entered);
        self.leave(op, &inner);
    }

    /// Slots that hand their operand on are views of it: its bytes hold the block arguments, too.
    fn name_unchanged_slots(&mut self, op: OpId, blocks: [BlockId; 2]) {
        for block in blocks {
            for (index, &argument) in self.module.block(block).arguments().iter().enumerate() {
                let result = self.facts.op(op).results.get(index);
                let unchanged = result.is_some_and(|result| matches!(result.aliasing, Aliasing::View { .. }));
                if unchanged && self.places.reading(argument) == Reading::Bytes(argument) {
                    let range = self.places.range(argument);
                    range.into_iter().for_each(|range| self.memory.label(range, self.numbers.of(argument)));
                }
            }
        }
    }

    fn slot_symbol(&self, block: BlockId, index: usize) -> Number {
        self.numbers.of(self.module.block(block).arguments()[index])
    }

    pub(super) fn run_branches(&mut self, op: OpId) {
        self.check_written(op);
        self.trample_workspace(op);
        let results = self.written(op);
        let inner = self.inner_writes(op);
        for region in 0..self.module.op(op).regions().len() {
            let Some(block) = self.region_block(op, region) else { continue };
            self.kill_all(&inner);
            results.iter().for_each(|&(_, _, range)| _ = self.memory.kill(range));
            self.block(block);
            let (terminator, yields) = self.yields(block);
            for &(index, _, range) in &results {
                let before = self.errors.len();
                self.read_materialised(terminator, yields[index]);
                // One error is enough for bytes that are both the yield's and the result's.
                let found_wrong = self.errors.len() > before;
                if !found_wrong && self.memory.read(range, self.numbers.of(yields[index])).is_err() {
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
        self.kill_all(inner);
        self.write_results(op);
    }

    fn kill_all(&mut self, ranges: &[Range]) {
        ranges.iter().for_each(|&range| _ = self.memory.kill(range));
    }
}

//! The symbolic run of the planned function.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::error::{CheckerError, CheckerErrors, Violation};
use super::memory::Memory;
use super::numbers::{Number, Numbers};
use super::places::{Places, Reading};
use crate::dialect::{Aliasing, Effects, Facts, Regions, Virtual};
use crate::ir::{BlockId, Function, Module, OpId, ValueId};
use crate::target::Target;

/// No kernel reads more values through one virtual operand: expansion stays cheap on any input.
const MAX_ROOTS: usize = 1024;

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
    /// The roots of the virtual operations that were passed.
    pub(super) virtual_roots: FxHashMap<OpId, SmallVec<[ValueId; 4]>>,
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
    pub(super) fn block(&mut self, block: BlockId) {
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

    fn check_virtual(&mut self, op: OpId) {
        self.expand(op);
        for (index, result) in self.module.op(op).results().enumerate() {
            if self.facts.op(op).results[index].virtual_kind.is_none() {
                let value = self.module.display_value(result);
                self.fail(op, Violation::NotVirtual { value, why: "its operation is no splat, iota or broadcast" });
            }
        }
    }

    /// Every value with bytes that reading `value` reads; constants and nothing have none.
    pub(super) fn roots(&self, value: ValueId) -> SmallVec<[ValueId; 4]> {
        match self.places.reading(value) {
            Reading::Nothing | Reading::Constant => SmallVec::new(),
            Reading::Bytes(read) => smallvec::smallvec![read],
            Reading::Virtual(op) => self.virtual_roots.get(&op).cloned().unwrap_or_default(),
        }
    }

    /// The roots of a virtual operation: those of its operands, which ran before, if it reads them. Each is expanded once.
    fn expand(&mut self, op: OpId) {
        let from_nothing = self.facts.op(op).results.iter().all(|r| r.virtual_kind == Some(Virtual::Nullary));
        let operands = self.module.op(op).operands().iter().filter(|_| !from_nothing);
        let mut roots: SmallVec<[ValueId; 4]> = operands.flat_map(|&v| self.roots(v)).collect();
        roots.sort_unstable();
        roots.dedup();
        if roots.len() > MAX_ROOTS {
            let value = self.module.display_value(self.module.op(op).result(0));
            self.fail(op, Violation::NotVirtual { value, why: "it reads more values than any kernel can" });
            roots.clear();
        }
        self.virtual_roots.insert(op, roots);
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
    pub(super) fn captures(&self, op: OpId) -> Vec<ValueId> {
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
    pub(super) fn read_materialised(&mut self, op: OpId, value: ValueId) {
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

    pub(super) fn fail(&mut self, op: OpId, violation: Violation) {
        let span = self.module.op(op).span;
        self.errors.push(CheckerError { op, span, violation });
    }
}

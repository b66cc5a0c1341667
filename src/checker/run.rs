//! The symbolic run of the planned function.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::error::{CheckerError, CheckerErrors, Violation};
use super::memory::{Memory, Range};
use super::numbers::{Number, Numbers};
use super::places::{Places, Reading};
use crate::dialect::{Aliasing, Effects, Extent, Facts, Regions, Virtual};
use crate::ir::{BlockId, Bytes, Definition, Function, Module, OpId, Type, ValueId};
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
    /// The virtual operations that were passed.
    pub(super) virtuals: FxHashMap<OpId, VirtualTree>,
    pub(super) errors: Vec<CheckerError>,
}

/// What a reader of a virtual value computes.
#[derive(Clone, Debug)]
pub(super) struct VirtualTree {
    /// What the most demanding operation of it asks of the reader.
    kind: Virtual,
    /// Every value with bytes that it reads, sorted.
    roots: SmallVec<[Root; 4]>,
}

/// A value with bytes that an operand stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Root {
    pub(super) value: ValueId,
    /// Whether element i of it is read only for element i of what is computed, where both have as many elements.
    pub(super) in_step: bool,
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
        if self.module.find_attr(op, "memopt.joined").is_some() {
            return self.join_parts(op);
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

    /// Operands that lie one after another are the result: nothing is written.
    fn join_parts(&mut self, op: OpId) {
        let Some(result) = self.module.op(op).results().next().filter(|_| self.facts.op(op).joins) else {
            let value = self.module.op_name(op).to_owned();
            let why = "its bytes are not those of its operands one after another";
            return self.fail(op, Violation::NotJoined { value, why });
        };
        let name = self.module.display_value(result);
        let not_joined = |why| Violation::NotJoined { value: name.clone(), why };
        let Some(range) = self.places.range(result) else { return self.fail(op, Violation::NoPlace { value: name }) };
        self.check_bounds(op, result, range, true);
        let (mut at, mut is_there) = (range.start, true);
        for operand in self.module.op(op).operands().to_vec() {
            let part = Range { start: at, end: at.saturating_add(self.facts.bytes(operand).0), ..range };
            let lies_there = self.places.reading(operand) == Reading::Bytes(operand);
            if !lies_there || self.places.range(operand) != Some(part) {
                return self.fail(op, not_joined("an operand lies elsewhere than in its part"));
            }
            is_there &= self.memory.read(part, self.numbers.of(operand)).is_ok();
            at = part.end;
        }
        if at != range.end {
            return self.fail(op, not_joined("its operands are not all of it"));
        }
        // As with views, whoever reads it where a part is gone is told; nobody may.
        if is_there {
            self.memory.label(range, self.numbers.of(result));
        }
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
            if self.facts.op(op).virtual_kind(index).is_none() {
                let value = self.module.display_value(result);
                let why = "its operation is none that a reader can compute element by element";
                self.fail(op, Violation::NotVirtual { value, why });
            }
        }
    }

    /// Every value with bytes that reading `value` reads; constants and nothing have none.
    pub(super) fn roots(&self, value: ValueId) -> SmallVec<[Root; 4]> {
        match self.places.reading(value) {
            Reading::Nothing | Reading::Constant => SmallVec::new(),
            // Of a view without a place of its own nobody knows where its elements lie.
            Reading::Bytes(read) => smallvec::smallvec![Root { value: read, in_step: read == value }],
            Reading::Virtual(op) => {
                let Some(tree) = self.virtuals.get(&op) else { return SmallVec::new() };
                let renamed = self.renames(value, op);
                tree.roots.iter().map(|root| Root { in_step: root.in_step && renamed, ..*root }).collect()
            }
        }
    }

    /// Whether `value` is the result of `op` under other shapes: the same elements in the same order, by views of it all.
    fn renames(&self, mut value: ValueId, op: OpId) -> bool {
        while let Definition::Result { op: by, index } = self.module.value(value).definition {
            if by == op {
                return true;
            }
            let Aliasing::View { operand, extent } = self.facts.op(by).results[index as usize].aliasing else { break };
            let viewed = self.module.op(by).operands()[operand];
            let is_whole = extent == (Extent::Exact { offset: Bytes::ZERO })
                && self.facts.bytes(viewed) == self.facts.bytes(value)
                && elements(self.module, viewed) == elements(self.module, value);
            if !is_whole {
                break;
            }
            value = viewed;
        }
        false
    }

    /// The tree of a virtual operation, from those of its operands, which ran before, if it reads them. Each is expanded once.
    fn expand(&mut self, op: OpId) {
        let facts = self.facts.op(op);
        let own = (0..facts.results.len()).filter_map(|result| facts.virtual_kind(result)).max();
        let own = own.unwrap_or(Virtual::Computed);
        let operands = || self.module.op(op).operands().iter().copied().enumerate().filter(|_| own != Virtual::Nullary);
        let mut kind = if own == Virtual::Computed { own } else { Virtual::Nullary };
        let mut roots: SmallVec<[Root; 4]> = SmallVec::new();
        for (index, value) in operands() {
            kind = kind.max(match self.places.reading(value) {
                Reading::Nothing => Virtual::Nullary,
                Reading::Constant | Reading::Bytes(_) => Virtual::Addressing,
                Reading::Virtual(of) => self.virtuals.get(&of).map_or(Virtual::Computed, |tree| tree.kind),
            });
            let in_step = facts.in_step.contains(&(index as u32));
            let of_operand = self.roots(value).into_iter();
            roots.extend(of_operand.map(|root| Root { in_step: root.in_step && in_step, ..root }));
        }
        // Of several ways to one root the one that reads other elements counts: it sorts first.
        roots.sort_unstable();
        roots.dedup_by_key(|root| root.value);
        if roots.len() > MAX_ROOTS {
            let value = self.module.display_value(self.module.op(op).result(0));
            self.fail(op, Violation::NotVirtual { value, why: "it reads more values than any kernel can" });
            roots.clear();
        }
        self.virtuals.insert(op, VirtualTree { kind, roots });
    }

    /// An operand, virtual ones by their roots.
    fn read_operand(&mut self, op: OpId, value: ValueId) {
        if let Reading::Virtual(of) = self.places.reading(value)
            && !self.passes_on(op, value)
        {
            let kind = self.virtuals.get(&of).map_or(Virtual::Computed, |tree| tree.kind);
            if !self.target.may_read(self.facts.op(op).kind, kind) {
                let value = self.module.display_value(value);
                self.fail(op, Violation::NotVirtual { value, why: "the kernel that reads it here cannot compute it" });
            }
        }
        for root in self.roots(value) {
            self.read(op, root.value);
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

/// Elements of a tensor; none for anything else.
fn elements(module: &Module, value: ValueId) -> Option<u64> {
    match module.type_of(value) {
        Type::Tensor(tensor) => tensor.elements(),
        _ => None,
    }
}

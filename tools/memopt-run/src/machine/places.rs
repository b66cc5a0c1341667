//! Where a planned function says that its values lie.
//!
//! Offsets in the arena are written on the operations; the rest follows: a view lies in its operand, an update and a tied
//! result where their operand lies, a slot's block arguments and yields where the loop's result lies, the yields of a branch
//! where its results lie, a result of the function in its donor or in the caller's memory for it. So some values have an
//! address, and others lie at a distance from another one: a walk from the former along the latter finds them all.
// tidy: long because one set of equations needs all that states them

use memopt::diag::Diagnostic;
use memopt::dialect::{Aliasing, Extent, Facts, Regions, Virtual};
use memopt::ir::{Attr, BlockId, Definition, DenseArray, Function, Module, OpId, ValueId};
use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use super::memory::{Place, Space};
use super::{Stop, stop};
use crate::ops::{self, InPlace};
use crate::tensor::TensorSpec;

/// How the content of a value is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Class {
    /// It has no bytes.
    Nothing,
    /// In its place.
    Held,
    /// Its reader computes it: a virtual value, a constant, a view of one, a view nobody knows the place of.
    Computed,
    /// It is this value.
    Alias(ValueId),
}

/// Where everything lies.
pub(super) struct Places {
    class: Vec<Class>,
    place: Vec<Option<Place>>,
    /// For a held value: the one whose definition made the bytes. Itself, unless it is a view.
    owner: Vec<ValueId>,
    /// For an owner: under which name its bytes are known. Itself, unless it is a slot's block argument.
    holder: Vec<ValueId>,
    /// The held values that reading a value reads, each with whether element i is read for element i only.
    reads: Vec<SmallVec<[(ValueId, bool); 2]>>,
}

/// No kernel reads more values through one computed operand.
const MOST_READ: usize = 1024;

/// No kernel computes more values: to find what a tie names stays cheap on any input.
const MOST_MET: usize = 1 << 13;

impl Places {
    pub(super) fn class(&self, value: ValueId) -> Class {
        self.class[value.index()]
    }

    pub(super) fn place(&self, value: ValueId) -> Option<Place> {
        self.place[value.index()]
    }

    pub(super) fn owner(&self, value: ValueId) -> ValueId {
        self.owner[value.index()]
    }

    /// Under which name the bytes of a held value are known.
    pub(super) fn holder(&self, value: ValueId) -> ValueId {
        self.holder[self.owner(value).index()]
    }

    pub(super) fn reads(&self, value: ValueId) -> &[(ValueId, bool)] {
        &self.reads[value.index()]
    }
}

/// Finds all places of a planned function.
///
/// # Errors
/// A value that has no place, or two.
pub(super) fn places(module: &Module, function: Function, facts: &Facts) -> Result<Places, Stop> {
    let values = module.value_bound();
    let itself: Vec<ValueId> = (0..values).map(ValueId::new).collect();
    let mut equations = Equations {
        module,
        facts,
        known: Vec::new(),
        distances: Vec::new(),
        places: Places {
            class: vec![Class::Nothing; values],
            place: vec![None; values],
            owner: itself.clone(),
            holder: itself,
            reads: vec![SmallVec::new(); values],
        },
    };
    equations.function(function)?;
    equations.solve()
}

struct Equations<'m> {
    module: &'m Module,
    facts: &'m Facts,
    known: Vec<(ValueId, Space, i64)>,
    /// The first value lies so many bytes after the second.
    distances: Vec<(ValueId, ValueId, i64)>,
    places: Places,
}

impl Equations<'_> {
    fn function(&mut self, function: Function) -> Result<(), Stop> {
        for (index, &argument) in function.arguments(self.module).iter().enumerate() {
            self.hold(argument);
            self.know(argument, Space::Argument(index), 0);
        }
        let mut blocks = vec![function.body];
        let mut next = 0;
        while let Some(&block) = blocks.get(next) {
            next += 1;
            for &op in self.module.block(block).ops() {
                self.operation(op)?;
                if self.is_planned(op) {
                    blocks.extend(self.module.op(op).regions().iter().flat_map(|&r| self.module.region(r).blocks()));
                }
            }
        }
        blocks[1..].iter().for_each(|&block| self.yields(block));
        self.results(function);
        Ok(())
    }

    fn is_planned(&self, op: OpId) -> bool {
        matches!(self.facts.op(op).regions, Regions::Loop { .. } | Regions::Branches)
    }

    /// A value with bytes of its own.
    fn hold(&mut self, value: ValueId) {
        if self.bytes(value) > 0 {
            self.places.class[value.index()] = Class::Held;
            self.places.reads[value.index()].push((value, true));
        }
    }

    /// Bytes of a value as its type says; what the interpreter has no tensors for has none, and is refused when it is read.
    fn bytes(&self, value: ValueId) -> usize {
        TensorSpec::of(self.module, self.module.value(value).ty).map_or(0, |spec| spec.bytes())
    }

    fn know(&mut self, value: ValueId, space: Space, at: i64) {
        if self.places.class(value) == Class::Held {
            self.known.push((value, space, at));
        }
    }

    /// `value` lies `distance` bytes after `base`.
    fn relate(&mut self, value: ValueId, base: ValueId, distance: i64) {
        if self.places.class(value) == Class::Held && self.places.class(base) == Class::Held {
            self.distances.push((value, base, distance));
        }
    }

    fn operation(&mut self, op: OpId) -> Result<(), Stop> {
        let operation = self.module.op(op);
        let results: Vec<ValueId> = operation.results().collect();
        for (index, &result) in results.iter().enumerate() {
            self.result(op, index, result)?;
        }
        if matches!(self.facts.op(op).regions, Regions::Loop { .. }) {
            self.slots(op);
        }
        self.offsets(op, "memopt.offsets", &results)?;
        let blocks = operation.regions().iter().flat_map(|&region| self.module.region(region).blocks());
        let arguments: Vec<ValueId> = blocks.flat_map(|&block| self.module.block(block).arguments()).copied().collect();
        self.offsets(op, "memopt.arg_offsets", &arguments)?;
        for row in rows(self.module, op, "memopt.hosted") {
            if let [result, argument, byte] = row[..]
                && let (Some(&value), Ok(argument)) = (results.get(result as usize), usize::try_from(argument))
            {
                self.know(value, Space::Argument(argument), byte);
            }
        }
        for row in rows(self.module, op, "memopt.reuse") {
            if let [result, operand] = row[..]
                && let (Some(&value), Some(base)) = (results.get(result as usize), self.tied(op, operand as usize))
            {
                self.relate(value, base, 0);
            }
        }
        Ok(())
    }

    /// What a tie names: an operand or, beyond the operands, a value with bytes that a computed operand is made of, in the
    /// order in which they are met.
    fn tied(&self, op: OpId, index: usize) -> Option<ValueId> {
        let operands = self.module.op(op).operands();
        if let Some(&operand) = operands.get(index) {
            return Some(operand);
        }
        let mut left = index - operands.len();
        let is_computed = |value: &&ValueId| !self.has_storage(**value);
        let mut work: Vec<ValueId> = operands.iter().rev().filter(is_computed).copied().collect();
        let mut seen = FxHashSet::default();
        while let Some(value) = work.pop().filter(|_| seen.len() <= MOST_MET) {
            if self.places.class(value) == Class::Nothing || !seen.insert(value) {
                continue;
            }
            match self.module.value(value).definition {
                _ if self.has_storage(value) && left == 0 => return Some(value),
                _ if self.has_storage(value) => left -= 1,
                Definition::Argument { .. } => work.extend(self.alias(value)),
                Definition::Result { op, index } => match self.facts.op(op).results[index as usize].aliasing {
                    Aliasing::View { operand, .. } => work.push(self.module.op(op).operands()[operand]),
                    Aliasing::Constant => {}
                    Aliasing::Fresh if self.facts.op(op).virtual_kind(index as usize) == Some(Virtual::Nullary) => {}
                    Aliasing::Fresh => work.extend(self.module.op(op).operands().iter().rev()),
                },
            }
        }
        None
    }

    fn alias(&self, value: ValueId) -> Option<ValueId> {
        match self.places.class(value) {
            Class::Alias(base) => Some(base),
            _ => None,
        }
    }

    /// Whether a value lies somewhere: in a place, or as a view somewhere in the place of another value.
    fn has_storage(&self, mut value: ValueId) -> bool {
        loop {
            value = match (self.places.class(value), self.module.value(value).definition) {
                (Class::Held, _) => return true,
                (Class::Nothing, _) => return false,
                (Class::Alias(base), _) => base,
                (Class::Computed, Definition::Argument { .. }) => return false,
                (Class::Computed, Definition::Result { op, index }) => {
                    match self.facts.op(op).results[index as usize].aliasing {
                        Aliasing::View { operand, .. } => self.module.op(op).operands()[operand],
                        Aliasing::Constant | Aliasing::Fresh => return false,
                    }
                }
            }
        }
    }

    fn result(&mut self, op: OpId, index: usize, result: ValueId) -> Result<(), Stop> {
        if self.bytes(result) == 0 {
            return Ok(());
        }
        let facts = self.facts.op(op);
        let operands = self.module.op(op).operands();
        if let Some(update) = facts.updates.iter().find(|tie| tie.result as usize == index) {
            self.hold(result);
            self.relate(result, operands[update.operand as usize], 0);
            return Ok(());
        }
        // What lies in its parts is put together from them: that it can also be read as a whole is the checker's to say.
        let marked = |name| self.module.find_attr(op, name).is_some();
        let is_virtual = marked("memopt.virtual") || marked("memopt.joined");
        match facts.results[index].aliasing {
            Aliasing::View { operand, extent } => self.view(op, result, operands[operand], extent),
            Aliasing::Constant => self.compute(op, result),
            Aliasing::Fresh if is_virtual => self.compute(op, result),
            Aliasing::Fresh => {
                self.hold(result);
                Ok(())
            }
        }
    }

    fn view(&mut self, op: OpId, value: ValueId, base: ValueId, extent: Extent) -> Result<(), Stop> {
        let at = value.index();
        match (self.places.class(base), extent) {
            (Class::Held, Extent::Exact { offset }) => {
                self.hold(value);
                self.places.owner[at] = self.places.owner(base);
                self.relate(value, base, i64::try_from(offset.0).unwrap_or(i64::MAX));
                Ok(())
            }
            // A slot that never changes has no operation that makes it: it is the loop's operand.
            _ if matches!(self.facts.op(op).regions, Regions::Loop { .. }) => {
                self.places.class[at] = Class::Alias(base);
                self.places.reads[at] = self.places.reads[base.index()].clone();
                Ok(())
            }
            _ => self.compute(op, value),
        }
    }

    /// A value that its readers compute: what they read is what its operands read.
    fn compute(&mut self, op: OpId, value: ValueId) -> Result<(), Stop> {
        let by_kernel =
            ops::find(self.module.op_name(op)).is_some_and(|row| matches!(row.in_place, InPlace::SameIndex));
        let same_index = by_kernel || self.renames(op);
        let mut reads: SmallVec<[(ValueId, bool); 2]> = SmallVec::new();
        for operand in self.module.op(op).operands() {
            reads.extend(self.places.reads(*operand).iter().map(|&(value, aligned)| (value, aligned && same_index)));
        }
        reads.sort_unstable();
        // Of two ways to one value the one that reads other elements counts.
        reads.dedup_by_key(|&mut (value, _)| value);
        if reads.len() > MOST_READ {
            return Err(stop(self.module, op, "its result is computed from more values than any kernel reads"));
        }
        self.places.class[value.index()] = Class::Computed;
        self.places.reads[value.index()] = reads;
        Ok(())
    }

    /// Whether the result of an operation is its operand under another shape.
    fn renames(&self, op: OpId) -> bool {
        let (operation, facts) = (self.module.op(op), self.facts.op(op));
        let [result] = &facts.results[..] else { return false };
        let Aliasing::View { operand, extent: Extent::Exact { offset } } = result.aliasing else { return false };
        let spec = |value: ValueId| TensorSpec::of(self.module, self.module.value(value).ty);
        let (of, to) = (spec(operation.operands()[operand]), spec(operation.result(0)));
        let same = |of: TensorSpec, to: TensorSpec| (of.len(), of.bytes()) == (to.len(), to.bytes());
        offset.is_zero() && of.ok().zip(to.ok()).is_some_and(|(of, to)| same(of, to))
    }

    fn slots(&mut self, op: OpId) {
        let operation = self.module.op(op);
        let blocks = operation.regions().iter().flat_map(|&region| self.module.region(region).blocks());
        for block in blocks {
            let arguments = self.module.block(*block).arguments();
            for ((&argument, result), &operand) in arguments.iter().zip(operation.results()).zip(operation.operands()) {
                let at = argument.index();
                match self.places.class(result) {
                    // It changes: its bytes are known as the loop's result.
                    Class::Held if self.places.owner(result) == result => {
                        self.hold(argument);
                        self.places.holder[at] = result;
                        self.relate(argument, result, 0);
                    }
                    Class::Held => {
                        self.hold(argument);
                        self.places.owner[at] = self.places.owner(operand);
                        self.relate(argument, operand, 0);
                    }
                    other => {
                        self.places.class[at] = other;
                        self.places.reads[at] = self.places.reads[result.index()].clone();
                    }
                }
            }
        }
    }

    /// What a body or a branch yields lies where the result lies, unless it is a slot that never changes.
    fn yields(&mut self, block: BlockId) {
        let owner = self.module.block_owner(block);
        let region = self.module.block(block).region();
        let index = self.module.op(owner).regions().iter().position(|&r| r == region);
        if matches!(self.facts.op(owner).regions, Regions::Loop { condition, .. } if index == Some(condition)) {
            return;
        }
        let Some(&terminator) = self.module.block(block).ops().last() else { return };
        for (&value, result) in self.module.op(terminator).operands().iter().zip(self.module.op(owner).results()) {
            if self.places.owner(result) == result {
                self.relate(value, result, 0);
            }
        }
    }

    fn results(&mut self, function: Function) {
        let donations = rows(self.module, function.op, "memopt.donations");
        let in_arena = function.results_in_arena(self.module);
        for (index, &value) in function.results(self.module).iter().enumerate() {
            let donor = donations.iter().find(|row| row.len() == 2 && row[1] == index as i64);
            match donor.map(|row| usize::try_from(row[0])) {
                Some(Ok(argument)) => self.know(value, Space::Argument(argument), 0),
                Some(Err(_)) => {}
                None if in_arena => {}
                None => self.know(value, Space::Result(index), 0),
            }
        }
    }

    fn offsets(&mut self, op: OpId, name: &str, values: &[ValueId]) -> Result<(), Stop> {
        let Some(attr) = self.module.find_attr(op, name) else { return Ok(()) };
        match attr {
            Attr::DenseArray { values: DenseArray::Integers(offsets), .. } if offsets.len() == values.len() => {
                for (&offset, &value) in offsets.iter().zip(values).filter(|(offset, _)| **offset >= 0) {
                    self.know(value, Space::Arena, offset);
                }
                Ok(())
            }
            _ => Err(stop(self.module, op, &format!("{name} is no list of {} offsets", values.len()))),
        }
    }

    /// Walks from the values with an address along the distances.
    fn solve(mut self) -> Result<Places, Stop> {
        let mut near: Vec<SmallVec<[(ValueId, i64); 2]>> = vec![SmallVec::new(); self.module.value_bound()];
        for &(value, base, distance) in &self.distances {
            near[base.index()].push((value, distance));
            near[value.index()].push((base, -distance));
        }
        let mut found: Vec<Option<(Space, i64)>> = vec![None; self.module.value_bound()];
        let mut work = std::mem::take(&mut self.known);
        work.reverse();
        while let Some((value, space, at)) = work.pop() {
            match found[value.index()] {
                Some(known) if known == (space, at) => {}
                Some((other, start)) => {
                    let name = self.module.display_value(value);
                    let problem = format!("{name} lies at byte {start} of {other:?} and at byte {at} of {space:?}");
                    return Err(stop(self.module, self.module.defining_op(value), &problem));
                }
                None => {
                    found[value.index()] = Some((space, at));
                    let step = |&(other, distance): &(ValueId, i64)| (other, space, at.saturating_add(distance));
                    work.extend(near[value.index()].iter().map(step));
                }
            }
        }
        for (index, found) in found.into_iter().enumerate() {
            let value = ValueId::new(index);
            if self.places.class(value) == Class::Held {
                let place = found.and_then(|(space, start)| {
                    Some(Place { space, start: usize::try_from(start).ok()?, len: self.bytes(value) })
                });
                self.places.place[index] = Some(place.ok_or_else(|| self.nowhere(value))?);
            }
        }
        Ok(self.places)
    }

    fn nowhere(&self, value: ValueId) -> Stop {
        let (name, op) = (self.module.display_value(value), self.module.defining_op(value));
        let error = Diagnostic::error(self.module.op(op).span, format!("the plan says nowhere where {name} lies"));
        let place = match self.module.value(value).definition {
            Definition::Result { .. } => "defined here",
            Definition::Argument { .. } => "an argument of a region here",
        };
        Box::new(error.label(place).help("plan the file afresh with memopt-opt"))
    }
}

/// An attribute `[[a, b, ...], ...]`.
pub(super) fn rows(module: &Module, op: OpId, name: &str) -> Vec<Vec<i64>> {
    module.find_attr(op, name).and_then(|attr| module.tuples_of(attr)).unwrap_or_default()
}

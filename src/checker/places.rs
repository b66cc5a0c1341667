//! Where the planned file says that each value lies.
//!
//! Offsets in the arena are written on the operations. The rest follows: a view lies in its operand, an update and a tied
//! result where their operand lies, a loop's block arguments and yields where its results lie, the yields of a branch where
//! its results lie, and a result of the function in its donor or in the caller's memory for it. Values that follow from each
//! other are one class with fixed distances; a class has one place. Nothing here is trusted: the run proves it.
// tidy: long because one set of equations needs all that states them

use rustc_hash::{FxHashMap, FxHashSet};

use super::error::{CheckerError, CheckerErrors, Violation};
use super::memory::{Range, Space};
use crate::dialect::{Aliasing, Extent, Facts, Regions, Tie, Virtual};
use crate::ir::{Attr, BlockId, Bytes, DenseArray, Function, Module, OpId, ValueId};

/// No tree of virtual values has more of them: looking for the root that a tie names stays cheap on any input.
const MOST_VISITED: usize = 1 << 12;

/// How a value is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reading {
    /// It has no bytes.
    Nothing,
    /// Computed by its reader from the operands of this operation.
    Virtual(OpId),
    /// From the program's constants.
    Constant,
    /// From these bytes, which must hold this value.
    Bytes(ValueId),
}

/// Where everything lies, by what the planned file says. Whoever runs a plan reads it through this too, so that what runs is
/// what was proven.
#[derive(Debug)]
pub struct Places {
    reading: Vec<Reading>,
    range: Vec<Option<Range>>,
    /// Values placed in donated arguments by `memopt.hosted`.
    pub(super) hosted: Vec<bool>,
    pub(super) errors: Vec<(OpId, Violation)>,
}

impl Places {
    /// The places of a planned function.
    ///
    /// # Errors
    /// Values without a place, or with two.
    pub fn of(module: &Module, function: Function, facts: &Facts) -> Result<Places, CheckerErrors> {
        let places = places(module, function, facts);
        if places.errors.is_empty() {
            return Ok(places);
        }
        let error = |(op, violation): &(OpId, Violation)| CheckerError {
            op: *op,
            span: module.op(*op).span,
            violation: violation.clone(),
        };
        Err(CheckerErrors { errors: places.errors.iter().map(error).collect() })
    }

    /// How a value is read.
    pub fn reading(&self, value: ValueId) -> Reading {
        self.reading[value.index()]
    }

    /// The bytes that a value with bytes of its own, or an exact view, covers.
    pub fn range(&self, value: ValueId) -> Option<Range> {
        self.range[value.index()]
    }
}

/// Derives all places of a planned function.
pub(super) fn places(module: &Module, function: Function, facts: &Facts) -> Places {
    let values = module.value_bound();
    let mut claims = Claims {
        module,
        facts,
        reading: vec![Reading::Nothing; values],
        parent: (0..values as u32).collect(),
        distance: vec![0; values],
        owner: (0..values as u32).collect(),
        version: (0..values).map(ValueId::new).collect(),
        anchors: FxHashMap::default(),
        opaque: vec![false; values],
        hosted: vec![false; values],
        errors: Vec::new(),
    };
    claims.function(function);
    claims.finish()
}

struct Claims<'m> {
    module: &'m Module,
    facts: &'m Facts,
    reading: Vec<Reading>,
    /// Union-find: value `v` lies `distance[v]` bytes after `parent[v]`.
    parent: Vec<u32>,
    distance: Vec<i128>,
    /// The first value of the storage that the value shares by views and updates.
    owner: Vec<u32>,
    /// The value whose definition wrote the content that the value views; itself where it views nothing.
    version: Vec<ValueId>,
    /// Place of the root of each class that has one: space and start.
    anchors: FxHashMap<u32, (Space, i128)>,
    /// Updates through a view of unknown extent.
    opaque: Vec<bool>,
    hosted: Vec<bool>,
    errors: Vec<(OpId, Violation)>,
}

impl Claims<'_> {
    fn function(&mut self, function: Function) {
        for (index, &argument) in function.arguments(self.module).iter().enumerate() {
            if !self.facts.bytes(argument).is_zero() {
                self.reading[argument.index()] = Reading::Bytes(argument);
                self.anchor(function.op, argument, Space::Argument(index as u32), 0);
            }
        }
        let mut blocks = vec![function.body];
        let mut next = 0;
        while let Some(&block) = blocks.get(next) {
            next += 1;
            for &op in self.module.block(block).ops() {
                self.operation(op);
                if matches!(self.facts.op(op).regions, Regions::Loop { .. } | Regions::Branches) {
                    blocks.extend(self.module.op(op).regions().iter().flat_map(|&r| self.module.region(r).blocks()));
                }
            }
        }
        // Yields last: their definitions are classified now, and join the slots.
        for &block in &blocks[1..] {
            self.yields(block);
        }
        self.results(function);
    }

    fn operation(&mut self, op: OpId) {
        let is_virtual = self.module.find_attr(op, "memopt.virtual").is_some();
        for (index, result) in self.module.op(op).results().enumerate() {
            self.result(op, index, result, is_virtual);
        }
        if matches!(self.facts.op(op).regions, Regions::Loop { .. }) {
            self.slots(op);
        }
        self.offsets(op);
    }

    fn result(&mut self, op: OpId, index: usize, result: ValueId, is_virtual: bool) {
        let facts = self.facts.op(op);
        let of = facts.results[index];
        if self.facts.bytes(result).is_zero() {
            return;
        }
        if let Some(update) = facts.updates.iter().find(|tie| tie.result as usize == index) {
            let operand = self.module.op(op).operands()[update.operand as usize];
            self.owner[result.index()] = self.owner[operand.index()];
            self.reading[result.index()] = Reading::Bytes(result);
            if self.has_position(operand) {
                return self.join(op, result, operand, 0);
            }
            self.opaque[result.index()] = true;
            return self.join(op, result, ValueId::new(self.owner[operand.index()] as usize), 0);
        }
        self.reading[result.index()] = match of.aliasing {
            Aliasing::Constant => Reading::Constant,
            Aliasing::View { operand, extent } => {
                let operand = self.module.op(op).operands()[operand];
                return self.view(op, result, operand, extent);
            }
            Aliasing::Fresh if is_virtual => Reading::Virtual(op),
            Aliasing::Fresh => Reading::Bytes(result),
        };
        if self.reading[result.index()] == Reading::Bytes(result) {
            for tie in ties(self.module, op).filter(|tie| tie.result as usize == index) {
                if let Some(operand) = self.tied_operand(op, tie.operand as usize) {
                    self.join(op, result, operand, 0);
                }
            }
        }
    }

    /// What a tie names: an operand or, beyond the operands, a root of the virtual ones in first-visit order.
    fn tied_operand(&self, op: OpId, index: usize) -> Option<ValueId> {
        let operands = self.module.op(op).operands();
        if index < operands.len() {
            return Some(operands[index]);
        }
        let is_virtual = |value: &ValueId| matches!(self.reading[value.index()], Reading::Virtual(_));
        let mut work: Vec<ValueId> = operands.iter().rev().copied().filter(is_virtual).collect();
        let (mut seen, mut roots) = (FxHashSet::default(), operands.len());
        while let Some(value) = work.pop().filter(|_| seen.len() < MOST_VISITED) {
            if !seen.insert(value) {
                continue;
            }
            match self.reading[value.index()] {
                Reading::Nothing | Reading::Constant => {}
                Reading::Bytes(_) if roots == index => return Some(value),
                Reading::Bytes(_) => roots += 1,
                Reading::Virtual(source) if self.facts.op(source).virtual_kind(0) == Some(Virtual::Nullary) => {}
                Reading::Virtual(source) => work.extend(self.module.op(source).operands().iter().rev()),
            }
        }
        None
    }

    /// Whether it is known where in its storage a value begins.
    fn has_position(&self, value: ValueId) -> bool {
        self.reading[value.index()] == Reading::Bytes(value) && !self.opaque[value.index()]
    }

    fn view(&mut self, op: OpId, result: ValueId, operand: ValueId, extent: Extent) {
        let of_operand = self.reading[operand.index()];
        self.reading[result.index()] = match (of_operand, extent) {
            // Nobody knows which bytes of the storage it touches, so reading it reads them all.
            (Reading::Bytes(read), Extent::Opaque) => Reading::Bytes(self.version[read.index()]),
            // An exact view of an opaque one: nobody knows which bytes of the root.
            (Reading::Bytes(read), _) if !self.has_position(operand) => Reading::Bytes(read),
            (Reading::Bytes(_), Extent::Exact { .. }) => Reading::Bytes(result),
            (other, _) => other,
        };
        self.owner[result.index()] = self.owner[operand.index()];
        self.version[result.index()] = self.version[operand.index()];
        if let (Reading::Bytes(_), Extent::Exact { offset }, true) = (of_operand, extent, self.has_position(operand)) {
            self.join(op, result, operand, i128::from(offset.0));
        }
    }

    /// Block arguments lie where the results lie; unchanged ones are views of the operand.
    fn slots(&mut self, op: OpId) {
        let blocks: Vec<BlockId> =
            self.module.op(op).regions().iter().flat_map(|&r| self.module.region(r).blocks()).copied().collect();
        for block in blocks {
            for (index, argument) in self.module.block(block).arguments().to_vec().into_iter().enumerate() {
                let Some(result) = self.module.op(op).results().nth(index) else { continue };
                if matches!(self.facts.op(op).results[index].aliasing, Aliasing::View { .. }) {
                    let Some(&operand) = self.module.op(op).operands().get(index) else { continue };
                    self.view(op, argument, operand, Extent::Exact { offset: Bytes::ZERO });
                } else if !self.facts.bytes(argument).is_zero() {
                    self.reading[argument.index()] = Reading::Bytes(argument);
                    self.join(op, argument, result, 0);
                }
            }
        }
    }

    fn yields(&mut self, block: BlockId) {
        let owner = self.module.block_owner(block);
        let region = self.module.block(block).region();
        let index = self.module.op(owner).regions().iter().position(|&r| r == region);
        if let Regions::Loop { condition, .. } = self.facts.op(owner).regions
            && index == Some(condition)
        {
            return;
        }
        let Some(&terminator) = self.module.block(block).ops().last() else { return };
        for (index, &value) in self.module.op(terminator).operands().iter().enumerate() {
            let Some(result) = self.module.op(owner).results().nth(index) else { continue };
            let unchanged = matches!(self.facts.op(owner).results[index].aliasing, Aliasing::View { .. });
            if !unchanged && matches!(self.reading[value.index()], Reading::Bytes(_)) {
                self.join(terminator, value, result, 0);
            }
        }
    }

    fn results(&mut self, function: Function) {
        let homes = donations(self.module, function);
        let in_arena = function.results_in_arena(self.module);
        let Some(terminator) = function.terminator(self.module) else { return };
        for (index, &value) in function.results(self.module).iter().enumerate() {
            let Reading::Bytes(read) = self.reading[value.index()] else { continue };
            let donor = homes.iter().find(|pair| pair[1] == index as i64).and_then(|pair| u32::try_from(pair[0]).ok());
            match donor {
                Some(argument) => self.anchor(terminator, read, Space::Argument(argument), 0),
                None if in_arena => {}
                None => self.anchor(terminator, read, Space::Result(index as u32), 0),
            }
        }
    }

    /// The offsets written on an operation, for its results and its regions' arguments.
    fn offsets(&mut self, op: OpId) {
        let results: Vec<ValueId> = self.module.op(op).results().collect();
        self.write_offsets(op, "memopt.offsets", &results);
        let regions = self.module.op(op).regions().iter();
        let blocks = regions.flat_map(|&r| self.module.region(r).blocks());
        let arguments: Vec<ValueId> = blocks.flat_map(|&b| self.module.block(b).arguments()).copied().collect();
        self.write_offsets(op, "memopt.arg_offsets", &arguments);
        let hosted = self.module.find_attr(op, "memopt.hosted").and_then(|a| self.module.tuples_of(a));
        for row in hosted.unwrap_or_default() {
            if let [result, argument, byte] = row[..]
                && let (Some(&value), Ok(argument)) = (results.get(result as usize), u32::try_from(argument))
            {
                self.hosted[value.index()] = true;
                self.anchor(op, value, Space::Argument(argument), i128::from(byte));
            }
        }
    }

    fn write_offsets(&mut self, op: OpId, name: &str, values: &[ValueId]) {
        let Some(attr) = self.module.find_attr(op, name) else { return };
        let Attr::DenseArray { values: DenseArray::Integers(offsets), .. } = attr else {
            return self.errors.push((op, Violation::Mismatch { what: format!("{name} is no array<i64: ...>") }));
        };
        if offsets.len() != values.len() {
            let what = format!("{name} has {} entries for {} values", offsets.len(), values.len());
            return self.errors.push((op, Violation::Mismatch { what }));
        }
        for (&offset, &value) in offsets.to_vec().iter().zip(values) {
            if offset >= 0 && self.reading[value.index()] != Reading::Nothing {
                self.anchor(op, value, Space::Arena, i128::from(offset));
            }
        }
    }

    fn find(&mut self, value: ValueId) -> (u32, i128) {
        let (mut at, mut distance) = (value.index() as u32, 0);
        let mut path: smallvec::SmallVec<[u32; 8]> = smallvec::SmallVec::new();
        while self.parent[at as usize] != at {
            path.push(at);
            distance += self.distance[at as usize];
            at = self.parent[at as usize];
        }
        let mut rest = distance;
        for node in path {
            let own = self.distance[node as usize];
            self.parent[node as usize] = at;
            self.distance[node as usize] = rest;
            rest -= own;
        }
        (at, distance)
    }

    /// `value` lies `offset` bytes after `base`.
    fn join(&mut self, op: OpId, value: ValueId, base: ValueId, offset: i128) {
        let ((a, of_value), (b, of_base)) = (self.find(value), self.find(base));
        if a == b {
            if of_value != of_base + offset {
                self.two_places(op, value, format!("{} bytes into its class", of_base + offset), of_value.to_string());
            }
            return;
        }
        // root a = value - of_value = base + offset - of_value = root b + of_base + offset - of_value
        let distance = of_base + offset - of_value;
        self.parent[a as usize] = b;
        self.distance[a as usize] = distance;
        if let Some((space, start)) = self.anchors.remove(&a) {
            self.anchor_root(op, value, b, space, start - distance);
        }
    }

    /// `value` begins at this address.
    fn anchor(&mut self, op: OpId, value: ValueId, space: Space, start: i128) {
        let (root, distance) = self.find(value);
        self.anchor_root(op, value, root, space, start - distance);
    }

    fn anchor_root(&mut self, op: OpId, value: ValueId, root: u32, space: Space, start: i128) {
        match self.anchors.insert(root, (space, start)) {
            Some(known) if known != (space, start) => {
                self.anchors.insert(root, known);
                let show = |(space, start): (Space, i128)| format!("{space:?} at {start}");
                self.two_places(op, value, show(known), show((space, start)));
            }
            _ => {}
        }
    }

    fn two_places(&mut self, op: OpId, value: ValueId, expected: String, found: String) {
        let value = self.module.display_value(value);
        self.errors.push((op, Violation::TwoPlaces { value, expected, found }));
    }

    fn finish(mut self) -> Places {
        let mut range = vec![None; self.module.value_bound()];
        for (index, range) in range.iter_mut().enumerate() {
            let value = ValueId::new(index);
            if self.reading[index] != Reading::Bytes(value) {
                continue;
            }
            let (root, distance) = self.find(value);
            let op = self.module.defining_op(value);
            let Some(&(space, start)) = self.anchors.get(&root) else {
                self.errors.push((op, Violation::NoPlace { value: self.module.display_value(value) }));
                continue;
            };
            *range = to_range(space, start + distance, self.facts.bytes(value));
            if range.is_none() {
                self.errors.push((op, Violation::NoPlace { value: self.module.display_value(value) }));
            }
        }
        self.widen_updates(&mut range);
        Places { reading: self.reading, range, hosted: self.hosted, errors: self.errors }
    }

    /// An update through a view makes a new version of the whole storage.
    fn widen_updates(&self, range: &mut [Option<Range>]) {
        for index in 0..range.len() {
            let owner = self.owner[index] as usize;
            let is_update =
                self.reading[index] == Reading::Bytes(ValueId::new(index)) && owner != index && self.is_update(index);
            if is_update && range[owner].is_some() {
                range[index] = range[owner];
            }
        }
    }

    fn is_update(&self, index: usize) -> bool {
        match self.module.value(ValueId::new(index)).definition {
            crate::ir::Definition::Result { op, index } => {
                self.facts.op(op).updates.iter().any(|tie| tie.result == index)
            }
            crate::ir::Definition::Argument { .. } => false,
        }
    }
}

fn to_range(space: Space, start: i128, bytes: Bytes) -> Option<Range> {
    let start = u64::try_from(start).ok()?;
    Some(Range { space, start, end: start.checked_add(bytes.0)? })
}

/// The ties that an operation claims to take.
pub(super) fn ties(module: &Module, op: OpId) -> impl Iterator<Item = Tie> {
    let rows = module.find_attr(op, "memopt.reuse").and_then(|attr| module.tuples_of(attr)).unwrap_or_default();
    rows.into_iter().filter_map(|row| match row[..] {
        [result, operand] => Some(Tie { result: u32::try_from(result).ok()?, operand: u32::try_from(operand).ok()? }),
        _ => None,
    })
}

/// The donations that the planned function claims: pairs of argument and result.
pub(super) fn donations(module: &Module, function: Function) -> Vec<[i64; 2]> {
    let rows = module.find_attr(function.op, "memopt.donations").and_then(|attr| module.tuples_of(attr));
    rows.unwrap_or_default().into_iter().filter_map(|row| row.try_into().ok()).collect()
}

//! Where a planned function says that its values lie, by equations: some values have an address, others lie at a distance
//! from another value. The equations are walked through until nothing new follows.

use std::collections::{BTreeMap, BTreeSet};

use memopt::ir::{Attr, BlockId, Definition, DenseArray, Function, Module, OpId, ValueId};

use super::machine::is_fresh;
use super::meaning::{self, Kind, Meaning, View};

/// A piece of memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Buffer {
    Arena,
    Argument(usize),
    Result(usize),
    /// Of one value of a run without a plan.
    Own(usize),
}

/// An address.
pub(super) type Address = (Buffer, i64);

/// How the bytes of a value are found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Class {
    /// It has none, or none that the plan places.
    Nothing,
    /// They lie at an address.
    Exact,
    /// Somewhere in this value's.
    Inside(ValueId),
}

/// The addresses of all values that have one.
///
/// # Errors
/// A value that would lie in two places.
pub(super) fn places(
    module: &Module,
    function: Function,
    meanings: &BTreeMap<OpId, Meaning>,
) -> Result<BTreeMap<ValueId, Address>, String> {
    let mut equations =
        Equations { module, meanings, class: BTreeMap::new(), known: Vec::new(), distances: Vec::new() };
    for (index, &argument) in function.arguments(module).iter().enumerate() {
        let class = if meaning::bytes(module, argument) == 0 { Class::Nothing } else { Class::Exact };
        equations.class.insert(argument, class);
        equations.know(argument, (Buffer::Argument(index), 0));
    }
    equations.block(function.body);
    equations.results(function);
    equations.solve()
}

struct Equations<'m> {
    module: &'m Module,
    meanings: &'m BTreeMap<OpId, Meaning>,
    class: BTreeMap<ValueId, Class>,
    known: Vec<(ValueId, Address)>,
    /// The first value lies so many bytes after the second.
    distances: Vec<(ValueId, ValueId, i64)>,
}

impl Equations<'_> {
    fn class(&self, value: ValueId) -> Class {
        self.class.get(&value).copied().unwrap_or(Class::Nothing)
    }

    fn know(&mut self, value: ValueId, address: Address) {
        match self.class(value) {
            Class::Exact => self.known.push((value, address)),
            Class::Inside(_) | Class::Nothing => {}
        }
    }

    fn relate(&mut self, value: ValueId, base: ValueId, distance: usize) {
        if self.class(value) == Class::Exact && self.class(base) == Class::Exact {
            self.distances.push((value, base, distance as i64));
        }
    }

    fn block(&mut self, block: BlockId) {
        for &op in self.module.block(block).ops() {
            self.operation(op);
        }
    }

    fn operation(&mut self, op: OpId) {
        let (meaning, operation) = (&self.meanings[&op], self.module.op(op));
        for (index, result) in operation.results().enumerate() {
            let class = self.result_class(op, meaning, index, result);
            self.class.insert(result, class);
            if let Some([_, operand]) = meaning.updates.iter().find(|update| update[0] == index) {
                self.relate(result, operation.operands()[*operand], 0);
            } else if let Some(View::Exact { operand, offset }) = meaning.views[index] {
                self.relate(result, operation.operands()[operand], offset);
            }
        }
        // A tie of a result that lies elsewhere by what it is says nothing.
        let reuse = meaning::tuples(self.module, op, "memopt.reuse").into_iter();
        for row in reuse.filter(|row| row[0] < meaning.views.len() && is_fresh(meaning, row[0])) {
            let result = operation.results().nth(row[0]);
            if let (Some(result), Some(operand)) = (result, self.tied(op, row[1])) {
                self.relate(result, operand, 0);
            }
        }
        let results: Vec<ValueId> = operation.results().collect();
        self.offsets(op, "memopt.offsets", &results);
        for row in meaning::tuples(self.module, op, "memopt.hosted") {
            if let Some(&value) = results.get(row[0]) {
                self.know(value, (Buffer::Argument(row[1]), row[2] as i64));
            }
        }
        match meaning.kind {
            Kind::Loop => self.loop_regions(op, meaning),
            Kind::Branches => {
                for region in 0..operation.regions().len() {
                    self.region(op, meaning, region, true);
                }
            }
            _ => {}
        }
    }

    /// An operand; beyond the operands, a value with bytes that one of them is computed from, in the order in which they are
    /// come upon.
    fn tied(&self, op: OpId, index: usize) -> Option<ValueId> {
        let operands = self.module.op(op).operands();
        if let Some(&operand) = operands.get(index) {
            return Some(operand);
        }
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        for &operand in operands.iter().filter(|operand| self.class(**operand) == Class::Nothing) {
            self.come_upon(operand, &mut seen, &mut found);
        }
        found.get(index - operands.len()).copied()
    }

    fn come_upon(&self, value: ValueId, seen: &mut BTreeSet<ValueId>, found: &mut Vec<ValueId>) {
        if !seen.insert(value) || meaning::bytes(self.module, value) == 0 {
            return;
        }
        if self.class(value) != Class::Nothing {
            return found.push(value);
        }
        match self.module.value(value).definition {
            Definition::Result { op, index } => {
                match (&self.meanings[&op].kind, self.meanings[&op].views[index as usize]) {
                    (Kind::Splat | Kind::Iota | Kind::Constant, _) => {}
                    (_, Some(View::Exact { operand, .. } | View::Opaque { operand })) => {
                        self.come_upon(self.module.op(op).operands()[operand], seen, found);
                    }
                    _ => self.module.op(op).operands().iter().for_each(|&operand| self.come_upon(operand, seen, found)),
                }
            }
            // A slot that stays what it is.
            Definition::Argument { block, index } => {
                let operands = self.module.op(self.module.block_owner(block)).operands();
                if let Some(&operand) = operands.get(index as usize) {
                    self.come_upon(operand, seen, found);
                }
            }
        }
    }

    fn result_class(&self, op: OpId, meaning: &Meaning, index: usize, result: ValueId) -> Class {
        let operands = self.module.op(op).operands();
        if meaning::bytes(self.module, result) == 0 {
            return Class::Nothing;
        }
        if let Some([_, operand]) = meaning.updates.iter().find(|update| update[0] == index) {
            return self.class(operands[*operand]);
        }
        match (meaning.views[index], &meaning.kind) {
            (Some(View::Exact { operand, .. }), _) => self.class(operands[operand]),
            (Some(View::Opaque { operand }), _) => match self.class(operands[operand]) {
                Class::Exact => Class::Inside(operands[operand]),
                other => other,
            },
            (None, Kind::Constant) => Class::Nothing,
            (None, _) if self.module.find_attr(op, "memopt.virtual").is_some() => Class::Nothing,
            (None, _) => Class::Exact,
        }
    }

    /// Block arguments and yields of a slot lie where its result lies; unchanged slots are the operand.
    fn loop_regions(&mut self, op: OpId, meaning: &Meaning) {
        let mut arguments = Vec::new();
        for region in 0..2 {
            let Some(block) = meaning::block(self.module, op, region) else { continue };
            for (slot, &argument) in self.module.block(block).arguments().iter().enumerate() {
                let result = self.module.op(op).result(slot);
                self.class.insert(argument, self.class(result));
                self.relate(argument, result, 0);
                if meaning.views[slot].is_some() {
                    self.relate(argument, self.module.op(op).operands()[slot], 0);
                }
                arguments.push(argument);
            }
            self.region(op, meaning, region, region == 1);
        }
        self.offsets(op, "memopt.arg_offsets", &arguments);
    }

    fn region(&mut self, op: OpId, meaning: &Meaning, region: usize, yields_results: bool) {
        let Some(block) = meaning::block(self.module, op, region) else { return };
        self.block(block);
        let Some(&last) = self.module.block(block).ops().last() else { return };
        for (index, &value) in self.module.op(last).operands().iter().enumerate() {
            if yields_results && meaning.views.get(index) == Some(&None) {
                self.relate(value, self.module.op(op).result(index), 0);
            }
        }
    }

    fn results(&mut self, function: Function) {
        let donations = meaning::tuples(self.module, function.op, "memopt.donations");
        let in_arena = meaning::word(self.module, function.op, "memopt.results") == Some("arena");
        for (index, &value) in function.results(self.module).iter().enumerate() {
            let mut base = value;
            while let Class::Inside(outer) = self.class(base) {
                base = outer;
            }
            match donations.iter().find(|pair| pair[1] == index) {
                Some(pair) => self.know(base, (Buffer::Argument(pair[0]), 0)),
                None if in_arena => {}
                None => self.know(base, (Buffer::Result(index), 0)),
            }
        }
    }

    fn offsets(&mut self, op: OpId, name: &str, values: &[ValueId]) {
        let Some(Attr::DenseArray { values: DenseArray::Integers(offsets), .. }) = self.module.find_attr(op, name)
        else {
            return;
        };
        for (&offset, &value) in offsets.iter().zip(values) {
            if offset >= 0 {
                self.know(value, (Buffer::Arena, offset));
            }
        }
    }

    fn solve(self) -> Result<BTreeMap<ValueId, Address>, String> {
        let mut places: BTreeMap<ValueId, Address> = BTreeMap::new();
        let put = |places: &mut BTreeMap<ValueId, Address>, value: ValueId, address: Address| {
            let known = *places.entry(value).or_insert(address);
            let name = self.module.display_value(value);
            if known == address { Ok(()) } else { Err(format!("{name} lies at {known:?} and at {address:?}")) }
        };
        for &(value, address) in &self.known {
            put(&mut places, value, address)?;
        }
        let mut found = 0;
        while found < places.len() {
            found = places.len();
            for &(value, base, distance) in &self.distances {
                if let Some(&(buffer, at)) = places.get(&base) {
                    put(&mut places, value, (buffer, at + distance))?;
                }
                if let Some(&(buffer, at)) = places.get(&value) {
                    put(&mut places, base, (buffer, at - distance))?;
                }
            }
        }
        Ok(places)
    }
}

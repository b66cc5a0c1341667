//! The machine that runs a function, with a plan or without.
// tidy: long because what a kernel reads, writes and destroys is one state

use std::collections::BTreeMap;
use std::rc::Rc;

use memopt::ir::{Attr, BlockId, Function, Module, OpId, ValueId};

use super::digest::Digest;
use super::held::{Held, Part, Range, Source};
use super::meaning::{self, Effects, Kind, Meaning, Reader, View};
use super::places::{Address, Buffer, places};

/// Rounds of a loop whose predicate never ends it; another predicate ends it elsewhere.
pub(super) const MOST_ROUNDS: usize = 3;

/// What can be seen of a run.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) results: Vec<Vec<u8>>,
    /// Operations with ordered effects, in order.
    pub(super) observed: Vec<u64>,
    /// Random operations, sorted.
    pub(super) drawn: Vec<u64>,
    /// An argument that changed although it is not donated.
    pub(super) spoiled_argument: Option<usize>,
}

/// Runs a function; with `original` as its plan says, without as it stands.
///
/// # Errors
/// What makes it impossible to run: bytes that the plan does not place, or places outside their buffer.
pub(super) fn run(
    (module, function): (&Module, Function),
    original: Option<(&Module, Function)>,
    salt: u64,
) -> Result<Outcome, String> {
    let meanings = meanings(module, function);
    let places = match original {
        Some(_) => Some(places(module, function, &meanings)?),
        None => None,
    };
    let mut machine = Machine::new(module, function, meanings, places, salt);
    machine.check_donations(original)?;
    machine.block(function.body)?;
    machine.finish(original)
}

/// The meanings of all operations of planned blocks.
pub(super) fn meanings(module: &Module, function: Function) -> BTreeMap<OpId, Meaning> {
    let complete = [function.op, module.root()]
        .into_iter()
        .any(|op| meaning::word(module, op, "memopt.hints") == Some("complete"));
    let mut meanings = BTreeMap::new();
    let mut blocks = vec![function.body];
    while let Some(block) = blocks.pop() {
        for &op in module.block(block).ops() {
            let meaning = meaning::meaning(module, op, complete);
            if matches!(meaning.kind, Kind::Loop | Kind::Branches) {
                blocks.extend((0..module.op(op).regions().len()).filter_map(|r| meaning::block(module, op, r)));
            }
            meanings.insert(op, meaning);
        }
    }
    meanings
}

pub(super) struct Machine<'m> {
    pub(super) module: &'m Module,
    pub(super) function: Function,
    pub(super) meanings: BTreeMap<OpId, Meaning>,
    /// The textual index of each operation.
    pub(super) ids: BTreeMap<OpId, usize>,
    pub(super) places: Option<BTreeMap<ValueId, Address>>,
    pub(super) arena: Vec<u8>,
    pub(super) arguments: Vec<Vec<u8>>,
    pub(super) results: Vec<Vec<u8>>,
    pub(super) own: Vec<Vec<u8>>,
    pub(super) held: BTreeMap<ValueId, Held>,
    pub(super) observed: Vec<u64>,
    pub(super) drawn: Vec<u64>,
    pub(super) salt: u64,
    /// How often garbage was written: no two times the same.
    pub(super) garbage: u64,
}

pub(super) type Done<T = ()> = Result<T, String>;

impl<'m> Machine<'m> {
    pub(super) fn new(
        module: &'m Module,
        function: Function,
        meanings: BTreeMap<OpId, Meaning>,
        places: Option<BTreeMap<ValueId, Address>>,
        salt: u64,
    ) -> Machine<'m> {
        let arena = meaning::integer(module, function.op, "memopt.arena_size").filter(|_| places.is_some());
        let content = |k: usize| Digest::of("argument").number(salt).number(k as u64);
        let inputs = function.arguments(module).iter().enumerate();
        let arguments: Vec<Vec<u8>> =
            inputs.map(|(k, &value)| content(k).stream(meaning::bytes(module, value))).collect();
        let results = function.results(module).iter().map(|&value| vec![0xa5; meaning::bytes(module, value)]).collect();
        let mut machine = Machine {
            module,
            function,
            meanings,
            ids: BTreeMap::new(),
            places,
            arena: vec![0xa5; arena.unwrap_or(0)],
            arguments,
            results,
            own: Vec::new(),
            held: BTreeMap::new(),
            observed: Vec::new(),
            drawn: Vec::new(),
            salt,
            garbage: 0,
        };
        machine.number();
        for (k, &value) in function.arguments(module).iter().enumerate() {
            let range = Range { buffer: Buffer::Argument(k), start: 0, len: machine.arguments[k].len() };
            machine.held.insert(value, Held::whole(range));
        }
        machine
    }

    /// Each operation's index in the text, those inside regions counted where they stand.
    pub(super) fn number(&mut self) {
        let mut work = vec![(self.function.body, 0)];
        while let Some((block, at)) = work.pop() {
            let Some(&op) = self.module.block(block).ops().get(at) else { continue };
            self.ids.insert(op, self.ids.len());
            work.push((block, at + 1));
            let regions = self.module.op(op).regions().iter().rev();
            work.extend(regions.flat_map(|&r| self.module.region(r).blocks().iter().rev()).map(|&b| (b, 0)));
        }
    }

    /// Arguments that the caller gives up lie in the results that the caller looks for there.
    pub(super) fn check_donations(&self, original: Option<(&Module, Function)>) -> Done {
        let Some((module, function)) = original else { return Ok(()) };
        for pair in meaning::tuples(self.module, self.function.op, "memopt.donations") {
            if pair[0] >= self.arguments.len() || pair[1] >= self.results.len() {
                return Err("a donation names no argument or no result".to_owned());
            }
            let named = function.argument_attr(module, pair[0], "tf.aliasing_output");
            let fits = match named {
                Some(Attr::Integer { value, .. }) => *value == pair[1] as i128,
                _ => is_donated(module, function, pair[0]),
            };
            if !fits {
                return Err(format!("argument {} is not donated to result {}", pair[0], pair[1]));
            }
        }
        Ok(())
    }

    pub(super) fn finish(mut self, original: Option<(&Module, Function)>) -> Done<Outcome> {
        let returned = self.function.results(self.module).to_vec();
        let results = returned.iter().map(|&value| self.content(value)).collect::<Done<Vec<_>>>()?;
        if original.is_some() {
            for &value in &returned {
                if meaning::bytes(self.module, value) > 0 && !matches!(self.held[&value].source, Source::Memory(_)) {
                    return Err(format!("{} is returned without bytes", self.module.display_value(value)));
                }
            }
        }
        let spoiled = original.and_then(|(module, function)| {
            let kept = |k: &usize| !is_donated(module, function, *k);
            let content = |k: usize| Digest::of("argument").number(self.salt).number(k as u64);
            let changed = |k: &usize| self.arguments[*k] != content(*k).stream(self.arguments[*k].len());
            (0..self.arguments.len()).filter(kept).find(changed)
        });
        self.drawn.sort_unstable();
        Ok(Outcome { results, observed: self.observed, drawn: self.drawn, spoiled_argument: spoiled })
    }

    /// Runs all operations of a block but the last.
    pub(super) fn block(&mut self, block: BlockId) -> Done {
        let ops = self.module.block(block).ops();
        ops[..ops.len().saturating_sub(1)].iter().try_for_each(|&op| self.operation(op))
    }

    pub(super) fn operation(&mut self, op: OpId) -> Done {
        let meaning = self.meanings[&op].clone();
        match meaning.kind {
            Kind::Loop => self.run_loop(op, &meaning),
            Kind::Branches => self.run_branch(op, &meaning),
            _ => self.kernel(op, &meaning),
        }
    }

    pub(super) fn kernel(&mut self, op: OpId, meaning: &Meaning) -> Done {
        if self.is_virtual(op, meaning)? {
            return Ok(());
        }
        if self.places.is_some() && self.module.find_attr(op, "memopt.joined").is_some() {
            // Its operands are said to lie one after another: whoever reads it reads what is there.
            let outs = self.outs(op, meaning)?;
            return self.bind_results(op, meaning, &outs);
        }
        self.check_readable(op, meaning)?;
        let outs = self.outs(op, meaning)?;
        let workspace = self.workspace(op, meaning)?;
        self.destroy(op, &outs);
        self.trample(workspace);
        let digest = self.operands_digest(op, meaning)?;
        let updates = self.updated(op, meaning, digest)?;
        match meaning.kind {
            Kind::Kernel => self.compute(op, meaning, digest, &outs)?,
            _ => {
                if let (Some((_, range)), Some(content)) = (outs.first(), self.generated(op, meaning)?) {
                    self.write(*range, &content);
                }
            }
        }
        for (range, content) in updates {
            self.write(range, &content);
        }
        self.observe(meaning, digest);
        self.trample(workspace);
        self.bind_results(op, meaning, &outs)
    }

    /// Whether nothing runs here because readers compute the result themselves.
    pub(super) fn is_virtual(&mut self, op: OpId, meaning: &Meaning) -> Done<bool> {
        let marked = self.places.is_some() && self.module.find_attr(op, "memopt.virtual").is_some();
        let fresh: Vec<ValueId> =
            self.module.op(op).results().enumerate().filter(|(r, _)| is_fresh(meaning, *r)).map(|(_, v)| v).collect();
        let sized = fresh.iter().any(|&value| meaning::bytes(self.module, value) > 0);
        if !marked || !sized || meaning.kind == Kind::Constant {
            return Ok(false);
        }
        if !meaning.computable {
            return Err(format!("{} cannot be computed by its readers", self.module.op_name(op)));
        }
        for value in fresh {
            let len = meaning::bytes(self.module, value);
            self.held.insert(value, Held { source: Source::Virtual(op), part: Part::Exact { offset: 0, len } });
        }
        Ok(true)
    }

    /// A kernel that nobody described finds its operands in memory. One that makes no byte and has no effects never runs.
    pub(super) fn check_readable(&self, op: OpId, meaning: &Meaning) -> Done {
        let mut results = self.module.op(op).results();
        let makes_nothing = results.len() > 0 && results.all(|value| meaning::bytes(self.module, value) == 0);
        if makes_nothing && matches!(meaning.effects, Effects::None) {
            return Ok(());
        }
        let viewed = |operand: usize| {
            meaning.views.iter().flatten().any(|view| {
                let (View::Exact { operand: o, .. } | View::Opaque { operand: o }) = *view;
                o == operand
            })
        };
        let operands = self.module.op(op).operands().iter().enumerate();
        let read = operands.filter(|(index, _)| !viewed(*index)).map(|(_, &value)| value).chain(self.captured(op));
        for value in read {
            // Of a value without bytes there is nothing to find, whatever it views.
            let sized = meaning::bytes(self.module, value) != 0;
            let asked = match self.held.get(&value) {
                Some(Held { source: Source::Virtual(of), .. }) if sized => self.asked(*of),
                _ => continue,
            };
            let may = match asked {
                None => meaning.reader != Some(Reader::Unknown),
                Some(asked) => meaning.reader.is_some_and(|reader| reader >= asked),
            };
            if !may {
                return Err(format!("{} reads a value that has no bytes", self.module.op_name(op)));
            }
        }
        Ok(())
    }

    /// What an operation without bytes asks of those who compute it; nothing, if it is made from nothing.
    fn asked(&self, op: OpId) -> Option<Reader> {
        let meaning = &self.meanings[&op];
        let operands = self.module.op(op).operands().iter();
        let of_operands = operands.map(|value| match self.held.get(value).map(|held| &held.source) {
            Some(Source::Virtual(of)) => self.asked(*of),
            Some(_) if meaning::bytes(self.module, *value) != 0 => Some(Reader::Finding),
            _ => None,
        });
        match &meaning.kind {
            Kind::Splat | Kind::Iota => None,
            Kind::Moved(map) if map.iter().all(|(operand, _)| *operand == 0) && operand_count(self.module, op) == 1 => {
                of_operands.max().flatten()
            }
            _ => Some(Reader::Computing),
        }
    }

    /// What scalar bodies read from outside.
    fn captured(&self, op: OpId) -> Vec<ValueId> {
        let mut values = Vec::new();
        let mut work = vec![op];
        while let Some(next) = work.pop() {
            for &region in self.module.op(next).regions() {
                for &block in self.module.region(region).blocks() {
                    for &inner in self.module.block(block).ops() {
                        values.extend(self.module.op(inner).operands());
                        work.push(inner);
                    }
                }
            }
        }
        values
    }

    /// The results that have a buffer of their own.
    pub(super) fn outs(&mut self, op: OpId, meaning: &Meaning) -> Done<Vec<(usize, Range)>> {
        let mut outs = Vec::new();
        for (index, value) in self.module.op(op).results().enumerate() {
            let len = meaning::bytes(self.module, value);
            if is_fresh(meaning, index) && len > 0 && meaning.kind != Kind::Constant {
                outs.push((index, self.place(value, len)?));
            }
        }
        Ok(outs)
    }

    /// Where the plan puts a value; without a plan, in a new buffer.
    pub(super) fn place(&mut self, value: ValueId, len: usize) -> Done<Range> {
        let Some(places) = &self.places else {
            self.own.push(vec![0; len]);
            return Ok(Range { buffer: Buffer::Own(self.own.len() - 1), start: 0, len });
        };
        let name = self.module.display_value(value);
        let &(buffer, start) = places.get(&value).ok_or_else(|| format!("{name} has no place"))?;
        let start = usize::try_from(start).map_err(|_| format!("{name} lies before its buffer"))?;
        self.inside(Range { buffer, start, len }, &name)
    }

    pub(super) fn inside(&self, range: Range, name: &str) -> Done<Range> {
        let size = self.buffer(range.buffer).map_or(0, Vec::len);
        if range.start.saturating_add(range.len) > size {
            return Err(format!("{name} lies at {range:?}, but there are {size} bytes"));
        }
        Ok(range)
    }

    pub(super) fn buffer(&self, buffer: Buffer) -> Option<&Vec<u8>> {
        match buffer {
            Buffer::Arena => Some(&self.arena),
            Buffer::Argument(k) => self.arguments.get(k),
            Buffer::Result(k) => self.results.get(k),
            Buffer::Own(k) => self.own.get(k),
        }
    }

    /// Bytes of a value's type: what a hint says beyond is padding. A type without a size is all that the hint says.
    pub(super) fn content_bytes(&self, value: ValueId) -> usize {
        let of_type = self.module.type_bytes(value).map_or(0, |bytes| bytes.0 as usize);
        if of_type == 0 { meaning::bytes(self.module, value) } else { of_type }
    }

    pub(super) fn workspace(&self, op: OpId, meaning: &Meaning) -> Done<Option<Range>> {
        if meaning.workspace == 0 || self.places.is_none() {
            return Ok(None);
        }
        let start = meaning::integer(self.module, op, "memopt.workspace_offset").ok_or("workspace without a place")?;
        self.inside(Range { buffer: Buffer::Arena, start, len: meaning.workspace }, "the workspace").map(Some)
    }

    pub(super) fn bind_results(&mut self, op: OpId, meaning: &Meaning, outs: &[(usize, Range)]) -> Done {
        for (index, value) in self.module.op(op).results().enumerate() {
            if let Some((_, range)) = outs.iter().find(|(out, _)| *out == index) {
                let held = Held::padded(*range, self.content_bytes(value));
                self.held.insert(value, held);
            } else if let Some(view) = meaning.views[index] {
                self.bind_view(op, value, view);
            } else if meaning.kind == Kind::Constant {
                let bytes = Rc::new(self.generated(op, meaning)?.unwrap_or_default());
                let part = Part::Exact { offset: 0, len: bytes.len() };
                self.held.insert(value, Held { source: Source::Program(bytes), part });
            }
        }
        Ok(())
    }

    pub(super) fn bind_view(&mut self, op: OpId, value: ValueId, view: View) {
        let (View::Exact { operand, .. } | View::Opaque { operand }) = view;
        let Some(held) = self.held.get(&self.module.op(op).operands()[operand]).cloned() else { return };
        let len = meaning::bytes(self.module, value);
        let mut tag = meaning::digest(self.module, op);
        if self.meanings[&op].opaque {
            let id = if self.places.is_some() { meaning::id(self.module, op) } else { self.ids.get(&op).copied() };
            tag = tag.number(id.unwrap_or(usize::MAX) as u64);
        }
        let part = match (held.part, view) {
            (Part::Exact { offset: base, .. }, View::Exact { offset, .. }) => {
                Part::Exact { offset: base + offset, len }
            }
            (Part::Exact { offset, len: of }, View::Opaque { .. }) => {
                Part::Opaque { tag: tag.number(offset as u64).number(of as u64), len }
            }
            (Part::Opaque { tag: inner, .. }, _) => Part::Opaque { tag: tag.number(inner.value()), len },
        };
        self.held.insert(value, Held { source: held.source, part });
    }
}

fn operand_count(module: &Module, op: OpId) -> usize {
    module.op(op).operands().len()
}

/// Whether a result is no view and no update.
pub(super) fn is_fresh(meaning: &Meaning, result: usize) -> bool {
    meaning.views[result].is_none() && meaning.updates.iter().all(|update| update[0] != result)
}

pub(super) fn is_donated(module: &Module, function: Function, argument: usize) -> bool {
    function.argument_attr(module, argument, "tf.aliasing_output").is_some()
        || matches!(function.argument_attr(module, argument, "jax.buffer_donor"), Some(Attr::Bool(true)))
}

//! What operations compute: hashes in place of arithmetic.

use std::collections::BTreeMap;
use std::rc::Rc;

use memopt::ir::{OpId, ValueId};

use super::digest::Digest;
use super::held::{Held, Part, Range, Source};
use super::machine::{Done, Machine};
use super::meaning::{self, Effects, Kind, Meaning};

impl Machine<'_> {
    /// What an operation without arithmetic makes.
    pub(super) fn generated(&self, op: OpId, meaning: &Meaning) -> Done<Option<Vec<u8>>> {
        let Some(result) = self.module.op(op).results().next() else { return Ok(None) };
        let len = meaning::bytes(self.module, result);
        let width = meaning::width(self.module, result).max(1);
        let digest = meaning::digest(self.module, op);
        Ok(Some(match &meaning.kind {
            Kind::Splat => digest.stream(width).repeat(len.div_ceil(width)),
            Kind::Constant | Kind::Iota => digest.stream(len),
            Kind::Copy => self.content(self.module.op(op).operands()[0])?,
            Kind::Moved(_) | Kind::Window => {
                let operands = self.module.op(op).operands().iter();
                let contents = operands.map(|&value| self.content(value)).collect::<Done<Vec<_>>>()?;
                self.moved(op, meaning, &contents)
            }
            _ => return Ok(None),
        }))
    }

    /// All that the results follow from, but for the operands that are read element by element.
    pub(super) fn operands_digest(&self, op: OpId, meaning: &Meaning) -> Done<Digest> {
        let mut digest = meaning::digest(self.module, op);
        if meaning.opaque || meaning.effects != Effects::None {
            let id = if self.places.is_some() { meaning::id(self.module, op) } else { self.ids.get(&op).copied() };
            digest = digest.number(id.unwrap_or(usize::MAX) as u64);
        }
        for (index, &operand) in self.module.op(op).operands().iter().enumerate() {
            if meaning.in_step.iter().all(|(o, _)| *o != index) {
                digest = digest.bytes(&self.content(operand)?);
            }
        }
        let mut names = BTreeMap::new();
        self.regions_digest(op, digest, &mut names)
    }

    /// Scalar bodies: every operation, values of the body by number, others by content.
    pub(super) fn regions_digest(
        &self,
        op: OpId,
        mut digest: Digest,
        names: &mut BTreeMap<ValueId, u64>,
    ) -> Done<Digest> {
        for &region in self.module.op(op).regions() {
            for &block in self.module.region(region).blocks() {
                for &argument in self.module.block(block).arguments() {
                    names.insert(argument, names.len() as u64);
                }
                for &inner in self.module.block(block).ops() {
                    digest = digest.number(meaning::digest(self.module, inner).value());
                    for value in self.module.op(inner).operands() {
                        digest = match names.get(value) {
                            Some(&name) => digest.number(name),
                            None => digest.bytes(&self.content(*value)?),
                        };
                    }
                    digest = self.regions_digest(inner, digest, names)?;
                    for result in self.module.op(inner).results() {
                        names.insert(result, names.len() as u64);
                    }
                }
            }
        }
        Ok(digest)
    }

    /// Computes all results together, element by element.
    pub(super) fn compute(&mut self, op: OpId, meaning: &Meaning, digest: Digest, outs: &[(usize, Range)]) -> Done {
        let operands = self.module.op(op).operands();
        let Some(longest) = outs.iter().map(|(_, range)| range.len).max() else { return Ok(()) };
        if meaning.in_step.is_empty() {
            for &(index, range) in outs {
                let content = digest.number(index as u64).stream(range.len);
                self.write(range, &content);
            }
            return Ok(());
        }
        // What was written before may be read again, if the plan is wrong: each element is computed from what is there now.
        for at in 0..longest.div_ceil(meaning.step) {
            let mut made = BTreeMap::new();
            let mut element = digest.number(at as u64);
            for &(operand, width) in &meaning.in_step {
                element = element.bytes(&self.element(operands[operand], at, width, &mut made)?);
            }
            for &(index, range) in outs {
                let from = at * meaning.step;
                if from < range.len {
                    let len = meaning.step.min(range.len - from);
                    self.write(range.part(from, len), &element.number(index as u64).stream(len));
                }
            }
        }
        Ok(())
    }

    /// Elements of operands, chosen.
    fn moved(&self, op: OpId, meaning: &Meaning, contents: &[Vec<u8>]) -> Vec<u8> {
        let width = meaning::width(self.module, self.module.op(op).result(0)).max(1);
        let window;
        let map = match &meaning.kind {
            Kind::Moved(map) => map,
            _ => {
                window = meaning::window(self.module, op, start(&contents[1..]));
                &window
            }
        };
        let element = |&(operand, at): &(usize, usize)| {
            contents[operand].get(at * width..(at + 1) * width).unwrap_or_default().to_vec()
        };
        map.iter().flat_map(element).collect()
    }

    /// All bytes of an operation that its readers compute, from what its operands hold now; `made` holds those that it shares
    /// operands with.
    pub(super) fn whole(&self, op: OpId, made: &mut BTreeMap<OpId, Rc<Vec<u8>>>) -> Done<Rc<Vec<u8>>> {
        if let Some(bytes) = made.get(&op) {
            return Ok(bytes.clone());
        }
        let (meaning, result) = (&self.meanings[&op], self.module.op(op).result(0));
        let contents = self.module.op(op).operands().iter().map(|value| match self.held.get(value) {
            Some(Held { source: Source::Virtual(of), part: Part::Exact { offset, len } }) => {
                let bytes = self.whole(*of, made)?;
                Ok(bytes.get(*offset..offset + len).map_or_else(Vec::new, <[u8]>::to_vec))
            }
            _ => self.content(*value),
        });
        let contents = contents.collect::<Done<Vec<_>>>()?;
        let bytes = match &meaning.kind {
            Kind::Moved(_) | Kind::Window => self.moved(op, meaning, &contents),
            Kind::Kernel => {
                let mut digest = meaning::digest(self.module, op);
                for (index, content) in contents.iter().enumerate() {
                    if meaning.in_step.iter().all(|(o, _)| *o != index) {
                        digest = digest.bytes(content);
                    }
                }
                let part = |&(operand, width): &(usize, usize), at: usize| {
                    contents[operand].get(at * width..(at + 1) * width).unwrap_or_default()
                };
                let len = meaning::bytes(self.module, result);
                let element = |at: usize| {
                    let inputs = meaning.in_step.iter();
                    let element = inputs.fold(digest.number(at as u64), |d, input| d.bytes(part(input, at)));
                    element.number(0).stream(meaning.step)
                };
                match meaning.in_step.is_empty() {
                    true => digest.number(0).stream(len),
                    false => (0..len / meaning.step).flat_map(element).collect(),
                }
            }
            _ => self.generated(op, meaning)?.unwrap_or_default(),
        };
        let bytes = Rc::new(bytes);
        made.insert(op, bytes.clone());
        Ok(bytes)
    }

    /// One element of a value, as it is read now; `made` holds those that were read for the same element of the reader.
    fn element(
        &self,
        value: ValueId,
        at: usize,
        width: usize,
        made: &mut BTreeMap<(OpId, usize), Vec<u8>>,
    ) -> Done<Vec<u8>> {
        let (from, to) = (at * width, (at + 1) * width);
        let held = self.held.get(&value);
        if let Some(range) = held.and_then(Held::exact) {
            let read = |len: usize| self.read(range.part(from, width.min(len)));
            return Ok(range.len.checked_sub(from).map_or_else(Vec::new, read));
        }
        match held {
            Some(Held { source: Source::Virtual(op), part: Part::Exact { offset, len } }) if to <= *len => {
                self.element_of(*op, offset / width + at, width, made)
            }
            _ => Ok(self.content(value)?.get(from..to).unwrap_or_default().to_vec()),
        }
    }

    /// One element of an operation that its reader computes.
    fn element_of(
        &self,
        op: OpId,
        at: usize,
        width: usize,
        made: &mut BTreeMap<(OpId, usize), Vec<u8>>,
    ) -> Done<Vec<u8>> {
        if let Some(bytes) = made.get(&(op, at)) {
            return Ok(bytes.clone());
        }
        let (meaning, operands) = (&self.meanings[&op], self.module.op(op).operands());
        let whole = |operands: &[ValueId]| operands.iter().map(|&v| self.content(v)).collect::<Done<Vec<_>>>();
        let bytes = match &meaning.kind {
            Kind::Moved(map) => self.element(operands[map[at].0], map[at].1, width, made)?,
            Kind::Window => {
                let (operand, at) = meaning::window(self.module, op, start(&whole(&operands[1..])?))[at];
                self.element(operands[operand], at, width, made)?
            }
            Kind::Kernel if !meaning.in_step.is_empty() => {
                let mut element = self.operands_digest(op, meaning)?.number(at as u64);
                for &(operand, width) in &meaning.in_step {
                    element = element.bytes(&self.element(operands[operand], at, width, made)?);
                }
                element.number(0).stream(width)
            }
            _ => self.whole(op, &mut BTreeMap::new())?.get(at * width..(at + 1) * width).unwrap_or_default().to_vec(),
        };
        made.insert((op, at), bytes.clone());
        Ok(bytes)
    }

    /// The new content of every storage that is updated.
    pub(super) fn updated(&mut self, op: OpId, meaning: &Meaning, digest: Digest) -> Done<Vec<(Range, Vec<u8>)>> {
        let mut updates = Vec::new();
        for &[result, operand] in &meaning.updates {
            let operand = self.module.op(op).operands()[operand];
            if meaning::bytes(self.module, operand) == 0 {
                continue;
            }
            let Some(Held { source: Source::Memory(range), .. }) = self.held.get(&operand).cloned() else {
                return Err(format!("{} has no bytes to update", self.module.display_value(operand)));
            };
            let target = match self.places {
                Some(_) => range,
                None => self.place(operand, range.len)?,
            };
            updates.push((target, digest.number(result as u64).stream(range.len)));
            if let Some(held) = self.held.get(&operand).cloned() {
                let part = match held.part {
                    Part::Opaque { tag, len } => Part::Opaque { tag: tag.number(1), len },
                    exact => exact,
                };
                let value = self.module.op(op).result(result);
                self.held.insert(value, Held { source: Source::Memory(target), part });
            }
        }
        Ok(updates)
    }

    pub(super) fn observe(&mut self, meaning: &Meaning, digest: Digest) {
        match meaning.effects {
            Effects::None => {}
            Effects::Random => self.drawn.push(digest.value()),
            Effects::Ordered => self.observed.push(digest.value()),
        }
    }
}

/// Where a window starts.
fn start(indices: &[Vec<u8>]) -> Digest {
    indices.iter().fold(Digest::of("start"), |digest, index| digest.bytes(index))
}

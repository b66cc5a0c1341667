//! The bytes of the machine: destroyed, trampled, written and read.

use memopt::ir::{OpId, ValueId};

use super::digest::Digest;
use super::held::{Held, Part, Range, Source};
use super::machine::{Done, Machine};
use super::meaning;
use super::places::Buffer;

impl Machine<'_> {
    /// Destroys results, except those that lie exactly in operands which are read in step, and in nothing else that is read.
    pub(super) fn destroy(&mut self, op: OpId, outs: &[(usize, Range)], in_step: &[(usize, Range)]) {
        let meaning = &self.meanings[&op];
        let operands = self.module.op(op).operands();
        let width_of = |operand: usize| meaning.in_step.iter().find(|(o, _)| *o == operand).map(|&(_, width)| width);
        let elsewhere: Vec<Range> = (0..operands.len())
            .filter(|operand| in_step.iter().all(|(o, _)| o != operand))
            .flat_map(|operand| self.touched(operands[operand]))
            .collect();
        let step = meaning.step;
        let mut doomed = Vec::new();
        for &(_, range) in outs {
            let in_place = |&(operand, of): &(usize, Range)| {
                !range.overlaps(of) || (range == of && width_of(operand) == Some(step))
            };
            if !in_step.iter().all(in_place) || elsewhere.iter().any(|of| range.overlaps(*of)) {
                doomed.push(range);
            }
        }
        // What is overwritten in step keeps its content until then; the rest may be lost at once.
        let kept: Vec<Range> = in_step.iter().map(|&(_, range)| range).collect();
        let fresh = outs.iter().map(|&(_, range)| range).filter(|range| !kept.contains(range));
        let all: Vec<Range> = doomed.into_iter().chain(fresh).collect();
        all.into_iter().for_each(|range| self.spoil(range));
    }

    /// The memory that reading a value reads.
    pub(super) fn touched(&self, value: ValueId) -> Vec<Range> {
        match self.held.get(&value) {
            Some(Held { source: Source::Memory(range), part: Part::Opaque { .. } }) => vec![*range],
            Some(Held { source: Source::Virtual(op), .. }) => {
                self.module.op(*op).operands().iter().flat_map(|&operand| self.touched(operand)).collect()
            }
            Some(held) => held.exact().into_iter().collect(),
            None => Vec::new(),
        }
    }

    pub(super) fn spoil(&mut self, range: Range) {
        self.garbage += 1;
        let content = Digest::of("garbage").number(self.garbage).stream(range.len);
        self.write(range, &content);
    }

    pub(super) fn trample(&mut self, range: Option<Range>) {
        range.into_iter().for_each(|range| self.spoil(range));
    }

    pub(super) fn write(&mut self, range: Range, content: &[u8]) {
        let buffer = match range.buffer {
            Buffer::Arena => &mut self.arena,
            Buffer::Argument(k) => &mut self.arguments[k],
            Buffer::Result(k) => &mut self.results[k],
            Buffer::Own(k) => &mut self.own[k],
        };
        let len = range.len.min(content.len());
        buffer[range.start..range.start + len].copy_from_slice(&content[..len]);
    }

    pub(super) fn read(&self, range: Range) -> Vec<u8> {
        let buffer = self.buffer(range.buffer).map_or(&[][..], Vec::as_slice);
        buffer.get(range.start..range.start + range.len).map_or_else(Vec::new, <[u8]>::to_vec)
    }

    /// The bytes of a value, as its readers find them now.
    pub(super) fn content(&self, value: ValueId) -> Done<Vec<u8>> {
        match self.held.get(&value) {
            Some(held) => self.content_of(held),
            None if meaning::bytes(self.module, value) == 0 => Ok(Vec::new()),
            None => Err(format!("{} was never computed", self.module.display_value(value))),
        }
    }

    pub(super) fn content_of(&self, held: &Held) -> Done<Vec<u8>> {
        let root = match &held.source {
            Source::Memory(range) => match held.exact() {
                Some(exact) if exact.start + exact.len > range.start + range.len => {
                    return Err("a view is larger than what it views".to_owned());
                }
                Some(exact) => return Ok(self.read(exact)),
                None => self.read(*range),
            },
            Source::Program(bytes) => bytes.to_vec(),
            Source::Virtual(op) => self.generated(*op, &self.meanings[op])?.unwrap_or_default(),
        };
        Ok(match held.part {
            Part::Exact { offset, len } => root.get(offset..offset + len).map_or_else(Vec::new, <[u8]>::to_vec),
            Part::Opaque { tag, len } => tag.bytes(&root).stream(len),
        })
    }
}

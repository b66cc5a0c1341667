//! The bytes of the machine: destroyed, trampled, written and read.

use std::collections::{BTreeMap, BTreeSet};

use memopt::ir::{OpId, ValueId};

use super::digest::Digest;
use super::held::{Held, Part, Range, Source};
use super::machine::{Done, Machine};
use super::meaning;
use super::places::Buffer;

impl Machine<'_> {
    /// Destroys results, except those that lie exactly in what is read in step only: that keeps its content until it is
    /// overwritten, element by element.
    pub(super) fn destroy(&mut self, op: OpId, outs: &[(usize, Range)]) {
        let reads = self.reads(op);
        let step = self.meanings[&op].step;
        let keeps = |range: Range| {
            let in_place = |&(of, width): &(Range, Option<usize>)| range == of && width == Some(step);
            let mut touched = reads.iter().filter(|(of, _)| range.overlaps(*of)).peekable();
            touched.peek().is_some() && touched.all(in_place)
        };
        let doomed: Vec<Range> = outs.iter().map(|&(_, range)| range).filter(|&range| !keeps(range)).collect();
        doomed.into_iter().for_each(|range| self.spoil(range));
    }

    /// All memory that an operation reads, through operations without bytes too; with the width of elements where element `i`
    /// is read for element `i` of the results only.
    fn reads(&self, op: OpId) -> Vec<(Range, Option<usize>)> {
        let mut reads = Vec::new();
        let mut seen = BTreeSet::new();
        let mut work = vec![(op, true)];
        while let Some((op, in_step)) = work.pop() {
            if !seen.insert((op, in_step)) {
                continue;
            }
            for (index, &value) in self.module.op(op).operands().iter().enumerate() {
                let Some(held) = self.held.get(&value) else { continue };
                let width = self.meanings[&op].in_step.iter().find(|(operand, _)| *operand == index && in_step);
                match (&held.source, held.part) {
                    (Source::Memory(range), Part::Opaque { .. }) => reads.push((*range, None)),
                    (Source::Memory(range), Part::Exact { offset, len }) => {
                        reads.push((range.part(offset, len), width.map(|&(_, width)| width)));
                    }
                    (Source::Virtual(of), part) => {
                        let all = meaning::bytes(self.module, self.module.op(*of).result(0));
                        work.push((*of, width.is_some() && part == Part::Exact { offset: 0, len: all }));
                    }
                    (Source::Program(_), _) => {}
                }
            }
        }
        reads
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
            Source::Virtual(op) => self.whole(*op, &mut BTreeMap::new())?.to_vec(),
        };
        Ok(match held.part {
            Part::Exact { offset, len } => root.get(offset..offset + len).map_or_else(Vec::new, <[u8]>::to_vec),
            Part::Opaque { tag, len } => tag.bytes(&root).stream(len),
        })
    }
}

//! What a name stands for: bytes in a buffer, a part of them, or something to compute.

use std::rc::Rc;

use memopt::ir::OpId;

use super::digest::Digest;
use super::places::Buffer;

/// Bytes in a buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Range {
    pub(super) buffer: Buffer,
    pub(super) start: usize,
    pub(super) len: usize,
}

impl Range {
    pub(super) fn overlaps(self, other: Range) -> bool {
        let meets = self.start < other.start + other.len && other.start < self.start + self.len;
        self.buffer == other.buffer && meets && self.len > 0 && other.len > 0
    }

    pub(super) fn part(self, offset: usize, len: usize) -> Range {
        Range { buffer: self.buffer, start: self.start + offset, len }
    }
}

/// The storage that a value lies in.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Memory(Range),
    /// The program's constants.
    Program(Rc<Vec<u8>>),
    /// Computed by this operation whenever it is read.
    Virtual(OpId),
}

/// Which bytes of its storage a value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    Exact {
        offset: usize,
        len: usize,
    },
    /// A hash of them all.
    Opaque {
        tag: Digest,
        len: usize,
    },
}

/// What a name stands for at the moment.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) source: Source,
    pub(super) part: Part,
}

impl Held {
    pub(super) fn whole(range: Range) -> Held {
        Held { source: Source::Memory(range), part: Part::Exact { offset: 0, len: range.len } }
    }

    /// The first bytes of a storage that is larger.
    pub(super) fn padded(range: Range, len: usize) -> Held {
        Held { source: Source::Memory(range), part: Part::Exact { offset: 0, len: len.min(range.len) } }
    }

    /// The bytes that it is exactly, if it is in memory and not opaque.
    pub(super) fn exact(&self) -> Option<Range> {
        match (&self.source, self.part) {
            (Source::Memory(range), Part::Exact { offset, len }) => Some(range.part(offset, len)),
            _ => None,
        }
    }
}

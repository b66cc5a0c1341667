//! Real memory with a shadow: which values each byte holds.
//!
//! Bytes hold more than one value where something equal was written over them: the result of an operation that was run
//! again, say. Neither is harmed, and both may be read.
//!
//! Bytes that no value holds are poisoned: all ones, which is NaN as a float and -1 as an integer. Scratch bytes are
//! overwritten with another pattern. Each buffer stands between guard bytes, that nothing may change.

use std::collections::BTreeMap;
use std::fmt;

use memopt::ir::ValueId;
use smallvec::{SmallVec, smallvec};

use crate::ops::Problem;

/// What bytes hold that no value holds.
const POISON: u8 = 0xff;

/// What a kernel leaves in its scratch bytes.
const TRAMPLED: u8 = 0x7f;

/// What stands before and behind each buffer.
const GUARD: u8 = 0xc5;

/// How many guard bytes there are on each side.
const GUARD_BYTES: usize = 64;

/// A buffer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Space {
    Arena,
    /// What the caller passes as this argument.
    Argument(usize),
    /// What the caller passes for this result.
    Result(usize),
}

/// Bytes of a buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub(super) space: Space,
    pub(super) start: usize,
    pub(super) len: usize,
}

impl Place {
    pub(super) fn end(self) -> usize {
        self.start.saturating_add(self.len)
    }

    pub(super) fn overlaps(self, other: Place) -> bool {
        self.space == other.space && self.start < other.end() && other.start < self.end()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.space {
            Space::Arena => write!(f, "bytes {} to {} of the arena", self.start, self.end()),
            Space::Argument(k) => write!(f, "bytes {} to {} of argument {k}", self.start, self.end()),
            Space::Result(k) => write!(f, "bytes {} to {} of result {k}", self.start, self.end()),
        }
    }
}

type Holders = SmallVec<[ValueId; 1]>;

struct Buffer {
    /// With the guards.
    bytes: Vec<u8>,
    /// Start and end of ranges, and the values that they hold, one at least; disjoint, poison between them.
    holders: BTreeMap<usize, (usize, Holders)>,
    /// Whether the program may write here.
    writable: bool,
}

impl Buffer {
    fn len(&self) -> usize {
        self.bytes.len() - 2 * GUARD_BYTES
    }

    /// Makes `at` a boundary between ranges.
    fn split(&mut self, at: usize) {
        let Some((_, (end, values))) = self.holders.range_mut(..at).next_back() else { return };
        if *end > at {
            let upper = (std::mem::replace(end, at), values.clone());
            self.holders.insert(at, upper);
        }
    }

    /// Nothing is held from `start` to `end` any more.
    fn clear(&mut self, start: usize, end: usize) {
        self.split(start);
        self.split(end);
        let gone: Vec<usize> = self.holders.range(start..end).map(|(&at, _)| at).collect();
        gone.iter().for_each(|at| _ = self.holders.remove(at));
    }

    /// Whether each byte from `start` to `end` holds some value.
    fn is_held(&self, start: usize, end: usize) -> bool {
        let mut at = start;
        while at < end {
            match self.holders.range(..=at).next_back() {
                Some((_, &(end, _))) if end > at => at = end,
                _ => return false,
            }
        }
        true
    }

    /// These bytes hold another value, too.
    fn label(&mut self, start: usize, end: usize, value: ValueId) {
        self.split(start);
        self.split(end);
        for (_, (_, values)) in self.holders.range_mut(start..end) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
    }
}

/// All buffers of a run.
pub(super) struct Memory {
    buffers: BTreeMap<Space, Buffer>,
}

impl Memory {
    pub(super) fn new() -> Memory {
        Memory { buffers: BTreeMap::new() }
    }

    /// A buffer of poison.
    pub(super) fn add(&mut self, space: Space, len: usize, writable: bool) {
        let mut bytes = vec![GUARD; len + 2 * GUARD_BYTES];
        bytes[GUARD_BYTES..GUARD_BYTES + len].fill(POISON);
        self.buffers.insert(space, Buffer { bytes, holders: BTreeMap::new(), writable });
    }

    /// Puts bytes into a buffer before the run begins, whoever may write there.
    pub(super) fn fill(&mut self, space: Space, bytes: &[u8], holder: ValueId) {
        let buffer = self.buffers.get_mut(&space).expect("the buffer was added before");
        buffer.bytes[GUARD_BYTES..GUARD_BYTES + bytes.len()].copy_from_slice(bytes);
        buffer.holders.insert(0, (bytes.len(), smallvec![holder]));
    }

    fn buffer(&mut self, place: Place) -> Result<&mut Buffer, Problem> {
        let buffer = self.buffers.get_mut(&place.space).ok_or_else(|| format!("there are no {place}"))?;
        if place.end() > buffer.len() {
            return Err(format!("there are no {place}: it has {}", buffer.len()));
        }
        Ok(buffer)
    }

    /// The bytes of a value.
    ///
    /// # Errors
    /// The first byte that does not hold it, and what it holds.
    pub(super) fn read(&mut self, place: Place, holder: ValueId) -> Result<&[u8], (usize, Option<ValueId>)> {
        let Ok(buffer) = self.buffer(place) else { return Err((place.start, None)) };
        let mut at = place.start;
        while at < place.end() {
            match buffer.holders.range(..=at).next_back() {
                Some((_, (end, values))) if *end > at && values.contains(&holder) => at = *end,
                Some((_, (end, values))) if *end > at => return Err((at, values.first().copied())),
                _ => return Err((at, None)),
            }
        }
        Ok(&buffer.bytes[GUARD_BYTES + place.start..GUARD_BYTES + place.end()])
    }

    /// Writes a value: what the bytes held is gone, unless it was just this.
    pub(super) fn write(&mut self, place: Place, bytes: &[u8], holder: ValueId) -> Result<(), Problem> {
        let buffer = self.buffer(place)?;
        let same = buffer.bytes[GUARD_BYTES + place.start..GUARD_BYTES + place.end()] == *bytes;
        if buffer.writable && same && buffer.is_held(place.start, place.end()) {
            buffer.label(place.start, place.end(), holder);
            return Ok(());
        }
        self.overwrite(place, |range| range.copy_from_slice(bytes))?;
        self.buffer(place)?.holders.insert(place.start, (place.end(), smallvec![holder]));
        Ok(())
    }

    /// Uses bytes for scratch.
    pub(super) fn trample(&mut self, place: Place) -> Result<(), Problem> {
        self.overwrite(place, |range| range.fill(TRAMPLED))
    }

    fn overwrite(&mut self, place: Place, with: impl FnOnce(&mut [u8])) -> Result<(), Problem> {
        let buffer = self.buffer(place)?;
        if !buffer.writable {
            return Err(format!("it writes {place}, which is not donated"));
        }
        buffer.clear(place.start, place.end());
        with(&mut buffer.bytes[GUARD_BYTES + place.start..GUARD_BYTES + place.end()]);
        Ok(())
    }

    /// Bytes that hold one value hold another one from now on.
    pub(super) fn rename(&mut self, place: Place, from: ValueId, to: ValueId) -> Result<(), Problem> {
        let buffer = self.buffer(place)?;
        buffer.label(place.start, place.end(), to);
        if from != to {
            let ranges = buffer.holders.range_mut(place.start..place.end());
            ranges.for_each(|(_, (_, values))| values.retain(|value| *value != from));
        }
        Ok(())
    }

    /// Poisons the bytes that still hold a value which nobody reads any more.
    pub(super) fn release(&mut self, place: Place, holder: ValueId) {
        let Ok(buffer) = self.buffer(place) else { return };
        if !buffer.writable {
            return;
        }
        buffer.split(place.start);
        buffer.split(place.end());
        let mut free = Vec::new();
        for (&start, (end, values)) in buffer.holders.range_mut(place.start..place.end()) {
            values.retain(|value| *value != holder);
            if values.is_empty() {
                free.push((start, *end));
            }
        }
        for (start, end) in free {
            buffer.holders.remove(&start);
            buffer.bytes[GUARD_BYTES + start..GUARD_BYTES + end].fill(POISON);
        }
    }

    /// The first buffer whose guard bytes were changed.
    pub(super) fn broken_guard(&self) -> Option<Space> {
        let is_guard = |&byte: &u8| byte == GUARD;
        let broken = |buffer: &Buffer| {
            let (before, rest) = buffer.bytes.split_at(GUARD_BYTES);
            !before.iter().all(is_guard) || !rest[rest.len() - GUARD_BYTES..].iter().all(is_guard)
        };
        self.buffers.iter().find(|(_, buffer)| broken(buffer)).map(|(&space, _)| space)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Place = Place { space: Space::Arena, start: 0, len: 8 };

    fn arena() -> (Memory, ValueId, ValueId) {
        let mut memory = Memory::new();
        memory.add(Space::Arena, 16, true);
        (memory, ValueId::new(1), ValueId::new(2))
    }

    #[test]
    fn bytes_know_their_holder() {
        let (mut memory, a, b) = arena();
        memory.write(A, &[1; 8], a).unwrap();
        assert_eq!(memory.read(A, a).unwrap(), [1; 8]);
        memory.write(Place { start: 4, ..A }, &[2; 8], b).unwrap();
        assert_eq!(memory.read(A, a).unwrap_err(), (4, Some(b)));
        assert_eq!(memory.read(Place { len: 4, ..A }, a).unwrap(), [1; 4], "the rest is whole");
        memory.release(Place { len: 16, ..A }, b);
        assert_eq!(memory.read(A, a).unwrap_err(), (4, None));
        assert_eq!(memory.buffers[&Space::Arena].bytes[GUARD_BYTES + 4], POISON);
    }

    #[test]
    fn bytes_that_are_written_again_hold_both() {
        let (mut memory, a, b) = arena();
        memory.write(A, &[1; 8], a).unwrap();
        memory.write(A, &[1; 8], b).unwrap();
        memory.release(A, a);
        assert_eq!(memory.read(A, b).unwrap(), [1; 8]);
        assert!(memory.read(A, a).is_err());
        memory.rename(A, b, a).unwrap();
        assert_eq!(memory.read(A, a).unwrap(), [1; 8]);
        assert!(memory.read(A, b).is_err());
    }

    #[test]
    fn nothing_is_written_outside_or_where_it_may_not_be() {
        let (mut memory, a, _) = arena();
        assert!(memory.write(Place { start: 12, ..A }, &[0; 8], a).is_err());
        assert!(memory.trample(Place { start: usize::MAX, ..A }).is_err());
        memory.add(Space::Argument(0), 8, false);
        assert!(memory.trample(Place { space: Space::Argument(0), ..A }).unwrap_err().contains("not donated"));
    }

    #[test]
    fn a_changed_guard_is_seen() {
        let (mut memory, ..) = arena();
        assert_eq!(memory.broken_guard(), None);
        let set = |memory: &mut Memory, at: usize, byte: u8| {
            memory.buffers.get_mut(&Space::Arena).unwrap().bytes[at] = byte;
        };
        set(&mut memory, GUARD_BYTES + 16, 0);
        assert_eq!(memory.broken_guard(), Some(Space::Arena));
        set(&mut memory, GUARD_BYTES + 16, GUARD);
        assert_eq!(memory.broken_guard(), None);
        set(&mut memory, GUARD_BYTES - 1, 0);
        assert_eq!(memory.broken_guard(), Some(Space::Arena));
    }
}

//! Symbolic memory: which value each byte of each space holds.

use std::collections::BTreeMap;
use std::fmt;

use smallvec::{SmallVec, smallvec};

use super::numbers::Number;

/// A range of addresses that nothing else shares.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Space {
    /// The arena.
    Arena,
    /// An argument of the function.
    Argument(u32),
    /// A result of the function that is no donated argument.
    Result(u32),
}

/// Some bytes of a space.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Range {
    /// Which space.
    pub space: Space,
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

impl Range {
    /// Whether two ranges share a byte.
    pub fn overlaps(self, other: Range) -> bool {
        self.space == other.space && self.start < other.end && other.start < self.end
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.space {
            Space::Arena => write!(f, "[{}, {})", self.start, self.end),
            Space::Argument(k) => write!(f, "argument {k} [{}, {})", self.start, self.end),
            Space::Result(k) => write!(f, "result {k} [{}, {})", self.start, self.end),
        }
    }
}

/// A value that begins at this address of the space: its other bytes follow.
type Label = (Number, u64);

/// Bytes that were written together, with all that they hold.
#[derive(Clone, Debug)]
struct Segment {
    end: u64,
    labels: SmallVec<[Label; 2]>,
    write: usize,
}

/// A write, for the profile of live bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Write {
    pub(super) range: Range,
    pub(super) hosted: bool,
    pub(super) first: u32,
    pub(super) last_read: u32,
    /// Bytes that the step of the write also reads from an earlier one: a result that takes its operand's bytes over.
    pub(super) taken_over: u64,
}

/// All spaces.
#[derive(Default, Debug)]
pub(super) struct Memory {
    spaces: BTreeMap<Space, BTreeMap<u64, Segment>>,
    /// Every write so far.
    pub(super) writes: Vec<Write>,
    /// The step that runs.
    pub(super) now: u32,
}

impl Memory {
    /// Writes a value: whatever the bytes held is gone.
    pub(super) fn write(&mut self, range: Range, number: Number, hosted: bool) {
        let write = self.occupy(range, hosted);
        let segment = Segment { end: range.end, labels: smallvec![(number, range.start)], write };
        self.spaces.entry(range.space).or_default().insert(range.start, segment);
    }

    /// Takes bytes for scratch: whatever they held is gone, and nothing can be read there.
    pub(super) fn scratch(&mut self, range: Range) {
        self.occupy(range, false);
    }

    /// Tramples on bytes, and notes that they are in use; returns the index of the write.
    fn occupy(&mut self, range: Range, hosted: bool) -> usize {
        let taken_over = self.kill(range);
        self.writes.push(Write { range, hosted, first: self.now, last_read: self.now, taken_over });
        self.writes.len() - 1
    }

    /// What was written before step `entered` and read since then is in use until now: the next round of a loop reads
    /// it again.
    pub(super) fn keep_what_was_read_since(&mut self, entered: u32) {
        for write in self.writes.iter_mut().filter(|write| write.first < entered && write.last_read > entered) {
            write.last_read = self.now;
        }
    }

    /// Tramples on bytes; returns how many of them are in use in this very step.
    pub(super) fn kill(&mut self, range: Range) -> u64 {
        let space = self.spaces.entry(range.space).or_default();
        split(space, range.start);
        split(space, range.end);
        let doomed: SmallVec<[u64; 8]> = space.range(range.start..range.end).map(|(&start, _)| start).collect();
        let mut in_use = 0;
        for start in doomed {
            let Some(segment) = space.remove(&start) else { continue };
            let write = &self.writes[segment.write];
            let counts = range.space == Space::Arena || write.hosted;
            if counts && write.last_read == self.now {
                in_use += segment.end - start;
            }
        }
        in_use
    }

    /// Adds a value that the bytes hold besides: a view.
    pub(super) fn label(&mut self, range: Range, number: Number) {
        let space = self.spaces.entry(range.space).or_default();
        split(space, range.start);
        split(space, range.end);
        for (_, segment) in space.range_mut(range.start..range.end) {
            if !segment.labels.contains(&(number, range.start)) {
                segment.labels.push((number, range.start));
            }
        }
    }

    /// Reads a value.
    ///
    /// # Errors
    /// The labels that the first wrong byte holds; empty where nothing known is there.
    pub(super) fn read(&mut self, range: Range, number: Number) -> Result<(), Vec<Number>> {
        let mut at = range.start;
        let space = self.spaces.entry(range.space).or_default();
        let from = space.range(..=at).next_back().map_or(at, |(&start, _)| start);
        for (&start, segment) in space.range(from..range.end) {
            if segment.end <= at {
                continue;
            }
            if start > at {
                return Err(Vec::new());
            }
            if !segment.labels.contains(&(number, range.start)) {
                return Err(segment.labels.iter().map(|&(number, _)| number).collect());
            }
            self.writes[segment.write].last_read = self.now;
            at = segment.end;
            if at >= range.end {
                return Ok(());
            }
        }
        Err(Vec::new())
    }
}

/// Makes `at` a boundary between segments.
fn split(space: &mut BTreeMap<u64, Segment>, at: u64) {
    let Some((&start, segment)) = space.range_mut(..at).next_back() else { return };
    if segment.end <= at || start == at {
        return;
    }
    let upper = Segment { end: segment.end, labels: segment.labels.clone(), write: segment.write };
    segment.end = at;
    space.insert(at, upper);
}

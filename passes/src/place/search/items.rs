//! The problem as the search sees it: items in units, over slots of time.
//!
//! *Item*: an outermost buffer with all that lies inside it; one offset places it. *Piece*: bytes of an item that are
//! occupied during a stretch of slots, counted from its offset; a plain buffer is one piece. *Unit*: the greatest common
//! divisor of everything that an offset can be a sum of; all numbers here are multiples of it, divided by it. *Slot*: a
//! maximal stretch of steps in which pieces only begin, after which at least one ends.

use std::ops::Range;

use memopt::ir::{Align, Bytes, Step};
use memopt::plan::{LayoutPiece, LayoutProblem};

use super::slots::Slots;

/// Members of a family beyond which its shape is taken as its hull.
const LARGE_FAMILY: usize = 500;

/// Bytes of an item during some slots.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Piece {
    /// First slot.
    pub(super) start: u32,
    /// One past the last slot.
    pub(super) end: u32,
    /// First unit.
    pub(super) low: u64,
    /// One past the last unit.
    pub(super) high: u64,
}

/// Something to place.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Its pieces, in the list of all pieces.
    pub(super) pieces: Range<u32>,
    /// First slot of the first piece.
    pub(super) start: u32,
    /// One past the last slot of the last.
    pub(super) end: u32,
    /// Units from its offset to its top.
    pub(super) size: u64,
    /// Least offset that its window, its pin and its alignment allow.
    pub(super) least: u64,
    /// Largest such offset.
    pub(super) most: u64,
    /// Offsets are `residue` more than a multiple of this.
    pub(super) align: u64,
    /// See `align`.
    pub(super) residue: u64,
    /// Number of steps in which it lives.
    pub(super) steps: u64,
    /// Its outermost buffer.
    pub(super) root: u32,
}

impl Item {
    /// Number of slots in which it lives.
    pub(super) fn length(&self) -> u32 {
        self.end - self.start
    }

    /// The least offset from `at` on that is aligned.
    pub(super) fn aligned(&self, at: u64) -> u64 {
        if self.align == 1 {
            return at;
        }
        at.saturating_sub(self.residue).div_ceil(self.align).saturating_mul(self.align).saturating_add(self.residue)
    }
}

/// An item that is one piece and may lie anywhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plain {
    /// First slot.
    pub(super) start: u32,
    /// One past the last slot.
    pub(super) end: u32,
    pub(super) size: u64,
    /// Number of steps in which it lives.
    pub(super) steps: u64,
}

/// All items.
pub(super) struct Items {
    /// In the order of their outermost buffers.
    pub(super) all: Vec<Item>,
    /// The pieces, item by item.
    pub(super) pieces: Vec<Piece>,
    /// Live units in each slot.
    pub(super) totals: Vec<u64>,
    /// Bytes of a unit.
    pub(super) unit: u64,
    /// For each buffer its item (none if it has no bytes) and where it begins there, in bytes.
    pub(super) places: Vec<(Option<u32>, Bytes)>,
    /// Some piece floats above the offset of its item, or a shape is not exact.
    pub(super) lifted: bool,
    /// No pins, windows, gaps, families or alignments are left: every item is one piece that may lie anywhere.
    pub(super) plain: bool,
}

impl Items {
    /// Items of a problem that keeps its contract; `None` if the numbers are too large to add up.
    pub(super) fn new(problem: &LayoutProblem) -> Option<Items> {
        let roots = problem.roots().ok()?;
        let (families, members) = families(problem, &roots);
        let mut shapes = Vec::with_capacity(families.len());
        let mut places: Vec<(Option<u32>, Bytes)> = roots.iter().map(|&(_, at)| (None, at)).collect();
        let mut lifted = false;
        let mut sum = 0_u64;
        for (index, family) in families.iter().enumerate() {
            let family = &members[family.clone()];
            family.iter().for_each(|&i| places[i].0 = Some(index as u32));
            let shape = Shape::new(problem, &roots, family);
            lifted |= shape.coarse || shape.pieces.iter().any(|p| p.low.0 > 0);
            sum = sum.checked_add(shape.size.0)?;
            shapes.push(shape);
        }
        if sum > u64::MAX / 8 {
            return None;
        }
        let unit = unit(&shapes);
        Some(Items::of_shapes(&shapes, unit, places, lifted))
    }

    /// Plain items, whose slots are those of another problem.
    pub(super) fn of_plain(items: &[Plain], unit: u64) -> Items {
        let piece = |p: &Plain| LayoutPiece {
            start: Step(p.start),
            end: Step(p.end),
            low: Bytes(0),
            high: Bytes(p.size * unit),
        };
        let shape = |(root, p): (usize, &Plain)| Shape {
            pieces: vec![piece(p)],
            size: Bytes(p.size * unit),
            least: 0,
            most: u64::MAX,
            align: 1,
            residue: 0,
            steps: p.steps,
            root,
            coarse: false,
        };
        let shapes: Vec<Shape> = items.iter().enumerate().map(shape).collect();
        Items::of_shapes(&shapes, unit, Vec::new(), false)
    }

    /// Items of these shapes.
    fn of_shapes(shapes: &[Shape], unit: u64, places: Vec<(Option<u32>, Bytes)>, lifted: bool) -> Items {
        let (slots, slot_of) = Slots::new(shapes.iter().flat_map(|s| &s.pieces));
        let mut items = Items {
            all: Vec::with_capacity(shapes.len()),
            pieces: Vec::new(),
            totals: vec![0; slots + 1],
            unit,
            places,
            lifted,
            plain: true,
        };
        for shape in shapes {
            items.push(shape, &slot_of);
        }
        items.totals.pop();
        let mut live = 0_u64;
        for total in &mut items.totals {
            live = live.wrapping_add(*total);
            *total = live;
        }
        items.plain = !lifted
            && items.all.iter().all(|i| i.pieces.len() == 1 && i.least == 0 && i.most == u64::MAX && i.align == 1);
        items
    }

    fn push(&mut self, shape: &Shape, slots: &Slots) {
        let first = self.pieces.len() as u32;
        for piece in &shape.pieces {
            let (start, end) = (slots.starting(piece.start), slots.ending(piece.end));
            let (low, high) = (piece.low.0 / self.unit, piece.high.0.div_ceil(self.unit));
            self.pieces.push(Piece { start, end, low, high });
            if !shape.coarse {
                // Differences for now: `new` adds them up.
                self.totals[start as usize] = self.totals[start as usize].wrapping_add(high - low);
                self.totals[end as usize] = self.totals[end as usize].wrapping_sub(high - low);
            }
        }
        let pieces = first..self.pieces.len() as u32;
        let own = &self.pieces[pieces.start as usize..];
        let align = (shape.align / self.unit).max(1);
        let most = if shape.most == u64::MAX { u64::MAX } else { shape.most / self.unit };
        let mut item = Item {
            start: own.iter().map(|p| p.start).min().unwrap_or(0),
            end: own.iter().map(|p| p.end).max().unwrap_or(0),
            pieces,
            size: shape.size.0 / self.unit,
            least: shape.least.div_ceil(self.unit),
            most,
            align,
            residue: if align == 1 { 0 } else { shape.residue / self.unit },
            steps: shape.steps,
            root: shape.root as u32,
        };
        item.least = item.aligned(item.least);
        self.all.push(item);
    }

    /// Number of slots.
    pub(super) fn slots(&self) -> usize {
        self.totals.len()
    }

    /// The pieces of an item.
    pub(super) fn of(&self, item: usize) -> &[Piece] {
        let Range { start, end } = self.all[item].pieces;
        &self.pieces[start as usize..end as usize]
    }

    /// The largest top of an item.
    pub(super) fn height(&self, offsets: &[u64]) -> u64 {
        self.all.iter().zip(offsets).map(|(item, &offset)| offset + item.size).max().unwrap_or(0)
    }

    /// Offsets of the buffers, in bytes.
    pub(super) fn to_bytes(&self, offsets: &[u64]) -> Vec<Bytes> {
        let place = |&(item, at): &(Option<u32>, Bytes)| match item {
            Some(item) => Bytes(offsets[item as usize] * self.unit) + at,
            None => at,
        };
        self.places.iter().map(place).collect()
    }
}

/// Members of each family that has bytes, families by their outermost buffer: ranges of the list of members.
fn families(problem: &LayoutProblem, roots: &[(usize, Bytes)]) -> (Vec<Range<usize>>, Vec<usize>) {
    let mut members: Vec<usize> = (0..roots.len()).filter(|&i| !problem.buffers[i].size.is_zero()).collect();
    members.sort_by_key(|&i| (roots[i].0, i != roots[i].0));
    let mut families = Vec::new();
    let mut from = 0;
    while from < members.len() {
        let root = roots[members[from]].0;
        let size = members[from..].iter().take_while(|&&i| roots[i].0 == root).count();
        families.push(from..from + size);
        from += size;
    }
    (families, members)
}

/// An item in bytes and steps.
struct Shape {
    pieces: Vec<LayoutPiece>,
    size: Bytes,
    least: u64,
    most: u64,
    align: u64,
    residue: u64,
    steps: u64,
    root: usize,
    /// The pieces are more than what is occupied.
    coarse: bool,
}

impl Shape {
    /// The outermost buffer comes first among the members.
    fn new(problem: &LayoutProblem, roots: &[(usize, Bytes)], members: &[usize]) -> Shape {
        let root = members[0];
        let size = problem.buffers[root].size.align_to(problem.alignment);
        let mut shape = Shape {
            pieces: Vec::new(),
            size,
            least: 0,
            most: u64::MAX,
            align: problem.alignment.bytes(),
            residue: 0,
            steps: 0,
            root,
            coarse: members.len() > LARGE_FAMILY,
        };
        for &member in members {
            shape.obey(problem, member, roots[member].1);
        }
        let of = |&i: &usize| {
            let alignment = if i == root { problem.alignment } else { Align::ONE };
            let at = roots[i].1;
            let moved = move |p: LayoutPiece| LayoutPiece { low: p.low + at, high: p.high + at, ..p };
            problem.buffers[i].pieces(alignment).into_iter().map(moved)
        };
        let pieces: Vec<LayoutPiece> = members.iter().flat_map(of).collect();
        shape.pieces = match members.len() {
            1 => pieces,
            _ if shape.coarse => vec![hull(&pieces, size)],
            _ => union(&pieces),
        };
        shape.steps = shape.pieces.iter().map(|p| u64::from(p.end.0 - p.start.0)).sum();
        shape
    }

    /// Turns the rules of a member at byte `at` into rules for the whole.
    fn obey(&mut self, problem: &LayoutProblem, member: usize, at: Bytes) {
        let buffer = &problem.buffers[member];
        let (mut low, mut high) = buffer.window.map_or((0, u64::MAX), |(low, high)| (low.0, high.0));
        if high < buffer.size.0 {
            (low, high) = (1, 0);
        } else if high != u64::MAX {
            high -= buffer.size.0;
        }
        if let Some(pin) = buffer.pinned {
            (low, high) = (low.max(pin.0), high.min(pin.0));
        }
        self.least = self.least.max(low.saturating_sub(at.0));
        if high != u64::MAX {
            self.most = self.most.min(high.saturating_sub(at.0));
            if high < at.0 {
                self.contradict();
            }
        }
        let (align, residue) = (buffer.alignment.bytes(), (buffer.alignment.bytes() - 1) & at.0.wrapping_neg());
        let common = align.min(self.align) - 1;
        if residue & common != self.residue & common {
            self.contradict();
        }
        if align > self.align {
            (self.align, self.residue) = (align, residue);
        }
    }

    /// No offset will do.
    fn contradict(&mut self) {
        (self.least, self.most) = (self.least.max(1), 0);
    }
}

/// One piece that covers all.
fn hull(pieces: &[LayoutPiece], size: Bytes) -> LayoutPiece {
    let start = pieces.iter().map(|p| p.start).min().unwrap_or_default();
    let end = pieces.iter().map(|p| p.end).max().unwrap_or_default();
    LayoutPiece { start, end, low: Bytes::ZERO, high: size }
}

/// The same bytes at the same times, without a byte twice.
fn union(pieces: &[LayoutPiece]) -> Vec<LayoutPiece> {
    let mut cuts: Vec<Step> = pieces.iter().flat_map(|p| [p.start, p.end]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut all: Vec<LayoutPiece> = Vec::new();
    for cut in cuts.windows(2) {
        let live = pieces.iter().filter(|p| p.start <= cut[0] && cut[1] <= p.end);
        let mut ranges: Vec<(Bytes, Bytes)> = live.map(|p| (p.low, p.high)).collect();
        ranges.sort_unstable();
        let mut joined: Vec<(Bytes, Bytes)> = Vec::new();
        for (low, high) in ranges {
            match joined.last_mut() {
                Some(last) if low <= last.1 => last.1 = last.1.max(high),
                _ => joined.push((low, high)),
            }
        }
        for (low, high) in joined {
            let same = |p: &&mut LayoutPiece| p.end == cut[0] && p.low == low && p.high == high;
            match all.iter_mut().rev().take(4).find(same) {
                Some(piece) => piece.end = cut[1],
                None => all.push(LayoutPiece { start: cut[0], end: cut[1], low, high }),
            }
        }
    }
    all
}

/// The greatest common divisor of all that offsets are made of.
fn unit(shapes: &[Shape]) -> u64 {
    let mut unit = 0;
    for shape in shapes {
        unit = gcd(unit, shape.size.0);
        unit = gcd(gcd(unit, shape.least), shape.residue);
        for piece in &shape.pieces {
            unit = gcd(gcd(unit, piece.low.0), piece.high.0);
        }
    }
    unit = unit.max(1);
    for shape in shapes {
        if !unit.is_multiple_of(shape.align) {
            unit = gcd(unit, shape.align);
        }
    }
    unit
}

/// The greatest common divisor.
fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

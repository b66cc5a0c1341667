//! The nouns that everything else is written in: ids, sizes and times.
//!
//! - Ids are `Copy` indices into the arenas of one [`Module`](super::Module); they mean nothing in another module.
//! - [`Bytes`] is a size or an offset in bytes, never a bare integer.
//! - [`Step`] is a position in a schedule. Intervals of steps are half-open: `[start, end)`.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub, SubAssign};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// The id with this index in its arena.
            ///
            /// # Panics
            /// If the arena holds more than `u32::MAX` entities, which the limit on input size excludes.
            pub fn new(index: usize) -> Self {
                Self(u32::try_from(index).expect("an arena holds less than 2^32 entities"))
            }

            /// The position in the arena.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

id!(
    /// An operation.
    OpId, "op"
);
id!(
    /// An SSA value: a result of an operation or an argument of a block.
    ValueId, "%"
);
id!(
    /// A block: arguments and a list of operations.
    BlockId, "^bb"
);
id!(
    /// A region: a list of blocks, owned by an operation.
    RegionId, "region"
);
id!(
    /// An interned type.
    TypeId, "type"
);
id!(
    /// An interned attribute.
    AttrId, "attr"
);
id!(
    /// An interned string: the name of an operation, an attribute or a value.
    Symbol, "sym"
);

/// A size or an offset in bytes. Addition saturates, so that absurd sizes stay absurd instead of wrapping to small ones.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u64);

impl Bytes {
    /// No bytes.
    pub const ZERO: Bytes = Bytes(0);

    /// Rounded up to a multiple of `align`.
    pub fn align_to(self, align: Align) -> Bytes {
        let mask = align.bytes() - 1;
        Bytes(self.0.saturating_add(mask) & !mask)
    }

    /// The difference, or zero where `other` is larger.
    pub fn saturating_sub(self, other: Bytes) -> Bytes {
        Bytes(self.0.saturating_sub(other.0))
    }

    /// Whether there is nothing to store.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add for Bytes {
    type Output = Bytes;
    fn add(self, other: Bytes) -> Bytes {
        Bytes(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Bytes {
    fn add_assign(&mut self, other: Bytes) {
        *self = *self + other;
    }
}

impl Sub for Bytes {
    type Output = Bytes;
    fn sub(self, other: Bytes) -> Bytes {
        debug_assert!(self.0 >= other.0, "{self} - {other}");
        Bytes(self.0.saturating_sub(other.0))
    }
}

impl SubAssign for Bytes {
    fn sub_assign(&mut self, other: Bytes) {
        *self = *self - other;
    }
}

impl Sum for Bytes {
    fn sum<I: Iterator<Item = Bytes>>(iter: I) -> Bytes {
        iter.fold(Bytes::ZERO, Add::add)
    }
}

impl fmt::Display for Bytes {
    /// Decimal units, as the literature reports peaks: `4452.3 MB` is 4,452,300,000 bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0 as f64;
        let (value, unit) = match self.0 {
            0..=9_999 => return f.pad(&format!("{} B", self.0)),
            10_000..=9_999_999 => (n / 1e3, "kB"),
            10_000_000..=99_999_999_999 => (n / 1e6, "MB"),
            _ => (n / 1e9, "GB"),
        };
        f.pad(&format!("{value:.1} {unit}"))
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} B", self.0)
    }
}

/// An alignment: a power of two, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Align(u64);

impl Align {
    /// Any byte will do.
    pub const ONE: Align = Align(1);
    /// The alignment of every buffer unless a target says otherwise.
    pub const DEFAULT: Align = Align(64);

    /// An alignment of `bytes`, or `None` if that is no power of two.
    pub fn new(bytes: u64) -> Option<Align> {
        bytes.is_power_of_two().then_some(Align(bytes))
    }

    /// In bytes.
    pub fn bytes(self) -> u64 {
        self.0
    }
}

/// A position in a schedule, counted from zero.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(pub u32);

impl Step {
    /// The position as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The step at this index.
    pub fn new(index: usize) -> Step {
        Step(u32::try_from(index).expect("a schedule holds less than 2^32 steps"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {}", self.0)
    }
}

/// A range of bytes of a source text, by which a diagnostic finds its line.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span of `[start, end)`.
    pub fn new(start: usize, end: usize) -> Span {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { start: clamp(start), end: clamp(end) }
    }
}

//! Storage: which bytes a value lies in.
//!
//! A *storage* is one buffer with everything that shares it by views and updates. Each value with bytes lies in one storage,
//! in a known *part* of it, and belongs to one *version* of its content: an update makes a new version of the whole
//! storage. Ties (optional in-place reuse) join storages later and are not seen here.

use crate::dialect::Virtual;
use crate::ir::{BlockId, Bytes, ValueId};

/// A storage.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StorageId(u32);

impl StorageId {
    /// The storage at this index.
    pub fn new(index: usize) -> StorageId {
        StorageId(u32::try_from(index).expect("a function holds less than 2^32 storages"))
    }

    /// The index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Storage {
    /// The value that it was made for: its first version.
    pub root: ValueId,
    /// Rounded to the alignment.
    pub size: Bytes,
    /// The block in which it is first written.
    pub block: BlockId,
    /// Who owns the bytes.
    pub home: Home,
    /// The value that these bytes are a part of: they lie where it says, one after another with its other parts.
    pub part_of: Option<ValueId>,
}

/// Who owns the bytes of a storage.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Home {
    /// The arena, from the first write to the last read.
    Arena,
    /// The arena, from the first write to the end of its block.
    ArenaUntilEnd,
    /// The caller, who passes it as this argument of the function.
    Argument(u32),
    /// The caller, who passes it as this result of the function.
    Result(u32),
    /// The loop slot or branch result with this storage, in the block around this one.
    Slot(StorageId),
}

/// Which part of its storage a value covers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// All of it, row-major.
    Whole,
    /// As many bytes as its type has, from this offset on.
    Exact {
        /// Offset in the storage.
        offset: Bytes,
    },
    /// Nobody knows: reading it reads the whole storage.
    Opaque,
}

/// Where a value lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueStorage {
    /// Nowhere: it has no bytes.
    Nothing,
    /// Nowhere: every reader computes it from what its definition reads.
    Virtual {
        /// How.
        kind: Virtual,
        /// The result of the operation that computes it: itself, or what it views.
        source: ValueId,
    },
    /// In the bytes of the operands of its definition, which lie one after another.
    Joined {
        /// The result that joins them: itself, or what it views.
        source: ValueId,
        /// Which part of it.
        part: Part,
    },
    /// In read-only memory of the program.
    Constant,
    /// In a storage.
    In {
        /// Which.
        storage: StorageId,
        /// Which part of it.
        part: Part,
        /// The value whose definition wrote the content last.
        version: ValueId,
    },
}

impl ValueStorage {
    /// The storage, if it lies in one.
    pub fn storage(self) -> Option<StorageId> {
        match self {
            ValueStorage::In { storage, .. } => Some(storage),
            _ => None,
        }
    }
}

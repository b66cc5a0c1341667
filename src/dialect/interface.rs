//! What memopt asks about an operation.
//!
//! Three small traits; a dialect implements what it knows. Every default is the pessimistic answer, so that an operation
//! nobody described can still be planned, safely. Answers must follow from the operation alone (its attributes, types and
//! regions), never from its neighbours or its place in the order.

use crate::ir::{Attr, Bytes, DenseArray, Module, OpId, Operation, TensorType, Type, TypeId, ValueId};

/// What running an operation does besides computing its results.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Effects {
    /// Nothing: it may be moved, repeated and dropped.
    None,
    /// It draws random numbers: it runs exactly once, anywhere.
    Random,
    /// It is observed outside (I/O, communication): it runs exactly once, in order among its like.
    Side,
    /// Nobody knows: as [`Effects::Side`].
    Unknown,
}

impl Effects {
    /// The words of the hint `memopt.effects`.
    pub const HINTS: [(&str, Effects); 4] =
        [("none", Effects::None), ("random", Effects::Random), ("side", Effects::Side), ("unknown", Effects::Unknown)];

    /// The effects that a word of the hint `memopt.effects` means.
    pub fn from_hint(word: &[u8]) -> Option<Effects> {
        Effects::HINTS.iter().find(|(known, _)| known.as_bytes() == word).map(|&(_, effects)| effects)
    }

    /// Whether operations with these effects keep their order among each other.
    pub fn is_ordered(self) -> bool {
        matches!(self, Effects::Side | Effects::Unknown)
    }
}

/// Where the bytes of a result lie.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Aliasing {
    /// In a buffer of its own (that may be tied to an operand, see [`MemorySemantics::overwrite`]).
    Fresh,
    /// In the bytes of an operand; nothing is written.
    View {
        /// Which operand.
        operand: usize,
        /// Which part of it.
        extent: Extent,
    },
    /// In read-only memory that belongs to the program: a constant that is no splat.
    Constant,
}

/// Which bytes of its operand a view covers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Extent {
    /// As many contiguous bytes as the result's type needs, row-major, from this offset on.
    Exact {
        /// Offset in the operand's bytes.
        offset: Bytes,
    },
    /// Any of them: reading the view reads the whole operand.
    Opaque,
}

/// May, or must, a result overwrite an operand?
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Overwrite {
    /// The operand's bytes are read after the first byte of the result is written, or nobody knows.
    Never,
    /// It may, if nothing else needs the operand any more: element i of the operand is read for element i of the result
    /// only, before that is written, and both have the same number of elements of the same width, row-major.
    May,
    /// The result *is* the operand, changed in place.
    Must,
}

/// How a value can be computed again inside every kernel that reads it, so that it needs no bytes. In the order of what it
/// asks of the reader; a tree of virtual values asks what the most demanding of them does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Virtual {
    /// From nothing: a splat constant, an iota. Operands, if there are any, are only asked for their type.
    Nullary,
    /// By reading elements of its operands at other indices: a broadcast, slice, transpose, reverse.
    Addressing,
    /// By arithmetic on elements of its operands, or by choosing among them: add, compare, convert, pad, concatenate.
    Computed,
}

/// What kind of kernel runs an operation. A [`Target`](crate::target::Target) says which kinds may read virtual values.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum KernelKind {
    /// One result element from the operand elements at the same index.
    Elementwise,
    /// Elements moved without arithmetic: transpose, slice, pad, reverse, concatenate, broadcast, reshape, copy.
    Movement,
    /// Many elements combined into one.
    Reduction,
    /// Matrix products and convolutions.
    Contraction,
    /// Control flow: its regions are planned; its operands initialise loop slots.
    Control,
    /// Anything else that a dialect describes: gather, scatter, sort, windows, random numbers.
    Other,
    /// An operation nobody described.
    Opaque,
}

/// What the regions of an operation are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Regions {
    /// None, or scalar bodies, which need no tensor memory.
    Scalar,
    /// A loop: both regions take the carried values as block arguments; `condition` yields one boolean, `body` yields the
    /// next carried values; the results are the last carried values.
    Loop {
        /// Index of the condition's region.
        condition: usize,
        /// Index of the body's region.
        body: usize,
    },
    /// Alternatives without block arguments, of which one runs and yields the results.
    Branches,
    /// Nobody knows: not planned, workspace unknown, everything captured is read.
    Unknown,
}

/// What an operation does to memory.
pub trait MemorySemantics: Send + Sync {
    /// Its effects. Safe: [`Effects::Unknown`].
    fn effects(&self, _op: OpRef<'_>) -> Effects {
        Effects::Unknown
    }

    /// Where a result lies. Safe: [`Aliasing::Fresh`] for a tensor, since a tensor is a value.
    fn aliasing(&self, _op: OpRef<'_>, _result: usize) -> Aliasing {
        Aliasing::Fresh
    }

    /// Whether a result may overwrite an operand. Safe: [`Overwrite::Never`].
    fn overwrite(&self, _op: OpRef<'_>, _result: usize, _operand: usize) -> Overwrite {
        Overwrite::Never
    }

    /// Whether a result needs no bytes at all, because its readers compute it for nothing. Safe: `None`.
    fn virtual_kind(&self, _op: OpRef<'_>, _result: usize) -> Option<Virtual> {
        None
    }

    /// How the readers of a result could compute it, should a pass want that. Safe: as [`virtual_kind`](Self::virtual_kind).
    fn fusible(&self, op: OpRef<'_>, result: usize) -> Option<Virtual> {
        self.virtual_kind(op, result)
    }

    /// Whether the bytes of the only result are those of the operands one after another, row-major: if these lie so, there is
    /// nothing to do. Safe: no.
    fn joins(&self, _op: OpRef<'_>) -> bool {
        false
    }

    /// Scratch bytes while it runs, the bytes of planned regions not counted; `None` where unknown.
    fn workspace(&self, _op: OpRef<'_>) -> Option<Bytes> {
        None
    }

    /// What kind of kernel it is. Safe: [`KernelKind::Opaque`].
    fn kind(&self, _op: OpRef<'_>) -> KernelKind {
        KernelKind::Opaque
    }

    /// What its regions are. Safe: [`Regions::Unknown`].
    fn regions(&self, _op: OpRef<'_>) -> Regions {
        Regions::Unknown
    }

    /// Whether its text says all that its results follow from, so that two operations with equal text and equal operands
    /// compute the same. Safe: no; then only a clone of an operation is taken for it.
    fn says_all(&self, _op: OpRef<'_>) -> bool {
        false
    }
}

/// What an operation costs.
pub trait CostSemantics: Send + Sync {
    /// Floating-point operations; `None` for the default of one per result element, and of operations with planned regions
    /// for what these cost.
    fn flops(&self, _op: OpRef<'_>) -> Option<u64> {
        None
    }

    /// Bytes read and written; `None` for the default of all operands and all results. For operations that touch a part
    /// of an operand only.
    fn bytes(&self, _op: OpRef<'_>) -> Option<Bytes> {
        None
    }
}

/// What an operation's results are.
pub trait TypeInference: Send + Sync {
    /// The result types that follow from operands and attributes; `None` where they must be written.
    fn infer(&self, _op: OpRef<'_>) -> Option<Vec<TypeId>> {
        None
    }
}

/// An operation in its module, with short ways to ask what dialects ask.
#[derive(Clone, Copy, Debug)]
pub struct OpRef<'m> {
    /// The module.
    pub module: &'m Module,
    /// The operation.
    pub id: OpId,
}

impl<'m> OpRef<'m> {
    /// An operation of a module.
    pub fn new(module: &'m Module, id: OpId) -> OpRef<'m> {
        OpRef { module, id }
    }

    /// The operation itself.
    pub fn op(self) -> &'m Operation {
        self.module.op(self.id)
    }

    /// Its full name.
    pub fn name(self) -> &'m str {
        self.module.op_name(self.id)
    }

    /// Its operands.
    pub fn operands(self) -> &'m [ValueId] {
        self.op().operands()
    }

    /// The type of an operand, if there is such an operand.
    pub fn operand_type(self, operand: usize) -> Option<&'m Type> {
        self.operands().get(operand).map(|&value| self.module.type_of(value))
    }

    /// The type of a result, if there is such a result.
    pub fn result_type(self, result: usize) -> Option<&'m Type> {
        (result < self.op().result_count()).then(|| self.module.type_of(self.op().result(result)))
    }

    /// An operand's type as a ranked tensor.
    pub fn operand_tensor(self, operand: usize) -> Option<&'m TensorType> {
        match self.operand_type(operand)? {
            Type::Tensor(tensor) => Some(tensor),
            _ => None,
        }
    }

    /// A result's type as a ranked tensor.
    pub fn result_tensor(self, result: usize) -> Option<&'m TensorType> {
        match self.result_type(result)? {
            Type::Tensor(tensor) => Some(tensor),
            _ => None,
        }
    }

    /// An attribute by name, properties first.
    pub fn attr(self, name: &str) -> Option<&'m Attr> {
        self.module.find_attr(self.id, name)
    }

    /// An integer attribute.
    pub fn integer(self, name: &str) -> Option<i64> {
        match self.attr(name)? {
            Attr::Integer { value, .. } => i64::try_from(*value).ok(),
            _ => None,
        }
    }

    /// An attribute `array<i64: ...>`.
    pub fn integers(self, name: &str) -> Option<&'m [i64]> {
        match self.attr(name)? {
            Attr::DenseArray { values: DenseArray::Integers(values), .. } => Some(values),
            _ => None,
        }
    }
}

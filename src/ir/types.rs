//! Types: all of MLIR's builtin types, and the types of other dialects as opaque text.

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use super::entities::{AttrId, Bytes, Symbol, TypeId};

/// A dimension whose extent is known only at run time (`?`).
pub const DYNAMIC: i64 = i64::MIN;

/// Signedness of an integer type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Signedness {
    /// `i32`
    Signless,
    /// `si32`
    Signed,
    /// `ui32`
    Unsigned,
}

/// A type. Interned: two equal types of a module have one [`TypeId`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Type {
    /// `i1`, `si8`, `ui64`, ...
    Integer {
        /// Width in bits.
        width: u32,
        /// Signedness.
        signedness: Signedness,
    },
    /// `index`
    Index,
    /// `f32`, `bf16`, `f8E4M3FN`, ...
    Float(FloatKind),
    /// `complex<f32>`
    Complex(TypeId),
    /// `none`
    None,
    /// `tensor<4x?xf32, #encoding>`
    Tensor(TensorType),
    /// `tensor<*xf32>`
    UnrankedTensor(TypeId),
    /// `memref<4x4xf32, layout, space>`
    MemRef {
        /// Shape and element type; the encoding is absent.
        shaped: TensorType,
        /// Layout (an affine map or `strided<...>`), if not the identity.
        layout: Option<AttrId>,
        /// Memory space, if not the default.
        space: Option<AttrId>,
    },
    /// `memref<*xf32, space>`
    UnrankedMemRef {
        /// Element type.
        element: TypeId,
        /// Memory space, if not the default.
        space: Option<AttrId>,
    },
    /// `vector<4x[8]xf32>`
    Vector {
        /// Extents, outermost first, each with whether it is scalable (in brackets).
        shape: Box<[(i64, bool)]>,
        /// Element type.
        element: TypeId,
    },
    /// `tuple<f32, i32>`
    Tuple(Box<[TypeId]>),
    /// `(f32) -> (f32, i32)`
    Function {
        /// Types of the arguments.
        inputs: Box<[TypeId]>,
        /// Types of the results.
        results: Box<[TypeId]>,
    },
    /// A type of a dialect that memopt does not know, as written: `!quant.uniform<i8:f32, 0.1>`.
    Opaque(Symbol),
}

/// A ranked, statically or dynamically shaped tensor.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TensorType {
    /// Extents, outermost first; [`DYNAMIC`] where unknown.
    pub shape: Box<[i64]>,
    /// Element type.
    pub element: TypeId,
    /// Encoding attribute, kept as it is.
    pub encoding: Option<AttrId>,
}

impl TensorType {
    /// The number of elements; `None` for a dynamic shape or an absurd one.
    pub fn elements(&self) -> Option<u64> {
        self.shape.iter().try_fold(1u64, |n, &extent| n.checked_mul(u64::try_from(extent).ok()?))
    }
}

/// The floating-point types of MLIR: name and storage width in bits.
const FLOATS: [(&str, u32); 18] = [
    ("f32", 32),
    ("f16", 16),
    ("bf16", 16),
    ("f64", 64),
    ("tf32", 32),
    ("f80", 128),
    ("f128", 128),
    ("f8E5M2", 8),
    ("f8E4M3", 8),
    ("f8E4M3FN", 8),
    ("f8E5M2FNUZ", 8),
    ("f8E4M3FNUZ", 8),
    ("f8E4M3B11FNUZ", 8),
    ("f8E3M4", 8),
    ("f8E8M0FNU", 8),
    ("f6E3M2FN", 6),
    ("f6E2M3FN", 6),
    ("f4E2M1FN", 4),
];

/// A floating-point type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FloatKind(u8);

impl FloatKind {
    /// The type of this name, e.g. `bf16`.
    pub fn from_name(name: &str) -> Option<FloatKind> {
        FLOATS.iter().position(|(known, _)| *known == name).map(|i| FloatKind(i as u8))
    }

    /// The name as MLIR spells it.
    pub fn name(self) -> &'static str {
        FLOATS[usize::from(self.0)].0
    }

    /// Storage width in bits.
    pub fn bits(self) -> u32 {
        FLOATS[usize::from(self.0)].1
    }
}

/// Why a value of some type has no known number of bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SizeError {
    /// An extent or the rank is known only at run time.
    Dynamic,
    /// The type belongs to a dialect that says nothing about its bytes.
    Opaque,
    /// More than [`MAX_VALUE_BYTES`].
    TooLarge,
}

/// No value may be larger: 2^46 bytes (70 TB) is more than any machine holds, and sums of such sizes stay exact.
pub const MAX_VALUE_BYTES: Bytes = Bytes(1 << 46);

/// The types of one module, each stored once.
#[derive(Clone, Default, Debug)]
pub struct TypeTable {
    types: IndexSet<Type, FxBuildHasher>,
}

impl TypeTable {
    /// The id of a type.
    pub fn intern(&mut self, ty: Type) -> TypeId {
        if let Some(known) = self.types.get_index_of(&ty) {
            return TypeId::new(known);
        }
        TypeId::new(self.types.insert_full(ty).0)
    }

    /// All types, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Type> {
        self.types.iter()
    }

    /// The type of an id.
    pub fn get(&self, id: TypeId) -> &Type {
        &self.types[id.index()]
    }

    /// How many types there are; ids are smaller.
    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// Whether no type was interned yet.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    /// The exact bytes of a value of this type, before rounding to an alignment: elements times storage width.
    pub fn bytes(&self, id: TypeId) -> Result<Bytes, SizeError> {
        let shaped = match self.get(id) {
            Type::None => return Ok(Bytes::ZERO),
            Type::UnrankedTensor(_) | Type::UnrankedMemRef { .. } => return Err(SizeError::Dynamic),
            Type::Tensor(tensor) => tensor,
            Type::MemRef { shaped, layout: None, .. } => shaped,
            Type::MemRef { .. } | Type::Tuple(_) | Type::Function { .. } | Type::Opaque(_) => {
                return Err(SizeError::Opaque);
            }
            _ => return Ok(Bytes(self.element_bits(id)?.div_ceil(8))),
        };
        if shaped.shape.contains(&DYNAMIC) {
            return Err(SizeError::Dynamic);
        }
        let bits = self.element_bits(shaped.element)?;
        let bytes = shaped.elements().and_then(|n| n.checked_mul(bits)).map(|n| Bytes(n.div_ceil(8)));
        bytes.filter(|&n| n <= MAX_VALUE_BYTES).ok_or(SizeError::TooLarge)
    }

    /// Storage width in bits of one element: a boolean takes a byte, narrower integers and floats are packed, `index`
    /// has 8 bytes.
    ///
    /// # Errors
    /// For types that no tensor holds, and types of other dialects.
    pub fn element_bits(&self, id: TypeId) -> Result<u64, SizeError> {
        match self.get(id) {
            Type::Integer { width: 1, .. } => Ok(8),
            Type::Integer { width, .. } if *width <= 8 => Ok(u64::from(*width)),
            Type::Integer { width, .. } => Ok(u64::from(width.div_ceil(8)) * 8),
            Type::Index => Ok(64),
            Type::Float(kind) => Ok(u64::from(kind.bits())),
            Type::Complex(part) => Ok(2 * self.element_bits(*part)?),
            Type::Vector { shape, element } => {
                let bits = self.element_bits(*element)?;
                shape.iter().try_fold(bits, |n, &(extent, scalable)| {
                    if scalable {
                        return Err(SizeError::Dynamic);
                    }
                    u64::try_from(extent).ok().and_then(|e| n.checked_mul(e)).ok_or(SizeError::TooLarge)
                })
            }
            _ => Err(SizeError::Opaque),
        }
    }
}

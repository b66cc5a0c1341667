//! Attributes: all of MLIR's builtin attributes, and the attributes of other dialects as opaque text.
//!
//! Literals that memopt never computes with (floats, dense contents, affine maps) are kept as they are spelled, so that
//! printing loses nothing.

use super::entities::{AttrId, Symbol, TypeId};

/// An attribute with its name.
pub type NamedAttr = (Symbol, AttrId);

/// An attribute dictionary, in source order.
pub type Dictionary = Vec<NamedAttr>;

/// An attribute. Interned: two equal attributes of a module have one [`AttrId`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Attr {
    /// `unit`, or a name without `= value` in a dictionary.
    Unit,
    /// `true`, `false`
    Bool(bool),
    /// `3 : i32`
    Integer {
        /// The value.
        value: i128,
        /// Its type; `i64` where none was written.
        ty: TypeId,
    },
    /// `1.0e-5 : f32`, `0x7FC00000 : f32`
    Float {
        /// The literal as spelled.
        literal: Box<str>,
        /// Its type; `f64` where none was written.
        ty: TypeId,
    },
    /// `"text"`, `"text" : !t`
    String {
        /// The content, escapes resolved; any bytes.
        value: Box<[u8]>,
        /// Its type, if one was written.
        ty: Option<TypeId>,
    },
    /// `tensor<4xf32>`
    Type(TypeId),
    /// `[1, 2]`
    Array(Box<[AttrId]>),
    /// `{a = 1, b}`
    Dictionary(Box<[NamedAttr]>),
    /// `@module::@function`
    SymbolRef(Box<[Box<[u8]>]>),
    /// `array<i64: 1, 2>`
    DenseArray {
        /// Element type.
        element: TypeId,
        /// The elements.
        values: DenseArray,
    },
    /// `dense<literal> : type`
    DenseElements {
        /// What stands between the angle brackets, without needless space.
        literal: Box<str>,
        /// The type of the whole.
        ty: TypeId,
    },
    /// `sparse<indices, values> : type`
    SparseElements {
        /// What stands between the angle brackets, without needless space.
        literal: Box<str>,
        /// The type of the whole.
        ty: TypeId,
    },
    /// `dense_resource<key> : type`
    DenseResource {
        /// The key into the resource section, as spelled.
        key: Box<str>,
        /// The type of the whole.
        ty: TypeId,
    },
    /// `loc(...)`: what stands between the parentheses, aliases expanded.
    Location(Box<str>),
    /// Any other attribute as spelled: `affine_map<(d0) -> (d0)>`, `affine_set<...>`, `strided<...>`, `distinct[0]<...>`,
    /// `#dialect.name<...>`, `#dialect<...>`, with its type where one was written.
    Opaque {
        /// The text without its type.
        text: Box<str>,
        /// Its type, if one was written.
        ty: Option<TypeId>,
    },
}

/// The elements of a [`Attr::DenseArray`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum DenseArray {
    /// Integers and booleans (`true` is 1).
    Integers(Box<[i64]>),
    /// Floats, as spelled.
    Floats(Box<[Box<str>]>),
}

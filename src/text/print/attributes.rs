//! Types and attributes as text.

use std::fmt::{self, Write};

use crate::ir::{Attr, AttrId, DYNAMIC, DenseArray, Module, NamedAttr, Signedness, Symbol, TensorType, Type, TypeId};
use crate::text::spelling::{is_bare, write_quoted};

pub(super) fn comma(out: &mut impl Write, position: usize) -> fmt::Result {
    if position > 0 { out.write_str(", ") } else { Ok(()) }
}

fn write_types(module: &Module, out: &mut impl Write, types: &[TypeId]) -> fmt::Result {
    types.iter().enumerate().try_for_each(|(i, &ty)| {
        comma(out, i)?;
        write_type(module, out, ty)
    })
}

pub(super) fn write_type(module: &Module, out: &mut impl Write, ty: TypeId) -> fmt::Result {
    match module.ty(ty) {
        Type::Integer { width, signedness } => {
            let prefix = match signedness {
                Signedness::Signless => "i",
                Signedness::Signed => "si",
                Signedness::Unsigned => "ui",
            };
            write!(out, "{prefix}{width}")
        }
        Type::Index => out.write_str("index"),
        Type::Float(kind) => out.write_str(kind.name()),
        Type::None => out.write_str("none"),
        Type::Opaque(text) => out.write_str(module.str(*text)),
        Type::Complex(part) => {
            out.write_str("complex<")?;
            write_type(module, out, *part)?;
            out.write_char('>')
        }
        Type::Tensor(shaped) => {
            out.write_str("tensor<")?;
            write_shaped(module, out, shaped)?;
            if let Some(encoding) = shaped.encoding {
                out.write_str(", ")?;
                write_attr(module, out, encoding)?;
            }
            out.write_char('>')
        }
        Type::UnrankedTensor(element) => {
            out.write_str("tensor<*x")?;
            write_type(module, out, *element)?;
            out.write_char('>')
        }
        Type::MemRef { shaped, layout, space } => {
            out.write_str("memref<")?;
            write_shaped(module, out, shaped)?;
            for attr in layout.iter().chain(space) {
                out.write_str(", ")?;
                write_attr(module, out, *attr)?;
            }
            out.write_char('>')
        }
        Type::UnrankedMemRef { element, space } => {
            out.write_str("memref<*x")?;
            write_type(module, out, *element)?;
            if let Some(space) = space {
                out.write_str(", ")?;
                write_attr(module, out, *space)?;
            }
            out.write_char('>')
        }
        Type::Vector { shape, element } => {
            out.write_str("vector<")?;
            for &(extent, scalable) in shape {
                if scalable { write!(out, "[{extent}]x")? } else { write!(out, "{extent}x")? }
            }
            write_type(module, out, *element)?;
            out.write_char('>')
        }
        Type::Tuple(types) => {
            out.write_str("tuple<")?;
            write_types(module, out, types)?;
            out.write_char('>')
        }
        Type::Function { inputs, results } => {
            out.write_char('(')?;
            write_types(module, out, inputs)?;
            out.write_str(") -> ")?;
            match **results {
                [one] if !matches!(module.ty(one), Type::Function { .. }) => write_type(module, out, one),
                _ => {
                    out.write_char('(')?;
                    write_types(module, out, results)?;
                    out.write_char(')')
                }
            }
        }
    }
}

fn write_shaped(module: &Module, out: &mut impl Write, shaped: &TensorType) -> fmt::Result {
    for &extent in &shaped.shape {
        if extent == DYNAMIC { out.write_str("?x")? } else { write!(out, "{extent}x")? }
    }
    write_type(module, out, shaped.element)
}

pub(super) fn write_attr(module: &Module, out: &mut impl Write, attr: AttrId) -> fmt::Result {
    match module.attr(attr) {
        Attr::Unit => out.write_str("unit"),
        Attr::Bool(value) => write!(out, "{value}"),
        Attr::Integer { value, ty } => {
            write!(out, "{value}")?;
            write_type_suffix(module, out, Some(*ty))
        }
        Attr::Float { literal, ty } => {
            out.write_str(literal)?;
            write_type_suffix(module, out, Some(*ty))
        }
        Attr::String { value, ty } => {
            write_quoted(out, value)?;
            write_type_suffix(module, out, *ty)
        }
        Attr::Type(ty) => write_type(module, out, *ty),
        Attr::Array(elements) => {
            out.write_char('[')?;
            for (i, &element) in elements.iter().enumerate() {
                comma(out, i)?;
                write_attr(module, out, element)?;
            }
            out.write_char(']')
        }
        Attr::Dictionary(entries) => write_dictionary(module, out, entries),
        Attr::SymbolRef(path) => path.iter().enumerate().try_for_each(|(i, name)| {
            out.write_str(if i > 0 { "::@" } else { "@" })?;
            write_name(out, name)
        }),
        Attr::DenseArray { element, values } => {
            out.write_str("array<")?;
            write_type(module, out, *element)?;
            write_dense_array(module, out, *element, values)?;
            out.write_char('>')
        }
        Attr::DenseElements { literal, ty } => {
            write!(out, "dense<{literal}>")?;
            write_type_suffix(module, out, Some(*ty))
        }
        Attr::SparseElements { literal, ty } => {
            write!(out, "sparse<{literal}>")?;
            write_type_suffix(module, out, Some(*ty))
        }
        Attr::DenseResource { key, ty } => {
            write!(out, "dense_resource<{key}>")?;
            write_type_suffix(module, out, Some(*ty))
        }
        Attr::Location(text) => write!(out, "loc({text})"),
        Attr::Opaque { text, ty } => {
            out.write_str(text)?;
            write_type_suffix(module, out, *ty)
        }
    }
}

fn write_type_suffix(module: &Module, out: &mut impl Write, ty: Option<TypeId>) -> fmt::Result {
    let Some(ty) = ty else { return Ok(()) };
    out.write_str(" : ")?;
    write_type(module, out, ty)
}

fn write_dense_array(module: &Module, out: &mut impl Write, element: TypeId, values: &DenseArray) -> fmt::Result {
    let is_bool = matches!(module.ty(element), Type::Integer { width: 1, .. });
    let separator = |i: usize| if i == 0 { ": " } else { ", " };
    match values {
        DenseArray::Integers(all) => all.iter().enumerate().try_for_each(|(i, &value)| {
            out.write_str(separator(i))?;
            if is_bool { write!(out, "{}", value != 0) } else { write!(out, "{value}") }
        }),
        DenseArray::Floats(all) => {
            all.iter().enumerate().try_for_each(|(i, literal)| write!(out, "{}{literal}", separator(i)))
        }
    }
}

pub(super) fn write_dictionary(module: &Module, out: &mut impl Write, entries: &[NamedAttr]) -> fmt::Result {
    out.write_char('{')?;
    for (i, &(name, value)) in entries.iter().enumerate() {
        comma(out, i)?;
        write_key(module, out, name)?;
        if *module.attr(value) != Attr::Unit {
            out.write_str(" = ")?;
            write_attr(module, out, value)?;
        }
    }
    out.write_char('}')
}

fn write_key(module: &Module, out: &mut impl Write, name: Symbol) -> fmt::Result {
    write_name(out, module.str(name).as_bytes())
}

/// A name, in quotes if it needs them.
fn write_name(out: &mut impl Write, name: &[u8]) -> fmt::Result {
    match std::str::from_utf8(name) {
        Ok(text) if is_bare(name) => out.write_str(text),
        _ => write_quoted(out, name),
    }
}

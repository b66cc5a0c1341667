//! Names, types and attributes of two modules in one table, so that equal ones have equal numbers.

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use crate::ir::{Attr, AttrId, Module, OpId, Symbol, Type, TypeId};

/// The shared tables. Entities inside a type or attribute are replaced by their numbers here.
#[derive(Default, Debug)]
pub(super) struct Canon {
    symbols: IndexSet<Box<str>, FxBuildHasher>,
    types: IndexSet<Type, FxBuildHasher>,
    attrs: IndexSet<Attr, FxBuildHasher>,
}

/// What the ids of one module are in the tables, as far as they were asked for.
pub(super) struct Translation {
    symbols: Vec<Option<u32>>,
    types: Vec<Option<u32>>,
    attrs: Vec<Option<u32>>,
    /// Symbols that start with `memopt.`: what a plan writes, and hints, which are compared on their own.
    of_memopt: Vec<Option<bool>>,
}

impl Canon {
    pub(super) fn translation(&self, module: &Module) -> Translation {
        Translation {
            symbols: vec![None; module.symbol_bound()],
            types: vec![None; module.types().len()],
            attrs: vec![None; module.attr_bound()],
            of_memopt: vec![None; module.symbol_bound()],
        }
    }

    pub(super) fn symbol(&mut self, to: &mut Translation, module: &Module, symbol: Symbol) -> u32 {
        if let Some(known) = to.symbols[symbol.index()] {
            return known;
        }
        let number = self.symbols.insert_full(module.str(symbol).into()).0 as u32;
        to.symbols[symbol.index()] = Some(number);
        number
    }

    pub(super) fn ty(&mut self, to: &mut Translation, module: &Module, id: TypeId) -> u32 {
        if let Some(known) = to.types[id.index()] {
            return known;
        }
        let mut ty = module.ty(id).clone();
        match &mut ty {
            Type::Complex(inner) | Type::UnrankedTensor(inner) => self.in_type(to, module, inner),
            Type::Tensor(tensor) => {
                self.in_type(to, module, &mut tensor.element);
                tensor.encoding.iter_mut().for_each(|a| self.in_attr(to, module, a));
            }
            Type::MemRef { shaped, layout, space } => {
                self.in_type(to, module, &mut shaped.element);
                layout.iter_mut().chain(space).for_each(|a| self.in_attr(to, module, a));
            }
            Type::UnrankedMemRef { element, space } => {
                self.in_type(to, module, element);
                space.iter_mut().for_each(|a| self.in_attr(to, module, a));
            }
            Type::Vector { element, .. } => self.in_type(to, module, element),
            Type::Tuple(parts) => parts.iter_mut().for_each(|t| self.in_type(to, module, t)),
            Type::Function { inputs, results } => {
                inputs.iter_mut().chain(results.iter_mut()).for_each(|t| self.in_type(to, module, t));
            }
            Type::Opaque(text) => *text = Symbol::new(self.symbol(to, module, *text) as usize),
            Type::Integer { .. } | Type::Index | Type::Float(_) | Type::None => {}
        }
        let number = self.types.insert_full(ty).0 as u32;
        to.types[id.index()] = Some(number);
        number
    }

    fn in_type(&mut self, to: &mut Translation, module: &Module, id: &mut TypeId) {
        *id = TypeId::new(self.ty(to, module, *id) as usize);
    }

    pub(super) fn attr(&mut self, to: &mut Translation, module: &Module, id: AttrId) -> u32 {
        if let Some(known) = to.attrs[id.index()] {
            return known;
        }
        let mut attr = module.attr(id).clone();
        match &mut attr {
            Attr::Integer { ty, .. }
            | Attr::Float { ty, .. }
            | Attr::Type(ty)
            | Attr::DenseArray { element: ty, .. }
            | Attr::DenseElements { ty, .. }
            | Attr::SparseElements { ty, .. }
            | Attr::DenseResource { ty, .. } => self.in_type(to, module, ty),
            Attr::String { ty, .. } | Attr::Opaque { ty, .. } => {
                ty.iter_mut().for_each(|ty| self.in_type(to, module, ty));
            }
            Attr::Array(items) => items.iter_mut().for_each(|a| self.in_attr(to, module, a)),
            Attr::Dictionary(entries) => {
                for (name, value) in entries.iter_mut() {
                    *name = Symbol::new(self.symbol(to, module, *name) as usize);
                    self.in_attr(to, module, value);
                }
                entries.sort_unstable();
            }
            Attr::Unit | Attr::Bool(_) | Attr::SymbolRef(_) | Attr::Location(_) => {}
        }
        let number = self.attrs.insert_full(attr).0 as u32;
        to.attrs[id.index()] = Some(number);
        number
    }

    fn in_attr(&mut self, to: &mut Translation, module: &Module, id: &mut AttrId) {
        *id = AttrId::new(self.attr(to, module, *id) as usize);
    }

    /// Appends the properties and attributes of an operation to a key, without those of memopt, sorted by name.
    pub(super) fn attributes(&mut self, to: &mut Translation, module: &Module, op: OpId, key: &mut Vec<u32>) {
        for part in [module.op(op).properties.as_deref().unwrap_or_default(), &module.op(op).attributes] {
            let mark = key.len();
            key.push(0);
            let mut entries: smallvec::SmallVec<[(u32, u32); 8]> = smallvec::SmallVec::new();
            for &(name, value) in part {
                if *to.of_memopt[name.index()].get_or_insert_with(|| module.str(name).starts_with("memopt.")) {
                    continue;
                }
                entries.push((self.symbol(to, module, name), self.attr(to, module, value)));
            }
            entries.sort_unstable();
            key[mark] = entries.len() as u32;
            key.extend(entries.iter().flat_map(|&(name, value)| [name, value]));
        }
    }
}

//! Whether two modules say the same.

use rustc_hash::FxHashMap;

use super::attrs::{Attr, NamedAttr};
use super::entities::{AttrId, BlockId, OpId, TypeId, ValueId};
use super::module::Module;
use super::types::{TensorType, Type};

/// Whether two modules hold the same operations in the same order, with the same operands, types, attributes, regions and
/// locations. Names of values, places in the source and ids do not matter; the order of entries in a dictionary does.
pub fn structurally_equal(a: &Module, b: &Module) -> bool {
    let mut comparison =
        Comparison { a, b, values: FxHashMap::default(), types: FxHashMap::default(), attrs: FxHashMap::default() };
    a.resources == b.resources && comparison.modules().is_some()
}

/// Pairs of ids that were found to mean the same. Both modules store equal types and attributes once, so one partner is
/// enough.
struct Comparison<'m> {
    a: &'m Module,
    b: &'m Module,
    values: FxHashMap<ValueId, ValueId>,
    types: FxHashMap<TypeId, TypeId>,
    attrs: FxHashMap<AttrId, AttrId>,
}

/// `Some` where things are equal.
type Equal = Option<()>;

fn same<T: PartialEq>(a: T, b: T) -> Equal {
    (a == b).then_some(())
}

impl Comparison<'_> {
    fn modules(&mut self) -> Equal {
        let mut work = vec![self.operations(self.a.root(), self.b.root())?];
        while let Some(mut blocks) = work.pop() {
            let Some((a, b)) = blocks.pop() else { continue };
            work.push(blocks);
            let (ops_a, ops_b) = (self.a.block(a).ops(), self.b.block(b).ops());
            same(ops_a.len(), ops_b.len())?;
            for (&op_a, &op_b) in ops_a.iter().zip(ops_b) {
                work.push(self.operations(op_a, op_b)?);
            }
        }
        Some(())
    }

    /// Compares two operations but for their regions, whose blocks are the answer.
    fn operations(&mut self, op_a: OpId, op_b: OpId) -> Option<Vec<(BlockId, BlockId)>> {
        let (a, b) = (self.a.op(op_a), self.b.op(op_b));
        same(self.a.op_name(op_a), self.b.op_name(op_b))?;
        same(a.operands().len(), b.operands().len())?;
        for (operand_a, operand_b) in a.operands().iter().zip(b.operands()) {
            same(self.values.get(operand_a), Some(operand_b))?;
        }
        same(a.result_count(), b.result_count())?;
        a.results().zip(b.results()).try_for_each(|(a, b)| self.define(a, b))?;
        match (&a.properties, &b.properties) {
            (None, None) => {}
            (Some(a), Some(b)) => self.dictionaries(a, b)?,
            _ => return None,
        }
        self.dictionaries(&a.attributes, &b.attributes)?;
        self.optional_attrs(a.location, b.location)?;
        same(a.regions().len(), b.regions().len())?;
        let mut blocks = Vec::new();
        for (&region_a, &region_b) in a.regions().iter().zip(b.regions()) {
            let (all_a, all_b) = (self.a.region(region_a).blocks(), self.b.region(region_b).blocks());
            same(all_a.len(), all_b.len())?;
            for (&block_a, &block_b) in all_a.iter().zip(all_b) {
                self.arguments(block_a, block_b)?;
                blocks.push((block_a, block_b));
            }
        }
        // The first block is compared first: a later one may read its values.
        blocks.reverse();
        Some(blocks)
    }

    fn arguments(&mut self, a: BlockId, b: BlockId) -> Equal {
        let (all_a, all_b) = (self.a.block(a).arguments(), self.b.block(b).arguments());
        same(all_a.len(), all_b.len())?;
        all_a.iter().zip(all_b).try_for_each(|(&a, &b)| {
            self.optional_attrs(self.a.value(a).location, self.b.value(b).location)?;
            self.define(a, b)
        })
    }

    fn define(&mut self, a: ValueId, b: ValueId) -> Equal {
        self.values.insert(a, b);
        self.types(self.a.value(a).ty, self.b.value(b).ty)
    }

    fn optional_attrs(&mut self, a: Option<AttrId>, b: Option<AttrId>) -> Equal {
        match (a, b) {
            (Some(a), Some(b)) => self.attrs(a, b),
            (a, b) => same(a, b),
        }
    }

    fn dictionaries(&mut self, a: &[NamedAttr], b: &[NamedAttr]) -> Equal {
        same(a.len(), b.len())?;
        a.iter().zip(b).try_for_each(|(a, b)| {
            same(self.a.str(a.0), self.b.str(b.0))?;
            self.attrs(a.1, b.1)
        })
    }

    fn attrs(&mut self, a: AttrId, b: AttrId) -> Equal {
        if let Some(&partner) = self.attrs.get(&a) {
            return same(partner, b);
        }
        match (self.a.attr(a), self.b.attr(b)) {
            (Attr::Integer { value: x, ty: t }, Attr::Integer { value: y, ty: u }) => {
                same(x, y)?;
                self.types(*t, *u)?;
            }
            (Attr::Type(t), Attr::Type(u)) => self.types(*t, *u)?,
            (Attr::Array(x), Attr::Array(y)) => {
                same(x.len(), y.len())?;
                x.iter().zip(y).try_for_each(|(&x, &y)| self.attrs(x, y))?;
            }
            (Attr::Dictionary(x), Attr::Dictionary(y)) => self.dictionaries(x, y)?,
            (Attr::DenseArray { element: t, values: x }, Attr::DenseArray { element: u, values: y }) => {
                same(x, y)?;
                self.types(*t, *u)?;
            }
            (Attr::String { value: x, ty: t }, Attr::String { value: y, ty: u }) => {
                same(x, y)?;
                self.optional_types(*t, *u)?;
            }
            (Attr::Opaque { text: x, ty: t }, Attr::Opaque { text: y, ty: u }) => {
                same(x, y)?;
                self.optional_types(*t, *u)?;
            }
            (Attr::Float { literal: x, ty: t }, Attr::Float { literal: y, ty: u })
            | (Attr::DenseElements { literal: x, ty: t }, Attr::DenseElements { literal: y, ty: u })
            | (Attr::SparseElements { literal: x, ty: t }, Attr::SparseElements { literal: y, ty: u })
            | (Attr::DenseResource { key: x, ty: t }, Attr::DenseResource { key: y, ty: u }) => {
                same(x, y)?;
                self.types(*t, *u)?;
            }
            (
                a @ (Attr::Unit | Attr::Bool(_) | Attr::SymbolRef(_) | Attr::Location(_)),
                b @ (Attr::Unit | Attr::Bool(_) | Attr::SymbolRef(_) | Attr::Location(_)),
            ) => same(a, b)?,
            _ => return None,
        }
        self.attrs.insert(a, b);
        Some(())
    }

    fn optional_types(&mut self, a: Option<TypeId>, b: Option<TypeId>) -> Equal {
        match (a, b) {
            (Some(a), Some(b)) => self.types(a, b),
            (a, b) => same(a, b),
        }
    }

    fn types(&mut self, a: TypeId, b: TypeId) -> Equal {
        if let Some(&partner) = self.types.get(&a) {
            return same(partner, b);
        }
        match (self.a.ty(a), self.b.ty(b)) {
            (Type::Complex(x), Type::Complex(y)) | (Type::UnrankedTensor(x), Type::UnrankedTensor(y)) => {
                self.types(*x, *y)?;
            }
            (Type::Tensor(x), Type::Tensor(y)) => self.shaped(x, y)?,
            (
                Type::MemRef { shaped: x, layout: layout_x, space: space_x },
                Type::MemRef { shaped: y, layout: layout_y, space: space_y },
            ) => {
                self.shaped(x, y)?;
                self.optional_attrs(*layout_x, *layout_y)?;
                self.optional_attrs(*space_x, *space_y)?;
            }
            (
                Type::UnrankedMemRef { element: x, space: space_x },
                Type::UnrankedMemRef { element: y, space: space_y },
            ) => {
                self.types(*x, *y)?;
                self.optional_attrs(*space_x, *space_y)?;
            }
            (Type::Vector { shape: x, element: t }, Type::Vector { shape: y, element: u }) => {
                same(x, y)?;
                self.types(*t, *u)?;
            }
            (Type::Tuple(x), Type::Tuple(y)) => self.type_lists(x, y)?,
            (Type::Function { inputs: x, results: t }, Type::Function { inputs: y, results: u }) => {
                self.type_lists(x, y)?;
                self.type_lists(t, u)?;
            }
            (Type::Opaque(x), Type::Opaque(y)) => same(self.a.str(*x), self.b.str(*y))?,
            (
                x @ (Type::Integer { .. } | Type::Index | Type::Float(_) | Type::None),
                y @ (Type::Integer { .. } | Type::Index | Type::Float(_) | Type::None),
            ) => same(x, y)?,
            _ => return None,
        }
        self.types.insert(a, b);
        Some(())
    }

    fn shaped(&mut self, a: &TensorType, b: &TensorType) -> Equal {
        same(&a.shape, &b.shape)?;
        self.types(a.element, b.element)?;
        self.optional_attrs(a.encoding, b.encoding)
    }

    fn type_lists(&mut self, a: &[TypeId], b: &[TypeId]) -> Equal {
        same(a.len(), b.len())?;
        a.iter().zip(b).try_for_each(|(&a, &b)| self.types(a, b))
    }
}

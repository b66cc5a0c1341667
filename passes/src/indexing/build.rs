//! What stands for a scatter or a gather, operation by operation.
//!
//! ```text
//! combined = body(splat, updates)                      of the shape of the updates
//! hit      = iota(d) == broadcast(component), and ...  of the shape of the input
//! result   = select(hit, broadcast(combined), input)
//! ```

use memopt::ir::{
    Attr, BlockId, Definition, Module, OpId, OpParts, Signedness, Symbol, TensorType, Type, TypeId, ValueId,
};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::Replacement;
use super::counting::largest_integer;
use super::inverse::{Condition, Inverse};
use super::splat::Splat;

/// A scatter that can be replaced.
pub(super) struct Scatter {
    pub(super) op: OpId,
    pub(super) inverse: Inverse,
    /// The dimension of the indices that holds the components.
    pub(super) vector: usize,
    /// What each input repeats.
    pub(super) splats: Vec<Splat>,
    /// The scalar body, of operations that can also run on all elements at once.
    pub(super) body: BlockId,
}

/// The select that stands for a scatter.
pub(super) fn selects(module: &mut Module, found: &Scatter) -> Replacement {
    let operands = module.op(found.op).operands().to_vec();
    let count = operands.len() / 2;
    let (inputs, indices, updates) = (&operands[..count], operands[count], &operands[count + 1..]);
    let mut made = Builder { made: Vec::new(), from: found.op, module };
    let (shape, of_updates) = (made.tensor(inputs[0]).shape, made.tensor(updates[0]).shape);
    let splats: Vec<ValueId> = found.splats.iter().zip(inputs).map(|(&s, &x)| made.splat(s, x, &of_updates)).collect();
    let combined = made.inlined(found.body, [&splats[..], updates].concat(), &of_updates);
    let mut hit = None;
    for &condition in &found.inverse.conditions {
        let equal = made.holds(condition, found, indices, &shape);
        hit = Some(hit.map_or(equal, |hit| made.like(hit, "stablehlo.and", &[hit, equal])));
    }
    let results = combined.iter().zip(inputs).map(|(&value, &input)| {
        let spread = made.spread(value, &found.inverse.updates, &shape);
        hit.map_or(spread, |hit| made.like(input, "stablehlo.select", &[hit, spread, input]))
    });
    let results = results.collect();
    Replacement { made: made.made, results, removed: vec![found.op] }
}

/// Makes operations, detached and in order.
pub(super) struct Builder<'m> {
    pub(super) module: &'m mut Module,
    pub(super) made: Vec<OpId>,
    /// Whose place in the source the operations have.
    pub(super) from: OpId,
}

impl Builder<'_> {
    pub(super) fn tensor(&self, value: ValueId) -> TensorType {
        match self.module.type_of(value) {
            Type::Tensor(tensor) => tensor.clone(),
            other => unreachable!("only scatters of tensors are replaced, not of {other:?}"),
        }
    }

    pub(super) fn op(
        &mut self,
        name: &str,
        operands: &[ValueId],
        result: TypeId,
        properties: &[(&str, Attr)],
    ) -> ValueId {
        let property =
            |(name, value): &(&str, Attr)| (self.module.symbol(name), self.module.intern_attr(value.clone()));
        let properties: Vec<_> = properties.iter().map(property).collect();
        let from = self.module.op(self.from);
        let parts = OpParts {
            operands: SmallVec::from_slice(operands),
            result_types: smallvec::smallvec![result],
            properties: (!properties.is_empty()).then_some(properties),
            attributes: Vec::new(),
            location: from.location,
            span: from.span,
        };
        let name = self.module.symbol(name);
        self.add(name, parts)
    }

    pub(super) fn add(&mut self, name: Symbol, parts: OpParts) -> ValueId {
        let op = self.module.create_op(name, parts);
        self.made.push(op);
        self.module.op(op).result(0)
    }

    /// An operation whose result has the type of a value.
    fn like(&mut self, value: ValueId, name: &str, operands: &[ValueId]) -> ValueId {
        self.op(name, operands, self.module.value(value).ty, &[])
    }

    fn constant(&mut self, literal: &str, element: TypeId) -> ValueId {
        let ty = self.module.tensor_type(&[], element);
        self.op("stablehlo.constant", &[], ty, &[("value", Attr::DenseElements { literal: literal.into(), ty })])
    }

    fn reshaped(&mut self, value: ValueId, shape: &[i64]) -> ValueId {
        let from = self.tensor(value);
        if *from.shape == *shape {
            return value;
        }
        let ty = self.module.tensor_type(shape, from.element);
        self.op("stablehlo.reshape", &[value], ty, &[])
    }

    fn broadcast(&mut self, value: ValueId, to: &[i64], shape: &[i64]) -> ValueId {
        let from = self.tensor(value);
        if *from.shape == *shape && to.is_sorted() {
            return value;
        }
        let (ty, to) = (self.module.tensor_type(shape, from.element), self.module.i64_array_attr(to));
        self.op("stablehlo.broadcast_in_dim", &[value], ty, &[("broadcast_dimensions", to)])
    }

    /// A value whose dimension `d` is read at coordinate `from[d]` of each element, and at 0 where there is none.
    pub(super) fn spread(&mut self, value: ValueId, from: &[Option<usize>], shape: &[i64]) -> ValueId {
        let extents = self.tensor(value).shape;
        let read = from.iter().zip(&extents).filter_map(|(from, &extent)| Some(((*from)? as i64, extent)));
        let (to, kept): (Vec<i64>, Vec<i64>) = read.unzip();
        let squeezed = self.reshaped(value, &kept);
        self.broadcast(squeezed, &to, shape)
    }

    /// A splat of another shape than `input`, which repeats the same.
    pub(super) fn splat(&mut self, splat: Splat, input: ValueId, shape: &[i64]) -> ValueId {
        let element = match splat {
            Splat::Element(value) => self.reshaped(value, &[]),
            Splat::Literal(_) => {
                let literal = splat.literal(self.module).unwrap_or_default().to_owned();
                let element = self.tensor(input).element;
                self.constant(&literal, element)
            }
        };
        self.broadcast(element, &[], shape)
    }

    /// Where the coordinate of an element is what the condition says.
    fn holds(&mut self, condition: Condition, found: &Scatter, indices: ValueId, shape: &[i64]) -> ValueId {
        let of_indices = self.tensor(indices);
        let i64 = self.module.i64_type();
        // No element has a coordinate that wraps round in the type that it is compared in.
        let largest = largest_integer(self.module, of_indices.element);
        let fits = largest.is_some_and(|largest| shape[condition.dimension] - 1 <= largest);
        let element = if fits { of_indices.element } else { i64 };
        let value = match condition.component {
            None => {
                let zero = self.constant("0", element);
                self.broadcast(zero, &[], shape)
            }
            Some(component) => {
                let component = self.component(indices, found.vector, component as i64);
                let shape_of_component = self.tensor(component).shape;
                let ty = self.module.tensor_type(&shape_of_component, element);
                let component = if fits { component } else { self.op("stablehlo.convert", &[component], ty, &[]) };
                self.spread(component, &found.inverse.indices, shape)
            }
        };
        let ty = self.module.tensor_type(shape, element);
        let dimension = self.module.integer_attr(condition.dimension as i64);
        let coordinate = self.op("stablehlo.iota", &[], ty, &[("iota_dimension", dimension)]);
        let i1 = self.module.intern_type(Type::Integer { width: 1, signedness: Signedness::Signless });
        let ty = self.module.tensor_type(shape, i1);
        let is_unsigned = matches!(self.module.ty(element), Type::Integer { signedness: Signedness::Unsigned, .. });
        let word = |text: &str| Attr::Opaque { text: format!("#stablehlo<{text}>").into(), ty: None };
        let signedness = if is_unsigned { "UNSIGNED" } else { "SIGNED" };
        let properties = [
            ("compare_type", word(&format!("comparison_type {signedness}"))),
            ("comparison_direction", word("comparison_direction EQ")),
        ];
        self.op("stablehlo.compare", &[coordinate, value], ty, &properties)
    }

    /// One component of all indices, with extent 1 in the dimension of the components.
    fn component(&mut self, indices: ValueId, vector: usize, component: i64) -> ValueId {
        let TensorType { mut shape, element, .. } = self.tensor(indices);
        if shape.get(vector).is_none_or(|&components| components == 1) {
            return indices;
        }
        let mut start = vec![0; shape.len()];
        start[vector] = component;
        let mut limit = shape.to_vec();
        limit[vector] = component + 1;
        shape[vector] = 1;
        let strides = self.module.i64_array_attr(&vec![1; shape.len()]);
        let (start, limit) = (self.module.i64_array_attr(&start), self.module.i64_array_attr(&limit));
        let properties = [("start_indices", start), ("limit_indices", limit), ("strides", strides)];
        let ty = self.module.tensor_type(&shape, element);
        self.op("stablehlo.slice", &[indices], ty, &properties)
    }

    /// What a scalar body makes of arguments that are whole tensors of a shape.
    fn inlined(&mut self, body: BlockId, arguments: Vec<ValueId>, shape: &[i64]) -> Vec<ValueId> {
        let content = self.module.block(body);
        let (ops, mut whole) = (content.ops().to_vec(), FxHashMap::default());
        whole.extend(content.arguments().iter().copied().zip(arguments));
        let Some((&terminator, ops)) = ops.split_last() else { return Vec::new() };
        for &op in ops {
            let operation = self.module.op(op).clone();
            let element = self.tensor(operation.result(0)).element;
            let made = match operation.operands() {
                [] => {
                    let copy = self.module.clone_op(op);
                    self.made.push(copy);
                    let element = self.module.op(copy).result(0);
                    self.broadcast(element, &[], shape)
                }
                operands => {
                    let operands = operands.iter().map(|&operand| self.whole(operand, &mut whole, shape)).collect();
                    let result_types = smallvec::smallvec![self.module.tensor_type(shape, element)];
                    let parts = OpParts {
                        operands,
                        result_types,
                        properties: operation.properties.clone(),
                        attributes: operation.attributes.clone(),
                        location: operation.location,
                        span: operation.span,
                    };
                    self.add(operation.name, parts)
                }
            };
            whole.insert(operation.result(0), made);
        }
        let yields = self.module.op(terminator).operands().to_vec();
        yields.iter().map(|&value| self.whole(value, &mut whole, shape)).collect()
    }

    /// The tensor that stands for a scalar of a body; a scalar from outside is repeated.
    fn whole(&mut self, scalar: ValueId, whole: &mut FxHashMap<ValueId, ValueId>, shape: &[i64]) -> ValueId {
        if let Some(&known) = whole.get(&scalar) {
            return known;
        }
        let repeated = self.broadcast(scalar, &[], shape);
        whole.insert(scalar, repeated);
        repeated
    }
}

/// Whether a value is defined in a block.
pub(super) fn is_inside(module: &Module, value: ValueId, block: BlockId) -> bool {
    match module.value(value).definition {
        Definition::Result { op, .. } => module.op(op).parent() == Some(block),
        Definition::Argument { block: of, .. } => of == block,
    }
}

//! Whether a component of an index counts: whether it is the coordinate of its own place along some dimension of the indices,
//! as the `iota` that stands for the batch in `x[arange(n), labels]`.
//!
//! The component is followed backwards through operations that move elements, with the dimension of the indices that each
//! dimension of the value at hand has become.

use memopt::dialect::OpRef;
use memopt::dialect::stablehlo::attributes::{integers, keyword};
use memopt::ir::{Definition, Module, Signedness, TensorType, Type, TypeId, ValueId};

use super::splat;

/// Operations that are followed: more are no batch coordinate that anybody wrote.
const MOST_STEPS: usize = 64;

/// A value on the way from the indices back to an iota.
struct Trail {
    value: ValueId,
    /// For each dimension of the value, the dimension of the indices with the same coordinate.
    dimensions: Vec<Option<usize>>,
    /// Of the dimension that holds the components, while there is one: which it is, and the coordinate in it.
    component: Option<(usize, i64)>,
}

/// The dimension of `indices` that a component of theirs counts along. The components lie in dimension `vector`.
pub(super) fn counted_dimension(module: &Module, indices: ValueId, vector: usize, component: i64) -> Option<usize> {
    let Type::Tensor(ty) = module.type_of(indices) else { return None };
    let rank = ty.shape.len();
    let component = (vector < rank).then_some((vector, component));
    let mut trail = Trail { value: indices, dimensions: (0..rank).map(Some).collect(), component };
    // A narrow type cannot count far: what it holds is then no coordinate any more.
    let mut largest = i64::MAX;
    for _ in 0..MOST_STEPS {
        let Definition::Result { op, .. } = module.value(trail.value).definition else { return None };
        let op = OpRef::new(module, op);
        largest = largest.min(largest_integer(module, op.result_tensor(0)?.element)?);
        if op.name() == "stablehlo.iota" {
            let along = usize::try_from(op.integer("iota_dimension")?).ok()?;
            let is_component = trail.component.is_some_and(|(dimension, _)| dimension == along);
            let counted = (*trail.dimensions.get(along)?).filter(|_| !is_component)?;
            return (ty.shape[counted] - 1 <= largest).then_some(counted);
        }
        trail = trail.back(op)?;
    }
    None
}

impl Trail {
    /// One operation further back.
    fn back(self, op: OpRef<'_>) -> Option<Trail> {
        let same = |operand: usize| op.operands().get(operand).copied();
        match op.name() {
            "stablehlo.convert" => Some(Trail { value: same(0)?, ..self }),
            // A count is never negative, so what would wrap it round is never taken.
            "stablehlo.select" => {
                let (is_negative, value) = (same(0)?, same(2)?);
                compares_below_zero(op.module, is_negative, value).then_some(Trail { value, ..self })
            }
            "stablehlo.concatenate" => self.through_concatenate(op),
            "stablehlo.broadcast_in_dim" => {
                let to = integers(op, "broadcast_dimensions")?;
                self.through(op, &to.iter().map(|&d| usize::try_from(d).ok()).collect::<Option<Vec<_>>>()?)
            }
            "stablehlo.transpose" => {
                let permutation = integers(op, "permutation")?;
                let to = (0..permutation.len() as i64).map(|d| permutation.iter().position(|&from| from == d));
                let to = to.collect::<Option<Vec<_>>>()?;
                self.through(op, &to)
            }
            "stablehlo.reshape" => {
                let (from, to) = (op.operand_tensor(0)?, op.result_tensor(0)?);
                let many = |ty: &TensorType| (0..ty.shape.len()).filter(|&d| ty.shape[d] != 1).collect::<Vec<_>>();
                let (many_from, many_to) = (many(from), many(to));
                let keeps = many_from.len() == many_to.len()
                    && many_from.iter().zip(&many_to).all(|(&from_d, &to_d)| from.shape[from_d] == to.shape[to_d]);
                let mut target = vec![usize::MAX; from.shape.len()];
                many_from.iter().zip(&many_to).for_each(|(&from_d, &to_d)| target[from_d] = to_d);
                if keeps { self.through(op, &target) } else { None }
            }
            _ => None,
        }
    }

    /// Back through an operation of one operand, of which dimension `d` becomes dimension `to[d]` of the result, if it keeps
    /// its extent; else its coordinate is 0 everywhere.
    fn through(self, op: OpRef<'_>, to: &[usize]) -> Option<Trail> {
        let (from_type, to_type) = (op.operand_tensor(0)?, op.result_tensor(0)?);
        let keeps = |d: usize| Some(to[d]).filter(|&t| to_type.shape.get(t) == from_type.shape.get(d));
        let rank = from_type.shape.len();
        if to.len() != rank {
            return None;
        }
        let dimensions = (0..rank).map(|d| self.dimensions[keeps(d)?]).collect();
        let component = self.component.and_then(|(at, c)| Some(((0..rank).find(|&d| keeps(d) == Some(at))?, c)));
        Some(Trail { value: op.operands()[0], dimensions, component })
    }

    /// Back to the operand that holds the component.
    fn through_concatenate(self, op: OpRef<'_>) -> Option<Trail> {
        let along = usize::try_from(op.integer("dimension")?).ok()?;
        let (at, mut coordinate) = self.component.filter(|&(at, _)| at == along)?;
        for (operand, &value) in op.operands().iter().enumerate() {
            let extent = *op.operand_tensor(operand)?.shape.get(along)?;
            if coordinate < extent {
                return Some(Trail { value, component: Some((at, coordinate)), ..self });
            }
            coordinate -= extent;
        }
        None
    }
}

/// The largest value of an integer type.
pub(super) fn largest_integer(module: &Module, element: TypeId) -> Option<i64> {
    match *module.ty(element) {
        Type::Integer { width: width @ 2..=64, signedness: Signedness::Unsigned } => {
            Some(i64::MAX >> 63u32.saturating_sub(width))
        }
        Type::Integer { width: width @ 2..=64, .. } => Some(i64::MAX >> (64 - width)),
        _ => None,
    }
}

/// Whether `predicate` is `value < 0`.
fn compares_below_zero(module: &Module, predicate: ValueId, value: ValueId) -> bool {
    let Definition::Result { op, .. } = module.value(predicate).definition else { return false };
    let op = OpRef::new(module, op);
    let is_zero = |value| splat::of(module, value).and_then(|splat| splat.literal(module)) == Some("0");
    op.name() == "stablehlo.compare"
        && keyword(op, "comparison_direction", "comparison_direction") == Some("LT")
        && matches!(op.operands(), &[a, b] if a == value && is_zero(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use memopt::ir::Function;
    use memopt::text::{ParseLimits, parse};

    /// The dimensions that the components of the returned value count along, its last dimension holding them.
    fn counted(returned: &str, ops: &str) -> Vec<Option<usize>> {
        let text = format!(
            r#""func.func"() <{{function_type = (tensor<4xi32>) -> {returned}, sym_name = "main"}}> ({{
            ^bb0(%labels: tensor<4xi32>):
              {ops}
              "func.return"(%y) : ({returned}) -> ()
            }}) : () -> ()"#
        );
        let module = parse(&text, &ParseLimits::default()).unwrap();
        let function: Function = module.functions()[0];
        let value = function.results(&module)[0];
        let Type::Tensor(ty) = module.type_of(value) else { panic!("a tensor") };
        let vector = ty.shape.len() - 1;
        (0..ty.shape[vector]).map(|c| counted_dimension(&module, value, vector, c)).collect()
    }

    #[test]
    fn arange_beside_labels() {
        let found = counted(
            "tensor<4x2xi32>",
            r#"%i = "stablehlo.iota"() <{iota_dimension = 0 : i64}> : () -> tensor<4xi32>
            %zero = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
            %zeros = "stablehlo.broadcast_in_dim"(%zero) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<4xi32>
            %n = "stablehlo.constant"() <{value = dense<4> : tensor<4xi32>}> : () -> tensor<4xi32>
            %low = "stablehlo.compare"(%i, %zeros) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi1>
            %up = "stablehlo.add"(%i, %n) : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
            %at = "stablehlo.select"(%low, %up, %i) : (tensor<4xi1>, tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
            %a = "stablehlo.broadcast_in_dim"(%at) <{broadcast_dimensions = array<i64: 0>}> : (tensor<4xi32>) -> tensor<4x1xi32>
            %b = "stablehlo.reshape"(%labels) : (tensor<4xi32>) -> tensor<4x1xi32>
            %y = "stablehlo.concatenate"(%a, %b) <{dimension = 1 : i64}> : (tensor<4x1xi32>, tensor<4x1xi32>) -> tensor<4x2xi32>"#,
        );
        assert_eq!(found, [Some(0), None]);
    }

    #[test]
    fn counts_survive_what_moves_them() {
        let found = counted(
            "tensor<2x3x4x1xi64>",
            r#"%i = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<4x3xi32>
            %t = "stablehlo.transpose"(%i) <{permutation = array<i64: 1, 0>}> : (tensor<4x3xi32>) -> tensor<3x4xi32>
            %r = "stablehlo.reshape"(%t) : (tensor<3x4xi32>) -> tensor<1x3x1x4xi32>
            %c = "stablehlo.convert"(%r) : (tensor<1x3x1x4xi32>) -> tensor<1x3x1x4xi64>
            %s = "stablehlo.reshape"(%c) : (tensor<1x3x1x4xi64>) -> tensor<1x3x4x1xi64>
            %y = "stablehlo.broadcast_in_dim"(%s) <{broadcast_dimensions = array<i64: 0, 1, 2, 3>}> : (tensor<1x3x4x1xi64>) -> tensor<2x3x4x1xi64>"#,
        );
        assert_eq!(found, [Some(1)]);
    }

    #[test]
    fn what_is_no_coordinate_does_not_count() {
        // The components themselves are counted: each is another number, none a coordinate of the batch.
        let along_components = r#"%y = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<4x2xi32>"#;
        assert_eq!(counted("tensor<4x2xi32>", along_components), [None, None]);
        // The order is another one after the reshape.
        let reshaped = r#"%i = "stablehlo.iota"() <{iota_dimension = 0 : i64}> : () -> tensor<2x6xi32>
            %y = "stablehlo.reshape"(%i) : (tensor<2x6xi32>) -> tensor<6x2xi32>"#;
        assert_eq!(counted("tensor<6x2xi32>", reshaped), [None, None]);
        // i8 counts to 127 only.
        let narrow = |n: i64| {
            let ops = format!(
                r#"%i = "stablehlo.iota"() <{{iota_dimension = 0 : i64}}> : () -> tensor<{n}x1xi8>
                %y = "stablehlo.convert"(%i) : (tensor<{n}x1xi8>) -> tensor<{n}x1xi32>"#
            );
            counted(&format!("tensor<{n}x1xi32>"), &ops)
        };
        assert_eq!((narrow(128), narrow(129)), (vec![Some(0)], vec![None]));
    }

    #[test]
    fn a_select_by_another_predicate_is_not_followed() {
        let with = |direction: &str, zero: &str| {
            let ops = format!(
                r#"%y0 = "stablehlo.iota"() <{{iota_dimension = 0 : i64}}> : () -> tensor<4x1xi32>
                %zeros = "stablehlo.constant"() <{{value = dense<{zero}> : tensor<4x1xi32>}}> : () -> tensor<4x1xi32>
                %p = "stablehlo.compare"(%y0, %zeros) <{{comparison_direction = #stablehlo<comparison_direction {direction}>}}> : (tensor<4x1xi32>, tensor<4x1xi32>) -> tensor<4x1xi1>
                %y = "stablehlo.select"(%p, %zeros, %y0) : (tensor<4x1xi1>, tensor<4x1xi32>, tensor<4x1xi32>) -> tensor<4x1xi32>"#
            );
            counted("tensor<4x1xi32>", &ops)
        };
        assert_eq!(with("LT", "0"), [Some(0)]);
        assert_eq!(with("GT", "0"), [None]);
        assert_eq!(with("LT", "1"), [None]);
    }
}

//! Values of which all elements are one: splat constants, and broadcasts of one element.

use memopt::dialect::OpRef;
use memopt::ir::{Attr, Definition, Module, OpId, Type, ValueId};

/// Operations that are followed: what takes longer to spread one element was not written as a splat.
const MOST_STEPS: usize = 64;

/// What a splat repeats.
#[derive(Clone, Copy, Debug)]
pub(super) enum Splat {
    /// The element of this value of one element.
    Element(ValueId),
    /// The element that this constant spells once for many.
    Literal(OpId),
}

/// What a value repeats, if it is a splat.
pub(super) fn of(module: &Module, mut value: ValueId) -> Option<Splat> {
    for _ in 0..MOST_STEPS {
        let Type::Tensor(ty) = module.type_of(value) else { return None };
        if ty.elements()? == 1 {
            return Some(Splat::Element(value));
        }
        let Definition::Result { op, .. } = module.value(value).definition else { return None };
        value = match module.op_name(op) {
            "stablehlo.constant" => return literal(module, op).map(|_| Splat::Literal(op)),
            "stablehlo.broadcast_in_dim" | "stablehlo.broadcast" | "stablehlo.reshape" => {
                *module.op(op).operands().first()?
            }
            _ => return None,
        };
    }
    None
}

impl Splat {
    /// The element as a constant spells it, where it is one.
    pub(super) fn literal(self, module: &Module) -> Option<&str> {
        match self {
            Splat::Literal(op) => literal(module, op),
            Splat::Element(value) => match module.value(value).definition {
                Definition::Result { op, .. } if module.op_name(op) == "stablehlo.constant" => literal(module, op),
                _ => None,
            },
        }
    }
}

/// The one element that a constant spells, not as bytes: these say something else under another shape.
fn literal(module: &Module, constant: OpId) -> Option<&str> {
    match OpRef::new(module, constant).attr("value")? {
        Attr::DenseElements { literal, .. } => {
            Some(&**literal).filter(|literal| !literal.is_empty() && !literal.starts_with(['[', '"']))
        }
        _ => None,
    }
}

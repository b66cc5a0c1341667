//! A scatter into a splat becomes a select, where at most one update goes to each element.
//!
//! ```text
//! select(iota over the classes == broadcast(labels), broadcast(0 + updates), 0)
//! ```
//!
//! Equal bit by bit for all inputs: an element that an update goes to gets what the scatter's own body makes of the splat and
//! the update (so that 0 + -0 stays 0), and a label outside the classes equals no coordinate, as the scatter drops its update.

use memopt::dialect::stablehlo::attributes::ScatterDimensions;
use memopt::dialect::{Effects, KernelKind, OpRef, Registry, Virtual, hints_of};
use memopt::ir::{BlockId, Module, OpId, TensorType, Type, ValueId};

use super::build::{Scatter, is_inside};
use super::counting::{self, counted_dimension};
use super::inverse::{ScatterShape, invert};
use super::splat;

/// A scatter that can be replaced, if this operation is one.
pub(super) fn find(module: &Module, registry: &Registry, op: OpId) -> Option<Scatter> {
    let scatter = OpRef::new(module, op);
    if scatter.name() != "stablehlo.scatter" || hints_of(module, op).next().is_some() {
        return None;
    }
    let operands = scatter.operands();
    let (count, is_odd) = (operands.len() / 2, operands.len() % 2 == 1);
    let &[region] = scatter.op().regions() else { return None };
    let &[body] = module.region(region).blocks() else { return None };
    if count == 0 || !is_odd || scatter.op().result_count() != count || !is_elementwise(module, registry, body, count) {
        return None;
    }
    let (indices, updates) = (plain(module, operands[count])?, plain(module, operands[count + 1])?);
    let input = plain(module, operands[0])?;
    for k in 0..count {
        let (x, u) = (plain(module, operands[k])?, plain(module, operands[count + 1 + k])?);
        let arguments = module.block(body).arguments();
        let scalars = [plain(module, arguments[k])?, plain(module, arguments[count + k])?];
        let alike = [x, u, scalars[0], scalars[1]].iter().all(|tensor| tensor.element == x.element);
        let same_type = module.value(scatter.op().result(k)).ty == module.value(operands[k]).ty;
        if x.shape != input.shape || u.shape != updates.shape || !alike || !same_type {
            return None;
        }
    }
    let splats = operands[..count].iter().map(|&input| splat::of(module, input)).collect::<Option<Vec<_>>>()?;
    counting::largest_integer(module, indices.element)?;
    let numbers = scatter.attr("scatter_dimension_numbers").and_then(ScatterDimensions::of)?;
    let vector = usize::try_from(numbers.index_vector).ok()?;
    let components = 0..numbers.scatter_dims_to_operand.len().min(MOST_DIMENSIONS);
    let counts = components.map(|c| counted_dimension(module, operands[count], vector, c as i64)).collect();
    let [input, indices, updates] = [input, indices, updates].map(|tensor| tensor.shape.to_vec());
    let inverse = invert(&ScatterShape { input, indices, updates, numbers, counts })?;
    Some(Scatter { op, inverse, vector, splats, body })
}

/// Most dimensions of a tensor that is looked at: what turns a scatter round compares each with each.
pub(super) const MOST_DIMENSIONS: usize = 64;

/// A tensor type that says all in shape and element.
pub(super) fn plain(module: &Module, value: ValueId) -> Option<&TensorType> {
    let Type::Tensor(tensor) = module.type_of(value) else { return None };
    let says_all = tensor.encoding.is_none() && tensor.elements().is_some();
    (says_all && tensor.shape.len() <= MOST_DIMENSIONS).then_some(tensor)
}

/// Whether a scalar body can run on all elements at once: elementwise operations and constants, on scalars.
fn is_elementwise(module: &Module, registry: &Registry, body: BlockId, count: usize) -> bool {
    let content = module.block(body);
    let is_scalar = |value: ValueId| plain(module, value).is_some_and(|tensor| tensor.shape.is_empty());
    let Some((&terminator, ops)) = content.ops().split_last() else { return false };
    let runs_on_all = |&op: &OpId| {
        let (op, operation) = (OpRef::new(module, op), module.op(op));
        let Some(known) = registry.get(op.name()) else { return false };
        let is_constant = operation.operands().is_empty() && known.memory.virtual_kind(op, 0) == Some(Virtual::Nullary);
        let is_pure = known.memory.effects(op) == Effects::None && hints_of(module, op.id).next().is_none();
        is_pure
            && operation.regions().is_empty()
            && operation.result_count() == 1
            && (is_constant || !operation.operands().is_empty() && known.memory.kind(op) == KernelKind::Elementwise)
            && operation.operands().iter().copied().chain(operation.results()).all(is_scalar)
    };
    let yields = module.op(terminator).operands();
    let yields_fit = yields.len() == count
        && yields.iter().zip(content.arguments()).all(|(&value, &argument)| {
            is_scalar(value) && module.value(value).ty == module.value(argument).ty && is_inside(module, value, body)
        });
    content.arguments().len() == 2 * count && yields_fit && ops.iter().all(runs_on_all)
}

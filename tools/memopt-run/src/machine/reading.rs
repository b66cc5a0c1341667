//! Values without bytes, computed by those who read them.

use std::rc::Rc;

use memopt::ir::{Definition, Module, ValueId};
use rustc_hash::FxHashMap;

use super::bodies::NoBodies;
use super::{Limits, evaluate, result_specs};
use crate::ops::{self, Problem};
use crate::tensor::Tensor;

/// A value from the operations that make it, operands first, each once. `held` answers for values that are not computed.
pub(super) fn compute(
    module: &Module,
    limits: Limits,
    value: ValueId,
    held: &mut dyn FnMut(ValueId) -> Result<Option<Rc<Tensor>>, Problem>,
) -> Result<Rc<Tensor>, Problem> {
    let mut made: FxHashMap<ValueId, Rc<Tensor>> = FxHashMap::default();
    let mut work = vec![value];
    while let Some(&next) = work.last() {
        if made.contains_key(&next) {
            work.pop();
            continue;
        }
        if let Some(tensor) = held(next)? {
            made.insert(next, tensor);
            continue;
        }
        let Definition::Result { op, .. } = module.value(next).definition else {
            return Err(format!("{} has no bytes", module.display_value(next)));
        };
        let operands = module.op(op).operands();
        let missing: Vec<ValueId> = operands.iter().copied().filter(|operand| !made.contains_key(operand)).collect();
        if !missing.is_empty() {
            work.extend(missing);
            continue;
        }
        let name = module.op_name(op);
        let row = ops::find(name).ok_or_else(|| format!("{name}, which it reads, has no meaning here"))?;
        let inputs: Vec<Rc<Tensor>> = operands.iter().map(|operand| made[operand].clone()).collect();
        let results = evaluate(module, op, row, &inputs, &result_specs(module, op, limits)?, &mut NoBodies);
        let results = results.map_err(|problem| format!("{name}, which it reads: {problem}"))?;
        made.extend(module.op(op).results().zip(results.into_iter().map(Rc::new)));
    }
    Ok(made[&value].clone())
}

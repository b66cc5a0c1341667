//! Values without bytes, computed by those who read them.

use std::rc::Rc;

use memopt::ir::{Bytes, Definition, Module, ValueId};
use rustc_hash::FxHashMap;

use super::bodies::NoBodies;
use super::{Limits, evaluate, result_specs};
use crate::ops::{self, Problem};
use crate::tensor::Tensor;

/// What was computed for one kernel, and what it was computed from, so that operands with common parts share them.
#[derive(Default)]
pub(super) struct Made {
    tensors: FxHashMap<ValueId, Rc<Tensor>>,
    bytes: Bytes,
}

impl Made {
    fn add(&mut self, value: ValueId, tensor: Rc<Tensor>, limits: Limits) -> Result<(), Problem> {
        self.bytes += Bytes(tensor.bytes.len() as u64);
        self.tensors.insert(value, tensor);
        match self.bytes > limits.max_bytes {
            true => Err(format!("what it reads takes {} to compute; raise --max-bytes if memory is there", self.bytes)),
            false => Ok(()),
        }
    }
}

/// A value from the operations that make it, operands first, each once. `held` answers for values that are not computed.
pub(super) fn compute(
    module: &Module,
    limits: Limits,
    value: ValueId,
    made: &mut Made,
    held: &mut dyn FnMut(ValueId) -> Result<Option<Rc<Tensor>>, Problem>,
) -> Result<Rc<Tensor>, Problem> {
    let mut work = vec![value];
    while let Some(&next) = work.last() {
        if made.tensors.contains_key(&next) {
            work.pop();
            continue;
        }
        if let Some(tensor) = held(next)? {
            made.add(next, tensor, limits)?;
            continue;
        }
        let Definition::Result { op, .. } = module.value(next).definition else {
            return Err(format!("{} has no bytes", module.display_value(next)));
        };
        let operands = module.op(op).operands();
        let missing: Vec<ValueId> =
            operands.iter().copied().filter(|operand| !made.tensors.contains_key(operand)).collect();
        if !missing.is_empty() {
            work.extend(missing);
            continue;
        }
        let name = module.op_name(op);
        let row = ops::find(name).ok_or_else(|| format!("{name}, which it reads, has no meaning here"))?;
        let inputs: Vec<Rc<Tensor>> = operands.iter().map(|operand| made.tensors[operand].clone()).collect();
        let results = evaluate(module, op, row, &inputs, &result_specs(module, op, limits)?, &mut NoBodies);
        let results = results.map_err(|problem| format!("{name}, which it reads: {problem}"))?;
        for (value, tensor) in module.op(op).results().zip(results) {
            made.add(value, Rc::new(tensor), limits)?;
        }
    }
    Ok(made.tensors[&value].clone())
}

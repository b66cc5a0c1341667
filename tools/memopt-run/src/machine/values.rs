//! Each value by itself: the reference.

use std::rc::Rc;

use memopt::ir::{BlockId, Bytes, Module, OpId, ValueId};
use rustc_hash::FxHashMap;

use super::{Limits, Store};
use crate::ops::{InPlace, Problem};
use crate::tensor::Tensor;

pub(super) struct Values<'m> {
    module: &'m Module,
    held: FxHashMap<ValueId, Rc<Tensor>>,
    /// Of the loops that run, what their slots hold.
    slots: FxHashMap<OpId, Vec<Rc<Tensor>>>,
    /// Bytes of all that is held, a value with two names counted twice.
    bytes: Bytes,
    limits: Limits,
}

impl<'m> Values<'m> {
    pub(super) fn new(module: &'m Module, limits: Limits) -> Values<'m> {
        Values { module, held: FxHashMap::default(), slots: FxHashMap::default(), bytes: Bytes::ZERO, limits }
    }

    pub(super) fn set(&mut self, value: ValueId, tensor: Rc<Tensor>) -> Result<(), Problem> {
        self.forget(value);
        self.bytes += Bytes(tensor.bytes.len() as u64);
        if self.bytes > self.limits.max_bytes {
            return Err(format!(
                "the values held are more than {}; raise --max-bytes if memory is there",
                self.limits.max_bytes
            ));
        }
        self.held.insert(value, tensor);
        Ok(())
    }

    fn all(&mut self, values: &[ValueId]) -> Result<Vec<Rc<Tensor>>, Problem> {
        values.iter().map(|&value| self.read(value)).collect()
    }
}

impl Store for Values<'_> {
    fn read(&mut self, value: ValueId) -> Result<Rc<Tensor>, Problem> {
        let found = self.held.get(&value).cloned();
        found.ok_or_else(|| format!("{} is read before it is there", self.module.display_value(value)))
    }

    fn is_idle(&mut self, _op: OpId) -> Result<bool, Problem> {
        Ok(false)
    }

    fn begin(&mut self, _op: OpId, _in_place: InPlace) -> Result<(), Problem> {
        Ok(())
    }

    fn write(&mut self, op: OpId, results: Vec<Tensor>) -> Result<(), Problem> {
        let values = self.module.op(op).results();
        values.zip(results).try_for_each(|(value, tensor)| self.set(value, Rc::new(tensor)))
    }

    fn enter_loop(&mut self, op: OpId, operands: Vec<Rc<Tensor>>) -> Result<(), Problem> {
        self.slots.insert(op, operands);
        Ok(())
    }

    fn bind_slots(&mut self, op: OpId, block: BlockId) -> Result<(), Problem> {
        let slots = self.slots[&op].clone();
        let arguments = self.module.block(block).arguments().to_vec();
        arguments.into_iter().zip(slots).try_for_each(|(argument, tensor)| self.set(argument, tensor))
    }

    fn carry(&mut self, op: OpId, yields: &[ValueId]) -> Result<(), Problem> {
        let yields = self.all(yields)?;
        self.slots.insert(op, yields);
        Ok(())
    }

    fn leave_loop(&mut self, op: OpId) -> Result<(), Problem> {
        let slots = self.slots.remove(&op).unwrap_or_default();
        self.module.op(op).results().zip(slots).try_for_each(|(value, tensor)| self.set(value, tensor))
    }

    fn leave_branch(&mut self, op: OpId, yields: &[ValueId]) -> Result<(), Problem> {
        let yields = self.all(yields)?;
        self.module.op(op).results().zip(yields).try_for_each(|(value, tensor)| self.set(value, tensor))
    }

    fn forget(&mut self, value: ValueId) {
        if let Some(tensor) = self.held.remove(&value) {
            self.bytes -= Bytes(tensor.bytes.len() as u64);
        }
    }
}

//! Each value by itself: the reference.

use std::rc::Rc;

use memopt::ir::{BlockId, Bytes, Definition, Module, OpId, ValueId};
use rustc_hash::FxHashMap;

use super::{Limits, Store};
use crate::ops::{InPlace, Problem};
use crate::tensor::Tensor;

pub(super) struct Values<'m> {
    module: &'m Module,
    held: FxHashMap<ValueId, Rc<Tensor>>,
    /// Of the loops that run, what their slots hold.
    slots: FxHashMap<OpId, Vec<Rc<Tensor>>>,
    /// Bytes of all that is held, each tensor once under however many names.
    bytes: Bytes,
    limits: Limits,
}

impl<'m> Values<'m> {
    pub(super) fn new(module: &'m Module, limits: Limits) -> Values<'m> {
        Values { module, held: FxHashMap::default(), slots: FxHashMap::default(), bytes: Bytes::ZERO, limits }
    }

    /// Gives a value a tensor that nothing here holds yet.
    pub(super) fn set(&mut self, value: ValueId, tensor: Rc<Tensor>) -> Result<(), Problem> {
        let bytes = Bytes(tensor.bytes.len() as u64);
        self.share(value, tensor);
        self.bytes += bytes;
        if self.bytes > self.limits.max_bytes {
            return Err(format!(
                "the values held are more than {}; raise --max-bytes if memory is there",
                self.limits.max_bytes
            ));
        }
        Ok(())
    }

    /// Gives a value a tensor that is held under another name, or in a slot.
    fn share(&mut self, value: ValueId, tensor: Rc<Tensor>) {
        self.forget(value);
        self.held.insert(value, tensor);
    }

    /// Condition and body of a loop, which the machine has looked at.
    fn blocks(&self, op: OpId) -> [BlockId; 2] {
        let regions = self.module.op(op).regions();
        [0, 1].map(|region: usize| self.module.region(regions[region]).blocks()[0])
    }

    fn forget_arguments(&mut self, block: BlockId) {
        let module = self.module;
        module.block(block).arguments().iter().for_each(|&argument| self.forget(argument));
    }

    /// What a block of an operation yields. Values of the block are let go: whoever takes the tensors holds them.
    fn take(&mut self, op: OpId, yields: &[ValueId]) -> Result<Vec<Rc<Tensor>>, Problem> {
        let taken = self.all(yields)?;
        for &value in yields {
            let block = match self.module.value(value).definition {
                Definition::Result { op, .. } => self.module.op(op).parent(),
                Definition::Argument { block, .. } => Some(block),
            };
            if block.is_some_and(|block| self.module.block_owner(block) == op) {
                self.forget(value);
            }
        }
        Ok(taken)
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

    fn hand_over(&mut self, value: ValueId) {
        self.forget(value);
    }

    fn bind_slots(&mut self, op: OpId, block: BlockId) -> Result<(), Problem> {
        // The body makes the next ones: neither the slots nor the condition need hold these.
        let [condition, body] = self.blocks(op);
        let slots = match block == body {
            true => self.slots.remove(&op).unwrap_or_default(),
            false => self.slots[&op].clone(),
        };
        self.forget_arguments(condition);
        let arguments = self.module.block(block).arguments().to_vec();
        arguments.into_iter().zip(slots).for_each(|(argument, tensor)| self.share(argument, tensor));
        Ok(())
    }

    fn carry(&mut self, op: OpId, yields: &[ValueId]) -> Result<(), Problem> {
        let yields = self.take(op, yields)?;
        self.slots.insert(op, yields);
        Ok(())
    }

    fn leave_loop(&mut self, op: OpId) -> Result<(), Problem> {
        let slots = self.slots.remove(&op).unwrap_or_default();
        self.blocks(op).into_iter().for_each(|block| self.forget_arguments(block));
        self.module.op(op).results().zip(slots).for_each(|(value, tensor)| self.share(value, tensor));
        Ok(())
    }

    fn leave_branch(&mut self, op: OpId, yields: &[ValueId]) -> Result<(), Problem> {
        let yields = self.take(op, yields)?;
        self.module.op(op).results().zip(yields).for_each(|(value, tensor)| self.share(value, tensor));
        Ok(())
    }

    fn forget(&mut self, value: ValueId) {
        if let Some(tensor) = self.held.remove(&value)
            && Rc::strong_count(&tensor) == 1
        {
            self.bytes -= Bytes(tensor.bytes.len() as u64);
        }
    }
}

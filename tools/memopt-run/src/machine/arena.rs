//! Values where a plan puts them.
//!
//! What makes a wrong plan stop the run:
//! - bytes that no value holds are poison, and the memory knows which value holds which bytes: reading a value of which one
//!   byte was overwritten or freed is an error that names both;
//! - a result may lie over what its operation reads only where the kernel works in place, and exactly there;
//! - scratch bytes are overwritten before and after;
//! - a value is destroyed when its last reader is done;
//! - views are computed, too, and compared with the bytes that they are said to be;
//! - a slot must lie where the body leaves its yield, and a result where the caller finds it;
//! - arguments that are not donated cannot be written.

use std::rc::Rc;

use memopt::dialect::{Facts, Regions, Registry};
use memopt::ir::{BlockId, Bytes, Definition, Function, Module, OpId, ValueId};
use smallvec::SmallVec;

use super::bodies::captures;
use super::memory::{Memory, Place, Space};
use super::places::{Class, Places, places, rows};
use super::reading::{Made, compute};
use super::{Limits, Stop, Store, stop, unsigned};
use crate::ops::{self, InPlace, Problem};
use crate::tensor::{Tensor, TensorSpec};

pub(super) struct Arena<'m> {
    module: &'m Module,
    facts: Facts,
    places: Places,
    memory: Memory,
    limits: Limits,
    /// What the operation that runs has computed of values without bytes, from when it begins until it writes.
    made: Option<Made>,
}

impl<'m> Arena<'m> {
    /// Memory as the caller of the planned function provides it, arguments in their buffers.
    ///
    /// # Errors
    /// What makes the plan unreadable, or the memory too large.
    pub(super) fn new(
        module: &'m Module,
        function: Function,
        registry: &Registry,
        inputs: &[Tensor],
        limits: Limits,
    ) -> Result<Arena<'m>, Stop> {
        let facts = Facts::of(module, function.op, registry);
        let facts = facts.map_err(|mut errors| Box::new(errors.swap_remove(0)))?;
        let places = places(module, function, &facts)?;
        let at = |problem: Problem| stop(module, function.op, &problem);
        let arena = unsigned(module, function.op, "memopt.arena_size");
        let arena = Bytes(arena.ok_or_else(|| at("memopt.arena_size is no number of bytes".to_owned()))?);
        let specs: Result<Vec<TensorSpec>, Problem> =
            function.results(module).iter().map(|&value| TensorSpec::of(module, module.value(value).ty)).collect();
        let results: Vec<usize> = specs.map_err(at)?.iter().map(TensorSpec::bytes).collect();
        let outside = inputs.iter().map(|input| input.bytes.len()).chain(results.iter().copied());
        let all = arena + outside.map(|bytes| Bytes(bytes as u64)).sum();
        if all > limits.max_bytes {
            return Err(at(format!("it needs {all}; raise --max-bytes if memory is there")));
        }
        let mut memory = Memory::new();
        memory.add(Space::Arena, arena.0 as usize, true);
        for (index, (&argument, input)) in function.arguments(module).iter().zip(inputs).enumerate() {
            let attr = |name| function.argument_attr(module, index, name);
            let is_donor = matches!(attr("jax.buffer_donor"), Some(memopt::ir::Attr::Bool(true)));
            memory.add(Space::Argument(index), input.bytes.len(), is_donor || attr("tf.aliasing_output").is_some());
            memory.fill(Space::Argument(index), &input.bytes, argument);
        }
        for (index, bytes) in results.into_iter().enumerate() {
            memory.add(Space::Result(index), bytes, true);
        }
        Ok(Arena { module, facts, places, memory, limits, made: None })
    }

    /// The values whose bytes reading a value reads.
    pub(super) fn owners(&self, value: ValueId) -> SmallVec<[ValueId; 2]> {
        self.places.reads(value).iter().map(|&(value, _)| self.places.owner(value)).collect()
    }

    /// After the run: every result lies where the caller finds it, and nothing was written beside the buffers.
    pub(super) fn finish(&self, function: Function) -> Result<(), Problem> {
        for &value in function.results(self.module) {
            if !matches!(self.places.class(value), Class::Held | Class::Nothing) {
                return Err(format!("{} is returned, but has no bytes", self.name(value)));
            }
        }
        match self.memory.broken_guard() {
            Some(space) => Err(format!("bytes beside the buffer {space:?} were overwritten")),
            None => Ok(()),
        }
    }

    fn name(&self, value: ValueId) -> String {
        self.module.display_value(value)
    }

    fn spec(&self, value: ValueId) -> Result<TensorSpec, Problem> {
        TensorSpec::of(self.module, self.module.value(value).ty)
    }

    /// The place of a value that has one.
    fn place(&self, value: ValueId) -> Result<Place, Problem> {
        self.places.place(value).ok_or_else(|| format!("{} has no bytes", self.name(value)))
    }

    /// The content of a held value.
    fn held(&mut self, value: ValueId) -> Result<Tensor, Problem> {
        let (spec, place, holder) = (self.spec(value)?, self.place(value)?, self.places.holder(value));
        match self.memory.read(place, holder) {
            Ok(bytes) => Ok(Tensor::new(&spec, bytes.to_vec())),
            Err((at, found)) => {
                let found = found.map_or("nothing that is still known".to_owned(), |value| self.name(value));
                Err(format!("{} is read from {place}, but byte {at} holds {found}", self.name(value)))
            }
        }
    }

    /// The results that an operation writes, with their places.
    fn written(&self, op: OpId) -> Vec<(usize, ValueId, Place)> {
        let results = self.module.op(op).results().enumerate();
        let own = results.filter(|&(_, value)| self.places.owner(value) == value);
        own.filter_map(|(index, value)| Some((index, value, self.places.place(value)?))).collect()
    }

    fn workspace(&self, op: OpId) -> Result<Option<Place>, Problem> {
        let len = self.facts.op(op).workspace.bytes().0 as usize;
        if len == 0 {
            return Ok(None);
        }
        let start = unsigned(self.module, op, "memopt.workspace_offset");
        let start = start.ok_or_else(|| "it has a workspace, but no memopt.workspace_offset".to_owned())?;
        Ok(Some(Place { space: Space::Arena, start: start as usize, len }))
    }

    /// Whether a kernel may write a result over what an operand reads there.
    fn may_overwrite(&self, op: OpId, in_place: InPlace, result: usize, operand: usize, aligned: bool) -> bool {
        let pair = [result as i64, operand as i64];
        let hinted = |name| rows(self.module, op, name).iter().any(|row| *row == pair);
        let operands = self.module.op(op).operands();
        // What a computed operand is made of is not what the kernel leaves as it is, or what a hint speaks of.
        let is_held = self.places.class(operands[operand]) == Class::Held;
        match in_place {
            InPlace::SameIndex if aligned => true,
            InPlace::Kept(kept) if is_held && kept(operands.len(), result) == Some(operand) => true,
            _ => is_held && (hinted("memopt.inplace") || hinted("memopt.update")),
        }
    }

    /// A result lies apart from all that its operation reads, or exactly where the kernel may work in place.
    fn check_overlaps(
        &self,
        op: OpId,
        in_place: InPlace,
        (index, value, place): (usize, ValueId, Place),
    ) -> Result<(), Problem> {
        let operands = self.module.op(op).operands().iter().copied().enumerate().map(|(at, read)| (Some(at), read));
        let captures = captures(self.module, op).into_iter().map(|read| (None, read));
        for (operand, read) in operands.chain(captures) {
            for &(root, aligned) in self.places.reads(read) {
                let of_root = self.place(root)?;
                let in_place = operand.is_some_and(|operand| self.may_overwrite(op, in_place, index, operand, aligned));
                if of_root.overlaps(place) && !(of_root == place && in_place) {
                    return Err(format!("{} overwrites {}, which it still reads", self.name(value), self.name(root)));
                }
            }
        }
        Ok(())
    }

    /// What a region hands out must already lie where its operation's result does.
    fn hand_over(&mut self, op: OpId, yields: &[ValueId]) -> Result<(), Problem> {
        for (index, result, place) in self.written(op) {
            let value = yields[index];
            self.held(value).map_err(|problem| format!("when a region ends, {problem}"))?;
            if self.place(value)? != place {
                let (name, result) = (self.name(value), self.name(result));
                return Err(format!("{name} is yielded, but does not lie where {result} does, at {place}"));
            }
        }
        for (index, result, place) in self.written(op) {
            self.memory.rename(place, self.places.holder(yields[index]), result)?;
        }
        Ok(())
    }

    /// Whether bytes are free when a value's last reader in its block is done. What a loop's condition reads last, the body
    /// reads, or hands on.
    fn is_last_here(&self, value: ValueId) -> bool {
        let Definition::Argument { block, .. } = self.module.value(value).definition else { return true };
        let (owner, region) = (self.module.block_owner(block), self.module.block(block).region());
        if self.places.holder(value) == value {
            return true;
        }
        let index = self.module.op(owner).regions().iter().position(|&r| r == region);
        matches!(self.facts.op(owner).regions, Regions::Loop { body, .. } if index == Some(body))
    }

    /// Views are computed from their operands and compared with the bytes that they are said to be. Where the operand's
    /// bytes are gone already, so are those of the view, and whoever reads it is told.
    fn check_views(&mut self, op: OpId) -> Result<(), Problem> {
        let module = self.module;
        let views = module.op(op).results().filter(|&v| self.places.owner(v) != v).collect::<Vec<_>>();
        let operands = module.op(op).operands();
        if views.is_empty() || operands.iter().any(|&v| self.places.class(v) != Class::Held) {
            return Ok(());
        }
        let inputs: Result<Vec<Rc<Tensor>>, Problem> = operands.iter().map(|&v| self.held(v).map(Rc::new)).collect();
        let (Ok(inputs), Some(row)) = (inputs, ops::find(module.op_name(op))) else { return Ok(()) };
        let results = super::result_specs(module, op, self.limits)?;
        let made = super::evaluate(module, op, row, &inputs, &results, &mut super::bodies::NoBodies)?;
        for (value, made) in module.op(op).results().zip(made) {
            if views.contains(&value) && self.held(value).is_ok_and(|bytes| bytes != made) {
                return Err(format!("{} is no view of the bytes that it is said to be", self.name(value)));
            }
        }
        Ok(())
    }
}

impl Store for Arena<'_> {
    fn read(&mut self, value: ValueId) -> Result<Rc<Tensor>, Problem> {
        let mut value = value;
        while let Class::Alias(other) = self.places.class(value) {
            value = other;
        }
        match self.places.class(value) {
            Class::Nothing => match self.spec(value)? {
                spec if spec.is_empty() => Ok(Rc::new(Tensor::zeros(&spec))),
                _ => Err(format!("{} is read, but has no bytes", self.name(value))),
            },
            Class::Held => self.held(value).map(Rc::new),
            Class::Computed | Class::Alias(_) => {
                let (module, limits) = (self.module, self.limits);
                // Operands share parts of their trees; between two operations memory changes.
                let kept = self.made.take();
                let is_running = kept.is_some();
                let mut made = kept.unwrap_or_default();
                let tensor = compute(module, limits, value, &mut made, &mut |value| match self.places.class(value) {
                    Class::Computed => Ok(None),
                    _ => self.read(value).map(Some),
                });
                self.made = is_running.then_some(made);
                tensor
            }
        }
    }

    fn is_idle(&mut self, op: OpId) -> Result<bool, Problem> {
        let mut results = self.module.op(op).results();
        let idle =
            results.len() > 0 && results.all(|v| self.places.owner(v) != v || self.places.class(v) != Class::Held);
        if idle {
            self.check_views(op)?;
        }
        Ok(idle)
    }

    fn begin(&mut self, op: OpId, in_place: InPlace) -> Result<(), Problem> {
        for written in self.written(op) {
            self.check_overlaps(op, in_place, written)?;
        }
        self.made = Some(Made::default());
        match self.workspace(op)? {
            Some(place) => self.memory.trample(place),
            None => Ok(()),
        }
    }

    fn write(&mut self, op: OpId, results: Vec<Tensor>) -> Result<(), Problem> {
        self.made = None;
        for (index, value, place) in self.written(op) {
            self.memory.write(place, &results[index].bytes, value)?;
        }
        if let Some(place) = self.workspace(op)? {
            self.memory.trample(place)?;
        }
        // One that lies under another result, or under the scratch bytes, is lost again.
        self.written(op).into_iter().try_for_each(|(_, value, _)| self.held(value).map(drop))?;
        self.check_views(op)
    }

    fn enter_loop(&mut self, op: OpId, operands: Vec<Rc<Tensor>>) -> Result<(), Problem> {
        let slots = self.written(op);
        if let Some(place) = self.workspace(op)? {
            self.memory.trample(place)?;
        }
        for (index, value, place) in slots {
            self.memory.write(place, &operands[index].bytes, value)?;
        }
        Ok(())
    }

    fn bind_slots(&mut self, _op: OpId, _block: BlockId) -> Result<(), Problem> {
        Ok(())
    }

    fn carry(&mut self, op: OpId, yields: &[ValueId]) -> Result<(), Problem> {
        self.hand_over(op, yields)
    }

    fn leave_loop(&mut self, _op: OpId) -> Result<(), Problem> {
        Ok(())
    }

    fn leave_branch(&mut self, op: OpId, yields: &[ValueId]) -> Result<(), Problem> {
        self.hand_over(op, yields)
    }

    fn forget(&mut self, value: ValueId) {
        if self.places.owner(value) == value
            && self.is_last_here(value)
            && let Some(place) = self.places.place(value)
        {
            self.memory.release(place, self.places.holder(value));
        }
    }
}

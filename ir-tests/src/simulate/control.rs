//! Loops and branches on the machine.

use memopt::ir::{BlockId, OpId, ValueId};

use super::digest::Digest;
use super::held::{Held, Range};
use super::machine::{Done, MOST_ROUNDS, Machine};
use super::meaning::{self, Meaning};

impl Machine<'_> {
    /// A loop: slots start with their operands, and each round leaves its yields in them.
    pub(super) fn run_loop(&mut self, op: OpId, meaning: &Meaning) -> Done {
        let (Some(condition), Some(body)) = (meaning::block(self.module, op, 0), meaning::block(self.module, op, 1))
        else {
            return Err("a loop without regions".to_owned());
        };
        let workspace = self.workspace(op, meaning)?;
        let slots = self.enter_slots(op, meaning)?;
        self.trample(workspace);
        let mut current = slots;
        for round in 0..=MOST_ROUNDS {
            self.bind_slots(op, meaning, condition, &current);
            self.block(condition)?;
            let mut predicate = Digest::of("while").number(self.salt);
            for value in self.yields(condition) {
                predicate = predicate.bytes(&self.content(value)?);
            }
            if round == MOST_ROUNDS || predicate.below(4) == 0 {
                break;
            }
            self.bind_slots(op, meaning, body, &current);
            self.block(body)?;
            current = self.leave(op, &self.yields(body), &current)?;
        }
        self.bind_result_slots(op, meaning, &current)
    }

    /// Gives every slot that changes its operand's content.
    pub(super) fn enter_slots(&mut self, op: OpId, meaning: &Meaning) -> Done<Vec<(usize, Range)>> {
        let operands = self.module.op(op).operands();
        let slots = self.outs(op, meaning)?;
        let stays = |machine: &Self, slot: usize, range: Range| {
            machine.held.get(&operands[slot]).and_then(Held::exact) == Some(range)
        };
        for &(slot, range) in &slots {
            if !stays(self, slot, range) {
                self.spoil(range);
            }
        }
        for &(slot, range) in &slots {
            if !stays(self, slot, range) {
                let mut content = self.content(operands[slot])?;
                content.resize(range.len, 0);
                self.write(range, &content);
            }
        }
        Ok(slots)
    }

    pub(super) fn bind_slots(&mut self, op: OpId, meaning: &Meaning, block: BlockId, slots: &[(usize, Range)]) {
        for (index, &argument) in self.module.block(block).arguments().iter().enumerate() {
            if let Some((_, range)) = slots.iter().find(|(slot, _)| *slot == index) {
                self.held.insert(argument, Held::whole(*range));
            } else if let Some(view) = meaning.views[index] {
                self.bind_view(op, argument, view);
            }
        }
    }

    pub(super) fn bind_result_slots(&mut self, op: OpId, meaning: &Meaning, slots: &[(usize, Range)]) -> Done {
        for (index, value) in self.module.op(op).results().enumerate() {
            if let Some((_, range)) = slots.iter().find(|(slot, _)| *slot == index) {
                self.held.insert(value, Held::whole(*range));
            } else if let Some(view) = meaning.views[index] {
                self.bind_view(op, value, view);
            }
        }
        Ok(())
    }

    pub(super) fn yields(&self, block: BlockId) -> Vec<ValueId> {
        let last = self.module.block(block).ops().last();
        last.map_or_else(Vec::new, |&last| self.module.op(last).operands().to_vec())
    }

    /// The end of a region: with a plan, what it yields is where it has to be, whatever brought it there; without, it is
    /// copied there, all at once.
    pub(super) fn leave(&mut self, op: OpId, yields: &[ValueId], outs: &[(usize, Range)]) -> Done<Vec<(usize, Range)>> {
        let mut left = Vec::new();
        for &(index, range) in outs {
            let value = yields[index];
            if self.places.is_none() {
                let mut content = self.content(value)?;
                content.resize(range.len, 0);
                let copy = self.place(value, range.len)?;
                self.write(copy, &content);
                left.push((index, copy));
            } else if self.held.get(&value).and_then(Held::exact) == Some(range) || self.holds(range, value)? {
                left.push((index, range));
            } else {
                let (name, of) = (self.module.display_value(value), self.module.op_name(op));
                return Err(format!("{name} is yielded, but does not lie where result {index} of {of} does"));
            }
        }
        Ok(left)
    }

    /// Whether bytes begin with the content of a value.
    fn holds(&self, range: Range, value: ValueId) -> Done<bool> {
        Ok(self.read(range).starts_with(&self.content(value)?))
    }

    pub(super) fn run_branch(&mut self, op: OpId, meaning: &Meaning) -> Done {
        let outs = self.outs(op, meaning)?;
        let workspace = self.workspace(op, meaning)?;
        self.trample(workspace);
        let predicate = self.content(self.module.op(op).operands()[0])?;
        let digest = Digest::of("branch").bytes(&predicate).number(self.salt);
        let region = digest.below(self.module.op(op).regions().len());
        let block = meaning::block(self.module, op, region).ok_or("a branch without a block")?;
        self.block(block)?;
        let left = self.leave(op, &self.yields(block), &outs)?;
        self.bind_result_slots(op, meaning, &left)
    }
}

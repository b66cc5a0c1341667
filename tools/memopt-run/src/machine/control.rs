//! Loops and branches.

use std::rc::Rc;

use memopt::ir::{BlockId, OpId, ValueId};

use super::{Machine, Stop, Store, bodies, count, stop};
use crate::ops::{Problem, describe};
use crate::tensor::{Element, Tensor, TensorSpec};

impl<'m, S: Store> Machine<'m, S> {
    /// Slots start with the operands, and take what the body yields as long as the condition holds.
    pub(super) fn run_loop(&mut self, op: OpId) -> Result<(), Stop> {
        let module = self.module;
        let at = |problem: Problem| stop(module, op, &problem);
        let [condition, body] = self.loop_blocks(op).map_err(at)?;
        let operands = module.op(op).operands().iter().map(|&value| self.store.read(value));
        let operands: Vec<Rc<Tensor>> = operands.collect::<Result<_, _>>().map_err(at)?;
        self.store.enter_loop(op, operands).map_err(at)?;
        let captured = bodies::captures(module, op);
        for value in self.lifetimes.dying(op) {
            if captured.binary_search(&value).is_err() {
                self.store.hand_over(value);
            }
        }
        loop {
            count(&mut self.spent, self.limits).map_err(at)?;
            self.store.bind_slots(op, condition).map_err(at)?;
            self.block(condition)?;
            let predicate = self.store.read(self.yields(condition)[0]).map_err(at)?;
            if !truth(&predicate).map_err(at)? {
                break;
            }
            self.store.bind_slots(op, body).map_err(at)?;
            self.block(body)?;
            let yields = self.yields(body);
            self.store.carry(op, yields).map_err(at)?;
        }
        self.store.leave_loop(op).map_err(at)
    }

    /// One region runs: of `if` the first one on `true`, of `case` the one of the index, or the last one.
    pub(super) fn run_branch(&mut self, op: OpId) -> Result<(), Stop> {
        let module = self.module;
        let at = |problem: Problem| stop(module, op, &problem);
        let &[choice] = module.op(op).operands() else { return Err(at("it has not one operand".to_owned())) };
        let choice = self.store.read(choice).map_err(at)?;
        let regions = module.op(op).regions().len();
        let chosen = match module.op_name(op) {
            "stablehlo.if" => truth(&choice).map(|holds| usize::from(!holds)),
            _ => index(&choice).map(|index| usize::try_from(index).unwrap_or(regions).min(regions.saturating_sub(1))),
        };
        let chosen = chosen.map_err(at)?;
        let results: Vec<ValueId> = module.op(op).results().collect();
        let block = self.region_block(op, chosen, &[], &results).map_err(at)?;
        self.block(block)?;
        let yields = self.yields(block);
        self.store.leave_branch(op, yields).map_err(at)
    }

    /// Condition and body, whose arguments and yields have the types of the slots.
    fn loop_blocks(&self, op: OpId) -> Result<[BlockId; 2], Problem> {
        let module = self.module;
        let results: Vec<ValueId> = module.op(op).results().collect();
        let operands = module.op(op).operands();
        self.same_types(operands, &results)?;
        let (condition, body) =
            (self.region_block(op, 0, operands, &[])?, self.region_block(op, 1, operands, operands)?);
        let predicate = self.yields(condition);
        if predicate.len() != 1 {
            return Err("its condition does not yield one value".to_owned());
        }
        Ok([condition, body])
    }

    /// The only block of a region, with arguments of these types. It yields values of those types, unless none are given:
    /// then it yields something.
    fn region_block(
        &self,
        op: OpId,
        region: usize,
        arguments: &[ValueId],
        yields: &[ValueId],
    ) -> Result<BlockId, Problem> {
        let module = self.module;
        let region = module.op(op).regions().get(region).ok_or_else(|| format!("it has no region {region}"))?;
        let &[block] = module.region(*region).blocks() else { return Err("a region has not one block".to_owned()) };
        if module.block(block).ops().is_empty() {
            return Err("a region has no terminator".to_owned());
        }
        self.same_types(module.block(block).arguments(), arguments)?;
        if !yields.is_empty() {
            self.same_types(self.yields(block), yields)?;
        }
        Ok(block)
    }

    fn same_types(&self, a: &[ValueId], b: &[ValueId]) -> Result<(), Problem> {
        let ty = |&value: &ValueId| self.module.value(value).ty;
        if a.iter().map(ty).eq(b.iter().map(ty)) {
            return Ok(());
        }
        Err("its operands, its results and the values of its regions differ in number or type".to_owned())
    }

    fn yields(&self, block: BlockId) -> &'m [ValueId] {
        let last = self.module.block(block).ops().last();
        last.map_or(&[], |&last| self.module.op(last).operands())
    }
}

fn truth(predicate: &Tensor) -> Result<bool, Problem> {
    match (predicate.element, predicate.len()) {
        (Element::BOOL, 1) => Ok(predicate.bytes[0] & 1 == 1),
        _ => Err(format!("{} is no condition", describe(&predicate.spec()))),
    }
}

fn index(choice: &Tensor) -> Result<i64, Problem> {
    let spec: TensorSpec = choice.spec();
    match (choice.element.as_int(), choice.len()) {
        (Some(_), 1) => Ok(choice.ints()[0]),
        _ => Err(format!("{} is no index", describe(&spec))),
    }
}

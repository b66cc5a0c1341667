//! Scalar regions, run on rows of scalars.
//!
//! A region whose operations all compute element by element runs once for a whole row: each of its scalars becomes a row.
//! Any other region (one with a branch, say) runs once for each element, on a machine of its own.

use std::rc::Rc;

use memopt::ir::{BlockId, Module, OpId, ValueId};
use rustc_hash::{FxHashMap, FxHashSet};

use super::lifetimes::Lifetimes;
use super::values::Values;
use super::{Limits, MOST_DEPTH, Machine, Spent, Store, count, evaluate};
use crate::ops::{self, Bodies, Problem};
use crate::tensor::{Tensor, TensorSpec};

/// The values that the regions of an operation read from outside of it.
pub(super) fn captures(module: &Module, op: OpId) -> Vec<ValueId> {
    let (mut inside, mut read) = (FxHashSet::default(), Vec::new());
    let mut work = module.op(op).regions().to_vec();
    while let Some(region) = work.pop() {
        for &block in module.region(region).blocks() {
            inside.extend(module.block(block).arguments());
            for &inner in module.block(block).ops() {
                inside.extend(module.op(inner).results());
                read.extend(module.op(inner).operands());
                work.extend(module.op(inner).regions());
            }
        }
    }
    read.retain(|value| !inside.contains(value));
    read.sort_unstable();
    read.dedup();
    read
}

/// The regions of one operation that runs.
pub(super) struct RegionBodies<'a> {
    module: &'a Module,
    op: OpId,
    captures: FxHashMap<ValueId, Rc<Tensor>>,
    /// Regions that were looked at.
    programs: Vec<Option<Rc<Program>>>,
    spent: &'a mut Spent,
    limits: Limits,
}

/// What a region does.
enum Program {
    /// Rows through all of its operations.
    Lanes(Lanes),
    /// Element by element.
    Block(BlockId),
}

struct Lanes {
    arguments: Vec<TensorSpec>,
    /// Registers that hold captured values from the start, behind the arguments.
    captured: Vec<Rc<Tensor>>,
    instructions: Vec<Instruction>,
    returned: Vec<usize>,
}

struct Instruction {
    op: OpId,
    row: &'static ops::Row,
    /// Registers.
    inputs: Vec<usize>,
    results: Vec<TensorSpec>,
}

impl<'a> RegionBodies<'a> {
    pub(super) fn new(
        module: &'a Module,
        op: OpId,
        captures: FxHashMap<ValueId, Rc<Tensor>>,
        spent: &'a mut Spent,
        limits: Limits,
    ) -> RegionBodies<'a> {
        let programs = vec![None; module.op(op).regions().len()];
        RegionBodies { module, op, captures, programs, spent, limits }
    }

    fn program(&mut self, region: usize) -> Result<Rc<Program>, Problem> {
        let slot = self.programs.get(region).ok_or_else(|| format!("it has no region {region}"))?;
        if let Some(program) = slot {
            return Ok(program.clone());
        }
        let &[block] = self.module.region(self.module.op(self.op).regions()[region]).blocks() else {
            return Err("a region has not one block".to_owned());
        };
        let program = Rc::new(self.lanes(block)?.map_or(Program::Block(block), Program::Lanes));
        self.programs[region] = Some(program.clone());
        Ok(program)
    }

    /// The region as a program on rows, if it is one.
    fn lanes(&self, block: BlockId) -> Result<Option<Lanes>, Problem> {
        let (module, content) = (self.module, self.module.block(block));
        let spec = |value: ValueId| TensorSpec::of(module, module.value(value).ty);
        let arguments: Vec<TensorSpec> = content.arguments().iter().map(|&v| spec(v)).collect::<Result<_, _>>()?;
        let mut registers: FxHashMap<ValueId, usize> = FxHashMap::default();
        registers.extend(content.arguments().iter().zip(0..).map(|(&value, at)| (value, at)));
        let mut captured: Vec<(ValueId, Rc<Tensor>)> = self.captures.iter().map(|(&v, t)| (v, t.clone())).collect();
        captured.sort_unstable_by_key(|(value, _)| *value);
        for (value, _) in &captured {
            registers.insert(*value, registers.len());
        }
        let scalars = arguments.iter().all(|spec| spec.shape.is_empty())
            && captured.iter().all(|(_, tensor)| tensor.shape.is_empty());
        let Some((&last, ops)) = content.ops().split_last() else {
            return Err("a region has no terminator".to_owned());
        };
        let mut instructions = Vec::new();
        for &op in ops {
            let row = ops::find(module.op_name(op)).filter(|row| row.is_lanewise());
            let results: Vec<TensorSpec> = module.op(op).results().map(spec).collect::<Result<_, _>>()?;
            let (Some(row), true, true) =
                (row, results.iter().all(|spec| spec.shape.is_empty()), module.op(op).regions().is_empty())
            else {
                return Ok(None);
            };
            let inputs = module.op(op).operands().iter().map(|value| registers.get(value).copied());
            let Some(inputs) = inputs.collect() else { return Ok(None) };
            for value in module.op(op).results() {
                registers.insert(value, registers.len());
            }
            instructions.push(Instruction { op, row, inputs, results });
        }
        let returned = module.op(last).operands().iter().map(|value| registers.get(value).copied()).collect();
        let (Some(returned), true) = (returned, scalars) else { return Ok(None) };
        let captured = captured.into_iter().map(|(_, tensor)| tensor).collect();
        Ok(Some(Lanes { arguments, captured, instructions, returned }))
    }

    fn run_lanes(&mut self, lanes: &Lanes, arguments: Vec<Tensor>) -> Result<Vec<Tensor>, Problem> {
        let row = arguments.first().map_or(1, Tensor::len);
        let mut registers: Vec<Rc<Tensor>> = arguments.into_iter().map(Rc::new).collect();
        registers.extend(lanes.captured.iter().map(|scalar| Rc::new(scalar.splat(&[row]))));
        for instruction in &lanes.instructions {
            count(self.spent, self.limits)?;
            let inputs: Vec<Rc<Tensor>> = instruction.inputs.iter().map(|&at| registers[at].clone()).collect();
            let results: Vec<TensorSpec> =
                instruction.results.iter().map(|spec| TensorSpec::new(spec.element, &[row])).collect();
            let made = evaluate(self.module, instruction.op, instruction.row, &inputs, &results, &mut NoBodies);
            let made = made.map_err(|problem| format!("{}: {problem}", self.module.op_name(instruction.op)))?;
            registers.extend(made.into_iter().map(Rc::new));
        }
        Ok(lanes.returned.iter().map(|&at| (*registers[at]).clone()).collect())
    }

    /// Each element on a machine of its own.
    fn run_block(&mut self, block: BlockId, arguments: &[Tensor]) -> Result<Vec<Tensor>, Problem> {
        let module = self.module;
        let last = *module.block(block).ops().last().ok_or_else(|| "a region has no terminator".to_owned())?;
        let specs: Result<Vec<TensorSpec>, Problem> =
            module.op(last).operands().iter().map(|&v| TensorSpec::of(module, module.value(v).ty)).collect();
        let mut made: Vec<Tensor> =
            specs?.iter().map(|spec| Tensor::zeros(&TensorSpec::new(spec.element, &[0]))).collect();
        let row = arguments.first().map_or(1, Tensor::len);
        for at in 0..row {
            let mut machine = Machine {
                module,
                store: Values::new(module, self.limits),
                lifetimes: Lifetimes::none(),
                limits: self.limits,
                spent: Spent { depth: self.spent.depth + 1, ..*self.spent },
            };
            if machine.spent.depth > MOST_DEPTH {
                return Err(format!("regions are more than {MOST_DEPTH} deep"));
            }
            for (&value, tensor) in &self.captures {
                machine.store.set(value, tensor.clone())?;
            }
            for (&value, row) in module.block(block).arguments().iter().zip(arguments) {
                let width = row.element.width();
                let bytes = row.bytes[at * width..(at + 1) * width].to_vec();
                machine.store.set(value, Rc::new(Tensor { element: row.element, shape: Vec::new(), bytes }))?;
            }
            machine.block(block).map_err(|stop| stop.message.clone())?;
            for (made, &value) in made.iter_mut().zip(module.op(last).operands()) {
                let value = machine.store.read(value)?;
                if value.len() != 1 {
                    return Err("its region does not return scalars".to_owned());
                }
                made.bytes.extend_from_slice(&value.bytes);
            }
            self.spent.steps = machine.spent.steps;
        }
        made.iter_mut().for_each(|made| made.shape = vec![row]);
        Ok(made)
    }
}

impl Bodies for RegionBodies<'_> {
    fn apply(&mut self, region: usize, arguments: Vec<Tensor>) -> Result<Vec<Tensor>, Problem> {
        let program = self.program(region)?;
        count(self.spent, self.limits)?;
        let fits = |block: &[TensorSpec]| {
            let elements = block.iter().map(|spec| spec.element);
            elements.eq(arguments.iter().map(|argument| argument.element))
        };
        let wrong = || "its region takes other arguments than it is given".to_owned();
        match &*program {
            Program::Lanes(lanes) => {
                if !fits(&lanes.arguments) {
                    return Err(wrong());
                }
                self.run_lanes(lanes, arguments)
            }
            Program::Block(block) => {
                let values = self.module.block(*block).arguments().iter();
                let specs = values.map(|&v| TensorSpec::of(self.module, self.module.value(v).ty));
                let specs: Vec<TensorSpec> = specs.collect::<Result<_, _>>()?;
                if !fits(&specs) || specs.iter().any(|spec| !spec.shape.is_empty()) {
                    return Err(wrong());
                }
                self.run_block(*block, &arguments)
            }
        }
    }
}

/// Of an operation without regions.
pub(super) struct NoBodies;

impl Bodies for NoBodies {
    fn apply(&mut self, region: usize, _arguments: Vec<Tensor>) -> Result<Vec<Tensor>, Problem> {
        Err(format!("it has no region {region}"))
    }
}

//! The machine: runs the operations of a function in their textual order, with loops and branches.
//!
//! What operations compute is in [`crate::ops`]; where values lie is in a [`Store`]: [`Values`] holds each value by itself
//! and is the reference, [`Arena`] holds them where a plan says. Everything else is the same code, so that two runs can
//! differ by what the plan does to bytes and by nothing else.

mod arena;
mod bodies;
mod control;
mod lifetimes;
mod memory;
mod places;
mod reading;
mod values;

use std::rc::Rc;

use memopt::diag::Diagnostic;
use memopt::dialect::{OpRef, Registry};
use memopt::ir::{Attr, BlockId, Bytes, Function, Module, OpId, ValueId};
use rustc_hash::FxHashMap;

use crate::ops::{self, Bodies, Call, InPlace, Problem};
use crate::tensor::{Tensor, TensorSpec};
use arena::Arena;
use bodies::RegionBodies;
use lifetimes::Lifetimes;
use values::Values;

/// What a run may cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of all values that are held at once, and of the arena with arguments and results.
    pub max_bytes: Bytes,
    /// Operations run, those of loops each round, those of scalar regions each time they run on a row.
    pub max_steps: u64,
}

impl Default for Limits {
    /// 16 GB and ten thousand million operations.
    fn default() -> Self {
        Limits { max_bytes: Bytes(16_000_000_000), max_steps: 10_000_000_000 }
    }
}

/// Why a run stopped.
pub type Stop = Box<Diagnostic>;

/// Runs a function on values: each in a buffer of its own, whatever a plan says. The reference.
///
/// # Errors
/// The first operation that cannot be evaluated, and why.
pub fn run_on_values(
    module: &Module,
    function: Function,
    inputs: &[Tensor],
    limits: Limits,
) -> Result<Vec<Tensor>, Stop> {
    let inputs: Vec<Rc<Tensor>> = inputs.iter().cloned().map(Rc::new).collect();
    run_called(module, function, &inputs, limits, &mut Spent::default())
}

/// What a run has cost so far.
#[derive(Clone, Copy, Default)]
struct Spent {
    /// Operations run.
    steps: u64,
    /// Functions and regions entered and not left.
    depth: u32,
}

/// No program calls deeper; each level takes some of the stack.
const MOST_DEPTH: u32 = 40;

/// Runs a function on values, for its caller.
fn run_called(
    module: &Module,
    function: Function,
    inputs: &[Rc<Tensor>],
    limits: Limits,
    spent: &mut Spent,
) -> Result<Vec<Tensor>, Stop> {
    check_inputs(module, function, inputs)?;
    let lifetimes = Lifetimes::of(module, function, |value| smallvec::smallvec![value]);
    let mut machine = Machine { module, store: Values::new(module, limits), lifetimes, limits, spent: *spent };
    machine.spent.depth += 1;
    if machine.spent.depth > MOST_DEPTH {
        return Err(stop(module, function.op, &format!("calls are more than {MOST_DEPTH} deep")));
    }
    for (&argument, input) in function.arguments(module).iter().zip(inputs) {
        machine.store.set(argument, input.clone()).map_err(|problem| stop(module, function.op, &problem))?;
    }
    let results = machine.function(function)?;
    spent.steps = machine.spent.steps;
    Ok(results)
}

/// Runs a planned function where its plan says: one arena filled with poison, one buffer for each argument and each result
/// of the caller. What is wrong with the plan stops the run at the operation that notices.
///
/// # Errors
/// The first operation that cannot be evaluated, or that finds or leaves wrong bytes.
pub fn run_in_arena(
    module: &Module,
    function: Function,
    registry: &Registry,
    inputs: &[Tensor],
    limits: Limits,
) -> Result<Vec<Tensor>, Stop> {
    let shared: Vec<Rc<Tensor>> = inputs.iter().cloned().map(Rc::new).collect();
    check_inputs(module, function, &shared)?;
    let store = Arena::new(module, function, registry, inputs, limits)?;
    let lifetimes = Lifetimes::of(module, function, |value| store.owners(value));
    let mut machine = Machine { module, store, lifetimes, limits, spent: Spent::default() };
    let results = machine.function(function)?;
    machine.store.finish(function).map_err(|problem| stop(module, function.op, &problem))?;
    Ok(results)
}

/// Whether a function carries a plan.
pub fn is_planned(module: &Module, function: Function) -> bool {
    module.find_attr(function.op, "memopt.arena_size").is_some()
}

fn check_inputs(module: &Module, function: Function, inputs: &[Rc<Tensor>]) -> Result<(), Stop> {
    let arguments = function.arguments(module);
    if arguments.len() != inputs.len() {
        let problem = format!("it takes {} arguments, and was given {}", arguments.len(), inputs.len());
        return Err(stop(module, function.op, &problem));
    }
    for (index, (&argument, input)) in arguments.iter().zip(inputs).enumerate() {
        let spec = TensorSpec::of(module, module.value(argument).ty).map_err(|p| stop(module, function.op, &p))?;
        if input.spec() != spec {
            let (expected, found) = (ops::describe(&spec), ops::describe(&input.spec()));
            let problem = format!("argument {index} is {expected}, and was given {found}");
            return Err(stop(module, function.op, &problem));
        }
    }
    Ok(())
}

/// A problem, at its operation.
fn stop(module: &Module, op: OpId, problem: &str) -> Stop {
    let name = match Function::new(module, op) {
        Some(function) => format!("@{}", function.name(module)),
        None => module.op_name(op).to_owned(),
    };
    Box::new(Diagnostic::error(module.op(op).span, format!("cannot run {name}: {problem}")).label("here"))
}

/// Where values are held.
trait Store {
    /// A value, as an operation reads it now.
    fn read(&mut self, value: ValueId) -> Result<Rc<Tensor>, Problem>;

    /// Whether an operation writes nothing: whoever reads its results sees to them.
    fn is_idle(&mut self, op: OpId) -> Result<bool, Problem>;

    /// Before the operands of an operation are read.
    fn begin(&mut self, op: OpId, in_place: InPlace) -> Result<(), Problem>;

    /// The results of an operation.
    fn write(&mut self, op: OpId, results: Vec<Tensor>) -> Result<(), Problem>;

    /// A loop begins: its slots take its operands.
    fn enter_loop(&mut self, op: OpId, operands: Vec<Rc<Tensor>>) -> Result<(), Problem>;

    /// Of a loop that runs, an operand that nobody reads any more but the loop as its slot.
    fn hand_over(&mut self, _value: ValueId) {}

    /// A region of a loop begins: its block arguments are the slots.
    fn bind_slots(&mut self, op: OpId, block: BlockId) -> Result<(), Problem>;

    /// The body of a loop ends: the slots take what it yields, all at once.
    fn carry(&mut self, op: OpId, yields: &[ValueId]) -> Result<(), Problem>;

    /// A loop ends: its results are the slots.
    fn leave_loop(&mut self, op: OpId) -> Result<(), Problem>;

    /// A branch ends: the results are what it yields.
    fn leave_branch(&mut self, op: OpId, yields: &[ValueId]) -> Result<(), Problem>;

    /// Nobody reads this value any more.
    fn forget(&mut self, value: ValueId);
}

struct Machine<'m, S> {
    module: &'m Module,
    store: S,
    lifetimes: Lifetimes,
    limits: Limits,
    spent: Spent,
}

impl<S: Store> Machine<'_, S> {
    fn function(&mut self, function: Function) -> Result<Vec<Tensor>, Stop> {
        self.block(function.body)?;
        let module = self.module;
        let read = |&value: &ValueId| self.store.read(value).map(|tensor| (*tensor).clone());
        let results: Result<Vec<Tensor>, Problem> = function.results(module).iter().map(read).collect();
        results.map_err(|problem| stop(module, function.terminator(module).unwrap_or(function.op), &problem))
    }

    /// Runs the operations of a block, its terminator left out.
    fn block(&mut self, block: BlockId) -> Result<(), Stop> {
        let ops = self.module.block(block).ops();
        for &op in &ops[..ops.len().saturating_sub(1)] {
            self.operation(op)?;
        }
        Ok(())
    }

    fn operation(&mut self, op: OpId) -> Result<(), Stop> {
        let at = |problem: Problem| stop(self.module, op, &problem);
        count(&mut self.spent, self.limits).map_err(at)?;
        match self.module.op_name(op) {
            "stablehlo.while" => self.run_loop(op)?,
            "stablehlo.if" | "stablehlo.case" => self.run_branch(op)?,
            "func.call" => self.call(op)?,
            name => {
                let row = ops::find(name).ok_or_else(|| no_meaning(self.module, op))?;
                if !self.store.is_idle(op).map_err(at)? {
                    self.kernel(op, row).map_err(|problem| stop(self.module, op, &problem))?;
                }
            }
        }
        for value in self.lifetimes.dying(op) {
            self.store.forget(value);
        }
        Ok(())
    }

    /// Runs a function of the module on values, wherever its caller's values lie.
    fn call(&mut self, op: OpId) -> Result<(), Stop> {
        let module = self.module;
        let at = |problem: Problem| stop(module, op, &problem);
        let name = match module.find_attr(op, "callee") {
            Some(Attr::SymbolRef(path)) if path.len() == 1 => String::from_utf8_lossy(&path[0]).into_owned(),
            _ => return Err(at("it names no function".to_owned())),
        };
        let callee = module.functions().into_iter().find(|function| function.name(module) == name);
        let callee = callee.ok_or_else(|| at(format!("no function @{name} has a body")))?;
        let types = |values: &[ValueId]| values.iter().map(|&v| module.value(v).ty).collect::<Vec<_>>();
        let results: Vec<ValueId> = module.op(op).results().collect();
        if types(callee.results(module)) != types(&results) {
            return Err(at(format!("@{name} returns values of other types")));
        }
        self.store.begin(op, InPlace::Never).map_err(at)?;
        let operands = module.op(op).operands().iter().map(|&value| self.store.read(value));
        let inputs: Vec<Rc<Tensor>> = operands.collect::<Result<_, _>>().map_err(at)?;
        let made = run_called(module, callee, &inputs, self.limits, &mut self.spent)?;
        self.store.write(op, made).map_err(at)
    }

    /// Evaluates an operation that is no control flow.
    fn kernel(&mut self, op: OpId, row: &ops::Row) -> Result<(), Problem> {
        let results = result_specs(self.module, op, self.limits)?;
        self.store.begin(op, row.in_place)?;
        let operands = self.module.op(op).operands();
        let inputs: Vec<Rc<Tensor>> = operands.iter().map(|&value| self.store.read(value)).collect::<Result<_, _>>()?;
        let mut captures = FxHashMap::default();
        for value in bodies::captures(self.module, op) {
            captures.insert(value, self.store.read(value)?);
        }
        let mut bodies = RegionBodies::new(self.module, op, captures, &mut self.spent, self.limits);
        let made = evaluate(self.module, op, row, &inputs, &results, &mut bodies)?;
        // The operands are let go first, so that an update can take their bytes over.
        drop(inputs);
        self.store.write(op, made)
    }
}

fn evaluate(
    module: &Module,
    op: OpId,
    row: &ops::Row,
    inputs: &[Rc<Tensor>],
    results: &[TensorSpec],
    bodies: &mut dyn Bodies,
) -> ops::Evaluated {
    row.evaluate(&mut Call { op: OpRef::new(module, op), inputs, results, bodies })
}

/// The types of the results of an operation, none larger than a run may hold.
fn result_specs(module: &Module, op: OpId, limits: Limits) -> Result<Vec<TensorSpec>, Problem> {
    let spec = |value: ValueId| {
        let spec = TensorSpec::of(module, module.value(value).ty)?;
        let bytes = Bytes(spec.bytes() as u64);
        if bytes > limits.max_bytes {
            return Err(format!("a result of {bytes} is larger than a run may hold, which is {}", limits.max_bytes));
        }
        Ok(spec)
    };
    module.op(op).results().map(spec).collect()
}

fn count(spent: &mut Spent, limits: Limits) -> Result<(), Problem> {
    spent.steps += 1;
    if spent.steps > limits.max_steps {
        return Err(format!(
            "more than {} operations were run; raise --max-steps if that is meant to be",
            limits.max_steps
        ));
    }
    Ok(())
}

fn no_meaning(module: &Module, op: OpId) -> Stop {
    let name = module.op_name(op);
    let what = Diagnostic::error(module.op(op).span, format!("{name} has no meaning here")).label("cannot be run");
    Box::new(match name {
        "stablehlo.rng" => {
            what.help("its numbers follow from nothing; pass them as an argument, or use rng_bit_generator")
        }
        _ => {
            what.help("the interpreter knows StableHLO and CHLO on one device, without tuples, tokens and custom calls")
        }
    })
}

/// An integer attribute that is not negative.
fn unsigned(module: &Module, op: OpId, name: &str) -> Option<u64> {
    match module.find_attr(op, name)? {
        Attr::Integer { value, .. } => u64::try_from(*value).ok(),
        _ => None,
    }
}

//! `@main`: a planned function as views of the arena at constant offsets, and calls of kernels.

use std::fmt::Write;

use indexmap::IndexMap;
use memopt::checker::{Places, Range, Reading, Space};
use memopt::diag::Diagnostic;
use memopt::dialect::{Aliasing, Facts, OpRef, Regions};
use memopt::ir::{Attr, BlockId, Function, Module, OpId, ValueId};
use rustc_hash::FxBuildHasher;

use super::code::{Code, Name, Names, list};
use super::kernel::{At, Done, Finished, Kernel, Place};
use super::scalar::{Scalar, unpacked};
use super::{LowerOptions, table};

/// What kernels ask about the function that they belong to.
pub(crate) struct Context<'m> {
    pub(crate) module: &'m Module,
    pub(crate) facts: &'m Facts,
    pub(crate) places: &'m Places,
    pub(crate) options: &'m LowerOptions,
}

impl Context<'_> {
    /// An error at an operation.
    pub(crate) fn refuse(&self, op: OpId, why: &str) -> Diagnostic {
        let message = format!("{} cannot be lowered: {why}", self.module.op_name(op));
        Diagnostic::error(self.module.op(op).span, message).label("this operation")
    }

    /// An operation that nobody has described to the lowering.
    pub(crate) fn no_lowering(&self, op: OpId) -> Diagnostic {
        let name = self.module.op_name(op);
        let message = format!("{name} has no lowering to machine code");
        let help =
            format!("supply a kernel: an extern \"C\" function, registered for {name:?} in LowerOptions::externs");
        Diagnostic::error(self.module.op(op).span, message).label("this operation").help(help)
    }

    /// The planned workspace of an operation.
    pub(crate) fn workspace(&self, op: OpId) -> Option<Range> {
        let bytes = self.facts.op(op).workspace.bytes().0;
        let Some(Attr::Integer { value, .. }) = self.module.find_attr(op, "memopt.workspace_offset") else {
            return None;
        };
        let start = u64::try_from(*value).ok()?;
        Some(Range { space: Space::Arena, start, end: start.checked_add(bytes)? })
    }
}

/// The functions of a module that is being written.
pub(crate) struct Functions<'m> {
    pub(crate) context: &'m Context<'m>,
    function: Function,
    main: Code,
    /// Kernels by their text, with their numbers.
    kernels: IndexMap<String, u32, FxBuildHasher>,
    globals: IndexMap<OpId, String, FxBuildHasher>,
    /// Declarations of extern "C" kernels.
    externs: IndexMap<String, String, FxBuildHasher>,
    spaces: IndexMap<Space, (Name, u64), FxBuildHasher>,
    /// The operations that have kernels.
    pub(crate) operations: Vec<OpId>,
    pub(crate) errors: Vec<Diagnostic>,
}

impl<'m> Functions<'m> {
    pub(crate) fn new(context: &'m Context<'m>, function: Function, spaces: &[(Space, u64)]) -> Functions<'m> {
        let mut main = Code::default();
        let spaces = spaces.iter().map(|&(space, bytes)| (space, (main.fresh(), bytes))).collect();
        Functions {
            context,
            function,
            main,
            kernels: IndexMap::default(),
            globals: IndexMap::default(),
            externs: IndexMap::default(),
            spaces,
            operations: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// Number of different kernels.
    pub(crate) fn kernel_count(&self) -> usize {
        self.kernels.len()
    }

    /// The module's text.
    pub(crate) fn finish(mut self, name: &str, operations: usize) -> String {
        self.observe(operations);
        let mut text = String::from("module {\n");
        self.globals.values().for_each(|global| _ = writeln!(text, "{global}"));
        self.externs.values().for_each(|declaration| _ = writeln!(text, "{declaration}"));
        for (kernel, number) in &self.kernels {
            _ = writeln!(text, "func.func private @kernel_{number}{kernel}");
        }
        let params = list(self.spaces.values().map(|(name, bytes)| format!("{name}: memref<{bytes}xi8>")));
        let zero = "  %ok = arith.constant 0 : i32\n";
        _ = writeln!(
            text,
            "func.func @{name}({params}) -> i32 {{\n{zero}{}  return %ok : i32\n}}\n}}",
            self.main.finish()
        );
        text
    }

    /// All operations of a block but its terminator. Errors are collected, and the next operation is tried.
    pub(crate) fn block(&mut self, block: BlockId) {
        let ops = self.context.module.block(block).ops();
        let without_terminator = ops.split_last().map_or(ops, |(_, rest)| rest);
        for &op in without_terminator {
            if let Err(error) = self.operation(op) {
                self.errors.push(*error);
            }
        }
    }

    pub(crate) fn body(&mut self) {
        self.block(self.function.body);
    }

    fn operation(&mut self, op: OpId) -> Done {
        let facts = self.context.facts.op(op);
        match facts.regions {
            Regions::Loop { condition, body } => return self.while_loop(op, condition, body),
            Regions::Branches => return self.branches(op),
            Regions::Scalar => {}
            Regions::Unknown if self.extern_symbol(op).is_some() => {}
            Regions::Unknown => return Err(Box::new(self.context.no_lowering(op))),
        }
        // A view, a virtual value and a constant have no kernel of their own.
        let made = |(index, result): (usize, ValueId)| {
            let view = matches!(facts.results[index].aliasing, Aliasing::View { .. });
            !view && matches!(self.context.places.reading(result), Reading::Bytes(_))
        };
        let operation = self.context.module.op(op);
        // What lies in its parts is there already.
        let makes =
            self.context.module.find_attr(op, "memopt.joined").is_none() && operation.results().enumerate().any(made);
        if makes || facts.effects.is_ordered() && operation.result_count() == 0 {
            return self.kernel_of(op);
        }
        Ok(())
    }

    /// The symbol of the library user's kernel for an operation.
    fn extern_symbol(&self, op: OpId) -> Option<&'m String> {
        let (module, externs) = (self.context.module, &self.context.options.externs);
        match module.find_attr(op, "call_target_name") {
            Some(Attr::String { value, .. }) if module.op_name(op) == "stablehlo.custom_call" => {
                externs.get(std::str::from_utf8(value).ok()?)
            }
            _ => externs.get(module.op_name(op)),
        }
    }

    /// Tells who observes the run that this operation is next.
    fn observe(&mut self, number: usize) {
        let Some(symbol) = &self.context.options.observer else { return };
        self.externs.entry(symbol.clone()).or_insert_with(|| format!("func.func private @{symbol}(i64)"));
        let number = self.main.constant(&number.to_string(), "i64");
        self.main.line(format_args!("func.call @{symbol}({number}) : (i64) -> ()"));
    }

    fn kernel_of(&mut self, op: OpId) -> Done {
        self.observe(self.operations.len());
        self.operations.push(op);
        if let Some(symbol) = self.extern_symbol(op) {
            return self.extern_kernel(op, symbol);
        }
        let mut kernel = Kernel::new(self.context, op);
        table::lower(&mut kernel)?;
        let finished = kernel.finish(None);
        self.call(finished, "")?;
        Ok(())
    }

    /// A call of a kernel, `returned` its type or empty.
    fn call(&mut self, kernel: Finished, returned: &str) -> Done<Name> {
        let mut arguments = Names::new();
        for param in &kernel.params {
            arguments.push(self.argument(param.place, &param.ty)?);
        }
        let next = self.kernels.len() as u32;
        let number = *self.kernels.entry(kernel.text).or_insert(next);
        let types = list(kernel.params.iter().map(|p| &p.ty));
        let call = format!("func.call @kernel_{number}({}) : ({types})", list(&arguments));
        Ok(match returned {
            "" => {
                self.main.line(format_args!("{call} -> ()"));
                self.main.fresh()
            }
            ty => self.main.op(format_args!("{call} -> {ty}")),
        })
    }

    fn argument(&mut self, place: Place, ty: &str) -> Done<Name> {
        let range = match place {
            Place::Constant(op) => return self.global(op, ty),
            Place::Bytes(range) => range,
        };
        let Some(&(base, bytes)) = self.spaces.get(&range.space) else {
            return Err(Box::new(self.context.refuse(self.function.op, &format!("there is no memory for {range}"))));
        };
        if range.end > bytes {
            return Err(Box::new(
                self.context.refuse(self.function.op, &format!("{range} lies outside of its memory")),
            ));
        }
        let offset = self.main.index(range.start as i64);
        Ok(self.main.op(format_args!("memref.view {base}[{offset}][] : memref<{bytes}xi8> to {ty}")))
    }

    /// A constant of the program, as a flat memref.
    fn global(&mut self, op: OpId, ty: &str) -> Done<Name> {
        let module = self.context.module;
        let refuse = |why: &str| Box::new(self.context.refuse(op, why));
        let Some(Attr::DenseElements { literal, ty: of }) = OpRef::new(module, op).attr("value") else {
            return Err(refuse("its value is no dense constant"));
        };
        let memopt::ir::Type::Tensor(tensor) = module.ty(*of) else { return Err(refuse("its value is no tensor")) };
        let scalar =
            Scalar::of(module, tensor.element).ok_or_else(|| refuse("there is no code for its element type"))?;
        let literal = match scalar {
            Scalar::Bool if literal.starts_with('"') => {
                let count: i64 = tensor.shape.iter().product();
                unpacked(literal, count as usize).ok_or_else(|| refuse("its value has another number of elements"))?
            }
            Scalar::Bool => literal.replace("true", "1").replace("false", "0"),
            _ => literal.to_string(),
        };
        let shape: String = tensor.shape.iter().map(|extent| format!("{extent}x")).collect();
        let shaped = format!("memref<{shape}{}>", scalar.stored());
        let symbol = format!("constant_{}", op.index());
        let global = format!("memref.global \"private\" constant @{symbol} : {shaped} = dense<{literal}>");
        self.globals.entry(op).or_insert(global);
        let whole = self.main.op(format_args!("memref.get_global @{symbol} : {shaped}"));
        if shaped == ty {
            return Ok(whole);
        }
        let dimensions = list(0..tensor.shape.len());
        Ok(self.main.op(format_args!("memref.collapse_shape {whole} [[{dimensions}]] : {shaped} into {ty}")))
    }

    /// A library user's kernel: called with the bytes of its operands, results and workspace, in this order.
    fn extern_kernel(&mut self, op: OpId, symbol: &str) -> Done {
        let module = self.context.module;
        let mut arguments = Vec::new();
        let operation = module.op(op);
        for value in operation.operands().iter().copied().chain(operation.results()) {
            match (self.context.places.reading(value), self.context.places.range(value)) {
                (Reading::Bytes(_), Some(range)) => arguments.push(Place::Bytes(range)),
                (Reading::Nothing, _) => {}
                _ => return Err(Box::new(self.context.refuse(op, "its kernel cannot read a value without bytes"))),
            }
        }
        arguments.extend(self.context.workspace(op).map(Place::Bytes));
        // One byte is enough for a type: the convention of bare pointers passes nothing but the address.
        let ty = "memref<1xi8>";
        let mut names = Names::new();
        for &place in &arguments {
            names.push(self.argument(place, ty)?);
        }
        let types = list(arguments.iter().map(|_| ty));
        self.externs.entry(symbol.to_owned()).or_insert_with(|| format!("func.func private @{symbol}({types})"));
        self.main.line(format_args!("func.call @{symbol}({}) : ({types}) -> ()", list(&names)));
        Ok(())
    }

    /// A boolean or an index that a small kernel reads from a value, which may be virtual.
    fn scalar_of(&mut self, op: OpId, value: ValueId) -> Done<(Name, Scalar)> {
        let mut kernel = Kernel::new(self.context, op);
        let scalar = kernel.scalar(value)?;
        let at = At::Linear(kernel.code.index(0));
        let element = kernel.element(value, &at)?;
        let finished = kernel.finish(Some((element, scalar.name())));
        Ok((self.call(finished, scalar.name())?, scalar))
    }

    fn only_block(&self, op: OpId, region: usize) -> Done<BlockId> {
        let module = self.context.module;
        let blocks = module.op(op).regions().get(region).map_or(&[][..], |&region| module.region(region).blocks());
        match *blocks {
            [block] => Ok(block),
            _ => Err(Box::new(self.context.refuse(op, "a region is not one block"))),
        }
    }

    /// The operands of a block's terminator.
    fn yields(&self, block: BlockId) -> &'m [ValueId] {
        let module = self.context.module;
        module.block(block).ops().last().map_or(&[], |&op| module.op(op).operands())
    }

    /// The slots get their operands; then condition and body run in the slots, where the plan leaves every yield.
    fn while_loop(&mut self, op: OpId, condition: usize, body: usize) -> Done {
        let module = self.context.module;
        for (&operand, result) in module.op(op).operands().iter().zip(module.op(op).results()) {
            self.copy(op, operand, result)?;
        }
        let (condition, body) = (self.only_block(op, condition)?, self.only_block(op, body)?);
        self.main.open(format_args!("scf.while : () -> () {{"));
        self.block(condition);
        let Some(&predicate) = self.yields(condition).first() else {
            return Err(Box::new(self.context.refuse(op, "its condition yields nothing")));
        };
        let (goes_on, _) = self.scalar_of(op, predicate)?;
        self.main.line(format_args!("scf.condition({goes_on})"));
        self.main.turn("} do {");
        self.block(body);
        self.leave(op, body)?;
        self.main.line(format_args!("scf.yield"));
        self.main.close();
        Ok(())
    }

    fn branches(&mut self, op: OpId) -> Done {
        let module = self.context.module;
        let Some(&selector) = module.op(op).operands().first() else {
            return Err(Box::new(self.context.refuse(op, "it has no selector")));
        };
        let regions = module.op(op).regions().len();
        let (selector, scalar) = self.scalar_of(op, selector)?;
        if scalar == Scalar::Bool && regions == 2 {
            self.main.open(format_args!("scf.if {selector} {{"));
            self.branch(op, 0)?;
            self.main.turn("} else {");
            self.branch(op, 1)?;
            self.main.close();
            return Ok(());
        }
        // The last branch also runs for every index that has none.
        let index = self.main.op(format_args!("arith.index_cast {selector} : {} to index", scalar.name()));
        self.main.line(format_args!("scf.index_switch {index}"));
        for region in 0..regions.saturating_sub(1) {
            self.main.open(format_args!("case {region} {{"));
            self.branch(op, region)?;
            self.main.line(format_args!("scf.yield"));
            self.main.close();
        }
        self.main.open(format_args!("default {{"));
        self.branch(op, regions.saturating_sub(1))?;
        self.main.close();
        Ok(())
    }

    fn branch(&mut self, op: OpId, region: usize) -> Done {
        let block = self.only_block(op, region)?;
        self.block(block);
        self.leave(op, block)
    }

    /// The plan has put each yield where the result lies; only a yield without bytes is written now.
    fn leave(&mut self, op: OpId, block: BlockId) -> Done {
        for (&value, result) in self.yields(block).iter().zip(self.context.module.op(op).results()) {
            self.copy(op, value, result)?;
        }
        Ok(())
    }

    /// `to` gets the elements of `from`, unless both are the same bytes, or none.
    fn copy(&mut self, op: OpId, from: ValueId, to: ValueId) -> Done {
        let places = self.context.places;
        let target = (places.reading(to), places.range(to));
        let (Reading::Bytes(read), Some(_)) = target else { return Ok(()) };
        if read != to || (places.reading(from), places.range(from)) == (Reading::Bytes(from), target.1) {
            return Ok(());
        }
        let mut kernel = Kernel::new(self.context, op);
        let elements = kernel.elements(to)?;
        let shape = kernel.shape(to)?;
        match places.reading(from) {
            Reading::Bytes(_) => kernel.each(elements, &mut |kernel, index| {
                let at = At::Linear(index);
                let element = kernel.element(from, &at)?;
                kernel.write(to, &at, element)
            })?,
            _ => kernel.nest(shape, &mut |kernel, indices| {
                let at = At::multi(indices);
                let element = kernel.element(from, &at)?;
                kernel.write(to, &at, element)
            })?,
        }
        let finished = kernel.finish(None);
        self.call(finished, "")?;
        Ok(())
    }
}

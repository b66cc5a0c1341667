//! The printer: MLIR's generic form, laid out as `mlir-opt --mlir-print-op-generic` lays it out.
//!
//! - [`Numbers`]: a number for each value. Arguments of entry blocks are `%arg0`, `%arg1`, ..., all other values `%0`, `%1`,
//!   .... A region is numbered after the one around it, and later regions before earlier ones: no name hides another, and
//!   the numbers are those of `mlir-opt`, so that its output comes back byte for byte.
//! - [`Printer`]: walks operations and regions with a stack of its own, since programs built by code may nest deeply.

mod attributes;

use std::fmt::{self, Write};

use self::attributes::{comma, write_attr, write_dictionary, write_type};
use super::spelling::write_quoted;
use crate::ir::{AttrId, BlockId, Definition, Module, OpId, RegionId, Type, TypeId, ValueId};

/// The text of a module.
pub fn print(module: &Module) -> String {
    let mut text = String::new();
    write(module, &mut text).expect("a string takes any text");
    text
}

/// Writes the text of a module.
///
/// # Errors
/// Those of `out`.
pub fn write(module: &Module, out: &mut impl Write) -> fmt::Result {
    let types = vec![None; module.types().len()];
    let mut printer = Printer { module, out: &mut *out, numbers: Numbers::of(module), types };
    printer.operations(module.root())?;
    if let Some(resources) = &module.resources {
        writeln!(out, "\n{resources}")?;
    }
    Ok(())
}

/// The text of a type.
pub fn type_text(module: &Module, ty: TypeId) -> String {
    let mut text = String::new();
    write_type(module, &mut text, ty).expect("a string takes any text");
    text
}

/// The text of an attribute.
pub fn attribute_text(module: &Module, attr: AttrId) -> String {
    let mut text = String::new();
    write_attr(module, &mut text, attr).expect("a string takes any text");
    text
}

/// The number of each value.
struct Numbers {
    /// By [`ValueId`]; the results of one operation share one.
    of_value: Vec<u32>,
}

/// The values that stand in no block.
const UNPLACED: u32 = u32::MAX;

impl Numbers {
    fn of(module: &Module) -> Numbers {
        let mut numbers = Numbers { of_value: vec![UNPLACED; module.value_bound()] };
        let mut next = Next::default();
        let mut work = module.op(module.root()).regions().to_vec();
        while let Some(region) = work.pop() {
            let blocks = module.region(region).blocks();
            for (position, &block) in blocks.iter().enumerate() {
                numbers.block(module, block, position == 0, &mut next);
            }
            let ops = blocks.iter().flat_map(|&block| module.block(block).ops());
            work.extend(ops.flat_map(|&op| module.op(op).regions()));
        }
        numbers
    }

    fn block(&mut self, module: &Module, block: BlockId, is_entry: bool, next: &mut Next) {
        for &argument in module.block(block).arguments() {
            let count = if is_entry { &mut next.argument } else { &mut next.value };
            self.of_value[argument.index()] = *count;
            *count += 1;
        }
        for &op in module.block(block).ops() {
            let results = module.op(op).results();
            next.value += u32::from(results.len() > 0);
            results.for_each(|result| self.of_value[result.index()] = next.value - 1);
        }
    }
}

/// The numbers that are next to be given.
#[derive(Default)]
struct Next {
    argument: u32,
    value: u32,
}

struct Printer<'m, W> {
    module: &'m Module,
    out: W,
    numbers: Numbers,
    /// By [`TypeId`]: its text, once it was needed.
    types: Vec<Option<Box<str>>>,
}

/// What is still to be written.
enum Todo {
    /// The operations of a block from this one on.
    Operations(BlockId, usize),
    /// The blocks of a region from this one on.
    Blocks(RegionId, usize),
    /// The regions of an operation from this one on, and what follows them.
    Regions(OpId, usize),
}

impl<W: Write> Printer<'_, W> {
    /// Writes an operation with all that it holds.
    fn operations(&mut self, root: OpId) -> fmt::Result {
        let mut work = Vec::new();
        self.begin(root, 0, &mut work)?;
        while let Some((todo, indent)) = work.pop() {
            match todo {
                Todo::Regions(op, at) => self.region(op, at, indent, &mut work)?,
                Todo::Blocks(region, at) => {
                    let Some(&block) = self.module.region(region).blocks().get(at) else { continue };
                    self.block_header(block, at, indent)?;
                    work.push((Todo::Blocks(region, at + 1), indent));
                    work.push((Todo::Operations(block, 0), indent + 2));
                }
                Todo::Operations(block, at) => {
                    let Some(&op) = self.module.block(block).ops().get(at) else { continue };
                    work.push((Todo::Operations(block, at + 1), indent));
                    self.begin(op, indent, &mut work)?;
                }
            }
        }
        Ok(())
    }

    /// Writes an operation up to its regions, or all of it if there are none.
    fn begin(&mut self, op: OpId, indent: usize, work: &mut Vec<(Todo, usize)>) -> fmt::Result {
        self.indent(indent)?;
        let operation = self.module.op(op);
        if operation.result_count() > 0 {
            self.value_number(operation.result(0))?;
            if operation.result_count() > 1 {
                write!(self.out, ":{}", operation.result_count())?;
            }
            self.out.write_str(" = ")?;
        }
        write_quoted(&mut self.out, self.module.op_name(op).as_bytes())?;
        self.out.write_char('(')?;
        for (i, &operand) in operation.operands().iter().enumerate() {
            self.comma(i)?;
            self.value(operand)?;
        }
        self.out.write_char(')')?;
        if let Some(properties) = &operation.properties {
            self.out.write_str(" <")?;
            write_dictionary(self.module, &mut self.out, properties)?;
            self.out.write_char('>')?;
        }
        if operation.regions().is_empty() {
            return self.end(op);
        }
        self.out.write_str(" (")?;
        work.push((Todo::Regions(op, 0), indent));
        Ok(())
    }

    fn region(&mut self, op: OpId, at: usize, indent: usize, work: &mut Vec<(Todo, usize)>) -> fmt::Result {
        if at > 0 {
            self.indent(indent)?;
            self.out.write_char('}')?;
        }
        let Some(&region) = self.module.op(op).regions().get(at) else {
            self.out.write_char(')')?;
            return self.end(op);
        };
        self.comma(at)?;
        self.out.write_str("{\n")?;
        work.push((Todo::Regions(op, at + 1), indent));
        work.push((Todo::Blocks(region, 0), indent));
        Ok(())
    }

    /// `^bb0(%arg0: f32):`, which the first block of a region needs only for its arguments or if it is empty.
    fn block_header(&mut self, block: BlockId, at: usize, indent: usize) -> fmt::Result {
        let content = self.module.block(block);
        if at == 0 && content.arguments().is_empty() && !content.ops().is_empty() {
            return Ok(());
        }
        self.indent(indent)?;
        write!(self.out, "^bb{at}")?;
        if !content.arguments().is_empty() {
            self.out.write_char('(')?;
            for (i, &argument) in content.arguments().iter().enumerate() {
                self.comma(i)?;
                self.value(argument)?;
                self.out.write_str(": ")?;
                self.ty(self.module.value(argument).ty)?;
                self.location(self.module.value(argument).location)?;
            }
            self.out.write_char(')')?;
        }
        self.out.write_str(if at == 0 { ":\n" } else { ":  // no predecessors\n" })
    }

    /// What follows the regions.
    fn end(&mut self, op: OpId) -> fmt::Result {
        let operation = self.module.op(op);
        if !operation.attributes.is_empty() {
            self.out.write_char(' ')?;
            write_dictionary(self.module, &mut self.out, &operation.attributes)?;
        }
        self.out.write_str(" : (")?;
        for (i, &operand) in operation.operands().iter().enumerate() {
            self.comma(i)?;
            self.ty(self.module.value(operand).ty)?;
        }
        self.out.write_str(") -> ")?;
        let mut results = operation.results().map(|result| self.module.value(result).ty);
        match (results.len(), results.clone().next()) {
            (1, Some(ty)) if !matches!(self.module.ty(ty), Type::Function { .. }) => self.ty(ty)?,
            _ => {
                self.out.write_char('(')?;
                results.try_fold(0, |i, ty| {
                    self.comma(i)?;
                    self.ty(ty)?;
                    Ok(i + 1)
                })?;
                self.out.write_char(')')?;
            }
        }
        self.location(operation.location)?;
        self.out.write_char('\n')
    }

    fn location(&mut self, location: Option<AttrId>) -> fmt::Result {
        let Some(location) = location else { return Ok(()) };
        self.out.write_char(' ')?;
        write_attr(self.module, &mut self.out, location)
    }

    /// `%5#1`, `%arg0`
    fn value(&mut self, value: ValueId) -> fmt::Result {
        self.value_number(value)?;
        match self.module.value(value).definition {
            Definition::Result { op, index } if self.module.op(op).result_count() > 1 => write!(self.out, "#{index}"),
            _ => Ok(()),
        }
    }

    fn value_number(&mut self, value: ValueId) -> fmt::Result {
        let number = self.numbers.of_value[value.index()];
        let is_entry_argument = match self.module.value(value).definition {
            Definition::Result { .. } => false,
            Definition::Argument { block, .. } => {
                self.module.region(self.module.block(block).region()).blocks().first() == Some(&block)
            }
        };
        match number {
            UNPLACED => write!(self.out, "%unplaced{}", value.index()),
            _ if is_entry_argument => write!(self.out, "%arg{number}"),
            _ => write!(self.out, "%{number}"),
        }
    }

    fn ty(&mut self, ty: TypeId) -> fmt::Result {
        let module = self.module;
        let text = self.types[ty.index()].get_or_insert_with(|| type_text(module, ty).into());
        self.out.write_str(text)
    }

    fn indent(&mut self, columns: usize) -> fmt::Result {
        write!(self.out, "{:columns$}", "")
    }

    fn comma(&mut self, position: usize) -> fmt::Result {
        comma(&mut self.out, position)
    }
}

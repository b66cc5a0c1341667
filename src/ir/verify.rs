//! The structural verifier: what every pass may rely on, and must leave behind.

use super::entities::{BlockId, OpId, ValueId};
use super::function::Function;
use super::module::Module;
use super::nodes::Definition;
use super::types::Type;
use crate::diag::Diagnostic;

/// Checks a whole module.
///
/// - Every value is defined before it is read, in its block or in one around it.
/// - Every operation stands in the block that it names, once.
/// - Every function that is planned has one block, ends in `func.return`, and returns what its type says.
///
/// # Errors
/// All violations, in source order.
pub fn verify(module: &Module) -> Result<(), Vec<Diagnostic>> {
    let mut verifier = Verifier { module, visible: vec![false; module.value_bound()], errors: Vec::new() };
    verifier.block(module.top_level());
    for function in module.functions() {
        verifier.function(function);
    }
    if verifier.errors.is_empty() {
        return Ok(());
    }
    verifier.errors.sort_by_key(|error| error.span.start);
    Err(verifier.errors)
}

struct Verifier<'m> {
    module: &'m Module,
    /// Values that may be read at the place the walk has reached.
    visible: Vec<bool>,
    errors: Vec<Diagnostic>,
}

enum Walk {
    Enter(BlockId, usize),
    Leave(BlockId),
}

impl Verifier<'_> {
    /// Walks `block` and all blocks inside it, without recursion: programs nest as deep as the parser's limit.
    fn block(&mut self, block: BlockId) {
        let mut work = vec![Walk::Enter(block, 0)];
        while let Some(step) = work.pop() {
            match step {
                Walk::Leave(block) => self.hide(block),
                Walk::Enter(block, at) => {
                    let content = self.module.block(block);
                    if at == 0 {
                        content.arguments().iter().for_each(|v| self.visible[v.index()] = true);
                    }
                    let Some(&op) = content.ops().get(at) else {
                        work.push(Walk::Leave(block));
                        continue;
                    };
                    self.operation(block, op);
                    work.push(Walk::Enter(block, at + 1));
                    let regions = self.module.op(op).regions().iter().rev();
                    let blocks = regions.flat_map(|&region| self.module.region(region).blocks().iter().rev());
                    work.extend(blocks.map(|&inner| Walk::Enter(inner, 0)));
                    // Results become visible after the operation, but reading them inside its own regions is caught by the
                    // parser, which resolves names; here it costs a second visit to tell apart, and no pass can make it.
                    self.module.op(op).results().for_each(|v| self.visible[v.index()] = true);
                }
            }
        }
    }

    fn hide(&mut self, block: BlockId) {
        let content = self.module.block(block);
        let results = content.ops().iter().flat_map(|&op| self.module.op(op).results());
        let values: Vec<ValueId> = content.arguments().iter().copied().chain(results).collect();
        for value in values {
            self.visible[value.index()] = false;
        }
    }

    fn operation(&mut self, block: BlockId, op: OpId) {
        let operation = self.module.op(op);
        let name = self.module.op_name(op);
        if operation.parent() != Some(block) {
            self.errors
                .push(Diagnostic::error(operation.span, format!("{name} stands in a block that it does not name")));
        }
        for &operand in operation.operands() {
            if self.visible[operand.index()] {
                continue;
            }
            let value = self.module.display_value(operand);
            let definition = self.module.op(self.module.defining_op(operand)).span;
            self.errors.push(
                Diagnostic::error(operation.span, format!("{name} reads {value} before it is defined"))
                    .label("read here")
                    .related(definition, "defined here")
                    .help("order the operations so that each value is defined before it is read"),
            );
        }
    }

    fn function(&mut self, function: Function) {
        let module = self.module;
        let operation = module.op(function.op);
        let name = function.name(module);
        let region = module.region(operation.regions()[0]);
        if region.blocks().len() > 1 {
            let error = Diagnostic::error(operation.span, format!("@{name} has {} blocks", region.blocks().len()));
            self.errors.push(
                error.help("memopt plans structured control flow: raise branches to stablehlo.while, if and case"),
            );
            return;
        }
        match function.terminator(module) {
            Some(last) if module.op_name(last) == "func.return" => {}
            _ => {
                let error = Diagnostic::error(operation.span, format!("@{name} does not end in func.return"));
                self.errors.push(error.help("close the body with \"func.return\"(results)"));
                return;
            }
        }
        let types = |values: &[ValueId]| values.iter().map(|&v| module.value(v).ty).collect::<Box<_>>();
        let Some(super::attrs::Attr::Type(ty)) = module.find_attr(function.op, "function_type") else {
            let error = Diagnostic::error(operation.span, format!("@{name} has no function_type"));
            self.errors.push(error.help("write it as a property: <{function_type = (...) -> ...}>"));
            return;
        };
        let found =
            Type::Function { inputs: types(function.arguments(module)), results: types(function.results(module)) };
        if module.ty(*ty) != &found {
            let error = Diagnostic::error(operation.span, format!("the type of @{name} is not that of its body"));
            self.errors.push(error.help(
                "the arguments of the entry block and the operands of func.return must have the types of function_type",
            ));
        }
    }
}

impl Module {
    /// A value as diagnostics name it: its name in the source if it had one, else its id.
    pub fn display_value(&self, value: ValueId) -> String {
        let of_op = |op: OpId| self.op(op).result_count();
        match (self.value(value).name, self.value(value).definition) {
            (Some(name), Definition::Result { op, index }) if of_op(op) > 1 => format!("%{}#{index}", self.str(name)),
            (Some(name), _) => format!("%{}", self.str(name)),
            (None, _) => value.to_string(),
        }
    }
}

//! Functions: what is planned.

use super::attrs::Attr;
use super::entities::{BlockId, OpId, ValueId};
use super::module::Module;

/// A function with a body of one block: what is planned.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Function {
    /// The `func.func` operation.
    pub op: OpId,
    /// Its body.
    pub body: BlockId,
}

impl Function {
    /// The function that `op` is, if it is a `func.func` with a body.
    pub fn new(module: &Module, op: OpId) -> Option<Function> {
        if module.op_name(op) != "func.func" {
            return None;
        }
        let &[region] = module.op(op).regions() else { return None };
        let &[body, ..] = module.region(region).blocks() else { return None };
        Some(Function { op, body })
    }

    /// Its name, without `@`.
    pub fn name(self, module: &Module) -> &str {
        match module.find_attr(self.op, "sym_name") {
            Some(Attr::String { value, .. }) => std::str::from_utf8(value).unwrap_or("?"),
            _ => "?",
        }
    }

    /// Its arguments.
    pub fn arguments(self, module: &Module) -> &[ValueId] {
        module.block(self.body).arguments()
    }

    /// Its `func.return`, if the body ends in one.
    pub fn terminator(self, module: &Module) -> Option<OpId> {
        module.block(self.body).ops().last().copied()
    }

    /// The values it returns.
    pub fn results(self, module: &Module) -> &[ValueId] {
        self.terminator(module).map_or(&[], |op| module.op(op).operands())
    }

    /// Whether it says that results which are no donated argument lie in the arena: `memopt.results = "arena"`.
    pub fn results_in_arena(self, module: &Module) -> bool {
        matches!(module.find_attr(self.op, "memopt.results"), Some(Attr::String { value, .. }) if **value == *b"arena")
    }

    /// An attribute of its `index`-th argument, from `arg_attrs`.
    pub fn argument_attr<'m>(self, module: &'m Module, index: usize, name: &str) -> Option<&'m Attr> {
        let Some(Attr::Array(all)) = module.find_attr(self.op, "arg_attrs") else { return None };
        let Attr::Dictionary(of_one) = module.attr(*all.get(index)?) else { return None };
        let symbol = module.find_symbol(name)?;
        of_one.iter().find(|(key, _)| *key == symbol).map(|&(_, value)| module.attr(value))
    }
}

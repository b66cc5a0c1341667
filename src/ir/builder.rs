//! Building functions from code: the way in for other compilers.

use smallvec::SmallVec;

use super::attrs::Attr;
use super::entities::{BlockId, OpId, Span, TypeId, ValueId};
use super::function::Function;
use super::module::Module;
use super::nodes::OpParts;
use super::types::{TensorType, Type};

/// Builds one function of a module, operation by operation.
///
/// ```
/// use memopt::ir::{FloatKind, FunctionBuilder, Module, Type};
///
/// let mut module = Module::new();
/// let f32 = module.intern_type(Type::Float(FloatKind::from_name("f32").unwrap()));
/// let row = module.tensor_type(&[1024], f32);
/// let mut main = FunctionBuilder::new(&mut module, "main", &[row, row]);
/// let (a, b) = (main.argument(0), main.argument(1));
/// let sum = main.op("stablehlo.add").operands(&[a, b]).results(&[row]).build();
/// let function = main.finish(&[sum[0]]);
/// assert_eq!(module.block(function.body).ops().len(), 2);
/// ```
pub struct FunctionBuilder<'m> {
    module: &'m mut Module,
    op: OpId,
    body: BlockId,
}

impl<'m> FunctionBuilder<'m> {
    /// Opens a function with arguments of these types.
    pub fn new(module: &'m mut Module, name: &str, arguments: &[TypeId]) -> Self {
        let func = module.symbol("func.func");
        let op = module.create_op(func, OpParts::default());
        let name = module.string_attr(name);
        set_property(module, op, "sym_name", name);
        let region = module.add_region(op);
        let body = module.add_block(region);
        for &ty in arguments {
            module.add_argument(body, ty);
        }
        let top_level = module.top_level();
        module.append(top_level, op);
        FunctionBuilder { module, op, body }
    }

    /// The `index`-th argument.
    pub fn argument(&self, index: usize) -> ValueId {
        self.module.block(self.body).arguments()[index]
    }

    /// The module, to intern types and attributes.
    pub fn module(&mut self) -> &mut Module {
        self.module
    }

    /// Starts an operation of this full name.
    pub fn op(&mut self, name: &str) -> OpBuilder<'_> {
        let name = self.module.symbol(name);
        OpBuilder { block: self.body, module: self.module, name, parts: OpParts::default() }
    }

    /// Says that the `argument`-th argument gives its bytes to the `result`-th result.
    pub fn donate(&mut self, argument: usize, result: usize) {
        let i32 = self.module.intern_type(Type::Integer { width: 32, signedness: super::types::Signedness::Signless });
        let index = self.module.intern_attr(Attr::Integer { value: result as i128, ty: i32 });
        let name = self.module.symbol("tf.aliasing_output");
        let mut all: Vec<_> = match self.module.find_attr(self.op, "arg_attrs") {
            Some(Attr::Array(all)) => all.to_vec(),
            _ => {
                let empty = self.module.intern_attr(Attr::Dictionary(Box::default()));
                vec![empty; self.module.block(self.body).arguments().len()]
            }
        };
        all[argument] = self.module.intern_attr(Attr::Dictionary([(name, index)].into()));
        set_property(self.module, self.op, "arg_attrs", Attr::Array(all.into()));
    }

    /// Closes the function with a `func.return` of these values.
    pub fn finish(mut self, results: &[ValueId]) -> Function {
        self.op("func.return").operands(results).build();
        let type_of = |module: &Module, values: &[ValueId]| values.iter().map(|&v| module.value(v).ty).collect();
        let inputs = type_of(self.module, self.module.block(self.body).arguments());
        let results = type_of(self.module, results);
        let ty = self.module.intern_type(Type::Function { inputs, results });
        set_property(self.module, self.op, "function_type", Attr::Type(ty));
        Function { op: self.op, body: self.body }
    }
}

/// Builds one operation.
pub struct OpBuilder<'b> {
    module: &'b mut Module,
    block: BlockId,
    name: super::entities::Symbol,
    parts: OpParts,
}

impl OpBuilder<'_> {
    /// What it reads.
    #[must_use]
    pub fn operands(mut self, operands: &[ValueId]) -> Self {
        self.parts.operands = SmallVec::from_slice(operands);
        self
    }

    /// The types of its results.
    #[must_use]
    pub fn results(mut self, types: &[TypeId]) -> Self {
        self.parts.result_types = SmallVec::from_slice(types);
        self
    }

    /// An inherent attribute.
    #[must_use]
    pub fn property(mut self, name: &str, value: Attr) -> Self {
        let entry = (self.module.symbol(name), self.module.intern_attr(value));
        self.parts.properties.get_or_insert_default().push(entry);
        self
    }

    /// A discardable attribute, for example a hint.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: Attr) -> Self {
        let entry = (self.module.symbol(name), self.module.intern_attr(value));
        self.parts.attributes.push(entry);
        self
    }

    /// Where it stands in a source text.
    #[must_use]
    pub fn span(mut self, span: Span) -> Self {
        self.parts.span = span;
        self
    }

    /// Appends the operation to the function; returns its results.
    pub fn build(self) -> Vec<ValueId> {
        let op = self.module.create_op(self.name, self.parts);
        self.module.append(self.block, op);
        self.module.op(op).results().collect()
    }
}

fn set_property(module: &mut Module, op: OpId, name: &str, value: Attr) {
    let entry = (module.symbol(name), module.intern_attr(value));
    let properties = module.op_mut(op).properties.get_or_insert_default();
    properties.retain(|(key, _)| *key != entry.0);
    properties.push(entry);
}

impl Module {
    /// A ranked tensor type without encoding.
    pub fn tensor_type(&mut self, shape: &[i64], element: TypeId) -> TypeId {
        self.intern_type(Type::Tensor(TensorType { shape: shape.into(), element, encoding: None }))
    }
}

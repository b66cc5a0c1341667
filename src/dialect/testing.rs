//! One operation to ask questions about, built in a line; and the texts of the reference graphs.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::interface::{Aliasing, Effects, Extent, OpRef, Overwrite, Virtual};
use super::registry::{OpDescription, Registry};
use super::{Facts, OpFacts};
use crate::ir::{
    Attr, BlockId, Bytes, DYNAMIC, DenseArray, FloatKind, Function, FunctionBuilder, Module, OpId, OpParts, Signedness,
    Type, TypeId, ValueId,
};

/// A module whose one function holds one operation on its arguments, and what the registry says about the operation.
pub(crate) struct Sample {
    pub(crate) module: Module,
    pub(crate) function: Function,
    pub(crate) op: OpId,
    registry: Registry,
}

/// An operation of this name; operand and result types as in `4x3xf32`.
pub(crate) fn op(name: &str, operands: &[&str], results: &[&str]) -> Sample {
    let distinct: Vec<usize> = (0..operands.len()).collect();
    op_reading(name, operands, &distinct, results)
}

/// As [`op`], reading the arguments of these numbers.
pub(crate) fn op_reading(name: &str, arguments: &[&str], reads: &[usize], results: &[&str]) -> Sample {
    let mut module = Module::new();
    let arguments: Vec<TypeId> = arguments.iter().map(|text| tensor(&mut module, text)).collect();
    let results: Vec<TypeId> = results.iter().map(|text| tensor(&mut module, text)).collect();
    let mut main = FunctionBuilder::new(&mut module, "main", &arguments);
    let operands: Vec<ValueId> = reads.iter().map(|&argument| main.argument(argument)).collect();
    main.op(name).operands(&operands).results(&results).build();
    let function = main.finish(&[]);
    let op = module.block(function.body).ops()[0];
    Sample { module, function, op, registry: Registry::new() }
}

/// The type that `4x3xf32` spells, `?` for a dynamic extent.
pub(crate) fn tensor(module: &mut Module, text: &str) -> TypeId {
    let mut parts: Vec<&str> = text.split('x').collect();
    let element = parts.pop().expect("a type ends in its element type");
    let shape: Vec<i64> = parts.iter().map(|n| n.parse().unwrap_or(DYNAMIC)).collect();
    let element = element_type(module, element);
    module.tensor_type(&shape, element)
}

fn element_type(module: &mut Module, text: &str) -> TypeId {
    if let Some(part) = text.strip_prefix('c') {
        let part = element_type(module, part);
        return module.intern_type(Type::Complex(part));
    }
    if let Some(kind) = FloatKind::from_name(text) {
        return module.intern_type(Type::Float(kind));
    }
    let (signedness, width) = match text.strip_prefix('u') {
        Some(rest) => (Signedness::Unsigned, &rest[1..]),
        None => (Signedness::Signless, &text[1..]),
    };
    module.intern_type(Type::Integer { width: width.parse().expect("an integer type"), signedness })
}

impl Sample {
    /// With a property.
    pub(crate) fn with(mut self, name: &str, value: Attr) -> Sample {
        let entry = (self.module.symbol(name), self.module.intern_attr(value));
        self.module.op_mut(self.op).properties.get_or_insert_default().push(entry);
        self
    }

    /// With a property `array<i64: ...>`.
    pub(crate) fn ints(mut self, name: &str, values: &[i64]) -> Sample {
        let element = self.module.i64_type();
        self.with(name, Attr::DenseArray { element, values: DenseArray::Integers(values.into()) })
    }

    /// With a property of a dialect.
    pub(crate) fn opaque(self, name: &str, text: &str) -> Sample {
        self.with(name, Attr::Opaque { text: text.into(), ty: None })
    }

    /// With a property `dense<literal>` of the type of the first result.
    pub(crate) fn dense(self, name: &str, literal: &str) -> Sample {
        let ty = self.module.value(self.module.op(self.op).result(0)).ty;
        self.with(name, Attr::DenseElements { literal: literal.into(), ty })
    }

    /// With a hint.
    pub(crate) fn hint(mut self, name: &str, value: Attr) -> Sample {
        self.module.set_attr(self.op, name, value);
        self
    }

    /// With one more region of one block, that takes as arguments what the operation takes as operands.
    pub(crate) fn region(&mut self) -> BlockId {
        let region = self.module.add_region(self.op);
        let block = self.module.add_block(region);
        for operand in self.module.op(self.op).operands().to_vec() {
            let ty = self.module.value(operand).ty;
            self.module.add_argument(block, ty);
        }
        block
    }

    /// Appends an operation to a block; returns its results.
    pub(crate) fn append(&mut self, block: BlockId, name: &str, operands: &[ValueId], results: &[&str]) -> OpId {
        let parts = OpParts {
            operands: operands.into(),
            result_types: results.iter().map(|text| tensor(&mut self.module, text)).collect(),
            ..OpParts::default()
        };
        let name = self.module.symbol(name);
        let op = self.module.create_op(name, parts);
        self.module.append(block, op);
        op
    }

    pub(crate) fn ask(&self) -> OpRef<'_> {
        OpRef::new(&self.module, self.op)
    }

    pub(crate) fn description(&self) -> OpDescription {
        *self.registry.get(self.ask().name()).expect("a described operation")
    }

    pub(crate) fn effects(&self) -> Effects {
        self.description().memory.effects(self.ask())
    }

    pub(crate) fn aliasing(&self, result: usize) -> Aliasing {
        self.description().memory.aliasing(self.ask(), result)
    }

    pub(crate) fn virtual_kind(&self) -> Option<Virtual> {
        self.description().memory.virtual_kind(self.ask(), 0)
    }

    /// All pairs of a result and an operand that it may overwrite.
    pub(crate) fn ties(&self) -> Vec<(usize, usize)> {
        let op = self.ask();
        let pairs = (0..op.op().result_count()).flat_map(|r| (0..op.operands().len()).map(move |o| (r, o)));
        let may = |&(r, o): &(usize, usize)| self.description().memory.overwrite(op, r, o) == Overwrite::May;
        pairs.filter(may).collect()
    }

    pub(crate) fn flops(&self) -> Option<u64> {
        self.description().cost.flops(self.ask())
    }

    /// Whether the type of each result is inferred to be that of an operand.
    pub(crate) fn infers(&self) -> Option<Vec<TypeId>> {
        self.description().types.infer(self.ask())
    }

    pub(crate) fn facts(&self) -> Facts {
        Facts::of(&self.module, self.function.op, &self.registry).expect("a sample without errors")
    }

    pub(crate) fn op_facts(&self) -> OpFacts {
        self.facts().op(self.op).clone()
    }
}

/// A view from a byte of an operand on.
pub(crate) fn view(operand: usize, offset: u64) -> Aliasing {
    Aliasing::View { operand, extent: Extent::Exact { offset: Bytes(offset) } }
}

/// Where the reference graphs lie, if they are there.
fn reference_data() -> Option<PathBuf> {
    let shared = std::env::var_os("MEMOPT_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"));
    Some(shared.join("data")).filter(|data| data.is_dir())
}

fn text_of(path: &Path) -> String {
    let bytes = std::fs::read(path).expect("a readable file");
    let mut text = String::new();
    match path.extension().is_some_and(|extension| extension == "gz") {
        true => flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text),
        false => (&bytes[..]).read_to_string(&mut text),
    }
    .expect("text");
    text
}

/// The texts of the reference graphs in these folders whose file names contain `name`; none, with a line that says so, where
/// they are absent.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) fn reference_texts(folders: &[&str], name: &str) -> Vec<String> {
    let Some(data) = reference_data() else {
        eprintln!("skipped: no reference graphs (set MEMOPT_SHARED)");
        return Vec::new();
    };
    let entries = folders.iter().filter_map(|folder| std::fs::read_dir(data.join(folder)).ok()).flatten();
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.to_string_lossy().contains(name)).map(|path| text_of(&path)).collect()
}

/// All `"dialect.name"(` of a text.
pub(crate) fn op_names(text: &str) -> impl Iterator<Item = &str> {
    let calls = text.split("\"(").filter_map(|before| before.rsplit('"').next());
    calls.filter(|name| name.contains('.') && !name.contains(char::is_whitespace))
}

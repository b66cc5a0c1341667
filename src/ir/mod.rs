//! The IR: operations in a graph, ordered inside blocks, with MLIR's types and attributes.

mod attrs;
mod builder;
mod edit;
mod entities;
mod equal;
mod function;
mod graph;
mod module;
mod nodes;
mod types;
mod verify;

pub use attrs::{Attr, DenseArray, Dictionary, NamedAttr};
pub use builder::{FunctionBuilder, OpBuilder};
pub use entities::{Align, AttrId, BlockId, Bytes, OpId, RegionId, Span, Step, Symbol, TypeId, ValueId};
pub use equal::structurally_equal;
pub use function::Function;
pub use graph::Use;
pub use module::Module;
pub use nodes::{Block, Definition, OpParts, Operation, Region, Value};
pub use types::{DYNAMIC, FloatKind, MAX_VALUE_BYTES, Signedness, SizeError, TensorType, Type, TypeTable};
pub use verify::verify;

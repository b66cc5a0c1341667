//! What the operations of random programs mean, from a small table of its own: nothing here asks the dialects.

use memopt::ir::{Attr, DenseArray, Module, OpId, Type, ValueId};
use memopt::text::{attribute_text, type_text};

use super::digest::Digest;

/// Which kernel reads a value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Reader {
    /// Nobody knows how it reads: it finds its operands in memory.
    Unknown,
    /// It reads elements, however they are found; it computes none.
    Finding,
    /// It looks at every element once, and computes it if need be.
    Computing,
}

/// How an operation computes its results.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// From its attributes, every element the same.
    Splat,
    /// From its attributes; the bytes are the program's.
    Constant,
    /// From the index.
    Iota,
    /// Element `i` of the result is element `map[i].1` of operand `map[i].0`.
    Moved(Vec<(usize, usize)>),
    /// Elements of the first operand from an index on that the other operands say.
    Window,
    /// Result `i` is operand `i`.
    Barrier,
    /// The operand once more.
    Copy,
    /// A loop of condition and body.
    Loop,
    /// One of its regions.
    Branches,
    /// A hash of whole operands, except for those that are read element by element.
    Kernel,
}

/// Where a result lies if it has no buffer of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum View {
    /// In these bytes of an operand.
    Exact { operand: usize, offset: usize },
    /// Somewhere in an operand.
    Opaque { operand: usize },
}

/// What running an operation does besides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Effects {
    None,
    Random,
    Ordered,
}

/// An operation, as far as running it goes.
#[derive(Clone, Debug)]
pub(super) struct Meaning {
    pub(super) kind: Kind,
    /// For each result.
    pub(super) views: Vec<Option<View>>,
    /// Pairs of a result and the operand that it is, overwritten.
    pub(super) updates: Vec<[usize; 2]>,
    /// Operands of which element `i` is read for element `i` of the results only, each with the width of its elements.
    pub(super) in_step: Vec<(usize, usize)>,
    /// Bytes of each element of the results.
    pub(super) step: usize,
    pub(super) workspace: usize,
    pub(super) effects: Effects,
    /// Whether no table describes it: then it may do what its text does not say.
    pub(super) opaque: bool,
    /// Which trees of operations without bytes it reads; `None` where only what is made from nothing.
    pub(super) reader: Option<Reader>,
    /// Whether those who read its result may compute it.
    pub(super) computable: bool,
}

const ELEMENTWISE: &[&str] = &[
    "abs",
    "add",
    "clamp",
    "compare",
    "convert",
    "exponential",
    "maximum",
    "multiply",
    "negate",
    "select",
    "subtract",
    "tanh",
];

const MOVEMENT: &[&str] = &[
    "broadcast_in_dim",
    "concatenate",
    "dynamic_slice",
    "dynamic_update_slice",
    "memopt.copy",
    "pad",
    "reshape",
    "reverse",
    "slice",
    "transpose",
];

fn reader(name: &str, opaque: bool) -> Option<Reader> {
    match name {
        _ if opaque => Some(Reader::Unknown),
        "dot_general" => Some(Reader::Finding),
        "reduce" => Some(Reader::Computing),
        _ if ELEMENTWISE.contains(&name) || MOVEMENT.contains(&name) => Some(Reader::Computing),
        _ => None,
    }
}

/// The meaning of an operation; `complete` says that the hints of the module say all there is.
pub(super) fn meaning(module: &Module, op: OpId, complete: bool) -> Meaning {
    let name = module.op_name(op);
    let short = name.strip_prefix("stablehlo.");
    let opaque = short.is_none() && name != "memopt.copy" && name != "func.return";
    let kind = kind(module, op, short.unwrap_or(name));
    let mut views = views(module, op, &kind);
    let pairs = |name| tuples(module, op, name).into_iter().filter_map(|row| <[usize; 2]>::try_from(row).ok());
    for [result, operand] in pairs("memopt.alias") {
        views[result] = Some(View::Opaque { operand });
    }
    let updates: Vec<[usize; 2]> = pairs("memopt.update").collect();
    let (mut in_step, mut step) = in_step(module, op, short.unwrap_or(name));
    let hinted: Vec<[usize; 2]> = pairs("memopt.inplace").collect();
    if !hinted.is_empty() {
        // What the elements are nobody says, so they are bytes.
        in_step = hinted.iter().map(|&[_, operand]| (operand, 1)).collect();
        in_step.sort_unstable();
        in_step.dedup();
        step = 1;
    }
    let effects = match word(module, op, "memopt.effects") {
        Some("none") => Effects::None,
        Some("random") => Effects::Random,
        Some(_) => Effects::Ordered,
        None if opaque && !complete => Effects::Ordered,
        None => Effects::None,
    };
    let workspace = integer(module, op, "memopt.workspace").unwrap_or(0);
    let (reader, computable) = {
        let name = short.unwrap_or(name);
        let moves = matches!(kind, Kind::Splat | Kind::Iota | Kind::Moved(_) | Kind::Window);
        (reader(name, opaque), !opaque && (moves || ELEMENTWISE.contains(&name)))
    };
    Meaning { kind, views, updates, in_step, step, workspace, effects, opaque, reader, computable }
}

fn kind(module: &Module, op: OpId, name: &str) -> Kind {
    let identity = |len: usize| Kind::Moved((0..len).map(|i| (0, i)).collect());
    match name {
        "constant" if is_list(module, op) => Kind::Constant,
        "constant" => Kind::Splat,
        "iota" => Kind::Iota,
        "reshape" => identity(elements(module, module.op(op).result(0))),
        "convert" if module.type_of(module.op(op).operands()[0]) == module.type_of(module.op(op).result(0)) => {
            identity(elements(module, module.op(op).result(0)))
        }
        "slice" | "broadcast_in_dim" | "transpose" | "reverse" | "pad" => Kind::Moved(map(module, op, name)),
        "concatenate" => Kind::Moved(joined(module, op)),
        "dynamic_slice" => Kind::Window,
        "optimization_barrier" => Kind::Barrier,
        "memopt.copy" => Kind::Copy,
        "while" => Kind::Loop,
        "if" | "case" => Kind::Branches,
        _ => Kind::Kernel,
    }
}

/// Whether a constant is written as a list of elements.
fn is_list(module: &Module, op: OpId) -> bool {
    matches!(module.find_attr(op, "value"), Some(Attr::DenseElements { literal, .. }) if literal.starts_with('['))
}

/// For each element of the result, the operand and its element that it is, elements counted row by row.
fn map(module: &Module, op: OpId, name: &str) -> Vec<(usize, usize)> {
    let from = shape(module, module.op(op).operands()[0]);
    let to = shape(module, module.op(op).result(0));
    let numbers = |name| integers(module, op, name);
    let source = |index: &[usize]| -> Vec<usize> {
        match name {
            "slice" => {
                let (starts, strides) = (numbers("start_indices"), numbers("strides"));
                (0..from.len()).map(|d| starts[d] + index[d] * strides[d]).collect()
            }
            "reverse" => {
                let turned = numbers("dimensions");
                (0..from.len()).map(|d| if turned.contains(&d) { from[d] - 1 - index[d] } else { index[d] }).collect()
            }
            // Before the first element the difference wraps, and is beyond the last one then.
            "pad" => {
                let low = numbers("edge_padding_low");
                (0..from.len()).map(|d| index[d].wrapping_sub(low[d])).collect()
            }
            "transpose" => {
                let permutation = numbers("permutation");
                let target = |d: usize| permutation.iter().position(|&p| p == d).unwrap_or(d);
                (0..from.len()).map(|d| index[target(d)]).collect()
            }
            _ => {
                let dimensions = numbers("broadcast_dimensions");
                (0..from.len()).map(|d| if from[d] == 1 { 0 } else { index[dimensions[d]] }).collect()
            }
        }
    };
    let chosen = |index: Vec<usize>| match index.iter().zip(&from).all(|(i, extent)| i < extent) {
        true => (0, ravel(&index, &from)),
        false => (1, 0),
    };
    (0..to.iter().product()).map(|at| chosen(source(&unravel(at, &to)))).collect()
}

/// For each element of a concatenation, the operand and its element that it is.
fn joined(module: &Module, op: OpId) -> Vec<(usize, usize)> {
    let dimension = integer(module, op, "dimension").unwrap_or(0);
    let parts: Vec<Vec<usize>> = module.op(op).operands().iter().map(|&value| shape(module, value)).collect();
    let to = shape(module, module.op(op).result(0));
    let part = |mut index: Vec<usize>| {
        let mut operand = 0;
        while index[dimension] >= parts[operand][dimension] {
            index[dimension] -= parts[operand][dimension];
            operand += 1;
        }
        (operand, ravel(&index, &parts[operand]))
    };
    (0..to.iter().product()).map(|at| part(unravel(at, &to))).collect()
}

/// The elements of a window of the first operand that starts where `digest` says.
pub(super) fn window(module: &Module, op: OpId, digest: Digest) -> Vec<(usize, usize)> {
    let from = shape(module, module.op(op).operands()[0]);
    let to = shape(module, module.op(op).result(0));
    let start = |d: usize| digest.number(d as u64).below(from[d] - to[d] + 1);
    let starts: Vec<usize> = (0..from.len()).map(start).collect();
    let source = |at| unravel(at, &to).iter().zip(&starts).map(|(i, start)| i + start).collect::<Vec<_>>();
    (0..to.iter().product()).map(|at| (0, ravel(&source(at), &from))).collect()
}

/// The place of the element at an index.
fn ravel(index: &[usize], shape: &[usize]) -> usize {
    index.iter().zip(shape).fold(0, |at, (&i, &extent)| at * extent + i)
}

/// The index of the `at`-th element.
fn unravel(mut at: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (place, &extent) in index.iter_mut().zip(shape).rev() {
        (*place, at) = (at % extent, at / extent);
    }
    index
}

/// A movement that keeps its elements together is a view.
fn views(module: &Module, op: OpId, kind: &Kind) -> Vec<Option<View>> {
    let results = module.op(op).result_count();
    match kind {
        Kind::Barrier => (0..results).map(|operand| Some(View::Exact { operand, offset: 0 })).collect(),
        Kind::Loop => (0..results).map(|slot| is_invariant(module, op, slot)).collect(),
        Kind::Moved(map) if keeps_together(map) => {
            let result = module.op(op).result(0);
            vec![Some(View::Exact { operand: 0, offset: map[0].1 * width(module, result) })]
        }
        _ => vec![None; results],
    }
}

/// Whether elements of the first operand stay next to each other.
fn keeps_together(map: &[(usize, usize)]) -> bool {
    let first = map.first().filter(|(operand, _)| *operand == 0);
    first.is_some_and(|&(_, start)| map.iter().enumerate().all(|(at, &from)| from == (0, start + at)))
}

/// A slot that the body hands on is its operand.
fn is_invariant(module: &Module, op: OpId, slot: usize) -> Option<View> {
    let body = block(module, op, 1)?;
    let last = *module.block(body).ops().last()?;
    let unchanged = module.block(body).arguments().get(slot) == module.op(last).operands().get(slot);
    unchanged.then_some(View::Exact { operand: slot, offset: 0 })
}

fn in_step(module: &Module, op: OpId, name: &str) -> (Vec<(usize, usize)>, usize) {
    let operands = module.op(op).operands();
    let Some(result) = module.op(op).results().next() else { return (Vec::new(), 1) };
    let like = |value: ValueId| shape(module, value) == shape(module, result);
    let indexed: Vec<usize> = match name {
        _ if elements(module, result) == 0 => Vec::new(),
        "dynamic_update_slice" => vec![0],
        _ if ELEMENTWISE.contains(&name) => (0..operands.len()).filter(|&o| like(operands[o])).collect(),
        _ => Vec::new(),
    };
    let step = if indexed.is_empty() { 1 } else { width(module, result) };
    (indexed.into_iter().map(|operand| (operand, width(module, operands[operand]))).collect(), step)
}

/// The only block of a region.
pub(super) fn block(module: &Module, op: OpId, region: usize) -> Option<memopt::ir::BlockId> {
    let &region = module.op(op).regions().get(region)?;
    module.region(region).blocks().first().copied()
}

/// Bytes of a value: what a hint says, else those of its type.
pub(super) fn bytes(module: &Module, value: ValueId) -> usize {
    let of_type = || module.type_bytes(value).map_or(0, |bytes| bytes.0 as usize);
    let memopt::ir::Definition::Result { op, index } = module.value(value).definition else { return of_type() };
    let hints = tuples(module, op, "memopt.bytes");
    hints.iter().find(|row| row[0] == index as usize).map_or_else(of_type, |row| row[1])
}

fn shape(module: &Module, value: ValueId) -> Vec<usize> {
    match module.type_of(value) {
        Type::Tensor(tensor) => tensor.shape.iter().map(|&extent| extent as usize).collect(),
        _ => Vec::new(),
    }
}

pub(super) fn elements(module: &Module, value: ValueId) -> usize {
    shape(module, value).iter().product()
}

/// Bytes of one element.
pub(super) fn width(module: &Module, value: ValueId) -> usize {
    let of_type = module.type_bytes(value).map_or(0, |bytes| bytes.0 as usize);
    of_type / elements(module, value).max(1)
}

/// The number that tells an operation from all others of the function as read.
pub(super) fn id(module: &Module, op: OpId) -> Option<usize> {
    integer(module, op, "memopt.id").or_else(|| integer(module, op, "memopt.recompute_of"))
}

/// Name, attributes and types.
pub(super) fn digest(module: &Module, op: OpId) -> Digest {
    let operation = module.op(op);
    let all = operation.properties.iter().flatten().chain(&operation.attributes);
    let own = all.filter(|(name, _)| !module.str(*name).starts_with("memopt."));
    let mut texts: Vec<String> =
        own.map(|&(name, value)| format!("{} = {}", module.str(name), attribute_text(module, value))).collect();
    texts.sort();
    let types = operation.results().map(|value| type_text(module, module.value(value).ty));
    texts.into_iter().chain(types).fold(Digest::of(module.op_name(op)), |digest, text| digest.text(&text))
}

/// An attribute `[[a, b], ...]` without negative numbers.
pub(super) fn tuples(module: &Module, op: OpId, name: &str) -> Vec<Vec<usize>> {
    let rows = module.find_attr(op, name).and_then(|attr| module.tuples_of(attr)).unwrap_or_default();
    let row = |row: Vec<i64>| row.into_iter().map(|n| usize::try_from(n).ok()).collect::<Option<Vec<usize>>>();
    rows.into_iter().filter_map(row).collect()
}

pub(super) fn integer(module: &Module, op: OpId, name: &str) -> Option<usize> {
    match module.find_attr(op, name)? {
        Attr::Integer { value, .. } => usize::try_from(*value).ok(),
        _ => None,
    }
}

pub(super) fn word<'m>(module: &'m Module, op: OpId, name: &str) -> Option<&'m str> {
    match module.find_attr(op, name)? {
        Attr::String { value, .. } => std::str::from_utf8(value).ok(),
        _ => None,
    }
}

fn integers(module: &Module, op: OpId, name: &str) -> Vec<usize> {
    match module.find_attr(op, name) {
        Some(Attr::DenseArray { values: DenseArray::Integers(values), .. }) => {
            values.iter().map(|&n| n as usize).collect()
        }
        _ => Vec::new(),
    }
}

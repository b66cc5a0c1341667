//! A planned function as an MLIR module: one private function for each different kernel, and a main function that is
//! nothing but views of the arena and calls.
//!
//! No kernel allocates, and nothing is copied that the plan does not ask for. The text uses the dialects `func`, `memref`,
//! `scf`, `arith`, `math` and `vector`.

mod arithmetic;
mod batch_norm;
mod code;
mod contraction;
mod copy;
mod element;
mod function;
mod kernel;
mod linalg;
mod precision;
mod random;
mod reduce;
mod scalar;
mod scatter;
mod shapes;
mod sort;
mod table;
mod window;

use std::collections::BTreeMap;

use memopt::checker::{Places, Space};
use memopt::diag::Diagnostic;
use memopt::dialect::{Facts, OpRef, Registry};
use memopt::ir::{Attr, Bytes, Function, Module, OpId, ValueId};
use memopt::target::Target;

use function::{Context, Functions};

/// What to lower for.
#[derive(Clone, Debug)]
pub struct LowerOptions {
    /// Name of the main function.
    pub entry: String,
    /// Bytes of the machine's vector registers: 64 with AVX-512, 32 with AVX, 16 otherwise.
    pub vector_bytes: u64,
    /// Kernels of the library's user: the symbol of an extern "C" function for each name of an operation, or for the target
    /// that a `stablehlo.custom_call` names. It is called with the addresses of the operands' bytes, the results' bytes, and
    /// the workspace if there is one, in this order.
    pub externs: BTreeMap<String, String>,
    /// The symbol of an extern "C" function that is called before each operation runs, with its number in
    /// [`Lowered::operations`], and at the end with their count: for profiles.
    pub observer: Option<String>,
}

impl Default for LowerOptions {
    fn default() -> Self {
        let entry = "main".to_owned();
        LowerOptions { entry, vector_bytes: host_vector_bytes(), externs: BTreeMap::new(), observer: None }
    }
}

fn host_vector_bytes() -> u64 {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f") {
            return 64;
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            return 32;
        }
    }
    16
}

/// Where a caller finds a result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResultPlace {
    /// In a donated argument.
    Argument(usize),
    /// In the memory that the caller passes as this one of the results after the arguments.
    Caller(usize),
    /// In the arena, from this byte on.
    Arena(u64),
    /// It has no bytes.
    Nothing,
}

/// What a caller passes: the arena, the arguments, the results that are no donated argument. Each pointer is a multiple of
/// `alignment`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    /// Bytes of the arena.
    pub arena: Bytes,
    /// Alignment of every pointer, in bytes.
    pub alignment: u64,
    /// Bytes of each argument; zero for one without bytes, which is not passed.
    pub arguments: Vec<Bytes>,
    /// Bytes of each result.
    pub results: Vec<Bytes>,
    /// Where each result lies in the end.
    pub places: Vec<ResultPlace>,
}

impl Signature {
    /// The results that the caller passes memory for, in order.
    pub fn passed_results(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.results.len()).filter(|&k| matches!(self.places[k], ResultPlace::Caller(_)))
    }
}

/// A lowered function.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The module's text.
    pub text: String,
    /// Name of its main function.
    pub entry: String,
    /// What the main function is called with.
    pub signature: Signature,
    /// Number of different kernels.
    pub kernels: usize,
    /// The operations that have kernels, in the order of the text.
    pub operations: Vec<OpId>,
}

pub(crate) use contraction::workspace as contraction_workspace;
pub(crate) use sort::workspace as sort_workspace;

/// Lowers a planned function.
///
/// # Errors
/// A function that is not planned, or planned for another target; every operation without a lowering.
pub fn lower(
    module: &Module,
    function: Function,
    registry: &Registry,
    target: &Target,
    options: &LowerOptions,
) -> Result<Lowered, Vec<Diagnostic>> {
    let arena = planned_arena(module, function, target).map_err(|error| vec![error])?;
    let facts = Facts::of(module, function.op, registry)?;
    let places = Places::of(module, function, &facts).map_err(|errors| errors.diagnostics())?;
    let signature = signature(module, function, &facts, &places, arena, target);
    let context = Context { module, facts: &facts, places: &places, options };
    let mut functions = Functions::new(&context, function, &spaces(&signature));
    functions.body();
    if !functions.errors.is_empty() {
        return Err(functions.errors);
    }
    let (kernels, operations) = (functions.kernel_count(), std::mem::take(&mut functions.operations));
    let entry = options.entry.clone();
    Ok(Lowered { text: functions.finish(&entry, operations.len()), entry, signature, kernels, operations })
}

/// The size of the arena of a plan for this target.
fn planned_arena(module: &Module, function: Function, target: &Target) -> Result<Bytes, Diagnostic> {
    let span = module.op(function.op).span;
    let size = match module.find_attr(function.op, "memopt.arena_size") {
        Some(&Attr::Integer { value, .. }) => u64::try_from(value).ok(),
        _ => None,
    };
    let Some(size) = size else {
        let error = Diagnostic::error(span, format!("@{} has no plan", function.name(module)));
        return Err(error.help(format!("plan it first: memopt-opt --target={}", target.name)));
    };
    match module.find_attr(function.op, "memopt.target") {
        Some(Attr::String { value, .. }) if **value == *target.name.as_bytes() => Ok(Bytes(size)),
        found => {
            let found = match found {
                Some(Attr::String { value, .. }) => String::from_utf8_lossy(value).into_owned(),
                _ => "no target".to_owned(),
            };
            let message = format!("@{} is planned for {found}, not for {}", function.name(module), target.name);
            Err(Diagnostic::error(span, message).help(format!("plan it again: memopt-opt --target={}", target.name)))
        }
    }
}

fn signature(
    module: &Module,
    function: Function,
    facts: &Facts,
    places: &Places,
    arena: Bytes,
    target: &Target,
) -> Signature {
    let bytes = |&value: &ValueId| facts.bytes(value);
    let mut passed = 0;
    let place = |value: &ValueId| match places.range(*value) {
        _ if facts.bytes(*value).is_zero() => ResultPlace::Nothing,
        Some(range) => match range.space {
            Space::Argument(k) => ResultPlace::Argument(k as usize),
            Space::Arena => ResultPlace::Arena(range.start),
            Space::Result(_) => {
                passed += 1;
                ResultPlace::Caller(passed - 1)
            }
        },
        None => ResultPlace::Nothing,
    };
    let results = function.results(module);
    Signature {
        arena,
        alignment: target.alignment.bytes(),
        arguments: function.arguments(module).iter().map(bytes).collect(),
        results: results.iter().map(bytes).collect(),
        places: results.iter().map(place).collect(),
    }
}

/// The parameters of the main function with their bytes.
fn spaces(signature: &Signature) -> Vec<(Space, u64)> {
    // A memref of no bytes has no address to speak of; the arena is passed all the same.
    let mut spaces = vec![(Space::Arena, signature.arena.0.max(1))];
    let arguments = signature.arguments.iter().enumerate();
    spaces.extend(arguments.filter(|(_, n)| !n.is_zero()).map(|(k, n)| (Space::Argument(k as u32), n.0)));
    spaces.extend(signature.passed_results().map(|k| (Space::Result(k as u32), signature.results[k].0)));
    spaces
}

/// Scratch bytes that the kernel of an operation needs; `None` where it needs none of the lowering's own.
pub(crate) fn workspace(op: OpRef<'_>) -> Option<Bytes> {
    match op.name() {
        "stablehlo.reduce" => reduce::workspace(op),
        "stablehlo.sort" => sort_workspace(op),
        "stablehlo.dot" | "stablehlo.dot_general" | "stablehlo.convolution" => contraction_workspace(op),
        name if name.starts_with("linalg.") => linalg::workspace(op),
        _ => None,
    }
}

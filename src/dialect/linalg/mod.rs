//! Linalg on tensors, with `tensor`, `arith` and `math` around it, and what they mean for memory.
//!
//! A linalg operation writes its results over its *destinations*, its last operands, one for each result: where nothing else
//! needs a destination, the result takes its bytes. `tensor.empty` is a destination of which nobody reads anything: a value
//! without bytes. A fill is virtual: its readers read the scalar.
//!
//! Deliberately absent, and so planned pessimistically: operations on memrefs, and bufferized code in general.

pub mod maps;
mod slices;

use super::interface::{Aliasing, KernelKind, OpRef, Overwrite, Virtual};
use super::registry::Registry;
use super::stablehlo::{constants, cost, elementwise, movement};
use super::table::{self, OpClass, PURE};
use crate::ir::{Attr, Type};
use maps::AffineMap;

/// Describes the dialects.
pub fn register(registry: &mut Registry) {
    for (dialect, classes) in TABLES {
        table::register(registry, dialect, classes);
    }
}

const ELEMENTWISE: OpClass = OpClass {
    kind: KernelKind::Elementwise,
    overwrite: elementwise::same_index,
    fusible: Some(Virtual::Computed),
    ..PURE
};
const MOVEMENT: OpClass = OpClass { kind: KernelKind::Movement, flops: cost::none, ..PURE };
const DESTINATION: OpClass = OpClass { overwrite: destination, ..PURE };

/// The dialects with their operations.
pub(super) static TABLES: &[(&str, &[OpClass])] =
    &[("linalg", LINALG), ("tensor", TENSOR), ("arith", ARITH), ("math", MATH)];

static LINALG: &[OpClass] = &[
    OpClass { names: &["generic", "map", "reduce"], flops, overwrite: generic, ..DESTINATION },
    OpClass { names: &["fill"], virtual_kind: fill, flops: cost::none, ..DESTINATION },
    OpClass { names: &["transpose", "broadcast", "copy"], flops: cost::none, ..DESTINATION },
    OpClass {
        names: &[
            "batch_matmul",
            "batch_matvec",
            "batch_vecmat",
            "contract",
            "conv_1d_ncw_fcw",
            "conv_1d_nwc_wcf",
            "conv_2d",
            "conv_2d_nchw_fchw",
            "conv_2d_ngchw_fgchw",
            "conv_2d_ngchw_gfchw",
            "conv_2d_nhwc_fhwc",
            "conv_2d_nhwc_hwcf",
            "conv_3d_ncdhw_fcdhw",
            "conv_3d_ndhwc_dhwcf",
            "depthwise_conv_2d_nchw_chw",
            "depthwise_conv_2d_nhwc_hwc",
            "depthwise_conv_2d_nhwc_hwcm",
            "dot",
            "matmul",
            "matvec",
            "vecmat",
        ],
        kind: KernelKind::Contraction,
        flops,
        ..DESTINATION
    },
    OpClass {
        names: &[
            "pooling_nchw_max",
            "pooling_nchw_sum",
            "pooling_ncw_max",
            "pooling_ncw_sum",
            "pooling_nhwc_max",
            "pooling_nhwc_min",
            "pooling_nhwc_sum",
            "softmax",
        ],
        ..DESTINATION
    },
    OpClass { names: &["index", "yield"], flops: cost::none, ..PURE },
];

static TENSOR: &[OpClass] = &[
    OpClass { names: &["empty"], virtual_kind: |_, _| Some(Virtual::Nullary), ..MOVEMENT },
    OpClass { names: &["expand_shape", "collapse_shape", "reshape", "cast"], aliasing: movement::reshape, ..MOVEMENT },
    OpClass { names: &["extract_slice"], aliasing: slices::extract, bytes: cost::result_twice, ..MOVEMENT },
    OpClass { names: &["insert_slice"], overwrite: slices::insert, ..MOVEMENT },
    OpClass { names: &["splat"], virtual_kind: |_, _| Some(Virtual::Addressing), ..MOVEMENT },
    OpClass {
        names: &["concat", "dim", "extract", "from_elements", "gather", "generate", "insert", "pad", "yield"],
        ..MOVEMENT
    },
];

static ARITH: &[OpClass] = &[
    OpClass { names: &["constant"], aliasing: constant_aliasing, virtual_kind: splat_or_scalar, ..MOVEMENT },
    OpClass {
        names: &[
            "addf",
            "addi",
            "andi",
            "bitcast",
            "ceildivsi",
            "ceildivui",
            "cmpf",
            "cmpi",
            "divf",
            "divsi",
            "divui",
            "extf",
            "extsi",
            "extui",
            "floordivsi",
            "fptosi",
            "fptoui",
            "index_cast",
            "index_castui",
            "maximumf",
            "maxnumf",
            "maxsi",
            "maxui",
            "minimumf",
            "minnumf",
            "minsi",
            "minui",
            "mulf",
            "muli",
            "negf",
            "ori",
            "remf",
            "remsi",
            "remui",
            "select",
            "shli",
            "shrsi",
            "shrui",
            "sitofp",
            "subf",
            "subi",
            "truncf",
            "trunci",
            "uitofp",
            "xori",
        ],
        ..ELEMENTWISE
    },
];

static MATH: &[OpClass] = &[OpClass {
    names: &[
        "absf",
        "absi",
        "acos",
        "acosh",
        "asin",
        "asinh",
        "atan",
        "atan2",
        "atanh",
        "cbrt",
        "ceil",
        "copysign",
        "cos",
        "cosh",
        "ctlz",
        "ctpop",
        "cttz",
        "erf",
        "erfc",
        "exp",
        "exp2",
        "expm1",
        "floor",
        "fma",
        "fpowi",
        "ipowi",
        "isfinite",
        "isinf",
        "isnan",
        "log",
        "log10",
        "log1p",
        "log2",
        "powf",
        "round",
        "roundeven",
        "rsqrt",
        "sin",
        "sinh",
        "sqrt",
        "tan",
        "tanh",
        "trunc",
    ],
    ..ELEMENTWISE
}];

/// The first destination: there is one for each result, and they come last.
pub fn first_destination(op: OpRef<'_>) -> usize {
    op.operands().len().saturating_sub(op.op().result_count())
}

/// A result may overwrite its destination: the destination's elements are read where the result's are written, first.
fn destination(op: OpRef<'_>, result: usize, operand: usize) -> Overwrite {
    let same = || op.operand_type(operand) == op.result_type(result);
    if operand == first_destination(op) + result && same() { Overwrite::May } else { Overwrite::Never }
}

/// An elementwise generic may also overwrite an input that it reads at the index that it writes.
fn generic(op: OpRef<'_>, result: usize, operand: usize) -> Overwrite {
    if destination(op, result, operand) == Overwrite::May {
        return Overwrite::May;
    }
    let reads_in_place = || {
        let maps = AffineMap::of(op)?;
        let [input, output] = [maps.get(operand)?, maps.get(first_destination(op) + result)?];
        Some(is_parallel(op) && input == output && input.is_identity())
    };
    let one = op.op().result_count() == 1 && operand < first_destination(op);
    match one && reads_in_place() == Some(true) && elementwise::is_alike(op, result, operand) {
        true => Overwrite::May,
        false => Overwrite::Never,
    }
}

fn is_parallel(op: OpRef<'_>) -> bool {
    let Some(Attr::Array(kinds)) = op.attr("iterator_types") else { return false };
    kinds.iter().all(|&kind| matches!(op.module.attr(kind), Attr::Opaque { text, .. } if text.contains("parallel")))
}

/// A fill reads its scalar, and nothing of its destination.
fn fill(op: OpRef<'_>, result: usize) -> Option<Virtual> {
    op.result_tensor(result).map(|_| Virtual::Addressing)
}

fn splat_or_scalar(op: OpRef<'_>, result: usize) -> Option<Virtual> {
    match op.result_type(result)? {
        Type::Tensor(_) => constants::is_splat(op, result),
        _ => Some(Virtual::Nullary),
    }
}

fn constant_aliasing(op: OpRef<'_>, result: usize) -> Aliasing {
    if splat_or_scalar(op, result).is_some() { Aliasing::Fresh } else { Aliasing::Constant }
}

/// Two for each point of a contraction's iteration space, where its maps say it; one for each result element otherwise.
fn flops(op: OpRef<'_>) -> Option<u64> {
    let maps = AffineMap::of(op)?;
    let extents = maps::extents(op, &maps)?;
    let points = extents.iter().try_fold(1u64, |n, &extent| n.checked_mul(u64::try_from(extent).ok()?))?;
    let per_point = if is_parallel(op) { 1 } else { 2 };
    points.checked_mul(per_point)
}

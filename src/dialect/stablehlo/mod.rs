//! StableHLO: what its operations mean for memory, and what they cost.
//!
//! `CLASSES` is the whole dialect: one row for each class of operations, in the words of the sibling files.
//!
//! Deliberately absent, and so planned pessimistically: `custom_call` (what it calls may do anything; its
//! `has_side_effect = false` says nothing about scratch memory or about running twice), `composite` (a call),
//! `async_start` and `async_done` (their memory is used between the two).

pub mod attributes;
pub(super) mod constants;
pub(super) mod contraction;
mod control;
pub(super) mod cost;
pub(super) mod elementwise;
pub(super) mod infer;
pub(super) mod movement;
pub(super) mod shapes;
#[cfg(test)]
mod tests;

use super::interface::{Effects, KernelKind, Regions, Virtual};
use super::registry::Registry;
use super::table::{self, OpClass, PURE};

/// Describes the dialect.
pub fn register(registry: &mut Registry) {
    table::register(registry, "stablehlo", CLASSES);
}

const ELEMENTWISE: OpClass = OpClass {
    kind: KernelKind::Elementwise,
    overwrite: elementwise::same_index,
    fusible: Some(Virtual::Computed),
    ..PURE
};
const MOVEMENT: OpClass = OpClass { kind: KernelKind::Movement, flops: cost::none, ..PURE };
/// Movements that are nothing but another index.
const REORDER: OpClass = OpClass { fusible: Some(Virtual::Addressing), ..MOVEMENT };
/// Movements that choose among their operands, or ask one of them for the index.
const CHOICE: OpClass = OpClass { fusible: Some(Virtual::Computed), ..MOVEMENT };
const CONTRACTION: OpClass = OpClass { kind: KernelKind::Contraction, ..PURE };

/// All operations of the dialect that are described.
pub(super) static CLASSES: &[OpClass] = &[
    // One result element from the operand elements at its index.
    OpClass {
        names: &[
            "add",
            "and",
            "atan2",
            "cbrt",
            "ceil",
            "cosine",
            "count_leading_zeros",
            "divide",
            "exponential",
            "exponential_minus_one",
            "floor",
            "log",
            "log_plus_one",
            "logistic",
            "maximum",
            "minimum",
            "multiply",
            "negate",
            "not",
            "or",
            "popcnt",
            "power",
            "reduce_precision",
            "remainder",
            "round_nearest_afz",
            "round_nearest_even",
            "rsqrt",
            "shift_left",
            "shift_right_arithmetic",
            "shift_right_logical",
            "sign",
            "sine",
            "sqrt",
            "subtract",
            "tan",
            "tanh",
            "xor",
        ],
        infer: infer::like_first,
        ..ELEMENTWISE
    },
    OpClass {
        // Their results have an element type that no operand needs to have.
        names: &[
            "abs",
            "compare",
            "complex",
            "imag",
            "is_finite",
            "map",
            "real",
            "uniform_dequantize",
            "uniform_quantize",
        ],
        ..ELEMENTWISE
    },
    OpClass { names: &["clamp", "select"], infer: infer::like_second, ..ELEMENTWISE },
    OpClass { names: &["convert"], aliasing: movement::view_whole_of_equal, ..ELEMENTWISE },
    // Values made from nothing.
    OpClass {
        names: &["constant"],
        aliasing: constants::splat_aliasing,
        virtual_kind: constants::is_splat,
        ..MOVEMENT
    },
    OpClass { names: &["iota"], virtual_kind: |_, _| Some(Virtual::Nullary), ..MOVEMENT },
    // Elements moved.
    OpClass { names: &["dynamic_reshape", "reshape"], aliasing: movement::reshape, ..MOVEMENT },
    OpClass { names: &["bitcast_convert"], aliasing: movement::bitcast_convert, ..MOVEMENT },
    OpClass {
        names: &["broadcast_in_dim"],
        aliasing: movement::broadcast_in_dim,
        virtual_kind: movement::broadcast_in_dim_addressing,
        ..MOVEMENT
    },
    OpClass {
        names: &["broadcast"],
        aliasing: movement::reshape,
        virtual_kind: movement::broadcast_addressing,
        ..MOVEMENT
    },
    OpClass { names: &["transpose"], aliasing: movement::transpose, infer: infer::transpose, ..REORDER },
    OpClass { names: &["slice"], aliasing: movement::slice, bytes: cost::result_twice, ..REORDER },
    OpClass { names: &["reverse"], aliasing: movement::reverse, infer: infer::like_first, ..REORDER },
    OpClass { names: &["pad"], aliasing: movement::pad, ..CHOICE },
    OpClass { names: &["concatenate"], aliasing: movement::concatenate, joins: movement::concatenate_joins, ..CHOICE },
    OpClass { names: &["dynamic_slice"], bytes: cost::result_twice, ..CHOICE },
    OpClass { names: &["real_dynamic_slice"], bytes: cost::result_twice, ..MOVEMENT },
    OpClass {
        names: &["dynamic_update_slice"],
        overwrite: movement::dynamic_update_slice,
        infer: infer::like_first,
        ..MOVEMENT
    },
    OpClass { names: &["dynamic_broadcast_in_dim", "dynamic_iota", "dynamic_pad"], ..MOVEMENT },
    // Not a movement: a reader of it must not read across it. Two barriers are never one, or what stands behind them would be
    // merged across both.
    OpClass {
        names: &["optimization_barrier"],
        says_all: false,
        aliasing: movement::barrier,
        flops: cost::none,
        infer: infer::all_operands,
        ..PURE
    },
    // Many elements combined into one.
    OpClass { names: &["reduce"], kind: KernelKind::Reduction, flops: cost::reduce, ..PURE },
    OpClass { names: &["dot"], flops: contraction::dot, ..CONTRACTION },
    OpClass { names: &["dot_general"], flops: contraction::dot_general, ..CONTRACTION },
    OpClass { names: &["convolution", "dynamic_conv"], flops: contraction::convolution, ..CONTRACTION },
    OpClass { names: &["einsum", "unary_einsum"], flops: contraction::einsum, ..CONTRACTION },
    // Other kernels.
    OpClass {
        names: &["dynamic_gather", "gather", "torch_index_select"],
        flops: cost::none,
        bytes: cost::gather,
        ..PURE
    },
    OpClass {
        names: &["scatter"],
        overwrite: movement::scatter,
        flops: cost::scatter,
        infer: infer::scatter_inputs,
        ..PURE
    },
    OpClass { names: &["reduce_window"], flops: cost::reduce_window, ..PURE },
    OpClass { names: &["select_and_scatter"], flops: cost::select_and_scatter, infer: infer::like_first, ..PURE },
    OpClass { names: &["sort"], infer: infer::all_operands, ..PURE },
    OpClass { names: &["batch_norm_inference", "cholesky"], infer: infer::like_first, ..PURE },
    OpClass { names: &["triangular_solve"], infer: infer::like_second, ..PURE },
    OpClass {
        // `rng_bit_generator` is here and not below: its bits follow from the state that it is given.
        names: &["batch_norm_grad", "batch_norm_training", "fft", "rng_bit_generator"],
        ..PURE
    },
    OpClass {
        names: &[
            "after_all",
            "create_token",
            "get_dimension_size",
            "get_tuple_element",
            "partition_id",
            "replica_id",
            "set_dimension_size",
            "tuple",
        ],
        flops: cost::none,
        ..PURE
    },
    OpClass { names: &["rng"], effects: Effects::Random, ..PURE },
    // Seen by other devices or by the host.
    OpClass {
        names: &[
            "all_gather",
            "all_reduce",
            "all_to_all",
            "collective_broadcast",
            "collective_permute",
            "cross-replica-sum",
            "infeed",
            "outfeed",
            "recv",
            "reduce_scatter",
            "send",
        ],
        effects: Effects::Side,
        ..PURE
    },
    // Control flow. What the regions cost is counted where the facts about them are known.
    OpClass {
        names: &["while"],
        kind: KernelKind::Control,
        regions: control::WHILE,
        aliasing: control::while_slot,
        overwrite: control::while_overwrite,
        infer: infer::all_operands,
        ..PURE
    },
    OpClass { names: &["case", "if"], kind: KernelKind::Control, regions: Regions::Branches, ..PURE },
    OpClass { names: &["return"], kind: KernelKind::Control, flops: cost::none, ..PURE },
];

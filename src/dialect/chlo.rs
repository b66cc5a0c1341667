//! CHLO: the operations that clients of StableHLO write above it.

use super::interface::{KernelKind, Virtual};
use super::registry::Registry;
use super::stablehlo::{constants, cost, elementwise, infer, movement};
use super::table::{self, OpClass, PURE};

/// Describes the dialect.
pub fn register(registry: &mut Registry) {
    table::register(registry, "chlo", CLASSES);
}

const ELEMENTWISE: OpClass = OpClass {
    kind: KernelKind::Elementwise,
    overwrite: elementwise::same_index,
    fusible: Some(Virtual::Computed),
    ..PURE
};
const MOVEMENT: OpClass = OpClass { kind: KernelKind::Movement, flops: cost::none, ..PURE };

/// All operations of the dialect that are described.
pub(super) static CLASSES: &[OpClass] = &[
    OpClass {
        names: &[
            "_asin_acos_kernel",
            "acos",
            "acosh",
            "asin",
            "asinh",
            "atan",
            "atanh",
            "bessel_i1e",
            "conj",
            "cosh",
            "digamma",
            "erf",
            "erf_inv",
            "erfc",
            "lgamma",
            "next_after",
            "polygamma",
            "sinh",
            "square",
            "tan",
            "zeta",
        ],
        infer: infer::like_first,
        ..ELEMENTWISE
    },
    // Booleans whatever their operand is.
    OpClass { names: &["is_inf", "is_neg_inf", "is_pos_inf"], ..ELEMENTWISE },
    // An operand that is repeated has another shape than the result, and so is never overwritten.
    OpClass {
        names: &[
            "broadcast_add",
            "broadcast_and",
            "broadcast_atan2",
            "broadcast_compare",
            "broadcast_complex",
            "broadcast_divide",
            "broadcast_maximum",
            "broadcast_minimum",
            "broadcast_multiply",
            "broadcast_next_after",
            "broadcast_or",
            "broadcast_polygamma",
            "broadcast_power",
            "broadcast_remainder",
            "broadcast_select",
            "broadcast_shift_left",
            "broadcast_shift_right_arithmetic",
            "broadcast_shift_right_logical",
            "broadcast_subtract",
            "broadcast_xor",
            "broadcast_zeta",
        ],
        ..ELEMENTWISE
    },
    OpClass {
        names: &["constant"],
        aliasing: constants::splat_aliasing,
        virtual_kind: constants::is_splat,
        ..MOVEMENT
    },
    // Its operand only lends it a shape, but is an operand: no value from nothing.
    OpClass { names: &["constant_like"], ..MOVEMENT },
    OpClass { names: &["dynamic_reshape"], aliasing: movement::reshape, ..MOVEMENT },
    OpClass { names: &["ragged_dot"], kind: KernelKind::Contraction, ..PURE },
    OpClass { names: &["top_k"], ..PURE },
];

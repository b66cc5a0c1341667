//! ATen: the operations of PyTorch, as `torch.export`, AOTAutograd or a trace of eager execution writes them, with their
//! overload (`aten.add.Tensor`).
//!
//! The text of a trace leaves much out: scalars (a slice's bounds, `alpha`, whether batch norm trains), optional tensors, and
//! an operand's second mention. So no operation says all that its results follow from, and nothing here rests on how often
//! an operand is read, or on where it stands unless all operands are there. Values lie in memory row by row, as their types say.
//!
//! Deliberately absent, and so planned pessimistically: overloads that write to an `out` operand; composite operations that
//! sometimes copy and sometimes do not (`reshape`, `flatten`, `contiguous`, `to`); operations that change an operand which is
//! no result (`_native_batch_norm_legit`); what calls out.

mod contraction;
mod cost;
#[cfg(test)]
mod tests;
mod views;

use super::interface::{Effects, KernelKind, OpRef, Overwrite, Virtual};
use super::registry::Registry;
use super::stablehlo::cost as shared;
use super::stablehlo::elementwise::{is_alike, same_index};
use super::table::{self, OpClass, PURE};
use crate::ir::Bytes;

/// Describes the dialect.
pub fn register(registry: &mut Registry) {
    table::register(registry, "aten", CLASSES);
}

const ATEN: OpClass = OpClass { says_all: false, ..PURE };
const ELEMENTWISE: OpClass =
    OpClass { kind: KernelKind::Elementwise, overwrite: same_index, fusible: Some(Virtual::Computed), ..ATEN };
const INPLACE: OpClass = OpClass { kind: KernelKind::Elementwise, overwrite: itself, ..ATEN };
const MOVEMENT: OpClass = OpClass { kind: KernelKind::Movement, flops: shared::none, ..ATEN };
const REDUCTION: OpClass = OpClass { kind: KernelKind::Reduction, flops: cost::each_input, ..ATEN };
const CONTRACTION: OpClass = OpClass { kind: KernelKind::Contraction, ..ATEN };
const RANDOM: OpClass = OpClass { effects: Effects::Random, ..ATEN };

/// The result of `relu_` is its first operand, changed.
fn itself(op: OpRef<'_>, result: usize, operand: usize) -> Overwrite {
    if result == 0 && operand == 0 && is_alike(op, 0, 0) { Overwrite::Must } else { Overwrite::Never }
}

/// The operands are the gradient of the output, of which every element is summed up over its row first, and the output, of
/// which each element is read for its own place only: `gradient - exp(output) * sum(gradient)`. In a text that mentions one
/// operand they are the same.
fn log_softmax_backward(op: OpRef<'_>, result: usize, operand: usize) -> Overwrite {
    let is_output = operand == 1 && op.operands().len() == 2;
    if is_output { same_index(op, result, operand) } else { Overwrite::Never }
}

/// Made from nothing, unless there are operands that can be what it is filled with.
fn nullary_if(has_no_other_operand: bool) -> Option<Virtual> {
    has_no_other_operand.then_some(Virtual::Nullary)
}

/// All operations of the dialect that are described.
pub(super) static CLASSES: &[OpClass] = &[
    // One result element from the operand elements at its index; an operand of another shape is repeated.
    OpClass {
        names: &[
            "abs.default",
            "add.Scalar",
            "add.Tensor",
            "addcdiv.default",
            "addcmul.default",
            "bitwise_and.Tensor",
            "bitwise_not.default",
            "bitwise_or.Tensor",
            "bitwise_xor.Tensor",
            "ceil.default",
            "clamp.Tensor",
            "clamp.default",
            "clamp_max.default",
            "clamp_min.default",
            "cos.default",
            "div.Scalar",
            "div.Tensor",
            "div.Tensor_mode",
            "elu.default",
            "elu_backward.default",
            "eq.Scalar",
            "eq.Tensor",
            "erf.default",
            "exp.default",
            "expm1.default",
            "floor.default",
            "ge.Scalar",
            "ge.Tensor",
            "gelu.default",
            "gelu_backward.default",
            "gt.Scalar",
            "gt.Tensor",
            "hardsigmoid.default",
            "hardsigmoid_backward.default",
            "hardswish.default",
            "hardswish_backward.default",
            "hardtanh.default",
            "hardtanh_backward.default",
            "isinf.default",
            "isnan.default",
            "le.Scalar",
            "le.Tensor",
            "leaky_relu.default",
            "leaky_relu_backward.default",
            "log.default",
            "log1p.default",
            "logical_and.default",
            "logical_not.default",
            "logical_or.default",
            "lt.Scalar",
            "lt.Tensor",
            "masked_fill.Scalar",
            "masked_fill.Tensor",
            "maximum.default",
            "minimum.default",
            "mul.Scalar",
            "mul.Tensor",
            "native_dropout_backward.default",
            "ne.Scalar",
            "ne.Tensor",
            "neg.default",
            "pow.Scalar",
            "pow.Tensor_Scalar",
            "pow.Tensor_Tensor",
            "reciprocal.default",
            "relu.default",
            "remainder.Scalar",
            "remainder.Tensor",
            "round.default",
            "rsqrt.default",
            "rsub.Scalar",
            "rsub.Tensor",
            "sigmoid.default",
            "sigmoid_backward.default",
            "sign.default",
            "silu.default",
            "silu_backward.default",
            "sin.default",
            "softplus.default",
            "softplus_backward.default",
            "sqrt.default",
            "sub.Scalar",
            "sub.Tensor",
            "tanh.default",
            "tanh_backward.default",
            "threshold_backward.default",
            "tril.default",
            "triu.default",
            "where.ScalarOther",
            "where.ScalarSelf",
            "where.self",
        ],
        ..ELEMENTWISE
    },
    // Copies, of another element type maybe: each element stays at its index.
    OpClass { names: &["_to_copy.default", "clone.default"], overwrite: same_index, ..MOVEMENT },
    // An operand, changed.
    OpClass {
        names: &[
            "add_.Scalar",
            "add_.Tensor",
            "addcdiv_.default",
            "addcmul_.default",
            "clamp_.default",
            "clamp_min_.default",
            "div_.Scalar",
            "div_.Tensor",
            "exp_.default",
            "hardswish_.default",
            "hardtanh_.default",
            "leaky_relu_.default",
            "lerp_.Scalar",
            "masked_fill_.Scalar",
            "masked_fill_.Tensor",
            "mul_.Scalar",
            "mul_.Tensor",
            "neg_.default",
            "relu_.default",
            "sigmoid_.default",
            "silu_.default",
            "sqrt_.default",
            "sub_.Scalar",
            "sub_.Tensor",
            "tanh_.default",
        ],
        ..INPLACE
    },
    OpClass {
        names: &["copy_.default", "fill_.Scalar", "fill_.Tensor", "zero_.default"],
        kind: KernelKind::Movement,
        flops: shared::none,
        ..INPLACE
    },
    OpClass {
        names: &[
            "bernoulli_.Tensor",
            "bernoulli_.float",
            "exponential_.default",
            "normal_.default",
            "random_.default",
            "random_.from",
            "uniform_.default",
        ],
        effects: Effects::Random,
        kind: KernelKind::Other,
        ..INPLACE
    },
    // Values made from nothing.
    OpClass {
        names: &[
            "arange.default",
            "arange.start",
            "arange.start_step",
            "full.default",
            "ones.default",
            "scalar_tensor.default",
            "zeros.default",
        ],
        virtual_kind: |op, _| nullary_if(op.operands().is_empty()),
        ..MOVEMENT
    },
    // The same, with an operand that gives its shape or its element type.
    OpClass {
        names: &[
            "full_like.default",
            "new_full.default",
            "new_ones.default",
            "new_zeros.default",
            "ones_like.default",
            "zeros_like.default",
        ],
        virtual_kind: |op, _| nullary_if(op.operands().len() == 1),
        ..MOVEMENT
    },
    // Memory to write into: it needs its bytes, and nobody writes them here.
    OpClass {
        names: &[
            "empty.memory_format",
            "empty_like.default",
            "empty_strided.default",
            "new_empty.default",
            "new_empty_strided.default",
        ],
        bytes: |_| Some(Bytes::ZERO),
        ..MOVEMENT
    },
    // Views. Which part of the operand is not in the text, but for what the types tell.
    OpClass {
        names: &[
            "_unsafe_view.default",
            "alias.default",
            "chunk.default",
            "detach.default",
            "expand.default",
            "narrow.default",
            "select.int",
            "slice.Tensor",
            "split.Tensor",
            "split_with_sizes.default",
            "squeeze.default",
            "squeeze.dim",
            "squeeze.dims",
            "unbind.int",
            "unsqueeze.default",
            "view.default",
        ],
        aliasing: views::in_order,
        ..MOVEMENT
    },
    OpClass {
        names: &["movedim.int", "permute.default", "swapaxes.default", "t.default", "transpose.int"],
        aliasing: views::permuted,
        ..MOVEMENT
    },
    OpClass {
        names: &["as_strided.default", "diagonal.default", "unfold.default", "view.dtype", "view_as_real.default"],
        aliasing: views::anywhere,
        ..MOVEMENT
    },
    // Elements moved.
    OpClass {
        names: &[
            "cat.default",
            "constant_pad_nd.default",
            "flip.default",
            "repeat.default",
            "roll.default",
            "select_backward.default",
            "slice_backward.default",
            "stack.default",
        ],
        ..MOVEMENT
    },
    OpClass {
        names: &["embedding.default", "gather.default", "index.Tensor", "index_select.default"],
        flops: shared::none,
        bytes: cost::gather,
        ..ATEN
    },
    // Many elements combined into one.
    OpClass {
        names: &[
            "_adaptive_avg_pool2d.default",
            "_adaptive_avg_pool3d.default",
            "all.default",
            "all.dim",
            "amax.default",
            "amin.default",
            "any.default",
            "any.dim",
            "argmax.default",
            "argmin.default",
            "avg_pool2d.default",
            "avg_pool3d.default",
            "max.default",
            "max.dim",
            "max_pool2d_with_indices.default",
            "max_pool3d_with_indices.default",
            "mean.default",
            "mean.dim",
            "min.default",
            "min.dim",
            "nll_loss_forward.default",
            "prod.default",
            "prod.dim_int",
            "sum.default",
            "sum.dim_IntList",
            "var.correction",
            "var_mean.correction",
        ],
        ..REDUCTION
    },
    OpClass {
        names: &["bmm.default", "linear.default", "matmul.default", "mm.default", "mv.default"],
        flops: contraction::product,
        ..CONTRACTION
    },
    OpClass { names: &["addmm.default", "baddbmm.default"], flops: contraction::added_product, ..CONTRACTION },
    OpClass { names: &["convolution.default"], flops: contraction::convolution, ..CONTRACTION },
    OpClass { names: &["convolution_backward.default"], flops: contraction::convolution_backward, ..CONTRACTION },
    OpClass {
        names: &["_scaled_dot_product_flash_attention_for_cpu.default"],
        flops: contraction::attention,
        ..CONTRACTION
    },
    OpClass {
        names: &["_scaled_dot_product_flash_attention_for_cpu_backward.default"],
        flops: contraction::attention_backward,
        ..CONTRACTION
    },
    // Elsewhere attention drops out as it goes; the backward operation is given the state of its random numbers.
    OpClass {
        names: &[
            "_scaled_dot_product_cudnn_attention.default",
            "_scaled_dot_product_efficient_attention.default",
            "_scaled_dot_product_flash_attention.default",
        ],
        effects: Effects::Random,
        flops: contraction::attention,
        ..CONTRACTION
    },
    OpClass {
        names: &[
            "_scaled_dot_product_cudnn_attention_backward.default",
            "_scaled_dot_product_efficient_attention_backward.default",
            "_scaled_dot_product_flash_attention_backward.default",
        ],
        flops: contraction::attention_backward,
        ..CONTRACTION
    },
    OpClass { names: &["_log_softmax_backward_data.default"], overwrite: log_softmax_backward, ..ATEN },
    // Other kernels: each result element from a row, a window or a channel of the operands.
    OpClass {
        names: &[
            "_adaptive_avg_pool2d_backward.default",
            "_log_softmax.default",
            "_native_batch_norm_legit.no_stats",
            "_native_batch_norm_legit_functional.default",
            "_native_batch_norm_legit_no_training.default",
            "_safe_softmax.default",
            "_softmax.default",
            "_softmax_backward_data.default",
            "avg_pool2d_backward.default",
            "cumsum.default",
            "embedding_dense_backward.default",
            "index_add.default",
            "index_put.default",
            "max_pool2d_with_indices_backward.default",
            "max_pool3d_with_indices_backward.default",
            "native_batch_norm_backward.default",
            "native_group_norm.default",
            "native_group_norm_backward.default",
            "native_layer_norm.default",
            "native_layer_norm_backward.default",
            "nll_loss_backward.default",
            "scatter.src",
            "scatter.value",
            "scatter_add.default",
            "select_scatter.default",
            "slice_scatter.default",
            "sort.default",
            "topk.default",
        ],
        ..ATEN
    },
    // When it trains it changes its running statistics, which are no results, and the text does not say whether it does.
    // With `memopt.hints = "complete"` the producer has: it does not, or a hint says what is changed.
    OpClass {
        names: &["cudnn_batch_norm.default", "miopen_batch_norm.default", "native_batch_norm.default"],
        effects: Effects::Unknown,
        ..ATEN
    },
    OpClass {
        names: &[
            "bernoulli.default",
            "bernoulli.p",
            "multinomial.default",
            "native_dropout.default",
            "normal.Tensor_Tensor",
            "normal.Tensor_float",
            "rand.default",
            "rand_like.default",
            "randint.default",
            "randint.low",
            "randint_like.default",
            "randn.default",
            "randn_like.default",
            "randperm.default",
        ],
        ..RANDOM
    },
];

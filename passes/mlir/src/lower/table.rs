//! Which lowering an operation has.

use super::kernel::{Done, Kernel};
use super::{batch_norm, contraction, element, linalg, random, reduce, scatter, sort, window};

/// Writes a whole kernel.
type Lower = fn(&mut Kernel<'_>) -> Done;

/// Kernels that are more than one element after the other.
const KERNELS: &[(&str, Lower)] = &[
    ("stablehlo.reduce", reduce::reduce),
    ("stablehlo.reduce_window", window::reduce_window),
    ("stablehlo.select_and_scatter", window::select_and_scatter),
    ("stablehlo.dot", contraction::lower),
    ("stablehlo.dot_general", contraction::lower),
    ("stablehlo.convolution", contraction::lower),
    ("stablehlo.batch_norm_grad", batch_norm::gradient),
    ("stablehlo.batch_norm_inference", batch_norm::inference),
    ("stablehlo.batch_norm_training", batch_norm::training),
    ("stablehlo.scatter", scatter::scatter),
    ("stablehlo.dynamic_update_slice", scatter::dynamic_update_slice),
    ("stablehlo.sort", sort::sort),
    ("stablehlo.rng_bit_generator", random::bit_generator),
    ("chlo.top_k", sort::top_k),
    ("linalg.generic", linalg::structured),
    ("tensor.insert_slice", linalg::insert_slice),
];

/// Writes the kernel of an operation.
pub(super) fn lower(kernel: &mut Kernel<'_>) -> Done {
    let name = kernel.op.name();
    super::shapes::check(kernel, kernel.op)?;
    if let Some((_, lower)) = KERNELS.iter().find(|(known, _)| *known == name) {
        return lower(kernel);
    }
    match element::is_pointwise(name) {
        true => element::kernel(kernel),
        false if name.starts_with("linalg.") => linalg::structured(kernel),
        false => Err(Box::new(kernel.context.no_lowering(kernel.op.id))),
    }
}

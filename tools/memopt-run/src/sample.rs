//! Random values for arguments, small and not negative: a variance can be rooted, an index is inside.

use memopt::ir::{Function, Module};
use num_complex::Complex64;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use crate::tensor::{Tensor, TensorSpec};

/// Values for all arguments of a function: floats from 0 to 0.1, integers below 4, booleans.
///
/// # Errors
/// The first argument that no tensor holds.
pub fn inputs(module: &Module, function: Function, seed: u64) -> Result<Vec<Tensor>, String> {
    let mut random = SmallRng::seed_from_u64(seed);
    let arguments = function.arguments(module).iter();
    arguments.map(|&value| Ok(draw(&TensorSpec::of(module, module.value(value).ty)?, &mut random))).collect()
}

fn draw(spec: &TensorSpec, random: &mut SmallRng) -> Tensor {
    let mut float = || random.random_range(0.0..0.1);
    if spec.element.is_float() {
        Tensor::from_floats(spec, &(0..spec.len()).map(|_| float()).collect::<Vec<_>>())
    } else if spec.element.is_complex() {
        Tensor::from_complex(spec, &(0..spec.len()).map(|_| Complex64::new(float(), float())).collect::<Vec<_>>())
    } else {
        Tensor::from_ints(spec, &(0..spec.len()).map(|_| random.random_range(0..4)).collect::<Vec<_>>())
    }
}

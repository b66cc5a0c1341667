//! MXNet's mirroring (`MXNET_BACKWARD_DO_MIRROR`; Chen et al. 2016, section 5.2): whatever is cheap to compute is not kept for
//! the backward part, and computed again there.
//!
//! MXNet decides for each operation by its name; here, light kernels are the cheap ones. Clones stand right before their first
//! reader after the [turn](super::across::turn), and are shared by all later ones, as in MXNet.

use super::across::{drop_across, stash, turn};
use super::problem::RecomputeProblem;
use super::runs::Runs;

/// The schedule in which all stashed results of light kernels are made again.
pub(super) fn mirror(problem: &RecomputeProblem) -> Runs<'_> {
    let mut runs = Runs::new(problem);
    let turn = turn(problem);
    let is_light = |kernel: u32| problem.kernels[kernel as usize].is_light;
    let is_mirrored = |value: u32| problem.values[value as usize].writer.is_some_and(is_light);
    let dropped: Vec<u32> = stash(problem, turn).into_iter().filter(|&value| is_mirrored(value)).collect();
    drop_across(&mut runs, turn, &dropped, |value| !is_mirrored(value), is_light);
    runs
}

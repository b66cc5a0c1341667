use super::problem::FuseProblem;
use super::profile::Profile;
use super::tree::Trees;

pub(super) fn clean(
    _trees: &mut Trees<'_>,
    _problem: &FuseProblem,
    is_virtual: Vec<bool>,
    profile: Profile,
) -> (Vec<bool>, Profile) {
    (is_virtual, profile)
}

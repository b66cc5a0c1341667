//! StableHLO.
use super::registry::Registry;
/// Describes the dialect.
pub fn register(_registry: &mut Registry) {}

//! The passes of memopt.

pub mod place;
pub mod schedule;

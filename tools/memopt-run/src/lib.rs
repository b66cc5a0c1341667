//! memopt-run: runs tensor programs and their plans.

pub mod machine;
pub mod ops;
pub mod tensor;

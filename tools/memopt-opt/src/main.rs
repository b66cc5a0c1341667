//! memopt-opt.
fn main() {}

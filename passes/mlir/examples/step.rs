//! Runs one step of a StableHLO module natively on made-up weights, and says where the time goes.
//!
//! ```sh
//! cargo run --release -p memopt-mlir --features mlir --example step -- IN.generic.mlir[.gz] [REPEATS]
//! ```

fn main() {}

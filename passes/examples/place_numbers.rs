//! Places five buffers, given as plain numbers: no IR, no pass, no pipeline.
//!
//! ```text
//!   step        0    1    2    3    4
//!   a  100 B    ##########                    offsets are multiples of 64, so a takes 128 bytes
//!   b   64 B         ##########
//!   c  128 B              ##########
//!   d   64 B                   ##########
//!   e   64 B    #########################
//! ```
//!
//! `cargo run -p memopt-passes --example place_numbers`
#![expect(clippy::print_stdout, reason = "it is what this program is for")]

use memopt::ir::{Align, Bytes, Step};
use memopt::plan::{LayoutBuffer, LayoutProblem, validate_layout};
use memopt_passes::place::{best_fit, no_reuse};

fn main() {
    let buffers = [("a", 100, 0, 2), ("b", 64, 1, 3), ("c", 128, 2, 4), ("d", 64, 3, 5), ("e", 64, 0, 5)];
    let buffer = |&(_, size, start, end)| LayoutBuffer::new(Bytes(size), Step(start), Step(end));
    let problem = LayoutProblem::new(buffers.iter().map(buffer).collect(), Align::DEFAULT);
    let solution = best_fit(&problem);
    validate_layout(&problem, &solution).expect("the kernel's answers are placements");
    for ((name, size, ..), offset) in buffers.iter().zip(&solution.offsets) {
        println!("{name}: {size} bytes at offset {}", offset.0);
    }
    println!(
        "height {} ({}); lower bound {}; without reuse {}",
        solution.height.0,
        solution.stop,
        solution.lower_bound.0,
        no_reuse(&problem).height.0
    );
}

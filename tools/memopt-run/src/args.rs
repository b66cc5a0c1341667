//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use memopt::ir::Bytes;
use memopt::pass::{ParseBytesError, parse_bytes};

use crate::machine::Limits;

/// Run a tensor program, or a plan of one.
///
/// Reads MLIR text and the values of the arguments, runs a function, and writes the values of its results. A planned file
/// runs in one arena that was filled with poison; whatever is wrong with its plan stops it.
#[derive(Clone, Parser, Debug)]
#[command(name = "memopt-run", version, max_term_width = 100)]
#[command(
    after_help = "Tensors are named in.000, in.001, ... and out.000, ..., in the order of arguments and results.\n\
                        Exit codes: 0 fine, 1 errors in the program or its plan, or outputs that differ, 2 usage or I/O."
)]
pub struct Args {
    /// File to run: .mlir or .mlir.gz, told apart by content; `-` for standard input
    #[arg(value_name = "IN", default_value = "-")]
    pub input: PathBuf,

    /// Values of the arguments
    #[arg(long, value_name = "IN.safetensors", conflicts_with = "random_inputs")]
    pub inputs: Option<PathBuf>,

    /// Draw the values of the arguments: floats from 0 to 0.1, integers below 4
    #[arg(long, value_name = "SEED")]
    pub random_inputs: Option<u64>,

    /// Where to write the values of the results
    #[arg(long, value_name = "OUT.safetensors")]
    pub outputs: Option<PathBuf>,

    /// What runs the program
    #[arg(long, value_name = "NAME", default_value = "interp")]
    pub backend: BackendName,

    /// Write the plan as an object file with the function `int main_plan(void *arena, ...)`, and a C header beside it
    #[arg(long, value_name = "FILE.o", conflicts_with_all = ["inputs", "random_inputs", "outputs", "compare", "repeat"])]
    pub emit_object: Option<PathBuf>,

    /// Where values lie [default: arena for a planned file, else values]
    #[arg(long, value_name = "MODE")]
    pub mode: Option<Mode>,

    /// Compare the results with those of this file
    #[arg(long, value_name = "REFERENCE.safetensors")]
    pub compare: Option<PathBuf>,

    /// How far results may be apart: |a - b| / (0.001 + |b|)
    #[arg(long, value_name = "T", default_value = "1e-4", value_parser = tolerance)]
    pub tolerance: f64,

    /// Run so many times, and print how long each took
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub repeat: Option<u32>,

    /// Function to run [default: main, or the only one]
    #[arg(long, value_name = "NAME")]
    pub function: Option<String>,

    /// Most bytes that values, or arena, arguments and results, may take
    #[arg(long, value_name = "BYTES", default_value = "16GB", value_parser = bytes)]
    pub max_bytes: Bytes,

    /// Most operations to run, those of loops each round
    #[arg(long, value_name = "N", default_value_t = Limits::default().max_steps)]
    pub max_steps: u64,

    /// Longest program to read, after decompression
    #[arg(long, value_name = "BYTES", default_value = "256MiB", value_parser = bytes)]
    pub max_input_bytes: Bytes,
}

/// What runs a program. Another backend is a name here and an arm in [`crate::backend::open`].
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum BackendName {
    /// The reference interpreter
    Interp,
    /// Machine code through MLIR, for a plan made with --target=native
    Native,
}

/// Where values lie.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum Mode {
    /// Each by itself, whatever a plan says
    Values,
    /// Where the plan says
    Arena,
    /// Run both ways, and compare the results bit by bit
    Both,
}

impl Args {
    /// What a run may cost.
    pub fn limits(&self) -> Limits {
        Limits { max_bytes: self.max_bytes, max_steps: self.max_steps }
    }
}

fn bytes(text: &str) -> Result<Bytes, ParseBytesError> {
    parse_bytes(text)
}

fn tolerance(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|t| *t >= 0.0).ok_or_else(|| "write a number from 0 on".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_table_of_flags_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn defaults_are_those_of_the_library() {
        let args = Args::parse_from(["memopt-run"]);
        assert_eq!(args.limits(), Limits::default());
        assert_eq!(args.max_input_bytes.0, memopt::text::ParseLimits::default().max_bytes as u64);
    }
}

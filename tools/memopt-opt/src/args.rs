//! The command line.

use std::path::PathBuf;

use clap::{ArgAction, Parser, ValueEnum};
use memopt::ir::Bytes;
use memopt::pass::{ParseBytesError, did_you_mean, parse_bytes};
use memopt::target::{Machine, Target};
use memopt_passes::ResultsIn;

use crate::machine;

/// Stands for every pass where a flag takes the name of one.
pub const ALL_PASSES: &str = "*";

/// Plan the memory of tensor programs.
///
/// Reads MLIR text, runs passes over its functions, has the plans checked, and writes MLIR text. IR goes to standard output,
/// everything else to standard error.
#[derive(Clone, Parser, Debug)]
#[command(name = "memopt-opt", version, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 fine, 1 errors in the input or an infeasible budget, 2 usage or I/O, 3 the checker \
                        refused the plan."
)]
pub struct Args {
    /// File to read: .mlir or .mlir.gz, told apart by content; `-` for standard input
    #[arg(value_name = "IN", default_value = "-")]
    pub input: PathBuf,

    /// File to write, all of it or nothing [default: standard output]
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,

    /// Passes to run, as in `schedule{algorithm=search effort=2},place`
    #[arg(short, long, visible_alias = "pipeline", value_name = "PIPELINE", conflicts_with = "preset")]
    pub pass_pipeline: Option<String>,

    /// Named pipeline to run; see --list-passes
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub preset: String,

    /// Bytes that the plan may take, as 2GiB or 500MB: sets the option `budget` of the pass `recompute`
    #[arg(long, value_name = "BYTES", value_parser = is_bytes)]
    pub budget: Option<String>,

    /// Plan for so many budgets and print what each costs in added time, instead of a plan; --report has it as JSON
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..))]
    #[arg(conflicts_with_all = ["output", "emit", "budget", "check", "verify_only", "split_input_file"])]
    pub pareto: Option<u8>,

    /// Draw what --pareto prints
    #[arg(long, value_name = "FILE.svg", requires = "pareto")]
    pub svg: Option<PathBuf>,

    /// Who owns results that are no donated argument [default: as the function says, else caller]
    #[arg(long, value_name = "OWNER")]
    pub results: Option<ResultsOwner>,

    /// Machine to plan for: generic, cpu (one core), a100, h100, a FILE.toml that says flops_per_second, bytes_per_second and
    /// op_overhead_ns; or native, for code on this machine
    #[arg(long, value_name = "NAME", default_value = "generic", value_parser = target)]
    pub target: Target,

    /// What to write [--emit=mlir and --emit=llvm need --target=native]
    #[arg(long, value_name = "WHAT", default_value = "plan", conflicts_with_all = ["check", "verify_only"])]
    pub emit: Emit,

    /// Plan this function only [default: all that have a body]
    #[arg(long, value_name = "NAME")]
    pub function: Option<String>,

    /// Write the figures as JSON: an object, or an array of objects where several functions are planned
    #[arg(long, value_name = "FILE.json", value_parser = report_path)]
    pub report: Option<PathBuf>,

    /// Read and verify, without planning
    #[arg(long, conflicts_with_all = ["output", "report", "pass_pipeline", "budget"])]
    pub verify_only: bool,

    /// Check that AFTER is a right plan of BEFORE
    #[arg(long, num_args = 2, value_names = ["BEFORE", "AFTER"])]
    #[arg(conflicts_with_all = ["input", "output", "report", "pass_pipeline", "budget", "verify_only"])]
    pub check: Vec<PathBuf>,

    /// List passes, their options and the presets
    #[arg(long)]
    pub list_passes: bool,

    /// Print the pipeline that would run
    #[arg(long)]
    pub show_pipeline: bool,

    /// Print the IR before this pass, or before each
    #[arg(long, value_name = "PASS", num_args = 0..=1, require_equals = true, default_missing_value = ALL_PASSES)]
    pub print_ir_before: Vec<String>,

    /// Print the IR after this pass, or after each
    #[arg(long, value_name = "PASS", num_args = 0..=1, require_equals = true, default_missing_value = ALL_PASSES)]
    pub print_ir_after: Vec<String>,

    /// Print the IR after each pass
    #[arg(long)]
    pub print_ir_after_all: bool,

    /// Print the time that each pass took
    #[arg(long)]
    pub timing: bool,

    /// Print a summary of each plan, even if standard error is no terminal
    #[arg(long)]
    pub stats: bool,

    /// Print what holds memory at the peak of each plan, and whether another order can free it; it is in the report, too
    #[arg(long, conflicts_with_all = ["check", "verify_only"])]
    pub explain: bool,

    /// Verify the IR after each pass
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, action = ArgAction::Set)]
    #[arg(default_value_t = true, default_missing_value = "true")]
    pub verify_each: bool,

    /// Read the input as several, separated by lines `// -----`
    #[arg(long)]
    pub split_input_file: bool,

    /// Compare errors, warnings and notes with comments `expected-error@+1 {{...}}`
    #[arg(long, conflicts_with = "check")]
    pub verify_diagnostics: bool,

    /// Where to write what reproduces an error in memopt [default: memopt-reproducer.mlir]
    #[arg(long, value_name = "FILE")]
    pub reproducer: Option<PathBuf>,

    /// Longest input to read, after decompression
    #[arg(long, value_name = "BYTES", default_value = "256MiB", value_parser = bytes)]
    pub max_input_bytes: Bytes,
}

/// What is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum Emit {
    /// The program with its plan
    Plan,
    /// The module of kernels and one main function that the plan is lowered to
    Mlir,
    /// The same in the LLVM dialect
    Llvm,
}

/// Who owns results: the command line's words for [`ResultsIn`].
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum ResultsOwner {
    /// The caller passes their memory
    Caller,
    /// They lie in the arena
    Arena,
}

impl From<ResultsOwner> for ResultsIn {
    fn from(owner: ResultsOwner) -> Self {
        match owner {
            ResultsOwner::Caller => ResultsIn::Caller,
            ResultsOwner::Arena => ResultsIn::Arena,
        }
    }
}

fn bytes(text: &str) -> Result<Bytes, ParseBytesError> {
    parse_bytes(text)
}

/// The text of a byte size: it becomes part of the pipeline as it was written.
fn is_bytes(text: &str) -> Result<String, ParseBytesError> {
    parse_bytes(text).map(|_| text.to_owned())
}

fn target(name: &str) -> Result<Target, String> {
    if name == memopt_mlir::TARGET {
        return Ok(memopt_mlir::target());
    }
    if name.ends_with(machine::EXTENSION) {
        return machine::read(name).map(Target::generic_on);
    }
    Machine::by_name(name).map(Target::generic_on).ok_or_else(|| {
        let known = Machine::names().chain([memopt_mlir::TARGET]);
        format!("no target has this name; {}; a file ends in {}", did_you_mean(name, known), machine::EXTENSION)
    })
}

fn report_path(path: &str) -> Result<PathBuf, String> {
    if path == "-" {
        return Err("the report needs a file: standard output is for IR".to_owned());
    }
    Ok(path.into())
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
    fn the_longest_input_is_the_longest_that_the_parser_reads() {
        let args = Args::parse_from(["memopt-opt"]);
        assert_eq!(args.max_input_bytes.0, memopt::text::ParseLimits::default().max_bytes as u64);
    }

    #[test]
    fn a_machine_changes_what_is_worth_doing_and_not_what_is_right() {
        let generic = target("generic").unwrap();
        assert_eq!(generic, Target::default());
        for name in ["cpu", "a100", "h100"] {
            let on = target(name).unwrap();
            assert_eq!(
                on,
                Target { machine: on.machine.clone(), ..generic.clone() },
                "plans of one hold for the other"
            );
            assert_eq!(on.machine.name, name);
            assert_ne!(on.machine, generic.machine);
        }
        let native = target("native").unwrap();
        assert_eq!((&*native.name, &*native.machine.name), ("native", "native"));
        let unknown = target("h10").unwrap_err();
        assert!(unknown.contains("did you mean `h100`?"), "{unknown}");
        assert!(target("absent.toml").unwrap_err().contains("cannot read absent.toml"));
    }

    #[test]
    fn flags_with_optional_values_leave_the_input_alone() {
        let args = Args::parse_from(["memopt-opt", "--print-ir-after", "--verify-each", "in.mlir"]);
        assert_eq!(args.print_ir_after, [ALL_PASSES]);
        assert!(args.verify_each);
        assert_eq!(args.input, PathBuf::from("in.mlir"));
        assert!(!Args::parse_from(["memopt-opt", "--verify-each=false"]).verify_each);
    }
}

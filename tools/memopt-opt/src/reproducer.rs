//! A file that shows an error in memopt again: the input, and above it the command line to run on it.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use memopt::pass::Pipeline;
use memopt_passes::ResultsIn;

use crate::args::Args;
use crate::output::{self, OutputError};

/// Where it goes unless `--reproducer` says otherwise.
const DEFAULT_PATH: &str = "memopt-reproducer.mlir";

/// Writes a reproducer for the part of an input that went wrong; returns where to.
///
/// # Errors
/// If the file cannot be written.
pub fn write(args: &Args, pipeline: &Pipeline, source: &str) -> Result<PathBuf, OutputError> {
    let path = args.reproducer.as_deref().unwrap_or(Path::new(DEFAULT_PATH));
    output::write(Some(path), &text(args, pipeline, source))?;
    Ok(path.to_owned())
}

/// The text of a reproducer.
fn text(args: &Args, pipeline: &Pipeline, source: &str) -> String {
    let mut command = format!("memopt-opt --pass-pipeline='{pipeline}' --target={}", args.target.machine.name);
    // Writing to a string cannot fail.
    if let Some(owner) = args.results {
        let word = if ResultsIn::from(owner) == ResultsIn::Arena { "arena" } else { "caller" };
        let _ = write!(command, " --results={word}");
    }
    if let Some(function) = &args.function {
        let _ = write!(command, " --function='{function}'");
    }
    format!("// {command}\n{source}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{all_passes, choose};
    use clap::Parser;

    #[test]
    fn the_command_stands_above_the_input() {
        let flags = ["memopt-opt", "-p", "schedule", "--results=arena", "--function=main"];
        let args = Args::parse_from(flags);
        let pipeline = choose(&args, &all_passes()).unwrap();
        let expected =
            "// memopt-opt --pass-pipeline='schedule' --target=generic --results=arena --function='main'\nx\n";
        assert_eq!(text(&args, &pipeline, "x\n"), expected);
    }
}

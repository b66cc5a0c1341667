//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use memopt::ir::Bytes;
use memopt::pass::parse_bytes;

/// Pack buffers with fixed lifetimes into one arena.
///
/// Reads a table with the columns id, lower, upper and size, in any order, and writes it with the offset of each buffer
/// added. Without --capacity the arena is made as small as the effort allows.
#[derive(Clone, Parser, Debug)]
#[command(name = "memopt-place", version, max_term_width = 100)]
#[command(after_help = "Columns that may be there: end (inclusive, instead of upper), alignment, offset (pinned), \
                        gaps (as in `3-5 8-9`, or `3-5@0:16` where bytes 0 to 16 stay taken), hint (an offset to begin \
                        with).\nExit codes: 0 fine, 1 errors in the table or buffers that do not fit, 2 usage or I/O.")]
pub struct Args {
    /// Table to read: .csv or .csv.gz, told apart by content; `-` for standard input
    #[arg(long, value_name = "F.csv", default_value = "-")]
    pub input: PathBuf,

    /// Table to write, all of it or nothing [default: standard output]
    #[arg(long, value_name = "OUT.csv")]
    pub output: Option<PathBuf>,

    /// Bytes that the arena has, as 1048576 or 1MiB: the first placement that fits is the answer
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub capacity: Option<Bytes>,

    /// Make the arena as small as possible, below the capacity too
    #[arg(long, visible_alias = "minimize_capacity")]
    pub minimize: bool,

    /// Seconds after which the best placement so far is the answer
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub timeout: Option<Duration>,

    /// How hard to search, from 0 to 12: each step up is four times the work [default: 4; with --timeout: 12]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=12))]
    pub effort: Option<u32>,

    /// Number of searches that run at once
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: u16,

    /// Write the figures as JSON
    #[arg(long, value_name = "F.json")]
    pub report: Option<PathBuf>,

    /// Draw the placement: time from left to right, offsets from bottom to top
    #[arg(long, value_name = "F.svg")]
    pub svg: Option<PathBuf>,
}

fn bytes(text: &str) -> Result<Bytes, String> {
    parse_bytes(text).map_err(|error| error.to_string())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.strip_suffix('s').unwrap_or(text).parse();
    seconds.ok().and_then(|s| Duration::try_from_secs_f64(s).ok()).ok_or("write a number of seconds".to_owned())
}

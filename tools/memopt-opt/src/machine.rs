//! A machine from a TOML file, for `--target=FILE.toml`:
//!
//! ```toml
//! flops_per_second = 19.5e12   # f32
//! bytes_per_second = 1.555e12  # between memory and the arithmetic
//! op_overhead_ns = 900         # for each operation that runs; 0 if absent
//! ```

use std::path::Path;

use memopt::ir::Bytes;
use memopt::target::Machine;
use serde::Deserialize;

use crate::input::{self, InputError};

/// What the file ends in.
pub const EXTENSION: &str = ".toml";

/// A longer file describes no machine.
const LONGEST: Bytes = Bytes(64 << 10);

/// The file, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MachineFile {
    flops_per_second: f64,
    bytes_per_second: f64,
    #[serde(default)]
    op_overhead_ns: f64,
}

/// The machine that a file describes; its name is the path.
///
/// # Errors
/// What is wrong with the file, with its line where it has one.
pub fn read(path: &str) -> Result<Machine, String> {
    match input::read(Path::new(path), LONGEST) {
        Ok(input) => parse(path, &input.text),
        Err(InputError::TooLarge { .. }) => Err(format!("{path} is longer than a machine needs: {LONGEST}")),
        Err(error) => Err(error.to_string()),
    }
}

fn parse(name: &str, text: &str) -> Result<Machine, String> {
    let file: MachineFile = toml::from_str(text).map_err(|error| format!("{name}: {error}"))?;
    let MachineFile { flops_per_second, bytes_per_second, op_overhead_ns } = file;
    for (field, rate) in [("flops_per_second", flops_per_second), ("bytes_per_second", bytes_per_second)] {
        // Below one in a second, the times of large programs are no numbers any more.
        if !(rate.is_finite() && rate >= 1.0) {
            return Err(format!("{name}: {field} is {rate}; write a number of at least 1"));
        }
    }
    if !(op_overhead_ns.is_finite() && op_overhead_ns >= 0.0) {
        return Err(format!("{name}: op_overhead_ns is {op_overhead_ns}; write nanoseconds, 0 or more"));
    }
    Ok(Machine { name: name.to_owned(), flops_per_second, bytes_per_second, op_overhead_ns })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_read() {
        let text = "flops_per_second = 67e12\nbytes_per_second = 3350000000000\n";
        let expected = Machine {
            name: "my.toml".to_owned(),
            flops_per_second: 67e12,
            bytes_per_second: 3.35e12,
            op_overhead_ns: 0.0,
        };
        assert_eq!(parse("my.toml", text), Ok(expected.clone()));
        let text = format!("{text}op_overhead_ns = 1.5\n");
        assert_eq!(parse("my.toml", &text), Ok(Machine { op_overhead_ns: 1.5, ..expected }));
    }

    #[test]
    fn a_file_of_any_length_is_no_machine() {
        let file = tempfile::Builder::new().suffix(EXTENSION).tempfile().expect("a file");
        std::fs::write(file.path(), vec![b'#'; LONGEST.0 as usize + 1]).expect("written");
        let error = read(file.path().to_str().expect("UTF-8")).expect_err("too long");
        assert!(error.contains("is longer than a machine needs: "), "{error}");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let refused = |text: &str| parse("my.toml", text).expect_err("a wrong file");
        let rates = "bytes_per_second = 1e12\nflops_per_second = ";
        assert_eq!(refused(&format!("{rates}-1")), "my.toml: flops_per_second is -1; write a number of at least 1");
        assert_eq!(refused(&format!("{rates}nan")), "my.toml: flops_per_second is NaN; write a number of at least 1");
        let overhead = refused(&format!("{rates}1e12\nop_overhead_ns = inf"));
        assert_eq!(overhead, "my.toml: op_overhead_ns is inf; write nanoseconds, 0 or more");
        assert!(refused(&format!("{rates}1e12\nflops = 1")).contains("unknown field `flops`"));
        assert!(refused("flops_per_second = 1e12").contains("missing field `bytes_per_second`"));
        assert!(refused("flops_per_second = \n").contains("line 1"));
    }
}

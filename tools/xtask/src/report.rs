//! The report that `memopt-opt --report=FILE` writes, read without a schema, and how its figures are printed.

use std::path::Path;

use serde_json::{Deserializer, Value};

/// What the chores need of a report. Sizes are in bytes.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Report {
    pub(crate) ops: u64,
    pub(crate) arguments: u64,
    pub(crate) program_order: u64,
    pub(crate) planned: u64,
    pub(crate) arena: u64,
    /// On `planned`, for every order in which nothing runs twice.
    pub(crate) lower_bound: u64,
    /// Operations that run again, and the time that they add, over all time.
    pub(crate) run_again: u64,
    pub(crate) added_time: f64,
    pub(crate) seconds: f64,
    pub(crate) certified: bool,
    pub(crate) pipeline: String,
    /// Name, seconds and stop reason of each pass.
    pub(crate) passes: Vec<(String, f64, String)>,
}

impl Report {
    /// Reads the report of the function `main`, else of the first function of the file.
    pub(crate) fn read(path: &Path) -> Result<Report, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Report::parse(&text).map_err(|problem| format!("{}: {problem}", path.display()))
    }

    fn parse(text: &str) -> Result<Report, String> {
        let mut functions = Vec::new();
        // One object for each function: alone, one after the other, or in a list.
        for value in Deserializer::from_str(text).into_iter::<Value>() {
            match value.map_err(|error| error.to_string())? {
                Value::Array(list) => functions.extend(list),
                value => functions.push(value),
            }
        }
        let main = functions.iter().find(|value| value["function"] == "main").or(functions.first());
        Report::of(main.ok_or("the report is empty")?)
    }

    fn of(value: &Value) -> Result<Report, String> {
        let bytes = |name: &str| number(value, &format!("/bytes/{name}"));
        let pass = |pass: &Value| {
            let text = |key: &str| pass[key].as_str().unwrap_or("").to_owned();
            (text("name"), pass["seconds"].as_f64().unwrap_or(0.0), text("stop"))
        };
        Ok(Report {
            ops: number(value, "/ops")?,
            arguments: bytes("arguments")?,
            program_order: bytes("program_order")?,
            planned: bytes("planned")?,
            arena: bytes("arena")?,
            lower_bound: bytes("lower_bound")?,
            run_again: number(value, "/recompute/ops")?,
            added_time: value["recompute"]["overhead_time"].as_f64().unwrap_or(0.0),
            seconds: value["seconds"].as_f64().unwrap_or(0.0),
            certified: value["certified"] == true,
            pipeline: value["pipeline"].as_str().unwrap_or("").to_owned(),
            passes: value["passes"].as_array().map_or_else(Vec::new, |passes| passes.iter().map(pass).collect()),
        })
    }

    /// How far above the lower bound the plan is, in percent.
    pub(crate) fn gap(&self) -> f64 {
        if self.planned <= self.lower_bound {
            return 0.0;
        }
        100.0 * (self.planned - self.lower_bound) as f64 / self.lower_bound.max(1) as f64
    }
}

fn number(value: &Value, pointer: &str) -> Result<u64, String> {
    value.pointer(pointer).and_then(Value::as_u64).ok_or_else(|| format!("the report lacks the number {pointer}"))
}

/// Bytes for people, in the decimal units of the literature: `4452.5 MB`.
pub(crate) fn size(bytes: u64) -> String {
    let (unit, one) = match bytes {
        0..=9_999 => return format!("{bytes} B"),
        10_000..=9_999_999 => ("kB", 1e3),
        10_000_000..=99_999_999_999 => ("MB", 1e6),
        _ => ("GB", 1e9),
    };
    format!("{:.1} {unit}", bytes as f64 / one)
}

/// A number with its thousands apart.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r#"{"function": "helper", "ops": 1, "bytes": {}}
        {"function": "main", "ops": 7, "pipeline": "place", "seconds": 0.5, "certified": true,
         "bytes": {"arguments": 1, "arena": 110, "planned": 110, "lower_bound": 100, "lower_bound_plan": 90,
                   "program_order": 200}, "recompute": {"ops": 3, "overhead_time": 0.01},
         "passes": [{"name": "place", "seconds": 0.25, "stop": "bound-met"}]}"#;

    #[test]
    fn reads_the_report_of_main() {
        let report = Report::parse(SAMPLE).expect("the sample has all that is needed");
        assert_eq!((report.ops, report.planned, report.lower_bound), (7, 110, 100));
        assert_eq!((report.run_again, report.added_time), (3, 0.01));
        assert_eq!(report.passes, [("place".to_owned(), 0.25, "bound-met".to_owned())]);
        assert!((report.gap() - 10.0).abs() < 1e-9);
    }

    #[test]
    fn names_what_is_missing() {
        assert_eq!(Report::parse("{\"ops\": 1}").unwrap_err(), "the report lacks the number /bytes/arguments");
    }

    #[test]
    fn prints_sizes_and_numbers() {
        assert_eq!(size(4_452_512_345), "4452.5 MB");
        assert_eq!(size(12), "12 B");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(12), "12");
    }
}

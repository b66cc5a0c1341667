//! The tool as its user sees it: tables in and out, errors, exit codes.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use memopt_place::table::read;

/// Runs the tool on a table; its exit code, what it wrote and its report.
fn run(table: &str, more: &[&str]) -> (ExitCode, Option<String>, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("in.csv"), table).unwrap();
    let flag = |name: &str, path: &Path| OsString::from(format!("--{name}={}", path.display()));
    let mut arguments = vec![OsString::from("memopt-place"), flag("input", &path("in.csv"))];
    arguments.extend([
        flag("output", &path("out.csv")),
        flag("report", &path("report.json")),
        flag("svg", &path("a.svg")),
    ]);
    arguments.extend(more.iter().map(OsString::from));
    let code = memopt_place::run(arguments);
    let text = |name| std::fs::read_to_string(path(name)).ok();
    assert_eq!(text("out.csv").is_some(), text("a.svg").is_some());
    (code, text("out.csv"), text("report.json").unwrap_or_default())
}

/// The optimum is 12.
const FIVE: &str = "id,lower,upper,size\nb1,0,3,4\nb2,3,9,4\nb3,0,9,4\nb4,9,21,4\nb5,0,21,4\n";

#[test]
fn a_table_gets_offsets() {
    let (code, out, report) = run(FIVE, &["--capacity=12"]);
    assert_eq!(code, ExitCode::SUCCESS);
    let out = out.unwrap();
    assert!(out.starts_with("id,lower,upper,size,offset\nb1,0,3,4,"), "{out}");
    assert!(report.contains("\"fits\": true") && report.contains("\"lower_bound\": 12"), "{report}");
}

#[test]
fn what_does_not_fit_is_explained() {
    let (code, out, report) = run(FIVE, &["--capacity=11"]);
    assert_eq!((code, out), (ExitCode::from(1), None));
    assert!(report.contains("\"infeasible\": true"), "{report}");
    assert!(report.replace([' ', '\n'], "").contains("[\"b1\",\"b3\",\"b5\"]"), "{report}");
}

/// Columns in another order, inclusive ends, pins, gaps and alignment: `b` lies in the gap of `a`, `c` is pinned.
#[test]
fn optional_columns() {
    let table = "size,gaps,end,start,buffer,alignment,offset\n4,3-4,9,0,a,1,\n4,,4,3,b,1,\n3,,9,0,c,2,6\n";
    let (code, out, _) = run(table, &["--minimize"]);
    assert_eq!(code, ExitCode::SUCCESS);
    assert_eq!(
        out.unwrap(),
        "size,gaps,end,start,buffer,alignment,offset\n4,3-4,9,0,a,1,0\n4,,4,3,b,1,0\n3,,9,0,c,2,6\n"
    );
}

#[test]
fn all_bad_lines_are_named() {
    let table = "id,lower,upper,size,alignment\na,0,1,x,1\nb,2,2,4,1\nc,7,1,4,3\nd,0,1\ne,0,1,4,1\n";
    let errors: Vec<String> = read(table).unwrap_err().iter().map(ToString::to_string).collect();
    let places = [
        "line 2, column size: `x`",
        "line 3, column upper",
        "line 4, column alignment",
        "line 4, column upper",
        "line 5: 3 fields",
    ];
    assert_eq!(errors.len(), places.len(), "{errors:#?}");
    for (error, place) in errors.iter().zip(places) {
        assert!(error.starts_with(place), "{error}");
    }
    assert_eq!(run(table, &[]).0, ExitCode::from(1));
}

#[test]
fn bad_headers_and_numbers() {
    for table in ["", "id,lower,size\n", "id,id,lower,upper,size\n", "id,lower,upper,end,size\n", "\u{0}\n"] {
        assert!(read(table).is_err(), "{table:?}");
    }
    let huge = "id,lower,upper,size\na,0,1,18446744073709551615\nb,0,1,18446744073709551615\n";
    assert!(read(huge).is_err());
    let far = format!("id,lower,upper,size\na,{},{},4\nb,0,5,4\n", i64::MIN, i64::MAX);
    assert_eq!(run(&far, &[]).0, ExitCode::SUCCESS);
    assert_eq!(run("id,lower,upper,size\n", &[]).0, ExitCode::SUCCESS);
}

/// What spreadsheets and scripts write: a byte order mark, line ends of Windows, numbers that are none, names twice.
#[test]
fn hostile_lines() {
    assert_eq!(run("\u{feff}id,lower,upper,size\r\na,0,1,4\r\n", &[]).0, ExitCode::SUCCESS);
    let lines = ["a,0,1,NaN", "b,0,1,-4", "c,0,1,99999999999999999999", "d,,1,4", "e,0,1.5,4", "f,0,1,4", "f,0,1,4"];
    let table = format!("id,lower,upper,size\n{}\n", lines.join("\n"));
    let errors: Vec<String> = read(&table).unwrap_err().iter().map(ToString::to_string).collect();
    let places =
        ["2, column size", "3, column size", "4, column size", "5, column lower", "6, column upper", "8, column id"];
    assert_eq!(errors.len(), places.len(), "{errors:#?}");
    for (error, place) in errors.iter().zip(places) {
        assert!(error.starts_with(&format!("line {place}")), "{error}");
    }
    let inclusive = "id,lower,end,size\na,0,0,4\nb,1,9223372036854775807,4\n";
    assert!(run(inclusive, &["--capacity=4"]).1.is_some(), "a ends before b begins");
}

/// A hint that is a placement is where the search begins, one that is none is not used.
#[test]
fn hints_that_overlap() {
    for hints in ["0,4", "0,0", "0,"] {
        let (a, b) = hints.split_once(',').unwrap();
        let (code, out, _) = run(&format!("id,lower,upper,size,hint\na,0,2,4,{a}\nb,0,2,4,{b}\n"), &["--minimize"]);
        assert_eq!(code, ExitCode::SUCCESS);
        assert!(out.unwrap().lines().all(|line| !line.ends_with(",8")), "{hints}");
    }
}

#[test]
fn usage_errors() {
    assert_eq!(memopt_place::run(["memopt-place", "--capacity=much"].map(OsString::from)), ExitCode::from(2));
    assert_eq!(memopt_place::run(["memopt-place", "--input=/no/such/file"].map(OsString::from)), ExitCode::from(2));
}

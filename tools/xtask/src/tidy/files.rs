//! Rules about files as such: lengths, names, pairs, sizes.

use super::{Finding, House, file_name, source::File};

/// Over this a file must say why.
const LONG: usize = 400;
/// Over this no reason is good enough.
const TOO_LONG: usize = 900;
/// How near the top the reason must stand.
const TOP: usize = 40;
const REASON: &str = "// tidy: long because ";

const DRAWERS: [&str; 4] = ["utils.rs", "util.rs", "helpers.rs", "misc.rs"];

const MAX_REPOSITORY_BYTES: u64 = 15_000_000;

pub(super) fn lengths(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in house.rust().filter(|file| file_name(&file.path) != "tests.rs") {
        let lines = lines_of_code(file);
        let reason =
            file.lines().take(TOP).any(|(_, line)| line.strip_prefix(REASON).is_some_and(|why| why.len() > 10));
        if lines > TOO_LONG {
            findings.push(Finding::new(file, 0, format!("{lines} lines; split it")));
        } else if lines > LONG && !reason {
            findings.push(Finding::new(file, 0, format!("{lines} lines; split it, or write {REASON:?} near the top")));
        }
    }
    findings
}

/// Lines before the tests at the end of the file.
fn lines_of_code(file: &File) -> usize {
    let lines: Vec<&str> = file.text.lines().collect();
    let tests = lines.windows(2).position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod "));
    tests.unwrap_or(lines.len())
}

pub(super) fn drawers(house: &House) -> Vec<Finding> {
    let drawers = house.rust().filter(|file| DRAWERS.contains(&file_name(&file.path)));
    drawers.map(|file| Finding::new(file, 0, "give the file the name of what it does")).collect()
}

pub(super) fn trailing_space(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    // A snapshot shows what was printed, blanks included.
    for file in house.files.iter().filter(|file| !file.path.ends_with(".snap")) {
        let bad = file.lines().filter(|(_, line)| line.ends_with([' ', '\t']));
        findings.extend(bad.map(|(line, _)| Finding::new(file, line, "blanks at the end of the line")));
    }
    findings
}

/// The inputs of the IR tests; the corpus is data.
fn ir_tests(house: &House) -> impl Iterator<Item = &File> {
    let is_test = |path: &str| path.starts_with("ir-tests/") && !path.starts_with("ir-tests/corpus/");
    house.files.iter().filter(move |file| is_test(&file.path) && file.path.ends_with(".mlir"))
}

pub(super) fn run_lines(house: &House) -> Vec<Finding> {
    let runs = |file: &&File| !file.text.starts_with("// RUN: ");
    ir_tests(house).filter(runs).map(|file| Finding::new(file, 1, "expected // RUN: <pipeline>")).collect()
}

pub(super) fn snapshots(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in house.files.iter().filter(|file| file.path.starts_with("ir-tests/") && file.path.ends_with(".snap")) {
        let input = file.path.replace(".snap", ".mlir");
        if !house.has(&input) {
            findings.push(Finding::new(file, 0, format!("there is no {}", file_name(&input))));
        }
    }
    for file in ir_tests(house).filter(|file| needs_snapshot(file)) {
        if !house.has(&file.path.replace(".mlir", ".snap")) {
            findings.push(Finding::new(file, 0, "no snapshot; look at the output, then run cargo xtask bless"));
        }
    }
    findings
}

/// A file that expects errors shows on its lines what it tests; the first file of a pair for the checker is input only.
fn needs_snapshot(file: &File) -> bool {
    !file.text.contains("// expected-error") && !file.path.ends_with(".before.mlir")
}

pub(super) fn repository_size(house: &House) -> Vec<Finding> {
    let total: u64 = house.files.iter().map(|file| file.bytes).sum();
    let largest = house.files.iter().max_by_key(|file| file.bytes);
    match largest {
        Some(file) if total > MAX_REPOSITORY_BYTES => {
            let what = format!("all files together have {total} bytes; this one has {} of them", file.bytes);
            vec![Finding::new(file, 0, what)]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::house;
    use super::*;

    #[test]
    fn long_files_give_a_reason_and_tests_do_not_count() {
        let long = "//\n".repeat(500);
        let excused = format!("// tidy: long because it is one table\n{long}");
        let tested = format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
        let endless = format!("// tidy: long because it is one table\n{}", "//\n".repeat(1000));
        let files =
            [("a.rs", long.as_str()), ("b.rs", &excused), ("c.rs", &tested), ("d.rs", &endless), ("tests.rs", &long)];
        let found: Vec<String> = lengths(&house(&files)).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["a.rs", "d.rs"]);
    }

    #[test]
    fn blanks_are_found_on_their_line_but_not_in_snapshots() {
        let found = trailing_space(&house(&[("a.md", "one\ntwo \n"), ("b.snap", "x \n")]));
        assert_eq!(found, [Finding { path: "a.md".into(), line: 2, what: "blanks at the end of the line".into() }]);
    }

    #[test]
    fn snapshots_and_inputs_come_in_pairs() {
        let files = [
            ("ir-tests/place/a.mlir", "// RUN: place\n"),
            ("ir-tests/place/a.snap", ""),
            ("ir-tests/place/lonely.mlir", "// RUN: place\n"),
            ("ir-tests/place/orphan.snap", ""),
            ("ir-tests/place/wrong.mlir", "// RUN: place\n// expected-error@+1 {{x}}\n"),
            ("ir-tests/corpus/m.mlir", "module"),
        ];
        let found: Vec<String> = snapshots(&house(&files)).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["ir-tests/place/orphan.snap", "ir-tests/place/lonely.mlir"]);
        assert!(run_lines(&house(&files)).is_empty());
        assert_eq!(run_lines(&house(&[("ir-tests/place/b.mlir", "\n// RUN: place")])).len(), 1);
    }

    #[test]
    fn drawers_and_weight_are_found() {
        assert_eq!(drawers(&house(&[("src/utils.rs", ""), ("src/ir/types.rs", "")])).len(), 1);
        assert!(repository_size(&house(&[("a", "small")])).is_empty());
        let heavy = "x".repeat(15_000_001);
        assert_eq!(repository_size(&house(&[("heavy", &heavy), ("a", "")]))[0].path, "heavy");
    }
}

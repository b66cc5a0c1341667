//! Who may import whom.

use super::source::{File, code};
use super::{Finding, House};

/// Folders, and the crates that must not be named below them.
const LAYERS: &[(&str, &[&str])] = &[
    ("src/", &["memopt_passes", "memopt_opt", "memopt_place", "memopt_run", "memopt_mlir", "memopt_ir_tests"]),
    ("passes/", &["memopt_opt", "memopt_place", "memopt_run", "memopt_ir_tests"]),
];

/// What the checker may see of its crate.
const CHECKER_MAY_SEE: &[&str] = &["checker", "ir", "dialect", "plan", "diag", "target"];

/// Libraries, and the places that may name them.
const DOORS: &[(&str, &[&str])] = &[
    ("petgraph", &["src/ir/graph.rs"]),
    ("good_lp", &["passes/src/ilp.rs"]),
    ("highs", &["passes/src/ilp.rs"]),
    ("egg", &["passes/src/rewrite/"]),
    ("melior", &["passes/mlir/"]),
    ("mlir_sys", &["passes/mlir/"]),
    ("clap", &["tools/"]),
    ("miette", &["tools/"]),
    ("indicatif", &["tools/"]),
    ("insta", &["ir-tests/"]),
    ("toml", &["tools/memopt-opt/src/machine.rs"]),
    ("ndarray", &["tools/memopt-run/src/ops/matrix.rs"]),
    ("safetensors", &["tools/memopt-run/src/archive.rs"]),
];

pub(super) fn layers(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (folder, forbidden) in LAYERS {
        for file in house.rust().filter(|file| file.path.starts_with(folder)) {
            for path in paths(file) {
                if forbidden.contains(&path.segments[0].as_str()) {
                    findings.push(Finding::new(file, path.line, format!("{folder} names {}", path.segments[0])));
                }
            }
        }
    }
    findings
}

pub(super) fn passes_apart(house: &House) -> Vec<Finding> {
    const FOLDER: &str = "passes/src/";
    let pass_of = |path: &str| -> Option<String> {
        let (pass, _) = path.strip_prefix(FOLDER)?.split_once('/')?;
        Some(pass.to_owned())
    };
    let passes: Vec<String> = house.rust().filter_map(|file| pass_of(&file.path)).collect();
    let mut findings = Vec::new();
    for file in house.rust() {
        let Some(own) = pass_of(&file.path) else { continue };
        for path in paths(file) {
            let [root, other, ..] = path.segments.as_slice() else { continue };
            if root == "crate" && *other != own && passes.contains(other) {
                findings.push(Finding::new(file, path.line, format!("the pass {own} imports the pass {other}")));
            }
        }
    }
    findings
}

pub(super) fn checker_alone(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    let in_checker = |file: &&File| file.path.starts_with("src/checker/") || file.path == "src/checker.rs";
    for file in house.rust().filter(in_checker) {
        for path in paths(file) {
            let [root, module, ..] = path.segments.as_slice() else { continue };
            if root == "crate" && !CHECKER_MAY_SEE.contains(&module.as_str()) {
                findings.push(Finding::new(file, path.line, format!("the checker imports crate::{module}")));
            }
        }
    }
    findings
}

pub(super) fn one_door(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in house.rust() {
        for path in paths(file) {
            let Some((library, doors)) = DOORS.iter().find(|(library, _)| *library == path.segments[0]) else {
                continue;
            };
            if !doors.iter().any(|door| file.path.starts_with(door)) {
                let what = format!("names {library}, whose door is {}", doors.join(", "));
                findings.push(Finding::new(file, path.line, what));
            }
        }
    }
    findings
}

/// A path in Rust source, from the crate's root: `crate::ir::Bytes`.
#[derive(Clone, PartialEq, Eq, Debug)]
struct RustPath {
    line: usize,
    segments: Vec<String>,
}

/// All paths that a file names: those of `use`, written out, and those with `::` in the code.
fn paths(file: &File) -> Vec<RustPath> {
    let module = module_of(&file.path);
    let code = code(&file.text);
    let tokens = tokens(&code);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        at = match tokens[at].1 {
            "use" => use_tree(&tokens, at + 1, &mut found),
            word if is_word(word) => chain(&tokens, at, &mut found),
            _ => at + 1,
        };
    }
    found.into_iter().map(|path| resolve(path, &module)).collect()
}

/// The module path of a file in its crate: `src/checker/memory.rs` is `[checker, memory]`.
fn module_of(path: &str) -> Vec<String> {
    let inner = path.rsplit_once("src/").map_or(path, |(_, inner)| inner);
    let inner = inner.strip_suffix(".rs").unwrap_or(inner);
    let mut segments: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if segments.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
        segments.pop();
    }
    segments
}

/// `self` and `super` written out.
fn resolve(path: RustPath, module: &[String]) -> RustPath {
    let supers = path.segments.iter().take_while(|segment| *segment == "super").count();
    let skip = if path.segments[0] == "self" { 1 } else { supers };
    if skip == 0 {
        return path;
    }
    let base = &module[..module.len().saturating_sub(supers)];
    let rest = path.segments[skip..].iter();
    let segments = std::iter::once("crate".to_owned()).chain(base.iter().cloned()).chain(rest.cloned()).collect();
    RustPath { segments, ..path }
}

/// Words, `::` and single other characters, each with its line.
fn tokens(code: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    for (line, text) in code.lines().enumerate() {
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            let len = match word {
                0 if rest.starts_with("::") => 2,
                0 => first.len_utf8(),
                word => word,
            };
            tokens.push((line + 1, &rest[..len]));
            rest = rest[len..].trim_start();
        }
    }
    tokens
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// `a::b::c` in the code, from `at` on; returns where to go on.
fn chain(tokens: &[(usize, &str)], mut at: usize, found: &mut Vec<RustPath>) -> usize {
    let line = tokens[at].0;
    let mut segments = vec![tokens[at].1.to_owned()];
    at += 1;
    while let [(_, "::"), (_, next), ..] = &tokens[at..]
        && is_word(next)
    {
        segments.push((*next).to_owned());
        at += 2;
    }
    // A single word is a name in scope, no path; but `extern crate x` and `use x` are caught by cargo and by use_tree.
    if segments.len() > 1 {
        found.push(RustPath { line, segments });
    }
    at
}

/// The tree after `use`, from `at` to its semicolon; returns where to go on.
fn use_tree(tokens: &[(usize, &str)], mut at: usize, found: &mut Vec<RustPath>) -> usize {
    let mut prefixes: Vec<Vec<String>> = Vec::new();
    let mut current: Vec<String> = Vec::new();
    while let Some(&(line, token)) = tokens.get(at) {
        at += 1;
        match token {
            "{" => prefixes.push(current.clone()),
            "," | "}" | ";" => {
                if !current.is_empty() && Some(&current) != prefixes.last() {
                    found.push(RustPath { line, segments: current.clone() });
                }
                if token == "}" {
                    prefixes.pop();
                }
                // After a closing brace the path before it is complete: nothing is left to record for it.
                current = prefixes.last().cloned().unwrap_or_default();
            }
            "as" => at += 1,
            "self" if !prefixes.is_empty() && Some(&current) == prefixes.last() => {
                found.push(RustPath { line, segments: current.clone() });
            }
            word if is_word(word) || word == "*" => current.push(word.to_owned()),
            _ => {}
        }
        if token == ";" {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::super::house;
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let file = File::new("src/checker/memory.rs", text.as_bytes());
        paths(&file).into_iter().map(|path| path.segments.join("::")).collect()
    }

    #[test]
    fn writes_out_use_trees() {
        let expected = ["crate::ir::Bytes", "crate::ir::OpId", "crate::diag", "std::fmt", "std::fmt::Write"];
        assert_eq!(of("use crate::{ir::{Bytes, OpId}, diag};\nuse std::fmt::{self, Write as _};"), expected);
    }

    #[test]
    fn resolves_super_and_self() {
        assert_eq!(of("use super::super::analysis;"), ["crate::analysis"]);
        assert_eq!(
            of("fn f() { super::state::g(self::h::X) }"),
            ["crate::checker::state::g", "crate::checker::memory::h::X"]
        );
    }

    #[test]
    fn the_checker_sees_no_analysis_however_it_is_spelled() {
        for text in ["use crate::analysis::liveness;", "use crate::{ir, cost};", "fn f() { crate::pass::run() }"] {
            let found = checker_alone(&house(&[("src/checker/mod.rs", text)]));
            assert_eq!(found.len(), 1, "{text}");
        }
        let fine =
            "//! See crate::analysis.\nuse crate::ir::Bytes; // crate::pass\nconst S: &str = \"crate::cost::x\";";
        assert!(checker_alone(&house(&[("src/checker/mod.rs", fine)])).is_empty());
    }

    #[test]
    fn passes_do_not_import_each_other() {
        let files = [
            ("passes/src/place/mod.rs", "use crate::schedule::greedy;\nuse crate::ilp;"),
            ("passes/src/schedule/mod.rs", "use super::schedule::x; use self::greedy::y;"),
            ("passes/src/lib.rs", "use crate::place; use crate::schedule;"),
        ];
        let found = passes_apart(&house(&files));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].path.as_str(), found[0].line), ("passes/src/place/mod.rs", 1));
    }

    #[test]
    fn libraries_have_doors() {
        let files = [
            ("src/ir/graph.rs", "use petgraph::stable_graph::StableDiGraph;"),
            ("src/ir/module.rs", "\nlet g = petgraph::Graph::new();"),
            ("tools/memopt-opt/src/main.rs", "use clap::Parser;"),
            ("passes/src/lib.rs", "use clap::Parser;"),
        ];
        let found = one_door(&house(&files));
        let places: Vec<(&str, usize)> = found.iter().map(|f| (f.path.as_str(), f.line)).collect();
        assert_eq!(places, [("src/ir/module.rs", 2), ("passes/src/lib.rs", 1)]);
    }

    #[test]
    fn src_names_no_planner() {
        let files = [("src/lib.rs", "use memopt_passes::register_all;"), ("passes/src/lib.rs", "use memopt::ir;")];
        assert_eq!(layers(&house(&files)).len(), 1);
    }
}

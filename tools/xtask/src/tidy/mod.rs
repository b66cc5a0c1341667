//! `tidy`: the rules of the house as tests. Each rule has a reason, and the reason is printed when it is broken.

mod files;
mod imports;
mod links;
mod source;
mod words;

use std::path::Path;

use crate::{Outcome, process};
use source::File;

/// A rule: what it demands, why, and the function that finds what breaks it.
struct Rule {
    name: &'static str,
    reason: &'static str,
    check: fn(&House) -> Vec<Finding>,
}

const RULES: &[Rule] = &[
    Rule {
        name: "layers",
        reason: "tools use passes, passes use src, never the other way: the vocabulary must build without any planner",
        check: imports::layers,
    },
    Rule {
        name: "passes-apart",
        reason: "passes never import each other; what two of them share is a noun and lives in src",
        check: imports::passes_apart,
    },
    Rule {
        name: "checker-alone",
        reason: "the checker must not share a mistake with the planners: it sees ir, dialect, plan, diag and target only",
        check: imports::checker_alone,
    },
    Rule {
        name: "one-door",
        reason: "each outside library has one door, so that it can be replaced in one place",
        check: imports::one_door,
    },
    Rule {
        name: "file-length",
        reason: "one stage, one file: over 400 lines a file says why near its top (// tidy: long because ...), and no file \
                 has more than 900",
        check: files::lengths,
    },
    Rule {
        name: "no-drawers",
        reason: "a file is named after what it does; utils.rs is a drawer for what nobody thought about",
        check: files::drawers,
    },
    Rule { name: "trailing-space", reason: "invisible changes make diffs longer", check: files::trailing_space },
    Rule {
        name: "run-line",
        reason: "an IR test says in its first line what is run: // RUN: <pipeline>",
        check: files::run_lines,
    },
    Rule {
        name: "snapshots",
        reason: "a snapshot without its input, or an input without its snapshot, tests nothing",
        check: files::snapshots,
    },
    Rule {
        name: "size",
        reason: "cloning should take a second: 15 MB is the limit for the whole repository",
        check: files::repository_size,
    },
    Rule { name: "links", reason: "a page that points nowhere is out of date", check: links::resolve },
    Rule {
        name: "words",
        reason: "the project speaks of itself: nothing about the machines and helpers that it was written with",
        check: words::forbidden,
    },
];

/// All files of the repository.
struct House {
    files: Vec<File>,
}

impl House {
    fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    fn has(&self, path: &str) -> bool {
        self.files.iter().any(|file| file.path == path)
    }

    /// Whether a path names a file, or a folder with files in it.
    fn has_path(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        path.is_empty() || self.has(path) || self.files.iter().any(|file| file.path.starts_with(&folder))
    }
}

/// A place that breaks a rule.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Finding {
    path: String,
    /// From 1; 0 where the file as a whole is meant.
    line: usize,
    what: String,
}

impl Finding {
    fn new(file: &File, line: usize, what: impl Into<String>) -> Finding {
        Finding { path: file.path.clone(), line, what: what.into() }
    }
}

pub(crate) fn run(arguments: &[String]) -> Outcome {
    if !arguments.is_empty() {
        return Err("takes no arguments".to_owned());
    }
    let house = House { files: source::read_all(process::root())? };
    let mut broken = 0;
    for rule in RULES {
        let findings = (rule.check)(&house);
        if findings.is_empty() {
            continue;
        }
        broken += 1;
        println!("{}: {}", rule.name, rule.reason);
        for finding in findings {
            println!("  {}:{}: {}", finding.path, finding.line.max(1), finding.what);
        }
    }
    match broken {
        0 => {
            println!("tidy: {} rules hold for {} files", RULES.len(), house.files.len());
            Ok(())
        }
        n => Err(format!("{n} of {} rules are broken", RULES.len())),
    }
}

/// The name of a file without its folders.
fn file_name(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or("")
}

#[cfg(test)]
fn house(files: &[(&str, &str)]) -> House {
    House { files: files.iter().map(|(path, text)| File::new(path, text.as_bytes())).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_name_of_its_own_and_a_reason() {
        let mut names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RULES.len());
        assert!(RULES.iter().all(|rule| rule.reason.len() > 20));
    }

    #[test]
    fn an_empty_house_breaks_no_rule() {
        let house = house(&[]);
        assert!(RULES.iter().all(|rule| (rule.check)(&house).is_empty()));
    }
}

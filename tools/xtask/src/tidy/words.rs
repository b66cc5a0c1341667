//! Words that have no place in the project, and paths that exist on one machine only. This file is exempt: it lists them.

use super::{Finding, House};

/// Compared as whole words, whatever their case.
const WORDS: [&str; 9] =
    ["agent", "agents", "subagent", "subagents", "session", "sessions", "claude", "chatgpt", "worktree"];

/// Compared as beginnings of absolute paths.
const PATHS: [&str; 4] = ["/root", "/tmp/wt", "/work", "/home"];

const EXEMPT: [&str; 2] = ["tools/xtask/src/tidy/words.rs", "LICENSE"];

pub(super) fn forbidden(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in house.files.iter().filter(|file| !EXEMPT.contains(&file.path.as_str())) {
        for (number, line) in file.lines() {
            let words = line.split(|c: char| !c.is_alphanumeric()).filter(|word| is_forbidden(word));
            findings.extend(words.map(|word| Finding::new(file, number, format!("the word {word:?}"))));
            let paths = PATHS.iter().filter(|path| names_path(line, path));
            findings.extend(paths.map(|path| Finding::new(file, number, format!("a path of one machine: {path}"))));
        }
    }
    findings
}

fn is_forbidden(word: &str) -> bool {
    WORDS.iter().any(|forbidden| word.eq_ignore_ascii_case(forbidden))
}

/// Whether a line names an absolute path that starts so: nothing path-like stands before it, and no longer word follows.
fn names_path(line: &str, path: &str) -> bool {
    let ends_word = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || "._-".contains(c));
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        ends_word(before) && before != Some('/') && ends_word(line[at + path.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::super::house;
    use super::*;

    #[test]
    fn whole_words_only() {
        let found = forbidden(&house(&[("a.md", "reagent, sessional\nan Agent of\nget_session()")]));
        let places: Vec<(usize, &str)> = found.iter().map(|f| (f.line, f.what.as_str())).collect();
        assert_eq!(places, [(2, "the word \"Agent\""), (3, "the word \"session\"")]);
    }

    #[test]
    fn absolute_paths_only() {
        let fine = "src/work/x framework/work.rs /working ./root x/root";
        assert!(forbidden(&house(&[("a.md", fine)])).is_empty());
        assert_eq!(forbidden(&house(&[("a.md", "see /work/x and `/root`")])).len(), 2);
    }
}

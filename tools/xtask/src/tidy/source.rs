//! The files of the repository, and Rust source without its comments and strings.

use std::path::Path;
use std::process::{Command, Stdio};

/// A file of the repository.
pub(super) struct File {
    /// From the root, with forward slashes.
    pub(super) path: String,
    pub(super) bytes: u64,
    /// Empty for files that are no text.
    pub(super) text: String,
}

impl File {
    pub(super) fn new(path: &str, content: &[u8]) -> File {
        let text = std::str::from_utf8(content).unwrap_or("").to_owned();
        File { path: path.to_owned(), bytes: content.len() as u64, text }
    }

    /// The lines with their numbers from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(i, line)| (i + 1, line))
    }
}

/// Reads all files that belong to the repository: those that git does not ignore, else, where there is no git, all but
/// build outputs.
pub(super) fn read_all(root: &Path) -> Result<Vec<File>, String> {
    let mut paths = match listed_by_git(root) {
        Some(paths) => paths,
        None => walk(root)?,
    };
    paths.sort();
    let files = paths.iter().filter(|path| root.join(path).is_file()).map(|path| {
        let content = std::fs::read(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
        Ok(File::new(path, &content))
    });
    files.collect()
}

fn listed_by_git(root: &Path) -> Option<Vec<String>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(root);
    let output = git.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let list = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !list.is_empty()).then(|| list.lines().map(str::to_owned).collect())
}

fn walk(root: &Path) -> Result<Vec<String>, String> {
    let mut files = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(root.join(&folder)).map_err(|error| format!("{folder}: {error}"))?;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            match entry.path().is_dir() {
                true if matches!(name.as_str(), "target" | ".git") => {}
                true => folders.push(path),
                false if name.ends_with(".snap.new") => {}
                false => files.push(path),
            }
        }
    }
    Ok(files)
}

/// Rust source with comments, strings and characters blanked; every line keeps its place.
pub(super) fn code(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let skip = comment(rest).or_else(|| literal(rest, out.last().copied()));
        let (len, blank) = match skip {
            Some(len) => (len, true),
            None => (1, false),
        };
        out.extend(rest[..len].iter().map(|&byte| if blank && byte != b'\n' { b' ' } else { byte }));
        rest = &rest[len..];
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The length of the comment at the start, if there is one. Block comments nest.
fn comment(text: &[u8]) -> Option<usize> {
    if text.starts_with(b"//") {
        return Some(text.iter().position(|&byte| byte == b'\n').unwrap_or(text.len()));
    }
    if !text.starts_with(b"/*") {
        return None;
    }
    let (mut depth, mut at) = (0usize, 0);
    while at < text.len() {
        match &text[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] if depth == 1 => return Some(at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    Some(text.len())
}

/// The length of the string or character at the start, if there is one; lifetimes are none.
fn literal(text: &[u8], before: Option<u8>) -> Option<usize> {
    let in_word = before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match text {
        [b'"', ..] => Some(quoted(text, b'"')),
        [b'r', b'"' | b'#', ..] if !in_word => raw(text),
        [b'\'', b'\\', ..] => Some(quoted(text, b'\'')),
        [b'\'', _, b'\'', ..] => Some(3),
        _ => None,
    }
}

fn quoted(text: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < text.len() && text[at] != quote {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(text.len())
}

fn raw(text: &[u8]) -> Option<usize> {
    let hashes = text[1..].iter().take_while(|&&byte| byte == b'#').count();
    if text.get(1 + hashes) != Some(&b'"') {
        return None;
    }
    let end: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
    let body = &text[2 + hashes..];
    let len = body.windows(end.len()).position(|window| window == end).map_or(body.len(), |at| at + end.len());
    Some(2 + hashes + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_comments_and_strings_but_keeps_lines() {
        let text = "a // b\n\"c\\\" d\" e /* f /* g */\n h */ i 'j' 'k: r#\"l\"m\"# n '\\'' o";
        let shown: Vec<String> = code(text).lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(shown, ["a", "e", "i'k:no"]);
    }

    #[test]
    fn the_walk_and_git_agree_that_this_file_exists() {
        let files = read_all(crate::process::root()).expect("the repository can be read");
        assert!(files.iter().any(|file| file.path == "tools/xtask/src/tidy/source.rs" && !file.text.is_empty()));
    }
}

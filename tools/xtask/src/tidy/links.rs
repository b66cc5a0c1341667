//! Links in Markdown, and paths that Markdown names in backticks.

use super::{Finding, House, source::File};

/// Folders of the house: a name in backticks that starts with one of these is a path.
const FOLDERS: [&str; 6] = ["src/", "passes/", "tools/", "ir-tests/", ".cargo/", ".ci/"];

pub(super) fn resolve(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in house.files.iter().filter(|file| file.path.ends_with(".md")) {
        let mut fenced = false;
        for (number, line) in file.lines() {
            fenced ^= line.trim_start().starts_with("```");
            if fenced {
                continue;
            }
            let links = targets(line).filter(|target| !link_resolves(house, file, target));
            findings
                .extend(links.map(|target| Finding::new(file, number, format!("the link to {target} leads nowhere"))));
            let paths = code_spans(line).filter(|span| is_path(span) && !house.has_path(span));
            findings.extend(paths.map(|path| Finding::new(file, number, format!("there is no {path}"))));
        }
    }
    findings
}

/// What the links `[text](target)` of a line point at.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target.trim())
}

fn code_spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Whether a code span is the name of a file or folder rather than a pattern or a command.
fn is_path(span: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    FOLDERS.iter().any(|folder| span.starts_with(folder)) && span.chars().all(plain)
}

fn link_resolves(house: &House, from: &File, target: &str) -> bool {
    if target.contains("://") || target.starts_with("mailto:") {
        return true;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = if path.is_empty() { from.path.clone() } else { joined(&from.path, path) };
    if anchor.is_empty() {
        return house.has_path(&path);
    }
    house.files.iter().any(|file| file.path == path && has_heading(file, anchor))
}

/// A path relative to the folder of a file, without `.` and `..`.
fn joined(from: &str, path: &str) -> String {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut segments: Vec<&str> = folder.split('/').filter(|segment| !segment.is_empty()).collect();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." if segments.last().is_some_and(|last| *last != "..") => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    segments.join("/")
}

/// Whether one of the headings has this anchor: lower case, blanks as hyphens, punctuation dropped.
fn has_heading(file: &File, anchor: &str) -> bool {
    let slug = |heading: &str| -> String {
        let kept = heading.trim().to_lowercase();
        kept.chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect()
    };
    let headings = file.lines().filter(|(_, line)| line.starts_with('#'));
    headings.map(|(_, line)| slug(line.trim_start_matches('#'))).any(|heading| heading == anchor)
}

#[cfg(test)]
mod tests {
    use super::super::house;
    use super::*;

    #[test]
    fn links_must_lead_somewhere() {
        let page = "# Top\n[a](docs/b.md) [c](https://example.org) [d](#top) [e](#nowhere) [f](gone.md)\n\
                    ```\n[g](gone.md)\n```\n[h](docs/b.md#a-part)\n";
        let files = [("README.md", page), ("docs/b.md", "## A part!\n[up](../README.md) [up](../gone.md)")];
        let found: Vec<String> = resolve(&house(&files)).into_iter().map(|finding| finding.what).collect();
        let expected = [
            "the link to #nowhere leads nowhere",
            "the link to gone.md leads nowhere",
            "the link to ../gone.md leads nowhere",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn paths_in_backticks_must_exist() {
        let page = "`src/ir/graph.rs`, `src/ir`, `src/gone.rs`, `ir-tests/<pass>/*.mlir`, `cargo xtask`, `other/x`";
        let found = resolve(&house(&[("A.md", page), ("src/ir/graph.rs", "")]));
        assert_eq!(found.iter().map(|finding| finding.what.as_str()).collect::<Vec<_>>(), ["there is no src/gone.rs"]);
    }
}

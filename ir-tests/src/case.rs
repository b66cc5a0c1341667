//! The format of a test file.
//!
//! ```text
//! // RUN: schedule{algorithm=greedy},place --results=arena
//! ... a module ...
//! // -----
//! ... another one, run on its own ...
//! ```
//!
//! The first line says what is run: a pipeline and flags of `memopt-opt`; `--verify-only` alone for parsing, verifying and
//! printing; `--check` in the second of a pair `<name>.before.mlir` and `<name>.after.mlir`.

/// A test file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// What is done with each chunk.
    pub run: Run,
    /// The modules of the file.
    pub chunks: Vec<Chunk>,
}

/// What a test does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Run {
    /// Parse, verify and print.
    VerifyOnly,
    /// Check this file against its `.before.mlir`.
    Check,
    /// Plan.
    Plan {
        /// The pipeline as text.
        pipeline: String,
        /// The flags after it.
        flags: Flags,
    },
}

/// The flags of `memopt-opt` that a test may give.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Flags {
    /// `--results=arena`: results that are no donated argument lie in the arena.
    pub results_in_arena: bool,
    /// `--budget=...`: as written.
    pub budget: Option<String>,
}

/// A part of a file that is run on its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chunk {
    /// Its text.
    pub text: String,
    /// The line of the file that it starts on, from 1.
    pub first_line: usize,
}

const SEPARATOR: &str = "// -----";

impl Case {
    /// Reads a test file.
    ///
    /// # Errors
    /// What is wrong with its first line.
    pub fn parse(source: &str) -> Result<Case, String> {
        let first = source.lines().next().unwrap_or("");
        let run = first.strip_prefix("// RUN: ").ok_or("the first line must say what is run: // RUN: <pipeline>")?;
        Ok(Case { run: Run::parse(run)?, chunks: chunks(source) })
    }
}

impl Run {
    fn parse(text: &str) -> Result<Run, String> {
        match text.trim() {
            "--verify-only" => return Ok(Run::VerifyOnly),
            "--check" => return Ok(Run::Check),
            _ => {}
        }
        // The pipeline may have blanks between its options, so it ends where the first flag begins.
        let (pipeline, flags) = text.split_once(" --").map_or((text, ""), |(pipeline, flags)| (pipeline, flags));
        let mut parsed = Flags::default();
        for flag in flags.split(" --").map(str::trim).filter(|flag| !flag.is_empty()) {
            match flag.split_once('=').unwrap_or((flag, "")) {
                ("results", "arena") => parsed.results_in_arena = true,
                ("results", "caller") => parsed.results_in_arena = false,
                ("budget", bytes) => parsed.budget = Some(bytes.to_owned()),
                _ => return Err(format!("tests know no flag --{flag}")),
            }
        }
        Ok(Run::Plan { pipeline: pipeline.trim().to_owned(), flags: parsed })
    }
}

fn chunks(source: &str) -> Vec<Chunk> {
    let mut chunks = vec![Chunk { text: String::new(), first_line: 1 }];
    for (i, line) in source.lines().enumerate() {
        if line.trim_end() == SEPARATOR {
            chunks.push(Chunk { text: String::new(), first_line: i + 2 });
            continue;
        }
        let chunk = chunks.last_mut().expect("there is a first chunk");
        chunk.text.push_str(line);
        chunk.text.push('\n');
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_pipeline_and_flags() {
        let case = Case::parse("// RUN: recompute{budget=2GiB x=1},place --results=arena --budget=1KiB\nm\n").unwrap();
        let flags = Flags { results_in_arena: true, budget: Some("1KiB".to_owned()) };
        assert_eq!(case.run, Run::Plan { pipeline: "recompute{budget=2GiB x=1},place".to_owned(), flags });
    }

    #[test]
    fn splits_chunks_and_keeps_their_lines() {
        let case = Case::parse("// RUN: --verify-only\na\n// -----\nb\n").unwrap();
        let lines: Vec<usize> = case.chunks.iter().map(|chunk| chunk.first_line).collect();
        assert_eq!((case.run, lines), (Run::VerifyOnly, vec![1, 4]));
        assert_eq!(case.chunks[1].text, "b\n");
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(Case::parse("module {}").is_err());
        assert!(Case::parse("// RUN: place --result=arena").is_err());
    }
}

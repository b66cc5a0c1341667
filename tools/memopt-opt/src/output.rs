//! Writing files: all of it or nothing.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Why an output cannot be written.
#[derive(Debug)]
pub struct OutputError {
    /// The file.
    pub name: String,
    /// What the system says.
    pub error: io::Error,
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write {}: {}", self.name, self.error)
    }
}

impl std::error::Error for OutputError {}

/// Writes a text to a file, or to standard output for `None` and `-`.
///
/// # Errors
/// If it cannot be written; a file of this name is then left as it was.
pub fn write(path: Option<&Path>, text: &str) -> Result<(), OutputError> {
    write_all(&[(path, text)])
}

/// Writes several texts, each as [`write()`] does: nothing is replaced before everything that can fail early has been done.
///
/// # Errors
/// If one of them cannot be written.
pub fn write_all(outputs: &[(Option<&Path>, &str)]) -> Result<(), OutputError> {
    let bytes: Vec<(Option<&Path>, &[u8])> = outputs.iter().map(|&(path, text)| (path, text.as_bytes())).collect();
    write_bytes(&bytes)
}

/// [`write_all`] of what need not be text.
///
/// # Errors
/// If one of them cannot be written.
pub fn write_bytes(outputs: &[(Option<&Path>, &[u8])]) -> Result<(), OutputError> {
    let mut staged = Vec::new();
    for &(path, bytes) in outputs {
        let path = path.filter(|path| *path != Path::new("-"));
        let name = path.map_or("<stdout>".to_owned(), |path| path.display().to_string());
        match Staged::new(path, bytes) {
            Ok(stage) => staged.push((name, stage)),
            Err(error) => return Err(OutputError { name, error }),
        }
    }
    for (name, stage) in staged {
        stage.commit().map_err(|error| OutputError { name, error })?;
    }
    Ok(())
}

/// An output that is about to appear.
enum Staged<'t> {
    /// Bytes for standard output.
    Stdout(&'t [u8]),
    /// Bytes for something that is no plain file, such as a device.
    Special(File, &'t [u8]),
    /// A temporary file beside the target, that is going to be renamed: so nobody ever sees half of it.
    File(NamedTempFile, PathBuf),
}

impl<'t> Staged<'t> {
    fn new(path: Option<&Path>, bytes: &'t [u8]) -> io::Result<Staged<'t>> {
        let Some(path) = path else { return Ok(Staged::Stdout(bytes)) };
        // Renaming onto a link would replace the link, and onto a device the device.
        let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if target.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Ok(Staged::Special(File::options().write(true).open(&target)?, bytes));
        }
        let mut file = temporary_file(&directory_of(&target))?;
        file.write_all(bytes)?;
        Ok(Staged::File(file, target))
    }

    fn commit(self) -> io::Result<()> {
        match self {
            Staged::Stdout(bytes) => write_stdout(bytes),
            Staged::Special(mut file, bytes) => file.write_all(bytes),
            Staged::File(file, target) => file.persist(target).map(drop).map_err(|error| error.error),
        }
    }
}

/// A reader that went away, as `head` does, has what it wanted.
fn write_stdout(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A temporary file with the rights of an ordinary new file: it is going to be one.
fn temporary_file(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".memopt-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory)
}

/// Writes a text to standard error. Where that is closed, there is nobody to tell.
pub fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_replaced_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out.mlir");
        write(Some(&path), "first, longer").unwrap();
        write(Some(&path), "second").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "second");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn a_directory_that_is_not_there_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let error = write(Some(&directory.path().join("no/out.mlir")), "").unwrap_err();
        assert!(error.to_string().starts_with("cannot write "), "{error}");
    }

    #[test]
    fn several_files_appear_together_or_not_at_all() {
        let directory = tempfile::tempdir().unwrap();
        let (good, bad) = (directory.path().join("out.mlir"), directory.path().join("no/report.json"));
        write_all(&[(Some(&good), "text"), (Some(&bad), "text")]).unwrap_err();
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed() {
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("file"), directory.path().join("link"));
        std::fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(Some(&link), "new").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        assert!(link.is_symlink());
    }
}

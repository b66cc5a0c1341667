//! Running other programs, and where things lie.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    // This crate lies at tools/xtask.
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("xtask lies two folders deep")
}

/// The cargo that started us, so that toolchain overrides hold.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// Runs a command, its output passing through; an error names it.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let name = display(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{name}` failed ({status})")),
        Err(error) => Err(format!("`{name}` did not start: {error}")),
    }
}

/// Whether a command can be run and succeeds; its output is dropped.
pub(crate) fn succeeds(program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Builds `memopt-opt` in release mode, progress visible, and says where the binary is.
pub(crate) fn build_memopt_opt() -> Result<PathBuf, String> {
    let mut build = cargo();
    // Without HiGHS, whose C++ takes minutes to build: neither the demo nor the corpus asks for integer programs.
    build.args(["build", "--release", "--package", "memopt-opt", "--no-default-features"]);
    build.arg("--message-format=json-render-diagnostics");
    let output = build.stderr(Stdio::inherit()).output().map_err(|error| format!("cargo did not start: {error}"))?;
    if !output.status.success() {
        return Err("memopt-opt does not build".to_owned());
    }
    executable(&String::from_utf8_lossy(&output.stdout), "memopt-opt").ok_or("cargo built no memopt-opt".to_owned())
}

/// The path of the named binary in cargo's JSON messages: the target folder may be anywhere.
fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut built = messages.filter(|message| message["target"]["name"] == name);
    built.find_map(|message| message["executable"].as_str().map(PathBuf::from))
}

/// A folder for intermediate files.
pub(crate) fn scratch() -> Result<PathBuf, String> {
    let folder = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(target) => root().join(target),
        None => root().join("target"),
    };
    let folder = folder.join("xtask");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

fn display(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(program).chain(arguments).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_binary_in_cargo_messages() {
        let messages = "{\"target\":{\"name\":\"a\"},\"executable\":null}\nnoise\n\
                        {\"target\":{\"name\":\"memopt-opt\"},\"executable\":null}\n\
                        {\"target\":{\"name\":\"memopt-opt\"},\"executable\":\"/t/memopt-opt\"}\n";
        assert_eq!(executable(messages, "memopt-opt"), Some(PathBuf::from("/t/memopt-opt")));
    }
}

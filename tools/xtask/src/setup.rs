//! `setup`: what a command needs from the system, and its installation on Debian and Ubuntu.
//!
//! Nothing is asked: standard input is never read.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Outcome, process};

/// Something a command needs.
struct Need {
    what: &'static str,
    why: &'static str,
    /// Without it the command cannot run; otherwise it runs with less.
    required: bool,
    present: fn() -> bool,
    install: fn() -> Outcome,
}

const DEMO: &[Need] = &[Need {
    what: "a C compiler (gcc or clang, as `cc`)",
    why: "Rust links with it",
    required: true,
    present: || process::succeeds("cc", &["--version"]),
    install: || apt_get("gcc libc6-dev"),
}];

const TEST: &[Need] = &[
    Need {
        what: "a C++ compiler (g++ or clang++, as `c++`)",
        why: "HiGHS, the solver of schedule{algorithm=ilp}, which is built from source",
        required: true,
        present: || process::succeeds("c++", &["--version"]),
        install: || apt_get("g++"),
    },
    Need {
        what: "cmake",
        why: "the build of HiGHS",
        required: true,
        present: || process::succeeds("cmake", &["--version"]),
        install: || apt_get("cmake make"),
    },
    Need {
        what: "libclang (Debian: libclang-dev)",
        why: "bindgen, which reads the header of HiGHS",
        required: true,
        present: has_libclang,
        install: || apt_get("libclang-dev"),
    },
    Need {
        what: "rustfmt",
        why: "the format step",
        required: true,
        present: || process::succeeds("cargo", &["fmt", "--version"]),
        install: || rustup_component("rustfmt"),
    },
    Need {
        what: "clippy",
        why: "the lint step",
        required: true,
        present: || process::succeeds("cargo", &["clippy", "--version"]),
        install: || rustup_component("clippy"),
    },
    Need {
        what: "mlir-opt of LLVM 22 (/usr/lib/llvm-22/bin/mlir-opt)",
        why: "the tests that send our output through MLIR's own parser; without it they skip themselves",
        required: false,
        present: || Path::new("/usr/lib/llvm-22/bin/mlir-opt").exists(),
        install: || apt_get("mlir-22-tools"),
    },
    Need {
        what: "LLVM and MLIR 22 to link with (libmlir-22-dev)",
        why: "native code; without it its tests are left out",
        required: false,
        present: has_mlir,
        install: || {
            apt_get("llvm-22-dev libmlir-22-dev libpolly-22-dev libzstd-dev libclang1-22 libclang-common-22-dev g++")
        },
    },
];

/// Whether what the crates with the feature `mlir` link with is installed.
pub(crate) fn has_mlir() -> bool {
    let files = ["include/mlir-c/IR.h", "lib/libPolly.a", "lib/libclang-22.so.1", "bin/llvm-config"];
    let llvm = Path::new("/usr/lib/llvm-22");
    let stddef = llvm.join("lib/clang/22/include/stddef.h");
    files.iter().all(|file| llvm.join(file).exists()) && stddef.exists() && process::succeeds("g++", &["--version"])
}

/// Where bindgen looks on Debian: `llvm-config`'s folders, and the system's own.
fn has_libclang() -> bool {
    let folders =
        ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];
    let folders = folders.iter().map(PathBuf::from).chain(std::env::var_os("LIBCLANG_PATH").map(PathBuf::from));
    let of_llvm = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    let of_llvm = of_llvm.filter(|path| path.to_string_lossy().contains("/llvm")).map(|path| path.join("lib"));
    let is_libclang = |name: &str| {
        let rest = name.strip_prefix("libclang").unwrap_or("x");
        (rest.starts_with(".so") || rest.starts_with(['-']) && rest.contains(".so")) && !name.contains("cpp")
    };
    let holds = |folder: PathBuf| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name()).any(|name| is_libclang(&name.to_string_lossy()))
    };
    folders.chain(of_llvm).any(holds)
}

pub(crate) fn run(arguments: &[String]) -> Outcome {
    match arguments.first().map_or("test", String::as_str) {
        "demo" => for_demo(),
        "test" => for_test(),
        other => Err(format!("nothing is known about setting up `{other}`; use demo or test")),
    }
}

/// What `demo` needs. Never LLVM, and no solver, which needs libclang to build.
pub(crate) fn for_demo() -> Outcome {
    provide(DEMO.iter())
}

/// What `test` needs.
pub(crate) fn for_test() -> Outcome {
    provide(DEMO.iter().chain(TEST))
}

/// Installs what is missing. Fails only where something required is still missing afterwards.
fn provide<'a>(needs: impl Iterator<Item = &'a Need>) -> Outcome {
    let mut missing = Vec::new();
    for need in needs.filter(|need| !(need.present)()) {
        println!("missing: {}, for {}", need.what, need.why);
        let problem = match (need.install)() {
            Ok(()) if (need.present)() => continue,
            Ok(()) => "it is still not found".to_owned(),
            Err(problem) => problem,
        };
        println!("not installed: {}: {problem}", need.what);
        if need.required {
            missing.push(need.what);
        }
    }
    match missing[..] {
        [] => Ok(()),
        _ => Err(format!("please install: {}", missing.join(", "))),
    }
}

fn apt_get(packages: &str) -> Outcome {
    if !process::succeeds("apt-get", &["--version"]) {
        return Err(format!("no apt-get here (Debian calls it {packages})"));
    }
    let sudo: &[&str] = match process::succeeds("sh", &["-c", "test $(id -u) = 0"]) {
        true => &[],
        // -n: fail rather than ask for a password.
        false if process::succeeds("sudo", &["-n", "true"]) => &["sudo", "-n"],
        false => return Err(format!("needs root: apt-get install {packages}")),
    };
    println!("installing: apt-get install {packages}");
    let install = |arguments: &str| {
        let words: Vec<&str> = sudo.iter().copied().chain(arguments.split_whitespace()).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        process::run(&mut command)
    };
    let environment = "env DEBIAN_FRONTEND=noninteractive apt-get -q -y";
    let wanted = format!("{environment} install --no-install-recommends {packages}");
    // The package lists may be old or absent: refresh them only when the first try fails.
    install(&wanted).or_else(|_| install(&format!("{environment} update")).and_then(|()| install(&wanted)))
}

fn rustup_component(name: &str) -> Outcome {
    println!("installing: rustup component add {name}");
    process::run(Command::new("rustup").args(["component", "add", name]).stdin(Stdio::null()))
}

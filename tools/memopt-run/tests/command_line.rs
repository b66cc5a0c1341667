//! The tool as people call it: files, modes, exit codes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// `c = tanh(tanh x) + x`, with a plan that puts the inner value at byte 0 and the outer one at byte `at`.
fn planned(at: u32) -> String {
    let f = "tensor<16xf32>";
    format!(
        "\"func.func\"() <{{function_type = ({f}) -> ({f}), sym_name = \"main\"}}> ({{ ^bb0(%x: {f}):\n\
         %a = \"stablehlo.tanh\"(%x) {{memopt.offsets = array<i64: 0>}} : ({f}) -> {f}\n\
         %b = \"stablehlo.tanh\"(%a) {{memopt.offsets = array<i64: {at}>}} : ({f}) -> {f}\n\
         %c = \"stablehlo.add\"(%a, %b) {{memopt.offsets = array<i64: -1>}} : ({f}, {f}) -> {f}\n\
         \"func.return\"(%c) : ({f}) -> () }}) {{memopt.arena_size = 128 : i64, memopt.donations = [], \
         memopt.results = \"caller\"}} : () -> ()\n"
    )
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder"))
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    }
}

fn run(input: &Path, flags: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_memopt-run"));
    let Output { status, stdout, stderr } = command.arg(input).args(flags).output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (status.code().expect("an exit code"), text(stdout), text(stderr))
}

#[test]
fn a_plan_runs_in_its_arena_and_equals_the_run_on_values() {
    let folder = Folder::new();
    let (program, out) = (folder.file("p.mlir", &planned(64)), folder.0.path().join("out.safetensors"));
    let out = out.to_str().expect("a path");
    let (code, _, stderr) = run(&program, &["--random-inputs=1", "--mode=values", "--outputs", out]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let (code, stdout, stderr) =
        run(&program, &["--random-inputs=1", "--mode=both", "--compare", out, "--tolerance=0", "--repeat=2"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("run 2: ") && stdout.contains("out.000  16xf32"), "{stdout}");
    let (code, stdout, _) = run(&program, &["--random-inputs=2", "--compare", out]);
    assert_eq!(code, 1);
    assert!(stdout.contains("TOO FAR"), "{stdout}");
}

#[test]
fn wrong_plans_stop_at_the_operation_that_notices() {
    let folder = Folder::new();
    // In part over its own operand; over a value that is read later; beyond the end of the arena.
    let cases = [
        (32, "%b overwrites %a, which it still reads"),
        (0, "%a is read from bytes 0 to 64 of the arena, but byte 0 holds %b"),
        (96, "it has 128"),
    ];
    for (at, expected) in cases {
        let program = folder.file("p.mlir", &planned(at));
        let (code, _, stderr) = run(&program, &["--random-inputs=1"]);
        assert_eq!(code, 1, "{stderr}");
        let flat = stderr.replace(['\n', '│'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(expected), "{stderr}");
        assert_eq!(run(&program, &["--random-inputs=1", "--mode=values"]).0, 0, "values ignore the plan");
    }
}

#[test]
fn what_is_missing_is_said() {
    let folder = Folder::new();
    let program = folder.file("p.mlir", &planned(64));
    let (code, _, stderr) = run(&program, &[]);
    assert!(code == 1 && stderr.contains("--random-inputs"), "{stderr}");
    let (code, _, stderr) = run(&program, &["--inputs=absent.safetensors"]);
    assert!(code == 2 && stderr.contains("absent.safetensors"), "{stderr}");
    assert_eq!(run(Path::new("absent.mlir"), &[]).0, 2);
    assert_eq!(run(&program, &["--backend=none"]).0, 2);
    let (code, _, stderr) = run(&program, &["--random-inputs=1", "--max-steps=1"]);
    assert!(code == 1 && stderr.contains("--max-steps"), "{stderr}");
    let (code, _, stderr) = run(&program, &["--random-inputs=1", "--max-bytes=100"]);
    assert!(code == 1 && stderr.contains("--max-bytes"), "{stderr}");
    let unplanned = folder.file("u.mlir", &planned(64).replace("memopt.arena_size = 128 : i64, ", ""));
    let (code, _, stderr) = run(&unplanned, &["--random-inputs=1", "--mode=arena"]);
    assert!(code == 1 && stderr.contains("has no plan to run"), "{stderr}");
}

#[test]
fn absurd_sizes_are_refused_before_they_are_allocated() {
    let folder = Folder::new();
    let wide = "tensor<1099511627776xf64>";
    let text = format!(
        "\"func.func\"() <{{function_type = () -> ({wide}), sym_name = \"main\"}}> ({{ \
         %a = \"stablehlo.iota\"() <{{iota_dimension = 0 : i64}}> : () -> {wide} \
         \"func.return\"(%a) : ({wide}) -> () }}) : () -> ()"
    );
    let (code, _, stderr) = run(&folder.file("w.mlir", &text), &[]);
    assert!(code == 1 && stderr.contains("larger than a run may hold"), "{stderr}");
    let endless = "\"func.func\"() <{function_type = () -> (), sym_name = \"main\"}> ({ \
        %i = \"stablehlo.constant\"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1> \
        %w = \"stablehlo.while\"(%i) ({ ^bb0(%k: tensor<i1>): \"stablehlo.return\"(%k) : (tensor<i1>) -> () }, { \
        ^bb0(%k: tensor<i1>): \"stablehlo.return\"(%k) : (tensor<i1>) -> () }) : (tensor<i1>) -> tensor<i1> \
        \"func.return\"() : () -> () }) : () -> ()";
    let (code, _, stderr) = run(&folder.file("e.mlir", endless), &["--max-steps=1000"]);
    assert!(code == 1 && stderr.contains("more than 1000 operations"), "{stderr}");
}

#[test]
fn deep_nesting_and_endless_calls_are_no_danger() {
    let folder = Folder::new();
    let mut inner = "\"stablehlo.return\"(%x) : (tensor<f32>) -> ()".to_owned();
    for level in 0..200 {
        inner = format!(
            "%r{level} = \"stablehlo.if\"(%p) ({{ {inner} }}, {{ \"stablehlo.return\"(%x) : (tensor<f32>) -> () }}) : \
             (tensor<i1>) -> tensor<f32> \"stablehlo.return\"(%r{level}) : (tensor<f32>) -> ()"
        );
    }
    let text = format!(
        "\"func.func\"() <{{function_type = (tensor<i1>, tensor<f32>) -> (tensor<f32>), sym_name = \"main\"}}> ({{ \
         ^bb0(%p: tensor<i1>, %x: tensor<f32>): {} \"func.return\"(%r199) : (tensor<f32>) -> () }}) : () -> ()",
        inner.strip_suffix(" \"stablehlo.return\"(%r199) : (tensor<f32>) -> ()").expect("the last return")
    );
    let (code, _, stderr) = run(&folder.file("d.mlir", &text), &["--random-inputs=1"]);
    assert_eq!(code, 0, "{stderr}");
    let calls = "\"func.func\"() <{function_type = () -> (), sym_name = \"main\"}> ({ \"func.call\"() \
        <{callee = @main}> : () -> () \"func.return\"() : () -> () }) : () -> ()";
    let (code, _, stderr) = run(&folder.file("c.mlir", calls), &[]);
    assert!(code == 1 && stderr.contains("deep"), "{stderr}");
}

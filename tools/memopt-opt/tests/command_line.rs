//! The tool as it is run: flags, files, exit codes.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_memopt-opt"));
    command.args(arguments);
    command
}

/// Runs the tool with nothing on standard input.
fn run(arguments: &[&str]) -> Output {
    run_on("", arguments)
}

/// Runs the tool with a text on standard input.
fn run_on(input: &str, arguments: &[&str]) -> Output {
    let mut command = command(arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the tool starts");
    // A tool that stops at a wrong flag does not read; its exit code is what counts.
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    child.wait_with_output().expect("the tool ends")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

#[track_caller]
fn assert_usage_error(output: &Output, message: &str) {
    assert_eq!(output.status.code(), Some(2), "{}", stderr(output));
    assert!(stderr(output).contains(message), "{message} in\n{}", stderr(output));
    assert_eq!(stdout(output), "");
}

/// A function of two operations.
fn function(name: &str) -> String {
    format!(
        r#""func.func"() <{{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "{name}"}}> ({{
^bb0(%x: tensor<16xf32>):
  %0 = "stablehlo.negate"(%x) : (tensor<16xf32>) -> tensor<16xf32>
  %1 = "stablehlo.add"(%0, %x) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
  "func.return"(%1) : (tensor<16xf32>) -> ()
}}) : () -> ()
"#
    )
}

/// Runs the tool with a report; returns the report as text without space.
fn report_of(input: &str, arguments: &[&str]) -> String {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("report.json");
    let output = run_on(input, &[arguments, &[&format!("--report={}", path(&file))]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = std::fs::read_to_string(&file).expect("written");
    text.split_whitespace().collect()
}

#[test]
fn help_and_version_are_fine() {
    for flag in ["--help", "-h", "--version"] {
        let output = run(&[flag]);
        assert_eq!(output.status.code(), Some(0));
        assert!(stdout(&output).contains("memopt-opt"));
    }
}

#[test]
fn passes_are_listed_with_options_and_presets() {
    let output = run(&["--list-passes"]);
    assert_eq!(output.status.code(), Some(0));
    for word in ["inplace", "schedule", "algorithm", "place", "Presets:", "default"] {
        assert!(stdout(&output).contains(word), "{word}");
    }
}

#[test]
fn the_pipeline_is_shown_in_canonical_form() {
    let output = run(&["--show-pipeline", "--pass-pipeline", " schedule{ algorithm=greedy } , place "]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stdout(&output), "schedule{algorithm=greedy},place\n");
    assert_eq!(run(&["--show-pipeline"]).stdout, run(&["--show-pipeline", "--preset=default"]).stdout);
}

#[test]
fn wrong_pipelines_are_usage_errors_that_point_at_the_place() {
    assert_usage_error(&run(&["-p", "schedule,plaice"]), "did you mean `place`?");
    assert_usage_error(&run(&["-p", "schedule,plaice"]), "--pass-pipeline:1:10");
    assert_usage_error(&run(&["-p", "schedule{algorithm=gready}"]), "did you mean `greedy`?");
    assert_usage_error(&run(&["-p", "place,schedule"]), "cannot run after `place`");
    assert_usage_error(&run(&["--preset=quick"]), "no preset has the name `quick`");
}

#[test]
fn wrong_flags_are_usage_errors() {
    assert_usage_error(&run(&["--no-such-flag"]), "--no-such-flag");
    assert_usage_error(&run(&["-p", "place", "--preset=fast"]), "cannot be used with");
    assert_usage_error(&run(&["--budget=much"]), "expected a number of bytes");
    assert_usage_error(&run(&["-p", "place", "--budget=2GiB"]), "--budget=2GiB cannot be kept");
    assert_usage_error(&run(&["--target=abacus"]), "no target has this name");
    assert_usage_error(&run(&["--results=nobody"]), "possible values: caller, arena");
    assert_usage_error(&run(&["--report=-"]), "the report needs a file");
    assert_usage_error(&run(&["--print-ir-after=plaice"]), "did you mean `place`?");
    assert_usage_error(&run(&["--check", "before.mlir"]), "2 values required");
}

#[test]
fn files_that_cannot_be_read_are_usage_errors() {
    assert_usage_error(&run(&["/no/such/file.mlir"]), "cannot read /no/such/file.mlir");
    assert_usage_error(&run(&["--check", "/no/before.mlir", "/no/after.mlir"]), "cannot read /no/before.mlir");
    assert_usage_error(&run_on("// longer", &["--max-input-bytes=4"]), "<stdin> is longer than 4 bytes");
}

#[test]
fn errors_of_the_input_exit_with_one_and_leave_no_output() {
    let directory = tempfile::tempdir().expect("a directory");
    let out = directory.path().join("out.mlir");
    let output = run_on("// fine\n\"oh no\n", &["-o", path(&out)]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("<stdin>:2:"), "{}", stderr(&output));
    assert!(!out.exists());
}

#[test]
fn expected_errors_are_fine_and_others_are_not() {
    let output = run_on("// expected-error@+1 {{}}\n\"oh no\n", &["--verify-diagnostics"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), "");
    let output = run_on("// expected-error@+1 {{purple}}\n\"oh no\n", &["--verify-diagnostics"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("was not produced: purple"), "{}", stderr(&output));
    let output = run_on("// expected-warning {{nothing}}\n", &["--verify-diagnostics"]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn parts_of_a_file_are_read_on_their_own() {
    let source = "// nothing\n// -----\n\"oh no\n// -----\n// nothing\n";
    let output = run_on(source, &["--split-input-file"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("<stdin>:3:"), "places are those of the whole file: {}", stderr(&output));
    let output = run_on("// nothing\n// -----\n// nothing\n", &["--split-input-file"]);
    assert_eq!(output.status.code(), Some(0));
    let single = stdout(&run_on("// nothing\n", &[]));
    assert_eq!(stdout(&output), format!("{single}// -----\n{single}"));
}

#[test]
fn verification_alone_prints_nothing() {
    let output = run_on("// nothing\n", &["--verify-only"]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""));
}

#[test]
fn output_and_report_are_written() {
    let directory = tempfile::tempdir().expect("a directory");
    let (out, report) = (directory.path().join("out.mlir"), directory.path().join("report.json"));
    let flags = ["-o", path(&out), &format!("--report={}", path(&report))];
    let output = run_on("// nothing\n", &flags);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""));
    assert_eq!(std::fs::read_to_string(&out).expect("written"), stdout(&run_on("// nothing\n", &[])));
    assert_eq!(std::fs::read_to_string(&report).expect("written"), "[]\n", "no function, no object");
}

#[test]
fn each_function_has_its_report() {
    let (f, g) = (function("f"), function("g"));
    let one = report_of(&f, &[]);
    assert!(one.starts_with(r#"{"memopt":"#) && one.contains(r#""function":"f""#), "{one}");
    let two = report_of(&format!("{f}{g}"), &[]);
    assert!(two.starts_with(r#"[{"memopt":"#) && two.contains(r#""function":"g""#), "{two}");
    let chosen = report_of(&format!("{f}{g}"), &["--function=g"]);
    assert!(chosen.starts_with('{') && !chosen.contains(r#""function":"f""#), "{chosen}");
    let parts = report_of(&format!("{f}// -----\n{g}"), &["--split-input-file"]);
    assert!(parts.starts_with('[') && parts.contains(r#""function":"g""#), "{parts}");
}

#[test]
fn a_function_is_planned_and_summarized() {
    let output = run_on(&function("main"), &["--stats", "--timing"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("stablehlo.negate"));
    for word in ["@main: 2 operations", "program order", "schedule", "rest"] {
        assert!(stderr(&output).contains(word), "{word} in\n{}", stderr(&output));
    }
    let again = run_on(&function("main"), &[]);
    assert_eq!(again.stdout, output.stdout, "same input, same plan");
    assert_eq!(stderr(&again), "", "silent unless asked or on a terminal");
}

#[test]
fn a_plan_is_explained() {
    let output = run_on(&function("main"), &["--explain", "--results=arena"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    // Of 64 bytes each: the sum takes over the bytes of %0, the only ones there are.
    let expected = "\
@main: 64 B live in step 1 of 2
  stablehlo.negate (line 3)
             64 B   %0 is written here
                    made by stablehlo.negate (line 3)
                    last read by stablehlo.add (line 4)
  why
             64 B   in 1 buffer: is written here
  no order needs less than 64 B, at the end
             64 B   %1 made by stablehlo.add (line 4)
  so another order frees nothing; computing values again, or not storing them, would
";
    assert_eq!(stderr(&output).trim_end(), expected.trim_end());
    let report = report_of(&function("main"), &["--explain", "--results=arena"]);
    for part in [r#""live":64"#, r#""why":"written""#, r#""last_reader":{"name":"stablehlo.add","line":4"#] {
        assert!(report.contains(part), "{part} in {report}");
    }
    assert!(!report_of(&function("main"), &[]).contains("explain"), "only where it is asked for");
}

#[test]
fn ir_is_printed_around_passes() {
    let dumps = |flag: &str| {
        let output = run_on(&function("main"), &["-p", "schedule,place", flag]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let dumps = stderr(&output);
        let headers = dumps.lines().filter_map(|line| line.strip_prefix("// -----// IR dump "));
        headers.map(|header| header.replace(" of @main //----- //", "")).collect::<Vec<_>>()
    };
    assert_eq!(dumps("--print-ir-before"), ["before schedule", "before place"]);
    assert_eq!(dumps("--print-ir-before=place"), ["before place"]);
    assert_eq!(dumps("--print-ir-after=schedule"), ["after schedule"]);
    assert_eq!(dumps("--print-ir-after-all"), ["after schedule", "after place"]);
    assert_eq!(dumps("--verify-each=false"), Vec::<String>::new());
}

/// One update for each of four rows of a splat, and one operation twice.
const SCATTER: &str = r#""func.func"() <{function_type = (tensor<4x1x1xi32>, tensor<4x1xf32>) -> tensor<4x9xf32>, sym_name = "main"}> ({
^bb0(%i: tensor<4x1x1xi32>, %u: tensor<4x1xf32>):
  %zeros = "stablehlo.constant"() <{value = dense<0.0> : tensor<4x9xf32>}> : () -> tensor<4x9xf32>
  %s = "stablehlo.scatter"(%zeros, %i, %u) <{scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [1], input_batching_dims = [0], scatter_indices_batching_dims = [0], scatter_dims_to_operand_dims = [1], index_vector_dim = 2>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %c = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%c) : (tensor<f32>) -> ()
  }) : (tensor<4x9xf32>, tensor<4x1x1xi32>, tensor<4x1xf32>) -> tensor<4x9xf32>
  %1 = "stablehlo.tanh"(%s) : (tensor<4x9xf32>) -> tensor<4x9xf32>
  %2 = "stablehlo.tanh"(%s) : (tensor<4x9xf32>) -> tensor<4x9xf32>
  %3 = "stablehlo.add"(%1, %2) : (tensor<4x9xf32>, tensor<4x9xf32>) -> tensor<4x9xf32>
  "func.return"(%3) : (tensor<4x9xf32>) -> ()
}) : () -> ()
"#;

#[test]
fn a_plan_is_proven_against_the_program_as_read_or_as_rewritten() {
    let directory = tempfile::tempdir().expect("a directory");
    let [read, rewritten, planned] = ["read", "rewritten", "planned"].map(|name| directory.path().join(name));
    std::fs::write(&read, SCATTER).expect("written");
    let check = |before: &Path| run(&["--check", path(before), path(&planned)]).status.code();
    let output = run(&[path(&read), "-p", "cse,schedule,place", "-o", path(&planned)]);
    assert_eq!((output.status.code(), check(&read)), (Some(0), Some(0)), "{}", stderr(&output));
    assert!(std::fs::read_to_string(&planned).expect("text").matches("stablehlo.tanh").count() == 1);

    let pipeline = "indexing,cse,schedule,place";
    let print = "--print-ir-after=indexing";
    let output = run(&[path(&read), "-p", pipeline, print, "-o", path(&planned)]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    std::fs::write(&rewritten, stderr(&output)).expect("written");
    assert_eq!((check(&rewritten), check(&read)), (Some(0), Some(3)));
    assert!(report_of(SCATTER, &["-p", pipeline]).contains(r#""rewritten_by":["indexing"]"#));
    assert!(!report_of(&function("main"), &["-p", pipeline]).contains("rewritten_by"), "there is nothing to rewrite");
    let late = run(&["-p", "schedule,indexing"]);
    assert_usage_error(&late, "pass `indexing` cannot run after `schedule`");
}

#[test]
fn invalid_ir_is_refused_before_any_pass() {
    let early = function("main").replace("(%0, %x)", "(%1, %x)");
    let output = run_on(&early, &["--print-ir-before"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!stderr(&output).contains("IR dump"), "{}", stderr(&output));
}

#[test]
fn compressed_files_are_read_like_others() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("in.mlir.gz");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(function("main").as_bytes()).expect("memory");
    std::fs::write(&file, encoder.finish().expect("memory")).expect("written");
    assert_eq!(run(&[path(&file)]).stdout, run_on(&function("main"), &[]).stdout);
}

#[test]
fn an_unknown_function_names_the_known_ones() {
    let output = run_on("// nothing\n", &["--function=main"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("no function @main has a body"), "{}", stderr(&output));
    let output = run_on(&function("main"), &["--function=mian"]);
    assert!(stderr(&output).contains("did you mean `main`?"), "{}", stderr(&output));
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut command = command(&["--list-passes"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the tool starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the tool ends");
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn a_plan_for_one_machine_is_right_on_another_and_not_for_other_code() {
    let directory = tempfile::tempdir().expect("a directory");
    let [before, after, machine] =
        ["before.mlir", "after.mlir", "machine.toml"].map(|name| directory.path().join(name));
    std::fs::write(&before, function("main")).expect("written");
    std::fs::write(&machine, "flops_per_second = 1e12\nbytes_per_second = 1e11\n").expect("written");
    let planned = run(&[path(&before), &format!("--target={}", path(&machine)), "-o", path(&after)]);
    assert_eq!(planned.status.code(), Some(0), "{}", stderr(&planned));
    for (target, exit) in [("generic", 0), ("h100", 0), ("native", 3)] {
        let checked = run(&[&format!("--target={target}"), "--check", path(&before), path(&after)]);
        assert_eq!(checked.status.code(), Some(exit), "{target}: {}", stderr(&checked));
    }
    std::fs::write(&machine, "flops_per_second = 0\nbytes_per_second = 1e11\n").expect("written");
    let refused = run(&[path(&before), &format!("--target={}", path(&machine))]);
    assert_usage_error(&refused, "flops_per_second is 0; write a number of at least 1");
}

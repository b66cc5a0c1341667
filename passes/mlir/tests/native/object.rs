//! Ahead of time: an object file and a header, linked by a C program that knows nothing of memopt.

use std::process::Command;

use memopt::pass::ResultsIn;
use memopt::text::{ParseLimits, parse};
use memopt_mlir::LowerOptions;
use memopt_mlir::jit::write_object;

use crate::lower_with;

const MODULE: &str = r#"
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{}, {tf.aliasing_output = 1 : i32}], function_type = (tensor<3x4xf32>, tensor<3xf32>) -> (tensor<3x4xf32>, tensor<3xf32>), sym_name = "main"}> ({
  ^bb0(%a: tensor<3x4xf32>, %s: tensor<3xf32>):
    %0 = "stablehlo.multiply"(%a, %a) : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
    %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
    %1 = "stablehlo.reduce"(%0, %zero) <{dimensions = array<i64: 1>}> ({
    ^bb0(%x: tensor<f32>, %y: tensor<f32>):
      %sum = "stablehlo.add"(%x, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%sum) : (tensor<f32>) -> ()
    }) : (tensor<3x4xf32>, tensor<f32>) -> tensor<3xf32>
    %2 = "stablehlo.add"(%1, %s) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
    %3 = "stablehlo.negate"(%0) : (tensor<3x4xf32>) -> tensor<3x4xf32>
    "func.return"(%3, %2) : (tensor<3x4xf32>, tensor<3xf32>) -> ()
  }) : () -> ()
}) : () -> ()
"#;

const PROGRAM: &str = r#"
#include <stdio.h>
#include "plan.h"
_Alignas(MAIN_PLAN_ALIGNMENT) static unsigned char arena[MAIN_PLAN_ARENA_BYTES + 1];
_Alignas(MAIN_PLAN_ALIGNMENT) static float a[12], s[3] = {100, 200, 300}, out[12];
int main(void) {
    for (int i = 0; i < 12; i++) a[i] = i;
    if (sizeof a != MAIN_PLAN_ARGUMENT_0_BYTES || sizeof out != MAIN_PLAN_RESULT_0_BYTES) return 2;
    int status = main_plan(arena, a, s, out);
    printf("%d %g %g %g %g\n", status, s[0], s[1], s[2], out[11]);
    return 0;
}
"#;

#[test]
fn a_c_program_links_the_object() {
    let module = parse(MODULE, &ParseLimits::default()).unwrap();
    let options = LowerOptions { entry: "main_plan".to_owned(), ..LowerOptions::default() };
    let lowered = lower_with(&module, "default", ResultsIn::Caller, &options).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name);
    write_object(&lowered, &file("plan.o")).unwrap();
    std::fs::write(file("plan.h"), lowered.c_header()).unwrap();
    std::fs::write(file("program.c"), PROGRAM).unwrap();
    let compiled = Command::new("cc")
        .args(["-std=c11", "-Wall", "-Werror", "program.c", "plan.o", "-o", "program", "-lm"])
        .current_dir(directory.path())
        .output()
        .unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let ran = Command::new(file("program")).output().unwrap();
    // Squares of 0..4, 4..8, 8..12 summed up: 14, 126, 366.
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "0 114 326 666 -121\n");
}

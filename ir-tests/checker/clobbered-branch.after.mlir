// RUN: --check
// The first branch overwrites its yield.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<i1>, tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<i1>, %arg1: tensor<16xf32>):
    %0 = "stablehlo.if"(%arg0) ({
      %2 = "t.a"(%arg1) {memopt.id = 1 : i64, memopt.offsets = array<i64: 64>} : (tensor<16xf32>) -> tensor<16xf32>
      %3 = "t.b"(%2) {memopt.id = 2 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
      %4 = "t.b"(%2, %2) {memopt.id = 3 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
      // expected-error@+1 {{[0, 64) should hold %3, but holds %4}}
      "stablehlo.return"(%3) {memopt.id = 4 : i64} : (tensor<16xf32>) -> ()
    }, {
      %1 = "t.c"(%arg1) {memopt.id = 5 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
      "stablehlo.return"(%1) {memopt.id = 6 : i64} : (tensor<16xf32>) -> ()
    }) {memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<i1>) -> tensor<16xf32>
    "func.return"(%0) {memopt.id = 7 : i64} : (tensor<16xf32>) -> ()
  }) {memopt.donations = [], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 192 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

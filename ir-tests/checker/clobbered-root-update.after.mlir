// RUN: --check
// %3 reads %0 through %1 after the update.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<16xf32>):
    %0 = "t.a"(%arg0) {memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    %1 = "stablehlo.exponential"(%0) {memopt.id = 1 : i64, memopt.virtual, memopt.offsets = array<i64: -1>} : (tensor<16xf32>) -> tensor<16xf32>
    %2 = "t.update"(%0) {memopt.update = [[0 : i64, 0 : i64]], memopt.id = 3 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    // expected-error@+1 {{[0, 64) should hold %0, but holds %2}}
    %3 = "stablehlo.negate"(%1) {memopt.id = 2 : i64, memopt.offsets = array<i64: 64>} : (tensor<16xf32>) -> tensor<16xf32>
    %4 = "t.c"(%3, %2) {memopt.id = 4 : i64, memopt.offsets = array<i64: 128>} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%4) {memopt.id = 5 : i64} : (tensor<16xf32>) -> ()
  }) {memopt.donations = [], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 192 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

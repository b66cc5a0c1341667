// RUN: --check
// The tie names the second value that %3 is computed from, its offset the first.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<16xf32>):
    %0 = "t.a"(%arg0) {memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    %1 = "t.b"(%arg0) {memopt.id = 1 : i64, memopt.offsets = array<i64: 64>} : (tensor<16xf32>) -> tensor<16xf32>
    %2 = "stablehlo.add"(%0, %1) {memopt.id = 2 : i64, memopt.virtual, memopt.offsets = array<i64: -1>} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    // expected-error@+1 {{%3 has two places: expected Arena at 64, found Arena at 0}}
    %3 = "stablehlo.negate"(%2) {memopt.id = 3 : i64, memopt.reuse = [[0 : i64, 2 : i64]], memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%3) {memopt.id = 4 : i64} : (tensor<16xf32>) -> ()
  }) {memopt.donations = [], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 128 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

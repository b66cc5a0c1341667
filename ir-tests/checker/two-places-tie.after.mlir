// RUN: --check
// %2 says that it lies where %0 lies, and that it lies elsewhere.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<16xf32>):
    %0 = "stablehlo.tanh"(%arg0) {memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    %1 = "stablehlo.negate"(%0) {memopt.id = 1 : i64, memopt.may_reuse = [[0 : i64, 0 : i64]], memopt.offsets = array<i64: 64>} : (tensor<16xf32>) -> tensor<16xf32>
    // expected-error@+1 {{%2 has two places: expected Arena at 0, found Arena at 64}}
    %2 = "stablehlo.add"(%0, %1) {memopt.id = 2 : i64, memopt.may_reuse = [[0 : i64, 0 : i64], [0 : i64, 1 : i64]], memopt.reuse = [[0 : i64, 0 : i64]], memopt.offsets = array<i64: 64>} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%2) {memopt.id = 3 : i64} : (tensor<16xf32>) -> ()
  }) {memopt.donations = [], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 128 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

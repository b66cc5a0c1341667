// RUN: --check
// A product would compute %1 many times.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4x4xf32>) -> tensor<4x4xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<4x4xf32>):
    %0 = "t.a"(%arg0) {memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<4x4xf32>) -> tensor<4x4xf32>
    %1 = "stablehlo.exponential"(%0) {memopt.id = 1 : i64, memopt.virtual, memopt.offsets = array<i64: -1>} : (tensor<4x4xf32>) -> tensor<4x4xf32>
    // expected-error@+1 {{%1 is declared virtual, but the kernel that reads it here cannot compute it}}
    %2 = "stablehlo.dot_general"(%1, %arg0) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> {memopt.id = 2 : i64, memopt.offsets = array<i64: 64>} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    "func.return"(%2) {memopt.id = 3 : i64} : (tensor<4x4xf32>) -> ()
  }) {memopt.donations = [], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 128 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

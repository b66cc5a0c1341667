// RUN: --check
// %1 is written into the argument that %0 is computed from, and %2 reads %0 afterwards.
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}], function_type = (tensor<16xf32>) -> (tensor<16xf32>, tensor<16xf32>), sym_name = "main"}> ({
  ^bb0(%arg0: tensor<16xf32>):
    %0 = "stablehlo.exponential"(%arg0) {memopt.id = 0 : i64, memopt.virtual, memopt.offsets = array<i64: -1>} : (tensor<16xf32>) -> tensor<16xf32>
    %1 = "t.b"() {memopt.id = 1 : i64, memopt.offsets = array<i64: -1>} : () -> tensor<16xf32>
    // expected-error@+1 {{argument 0 [0, 64) should hold %arg0, but holds %1}}
    %2 = "stablehlo.negate"(%0) {memopt.id = 2 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%1, %2) {memopt.id = 3 : i64} : (tensor<16xf32>, tensor<16xf32>) -> ()
  }) {memopt.donations = [[0 : i64, 0 : i64]], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 64 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

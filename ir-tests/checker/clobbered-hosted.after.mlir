// RUN: --check
// %0 is hosted in the argument before t.c reads it.
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}, {}], function_type = (tensor<16xf32>, tensor<16xf32>) -> (tensor<16xf32>, tensor<16xf32>), sym_name = "main"}> ({
  ^bb0(%arg0: tensor<16xf32>, %arg1: tensor<16xf32>):
    %0 = "t.a"(%arg1) {memopt.hosted = [[0 : i64, 0 : i64, 0 : i64]], memopt.id = 0 : i64, memopt.offsets = array<i64: -1>} : (tensor<16xf32>) -> tensor<16xf32>
    // expected-error@+1 {{argument 0 [0, 64) should hold %arg0, but holds %0}}
    %1 = "t.c"(%arg0, %0) {memopt.id = 1 : i64, memopt.offsets = array<i64: 64>} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    %2 = "t.d"(%1) {memopt.id = 2 : i64, memopt.offsets = array<i64: -1>} : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%2, %1) {memopt.id = 3 : i64} : (tensor<16xf32>, tensor<16xf32>) -> ()
  }) {memopt.donations = [[0 : i64, 0 : i64]], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 128 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

// RUN: --check
// The argument ends at 256.
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}], function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<64xf32>):
    %0 = "t.shrink"(%arg0) {memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<64xf32>) -> tensor<16xf32>
    // expected-error@+1 {{%1 at argument 0 [256, 320) ends beyond 256 bytes}}
    %1 = "t.b"(%0) {memopt.hosted = [[0 : i64, 0 : i64, 256 : i64]], memopt.id = 1 : i64, memopt.offsets = array<i64: -1>} : (tensor<16xf32>) -> tensor<16xf32>
    %2 = "t.c"(%1) {memopt.id = 2 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    %3 = "t.grow"(%2) {memopt.id = 3 : i64, memopt.offsets = array<i64: -1>} : (tensor<16xf32>) -> tensor<64xf32>
    "func.return"(%3) {memopt.id = 4 : i64} : (tensor<64xf32>) -> ()
  }) {memopt.donations = [[0 : i64, 0 : i64]], memopt.results = "caller", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 128 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

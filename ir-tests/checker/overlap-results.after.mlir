// RUN: --check
// Both results of t.b in one place.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> (tensor<16xf32>, tensor<16xf32>), sym_name = "main"}> ({
  ^bb0(%arg0: tensor<16xf32>):
    %0 = "t.a"(%arg0) {memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    // expected-error@+1 {{%1#1 is written to [64, 128), where %1#0 is still needed}}
    %1:2 = "t.b"(%0) {memopt.id = 1 : i64, memopt.offsets = array<i64: 64, 64>} : (tensor<16xf32>) -> (tensor<16xf32>, tensor<16xf32>)
    // expected-error@+1 {{[64, 128) should hold %1#0, but holds %1#1}}
    %2 = "t.c"(%1#0, %1#1) {memopt.workspace = 64 : i64, memopt.id = 2 : i64, memopt.offsets = array<i64: 192>, memopt.workspace_offset = 256 : i64} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%0, %2) {memopt.id = 3 : i64} : (tensor<16xf32>, tensor<16xf32>) -> ()
  }) {memopt.donations = [], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 320 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

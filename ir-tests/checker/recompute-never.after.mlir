// RUN: --check
// The program forbids to compute %0 twice.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<16xf32>):
    %0 = "t.a"(%arg0) {memopt.recompute = "never", memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    // expected-error@+1 {{t.a must not be recomputed: it says memopt.recompute = "never"}}
    %2 = "t.a"(%arg0) {memopt.recompute = "never", memopt.offsets = array<i64: 128>, memopt.recompute_of = 0 : i64} : (tensor<16xf32>) -> tensor<16xf32>
    %1 = "t.b"(%2) {memopt.id = 1 : i64, memopt.offsets = array<i64: 64>} : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%1) {memopt.id = 2 : i64} : (tensor<16xf32>) -> ()
  }) {memopt.donations = [], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 192 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

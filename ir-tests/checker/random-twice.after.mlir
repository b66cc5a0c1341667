// RUN: --check
// A random operation runs exactly once.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.random"(%x) {memopt.effects = "random", memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    // expected-error@+1 {{memopt.recompute_of}}
    %a2 = "t.random"(%x) {memopt.effects = "random", memopt.offsets = array<i64: 64>, memopt.recompute_of = 0 : i64} : (tensor<16xf32>) -> tensor<16xf32>
    %d = "t.b"(%a2) {memopt.id = 1 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%d) : (tensor<16xf32>) -> ()
  }) {memopt.alignment = 64 : i64, memopt.arena_size = 128 : i64, memopt.results = "arena", memopt.target = "generic"} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

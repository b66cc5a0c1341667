// RUN: --check
// Side effects are observed in another order.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.a"(%x) {memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    // expected-error@+1 {{order}}
    "t.print"(%x) {memopt.effects = "side", memopt.id = 2 : i64, memopt.offsets = array<i64>} : (tensor<16xf32>) -> ()
    "t.print"(%a) {memopt.effects = "side", memopt.id = 1 : i64, memopt.offsets = array<i64>} : (tensor<16xf32>) -> ()
    %d = "t.b"(%a) {memopt.id = 3 : i64, memopt.offsets = array<i64: 64>} : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%d) : (tensor<16xf32>) -> ()
  }) {memopt.alignment = 64 : i64, memopt.arena_size = 128 : i64, memopt.results = "arena", memopt.target = "generic"} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

// RUN: --check
// %c is written over its own operand %b, without a tie.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.a"(%x) {memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    %b = "t.b"(%a) {memopt.id = 1 : i64, memopt.offsets = array<i64: 64>} : (tensor<16xf32>) -> tensor<16xf32>
    // expected-error@+1 {{overlap}}
    %c = "t.c"(%a, %b) {memopt.id = 2 : i64, memopt.offsets = array<i64: 64>} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    %d = "t.d"(%c) {memopt.id = 3 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%d) : (tensor<16xf32>) -> ()
  }) {memopt.alignment = 64 : i64, memopt.arena_size = 192 : i64, memopt.results = "arena", memopt.target = "generic"} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

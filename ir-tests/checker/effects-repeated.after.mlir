// RUN: --check
// The first print runs twice.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<16xf32>):
    "t.print"(%arg0) {memopt.effects = "side", memopt.id = 0 : i64} : (tensor<16xf32>) -> ()
    // expected-error@+1 {{t.print repeats the id 0}}
    "t.print"(%arg0) {memopt.effects = "side", memopt.id = 0 : i64} : (tensor<16xf32>) -> ()
    %0 = "t.random"(%arg0) {memopt.effects = "random", memopt.id = 1 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    "t.print"(%0) {memopt.effects = "side", memopt.id = 2 : i64} : (tensor<16xf32>) -> ()
    %1 = "t.a"(%0) {memopt.id = 3 : i64, memopt.offsets = array<i64: 64>} : (tensor<16xf32>) -> tensor<16xf32>
    %2 = "t.b"(%1, %0) {memopt.id = 4 : i64, memopt.offsets = array<i64: 128>} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    // expected-error@+1 {{an operation with effects is missing or repeated}}
    "func.return"(%2) {memopt.id = 5 : i64} : (tensor<16xf32>) -> ()
  }) {memopt.donations = [], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 192 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

// RUN: --check
// t.b is no operation whose index arithmetic is in our hands: it needs the bytes of the broadcast.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4x4xf32>, tensor<4xf32>) -> tensor<4x4xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<4x4xf32>, %arg1: tensor<4xf32>):
    %0 = "stablehlo.tanh"(%arg1) {memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<4xf32>) -> tensor<4xf32>
    %1 = "stablehlo.broadcast_in_dim"(%0) <{broadcast_dimensions = array<i64: 1>}> {memopt.id = 1 : i64, memopt.virtual, memopt.offsets = array<i64: -1>} : (tensor<4xf32>) -> tensor<4x4xf32>
    %2 = "stablehlo.add"(%arg0, %1) {memopt.id = 2 : i64, memopt.offsets = array<i64: 64>} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    // expected-error@+1 {{%1 is declared virtual, but the kernel that reads it here cannot compute it}}
    %3 = "t.b"(%1, %2) {memopt.id = 3 : i64, memopt.offsets = array<i64: 128>} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    "func.return"(%3) {memopt.id = 4 : i64} : (tensor<4x4xf32>) -> ()
  }) {memopt.donations = [], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 192 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

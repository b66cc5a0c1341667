// RUN: --check
// A clone finds the statistics as they were.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<2x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x8xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<2x8xf32>, %arg1: tensor<8xf32>, %arg2: tensor<8xf32>, %arg3: tensor<8xf32>, %arg4: tensor<8xf32>):
    %0, %1, %2 = "aten.native_batch_norm.default"(%arg0, %arg1, %arg2, %arg3, %arg4) {memopt.id = 0 : i64, memopt.offsets = array<i64: 0, 64, 128>} : (tensor<2x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> (tensor<2x8xf32>, tensor<8xf32>, tensor<8xf32>)
    %3 = "aten.relu.default"(%0) {memopt.id = 1 : i64, memopt.reuse = [[0 : i64, 0 : i64]], memopt.offsets = array<i64: 0>} : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %5, %6, %7 = "aten.native_batch_norm.default"(%arg0, %arg1, %arg2, %arg3, %arg4) {memopt.offsets = array<i64: 64, 128, 192>, memopt.recompute_of = 0 : i64} : (tensor<2x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> (tensor<2x8xf32>, tensor<8xf32>, tensor<8xf32>)
    %4 = "aten.add.Tensor"(%3, %5) {memopt.id = 2 : i64, memopt.offsets = array<i64: 256>} : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    "func.return"(%4) {memopt.id = 3 : i64} : (tensor<2x8xf32>) -> ()
  }) {memopt.donations = [], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 320 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

// RUN: inplace,schedule{algorithm=program},place --results=arena
// Exact views, each at the offset of its bytes: %reshape and %bits are all of %a; %row is its third row, 2 x 16 x 4 = 128 bytes from the
// start; %turned, %barrier and %same are the same row. Arena: %a 256, %r 64: 320.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4x16xf32>) -> tensor<f32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<4x16xf32>):
    %a = "stablehlo.tanh"(%x) : (tensor<4x16xf32>) -> tensor<4x16xf32>
    %reshape = "stablehlo.reshape"(%a) : (tensor<4x16xf32>) -> tensor<64xf32>
    %bits = "stablehlo.bitcast_convert"(%reshape) : (tensor<64xf32>) -> tensor<64xi32>
    %row = "stablehlo.slice"(%a) <{limit_indices = array<i64: 3, 16>, start_indices = array<i64: 2, 0>, strides = array<i64: 1, 1>}> : (tensor<4x16xf32>) -> tensor<1x16xf32>
    %turned = "stablehlo.transpose"(%row) <{permutation = array<i64: 1, 0>}> : (tensor<1x16xf32>) -> tensor<16x1xf32>
    %barrier = "stablehlo.optimization_barrier"(%turned) : (tensor<16x1xf32>) -> tensor<16x1xf32>
    %same = "stablehlo.convert"(%barrier) : (tensor<16x1xf32>) -> tensor<16x1xf32>
    %r = "t.op"(%bits, %same) : (tensor<64xi32>, tensor<16x1xf32>) -> tensor<f32>
    "func.return"(%r) : (tensor<f32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

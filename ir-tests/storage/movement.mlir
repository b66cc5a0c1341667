// RUN: inplace,schedule{algorithm=program},place --results=arena
// Elements moved: owned, since their order in memory changes, and never in place, since an element is read at another index than it is
// written. 256 bytes each, but %column 128 and %pad 320.
// Two neighbours of the chain are live at once; most bytes are %pad's step and the one after it: 320 + 256 = 576.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<8x8xf32>, tensor<i32>) -> tensor<8x8xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<8x8xf32>, %k: tensor<i32>):
    %a = "stablehlo.tanh"(%x) : (tensor<8x8xf32>) -> tensor<8x8xf32>
    %transpose = "stablehlo.transpose"(%a) <{permutation = array<i64: 1, 0>}> : (tensor<8x8xf32>) -> tensor<8x8xf32>
    %reverse = "stablehlo.reverse"(%transpose) <{dimensions = array<i64: 0>}> : (tensor<8x8xf32>) -> tensor<8x8xf32>
    %column = "stablehlo.slice"(%reverse) <{limit_indices = array<i64: 8, 4>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<8x8xf32>) -> tensor<8x4xf32>
    %twice = "stablehlo.concatenate"(%column, %column) <{dimension = 1 : i64}> : (tensor<8x4xf32>, tensor<8x4xf32>) -> tensor<8x8xf32>
    %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
    %pad = "stablehlo.pad"(%twice, %zero) <{edge_padding_high = array<i64: 1, 0>, edge_padding_low = array<i64: 1, 0>, interior_padding = array<i64: 0, 0>}> : (tensor<8x8xf32>, tensor<f32>) -> tensor<10x8xf32>
    %part = "stablehlo.dynamic_slice"(%pad, %k, %k) <{slice_sizes = array<i64: 8, 8>}> : (tensor<10x8xf32>, tensor<i32>, tensor<i32>) -> tensor<8x8xf32>
    "func.return"(%part) : (tensor<8x8xf32>) -> ()
  }) : () -> ()
}) : () -> ()

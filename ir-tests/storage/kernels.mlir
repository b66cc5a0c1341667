// RUN: inplace,schedule{algorithm=program},place --results=arena
// Kernels that combine many elements: owned, never in place. Their scalar bodies need no memory, and the splat that they start from is
// virtual. 256 bytes each, but the pooled image 64 and the sum 4 (64 in the arena).
// Most bytes are live when the gradient of the pooling is made: %conv, %pool and %back, 256 + 64 + 256 = 576.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<8x8xf32>, tensor<3x3x1x1xf32>) -> tensor<f32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<8x8xf32>, %w: tensor<3x3x1x1xf32>):
    %a = "stablehlo.tanh"(%x) : (tensor<8x8xf32>) -> tensor<8x8xf32>
    %dot = "stablehlo.dot_general"(%a, %a) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
    %image = "stablehlo.reshape"(%dot) : (tensor<8x8xf32>) -> tensor<1x8x8x1xf32>
    %conv = "stablehlo.convolution"(%image, %w) <{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64, padding = dense<1> : tensor<2x2xi64>}> : (tensor<1x8x8x1xf32>, tensor<3x3x1x1xf32>) -> tensor<1x8x8x1xf32>
    %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
    %pool = "stablehlo.reduce_window"(%conv, %zero) <{window_dimensions = array<i64: 1, 2, 2, 1>, window_strides = array<i64: 1, 2, 2, 1>}> ({
    ^bb0(%l: tensor<f32>, %r: tensor<f32>):
      %m = "stablehlo.maximum"(%l, %r) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%m) : (tensor<f32>) -> ()
    }) : (tensor<1x8x8x1xf32>, tensor<f32>) -> tensor<1x4x4x1xf32>
    %back = "stablehlo.select_and_scatter"(%conv, %pool, %zero) <{window_dimensions = array<i64: 1, 2, 2, 1>, window_strides = array<i64: 1, 2, 2, 1>}> ({
    ^bb0(%l: tensor<f32>, %r: tensor<f32>):
      %ge = "stablehlo.compare"(%l, %r) <{comparison_direction = #stablehlo<comparison_direction GE>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      "stablehlo.return"(%ge) : (tensor<i1>) -> ()
    }, {
    ^bb0(%l: tensor<f32>, %r: tensor<f32>):
      %s = "stablehlo.add"(%l, %r) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%s) : (tensor<f32>) -> ()
    }) : (tensor<1x8x8x1xf32>, tensor<1x4x4x1xf32>, tensor<f32>) -> tensor<1x8x8x1xf32>
    %sum = "stablehlo.reduce"(%back, %zero) <{dimensions = array<i64: 0, 1, 2, 3>}> ({
    ^bb0(%l: tensor<f32>, %r: tensor<f32>):
      %s = "stablehlo.add"(%l, %r) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%s) : (tensor<f32>) -> ()
    }) : (tensor<1x8x8x1xf32>, tensor<f32>) -> tensor<f32>
    "func.return"(%sum) : (tensor<f32>) -> ()
  }) : () -> ()
}) : () -> ()

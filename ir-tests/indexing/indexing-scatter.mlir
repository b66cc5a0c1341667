// RUN: indexing,cse,inplace,schedule{algorithm=program},place
// The gradient of a cross-entropy over 100 classes for 2x3 tokens: a scatter into zeros, read by a sum and by an addition.
// Tokens are read off the batch dimensions, so one condition is left, on the class.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<2x3x100xf32>, tensor<2x3xi32>) -> (tensor<2x3x100xf32>, tensor<2x3xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<2x3x100xf32>, %labels: tensor<2x3xi32>):
    %at = "stablehlo.reshape"(%labels) : (tensor<2x3xi32>) -> tensor<2x3x1x1xi32>
    %share = "stablehlo.constant"() <{value = dense<-0.5> : tensor<f32>}> : () -> tensor<f32>
    %u = "stablehlo.broadcast_in_dim"(%share) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<2x3x1xf32>
    %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
    %zeros = "stablehlo.broadcast_in_dim"(%zero) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<2x3x100xf32>
    %s = "stablehlo.scatter"(%zeros, %at, %u) <{scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [2], input_batching_dims = [0, 1], scatter_indices_batching_dims = [0, 1], scatter_dims_to_operand_dims = [2], index_vector_dim = 3>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %c = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%c) : (tensor<f32>) -> ()
    }) : (tensor<2x3x100xf32>, tensor<2x3x1x1xi32>, tensor<2x3x1xf32>) -> tensor<2x3x100xf32>
    %sum = "stablehlo.reduce"(%s, %zero) <{dimensions = array<i64: 2>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %c = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%c) : (tensor<f32>) -> ()
    }) : (tensor<2x3x100xf32>, tensor<f32>) -> tensor<2x3xf32>
    %y = "stablehlo.add"(%x, %s) : (tensor<2x3x100xf32>, tensor<2x3x100xf32>) -> tensor<2x3x100xf32>
    "func.return"(%y, %sum) : (tensor<2x3x100xf32>, tensor<2x3xf32>) -> ()
  }) : () -> ()
}) : () -> ()

// RUN: indexing
// The rows of an embedding's gradient meet; an input that is no splat keeps what it holds; a producer's hint says what no
// select would; a body that is no elementwise operation cannot run on whole tensors: all four scatters stay.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4x1xi32>, tensor<4x3xf32>, tensor<4x1x1xi32>, tensor<4x1xf32>, tensor<4x9xf32>) -> (tensor<7x3xf32>, tensor<4x9xf32>, tensor<4x9xf32>, tensor<4x9xf32>), sym_name = "main"}> ({
  ^bb0(%words: tensor<4x1xi32>, %rows: tensor<4x3xf32>, %labels: tensor<4x1x1xi32>, %u: tensor<4x1xf32>, %x: tensor<4x9xf32>):
    %table = "stablehlo.constant"() <{value = dense<0.0> : tensor<7x3xf32>}> : () -> tensor<7x3xf32>
    %zeros = "stablehlo.constant"() <{value = dense<0.0> : tensor<4x9xf32>}> : () -> tensor<4x9xf32>
    %e = "stablehlo.scatter"(%table, %words, %rows) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %c = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%c) : (tensor<f32>) -> ()
    }) : (tensor<7x3xf32>, tensor<4x1xi32>, tensor<4x3xf32>) -> tensor<7x3xf32>
    %s = "stablehlo.scatter"(%x, %labels, %u) <{scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [1], input_batching_dims = [0], scatter_indices_batching_dims = [0], scatter_dims_to_operand_dims = [1], index_vector_dim = 2>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %c = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%c) : (tensor<f32>) -> ()
    }) : (tensor<4x9xf32>, tensor<4x1x1xi32>, tensor<4x1xf32>) -> tensor<4x9xf32>
    %h = "stablehlo.scatter"(%zeros, %labels, %u) <{scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [1], input_batching_dims = [0], scatter_indices_batching_dims = [0], scatter_dims_to_operand_dims = [1], index_vector_dim = 2>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %c = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%c) : (tensor<f32>) -> ()
    }) {memopt.workspace = 64 : i64} : (tensor<4x9xf32>, tensor<4x1x1xi32>, tensor<4x1xf32>) -> tensor<4x9xf32>
    %r = "stablehlo.scatter"(%zeros, %labels, %u) <{scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [1], input_batching_dims = [0], scatter_indices_batching_dims = [0], scatter_dims_to_operand_dims = [1], index_vector_dim = 2>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %c = "stablehlo.reshape"(%b) : (tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%c) : (tensor<f32>) -> ()
    }) : (tensor<4x9xf32>, tensor<4x1x1xi32>, tensor<4x1xf32>) -> tensor<4x9xf32>
    "func.return"(%e, %s, %h, %r) : (tensor<7x3xf32>, tensor<4x9xf32>, tensor<4x9xf32>, tensor<4x9xf32>) -> ()
  }) : () -> ()
}) : () -> ()

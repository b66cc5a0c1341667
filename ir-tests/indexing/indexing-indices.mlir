// RUN: indexing
// logits.at[arange(4), labels].add(updates): the batch is the first component of the index. i8 cannot count 300 classes, so
// labels are compared as i64.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4xi8>, tensor<4xf32>) -> tensor<4x300xf32>, sym_name = "main"}> ({
  ^bb0(%labels: tensor<4xi8>, %u: tensor<4xf32>):
    %zeros = "stablehlo.constant"() <{value = dense<0.0> : tensor<4x300xf32>}> : () -> tensor<4x300xf32>
    %n = "stablehlo.iota"() <{iota_dimension = 0 : i64}> : () -> tensor<4x1xi8>
    %i = "stablehlo.reshape"(%labels) : (tensor<4xi8>) -> tensor<4x1xi8>
    %at = "stablehlo.concatenate"(%n, %i) <{dimension = 1 : i64}> : (tensor<4x1xi8>, tensor<4x1xi8>) -> tensor<4x2xi8>
    %s = "stablehlo.scatter"(%zeros, %at, %u) <{scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [0, 1], scatter_dims_to_operand_dims = [0, 1], index_vector_dim = 1>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %c = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%c) : (tensor<f32>) -> ()
    }) : (tensor<4x300xf32>, tensor<4x2xi8>, tensor<4xf32>) -> tensor<4x300xf32>
    "func.return"(%s) : (tensor<4x300xf32>) -> ()
  }) : () -> ()
}) : () -> ()
// -----
// Two inputs at once, a window of whole rows, an index of one component beyond the last dimension, and a body that names a
// constant and a scalar from outside. There is one row of updates, so the other rows keep what they repeat.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<1xi32>, tensor<1x8xf32>, tensor<1x8xi32>, tensor<f32>) -> (tensor<5x8xf32>, tensor<5x8xi32>), sym_name = "main"}> ({
  ^bb0(%row: tensor<1xi32>, %u: tensor<1x8xf32>, %v: tensor<1x8xi32>, %scale: tensor<f32>):
    %ones = "stablehlo.constant"() <{value = dense<1.0> : tensor<5x8xf32>}> : () -> tensor<5x8xf32>
    %seven = "stablehlo.constant"() <{value = dense<7> : tensor<1x1xi32>}> : () -> tensor<1x1xi32>
    %sevens = "stablehlo.broadcast_in_dim"(%seven) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<1x1xi32>) -> tensor<5x8xi32>
    %s, %t = "stablehlo.scatter"(%ones, %sevens, %row, %u, %v) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}> ({
    ^bb0(%a: tensor<f32>, %k: tensor<i32>, %b: tensor<f32>, %l: tensor<i32>):
      %two = "stablehlo.constant"() <{value = dense<2> : tensor<i32>}> : () -> tensor<i32>
      %c = "stablehlo.multiply"(%b, %scale) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      %d = "stablehlo.add"(%a, %c) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      %m = "stablehlo.multiply"(%l, %two) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      "stablehlo.return"(%d, %m) : (tensor<f32>, tensor<i32>) -> ()
    }) : (tensor<5x8xf32>, tensor<5x8xi32>, tensor<1xi32>, tensor<1x8xf32>, tensor<1x8xi32>) -> (tensor<5x8xf32>, tensor<5x8xi32>)
    "func.return"(%s, %t) : (tensor<5x8xf32>, tensor<5x8xi32>) -> ()
  }) : () -> ()
}) : () -> ()
// -----
// Each update has its place by counting, and the bodies only overwrite: both scatters are what they scatter, the second what the
// first is.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4xf32>) -> tensor<4xf32>, sym_name = "main"}> ({
  ^bb0(%u: tensor<4xf32>):
    %zeros = "stablehlo.constant"() <{value = dense<0.0> : tensor<4xf32>}> : () -> tensor<4xf32>
    %at = "stablehlo.iota"() <{iota_dimension = 0 : i64}> : () -> tensor<4x1xi32>
    %s = "stablehlo.scatter"(%zeros, %at, %u) <{scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      "stablehlo.return"(%b) : (tensor<f32>) -> ()
    }) : (tensor<4xf32>, tensor<4x1xi32>, tensor<4xf32>) -> tensor<4xf32>
    %t = "stablehlo.scatter"(%zeros, %at, %s) <{scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      "stablehlo.return"(%b) : (tensor<f32>) -> ()
    }) : (tensor<4xf32>, tensor<4x1xi32>, tensor<4xf32>) -> tensor<4xf32>
    %y = "stablehlo.negate"(%t) : (tensor<4xf32>) -> tensor<4xf32>
    "func.return"(%y) : (tensor<4xf32>) -> ()
  }) : () -> ()
}) : () -> ()

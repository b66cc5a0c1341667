// RUN: inplace,schedule{algorithm=program},place --results=arena
// The result is the operand but for a part: %u and %s overwrite %a. Arena: 256.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>, tensor<i32>, tensor<4x1xi32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>, %k: tensor<i32>, %at: tensor<4x1xi32>):
    %a = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %part = "stablehlo.slice"(%x) <{limit_indices = array<i64: 4>, start_indices = array<i64: 0>, strides = array<i64: 1>}> : (tensor<64xf32>) -> tensor<4xf32>
    %u = "stablehlo.dynamic_update_slice"(%a, %part, %k) : (tensor<64xf32>, tensor<4xf32>, tensor<i32>) -> tensor<64xf32>
    %s = "stablehlo.scatter"(%u, %at, %part) <{scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}> ({
    ^bb0(%l: tensor<f32>, %r: tensor<f32>):
      %sum = "stablehlo.add"(%l, %r) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%sum) : (tensor<f32>) -> ()
    }) : (tensor<64xf32>, tensor<4x1xi32>, tensor<4xf32>) -> tensor<64xf32>
    "func.return"(%s) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) : () -> ()
// -----
// The part that is written is a view of what is overwritten: not in place, 512.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>, tensor<i32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>, %k: tensor<i32>):
    %a = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %part = "stablehlo.slice"(%a) <{limit_indices = array<i64: 4>, start_indices = array<i64: 0>, strides = array<i64: 1>}> : (tensor<64xf32>) -> tensor<4xf32>
    %u = "stablehlo.dynamic_update_slice"(%a, %part, %k) : (tensor<64xf32>, tensor<4xf32>, tensor<i32>) -> tensor<64xf32>
    "func.return"(%u) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) : () -> ()
// -----
// Two readers: the first must not overwrite %a, the second may, which reads %b at the same index. 512.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "stablehlo.negate"(%a) : (tensor<64xf32>) -> tensor<64xf32>
    %c = "stablehlo.multiply"(%a, %b) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%c) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) : () -> ()

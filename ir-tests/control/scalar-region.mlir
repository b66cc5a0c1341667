// RUN: inplace,schedule,place
// The body of a reduction works on scalars: no tensor memory, and no plan inside.
// Arena: %a, 256. The splat that the sum starts from is virtual.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4x16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<4x16xf32>):
    %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
    %a = "stablehlo.tanh"(%x) : (tensor<4x16xf32>) -> tensor<4x16xf32>
    %s = "stablehlo.reduce"(%a, %zero) <{dimensions = array<i64: 0>}> ({
    ^bb0(%l: tensor<f32>, %r: tensor<f32>):
      %t = "stablehlo.add"(%l, %r) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%t) : (tensor<f32>) -> ()
    }) : (tensor<4x16xf32>, tensor<f32>) -> tensor<16xf32>
    "func.return"(%s) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) : () -> ()

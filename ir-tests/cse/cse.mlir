// RUN: cse,inplace,schedule{algorithm=program},place
// %b, %t2 and %v2 are computed before as %a, %t1 and %v1: 7 operations are left of 13. What is merged reads what is merged.
// Nothing reads %dead, and then nothing %dying. Attributes of other dialects count, places in the source do not.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<4x4xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %one = "stablehlo.constant"() <{value = dense<1.0> : tensor<f32>}> : () -> tensor<f32>
    %a = "stablehlo.broadcast_in_dim"(%one) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<16xf32>
    %uno = "stablehlo.constant"() <{value = dense<1.0> : tensor<f32>}> : () -> tensor<f32> loc("elsewhere")
    %b = "stablehlo.broadcast_in_dim"(%uno) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<16xf32>
    %t1 = "stablehlo.add"(%x, %a) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    %t2 = "stablehlo.add"(%x, %b) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    %v1 = "stablehlo.reshape"(%t1) : (tensor<16xf32>) -> tensor<4x4xf32>
    %v2 = "stablehlo.reshape"(%t2) : (tensor<16xf32>) -> tensor<4x4xf32>
    %dying = "stablehlo.tanh"(%t2) : (tensor<16xf32>) -> tensor<16xf32>
    %dead = "stablehlo.negate"(%dying) : (tensor<16xf32>) -> tensor<16xf32>
    %p = "stablehlo.multiply"(%v1, %v2) : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    %q = "stablehlo.multiply"(%v1, %v2) {mhlo.sharding = "other"} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    %y = "stablehlo.add"(%p, %q) : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    "func.return"(%y) : (tensor<4x4xf32>) -> ()
  }) : () -> ()
}) : () -> ()

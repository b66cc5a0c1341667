// RUN: fuse,inplace,schedule,place
// %a has 64 bytes, %wide 1024, and so has all that is computed from it. The sum reads %c, which is %a in 16 places, doubled:
// its kernel computes that from %a while it reads. Arena: %a alone, 64. Without fuse %c needs 1024 beside it.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
    %a = "t.op"(%x) : (tensor<16xf32>) -> tensor<16xf32>
    %wide = "stablehlo.broadcast_in_dim"(%a) <{broadcast_dimensions = array<i64: 1>}> : (tensor<16xf32>) -> tensor<16x16xf32>
    %b = "stablehlo.add"(%wide, %wide) : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
    %c = "stablehlo.tanh"(%b) : (tensor<16x16xf32>) -> tensor<16x16xf32>
    %s = "stablehlo.reduce"(%c, %zero) <{dimensions = array<i64: 0>}> ({
    ^bb0(%l: tensor<f32>, %r: tensor<f32>):
      %t = "stablehlo.add"(%l, %r) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%t) : (tensor<f32>) -> ()
    }) : (tensor<16x16xf32>, tensor<f32>) -> tensor<16xf32>
    "func.return"(%s) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

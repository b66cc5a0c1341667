// RUN: inplace,schedule{algorithm=program},fuse{max-overhead=40%},schedule{algorithm=program},place
// %w has 256 elements and three readers. Computed by each of them it takes 512 flops more than once. All operations take 16 for
// %a, 256 for %w and 256 for each sum, 1040 in all: 49 % would be added. So %w has its 1024 bytes, beside the 64 of %a.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> (tensor<16xf32>, tensor<16xf32>, tensor<16xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
    %a = "t.op"(%x) : (tensor<16xf32>) -> tensor<16xf32>
    %b = "stablehlo.broadcast_in_dim"(%a) <{broadcast_dimensions = array<i64: 1>}> : (tensor<16xf32>) -> tensor<16x16xf32>
    %w = "stablehlo.tanh"(%b) : (tensor<16x16xf32>) -> tensor<16x16xf32>
    %s = "stablehlo.reduce"(%w, %zero) <{dimensions = array<i64: 0>}> ({
    ^bb0(%l: tensor<f32>, %r: tensor<f32>):
      %t = "stablehlo.add"(%l, %r) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%t) : (tensor<f32>) -> ()
    }) : (tensor<16x16xf32>, tensor<f32>) -> tensor<16xf32>
    %u = "stablehlo.reduce"(%w, %zero) <{dimensions = array<i64: 1>}> ({
    ^bb0(%l: tensor<f32>, %r: tensor<f32>):
      %t = "stablehlo.add"(%l, %r) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%t) : (tensor<f32>) -> ()
    }) : (tensor<16x16xf32>, tensor<f32>) -> tensor<16xf32>
    %v = "stablehlo.reduce"(%w, %zero) <{dimensions = array<i64: 0>}> ({
    ^bb0(%l: tensor<f32>, %r: tensor<f32>):
      %t = "stablehlo.maximum"(%l, %r) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%t) : (tensor<f32>) -> ()
    }) : (tensor<16x16xf32>, tensor<f32>) -> tensor<16xf32>
    "func.return"(%s, %u, %v) : (tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

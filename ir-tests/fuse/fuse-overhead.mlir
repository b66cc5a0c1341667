// RUN: inplace,schedule{algorithm=program},fuse{max-overhead=40%},schedule{algorithm=program},place
// %w has 256 elements and three readers: in each of them it is computed again, 512 flops in addition to the 256 of %w, 3 times
// 256 of the sums and 1 for each element of the results of t.op and of the two additions: 1040 + ... in all. That is more than
// 40 %, so %w has its 1024 bytes.
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

// RUN: inplace,fuse,schedule,place
// %e is read after %x, which it is computed from, was overwritten: it has its 1024 bytes. %f is read before, and has none; the
// kernel that reads it has to stay in front of the update.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16x16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%in: tensor<16x16xf32>):
    %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
    %x = "t.op"(%in) : (tensor<16x16xf32>) -> tensor<16x16xf32>
    %e = "stablehlo.tanh"(%x) : (tensor<16x16xf32>) -> tensor<16x16xf32>
    %f = "stablehlo.exponential"(%x) : (tensor<16x16xf32>) -> tensor<16x16xf32>
    %s = "stablehlo.reduce"(%f, %zero) <{dimensions = array<i64: 0>}> ({
    ^bb0(%l: tensor<f32>, %r: tensor<f32>):
      %t = "stablehlo.add"(%l, %r) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%t) : (tensor<f32>) -> ()
    }) : (tensor<16x16xf32>, tensor<f32>) -> tensor<16xf32>
    %y = "t.relu_"(%x, %s) {memopt.update = [[0, 0]]} : (tensor<16x16xf32>, tensor<16xf32>) -> tensor<16x16xf32>
    %u = "stablehlo.add"(%e, %y) : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
    %v = "stablehlo.reduce"(%u, %zero) <{dimensions = array<i64: 0>}> ({
    ^bb0(%l: tensor<f32>, %r: tensor<f32>):
      %t = "stablehlo.add"(%l, %r) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%t) : (tensor<f32>) -> ()
    }) : (tensor<16x16xf32>, tensor<f32>) -> tensor<16xf32>
    "func.return"(%v) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

// RUN: inplace,schedule,place
// Zeros of the shape of %l are made from nothing: they need no bytes, and who reads them does not need %l any more. So %s may
// overwrite %l: 256 bytes, where a buffer of zeros, or %l kept for it, would make 512 of them.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<f32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %l = "aten.tanh.default"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %z = "aten.zeros_like.default"(%l) : (tensor<64xf32>) -> tensor<64xf32>
    %s = "aten.exp.default"(%l) : (tensor<64xf32>) -> tensor<64xf32>
    %m = "aten.mul.Tensor"(%s, %z) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %r = "aten.sum.default"(%m) : (tensor<64xf32>) -> tensor<f32>
    "func.return"(%r) : (tensor<f32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

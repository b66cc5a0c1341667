// RUN: inplace,schedule,place
// An underscore says what memopt.update would: %r is %a, changed, so %k keeps what it was before in bytes of its own, and runs
// before it: 256 + 256.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<f32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "aten.tanh.default"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %k = "aten.clone.default"(%a) : (tensor<64xf32>) -> tensor<64xf32>
    %r = "aten.relu_.default"(%a) : (tensor<64xf32>) -> tensor<64xf32>
    %d = "aten.bernoulli_.float"(%r) {memopt.recompute = "never"} : (tensor<64xf32>) -> tensor<64xf32>
    %m = "aten.mul.Tensor"(%d, %k) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %s = "aten.sum.default"(%m) : (tensor<64xf32>) -> tensor<f32>
    "func.return"(%s) : (tensor<f32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

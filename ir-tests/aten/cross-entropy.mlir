// RUN: inplace,schedule,place
// The gradient %g of a softmax's logarithm may overwrite the output %o, of which it reads each element for its own place, but not
// the gradient %e, whose rows it sums up first: 256 + 256.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<8x8xf32>) -> tensor<f32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<8x8xf32>):
    %o = "aten._log_softmax.default"(%x) : (tensor<8x8xf32>) -> tensor<8x8xf32>
    %e = "aten.exp.default"(%o) : (tensor<8x8xf32>) -> tensor<8x8xf32>
    %g = "aten._log_softmax_backward_data.default"(%e, %o) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
    %r = "aten.sum.default"(%g) : (tensor<8x8xf32>) -> tensor<f32>
    "func.return"(%r) : (tensor<f32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

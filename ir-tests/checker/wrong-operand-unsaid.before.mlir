// RUN: --check
// By how much %a and %b scale is not in the text, so they are not the same.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "aten.mul.Scalar"(%x) : (tensor<16xf32>) -> tensor<16xf32>
    %b = "aten.mul.Scalar"(%x) : (tensor<16xf32>) -> tensor<16xf32>
    %c = "aten.sub.Tensor"(%a, %b) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%c) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) : () -> ()

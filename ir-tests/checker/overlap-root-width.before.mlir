// RUN: --check
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf16>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<16xf32>):
    %0 = "t.a"(%arg0) : (tensor<16xf32>) -> tensor<16xf32>
    %1 = "stablehlo.convert"(%0) : (tensor<16xf32>) -> tensor<16xf16>
    %2 = "stablehlo.negate"(%1) : (tensor<16xf16>) -> tensor<16xf16>
    "func.return"(%2) : (tensor<16xf16>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

// RUN: --check
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<16xf32>):
    %0 = "t.a"(%arg0) : (tensor<16xf32>) -> tensor<16xf32>
    %1 = "t.b"(%arg0) : (tensor<16xf32>) -> tensor<16xf32>
    %2 = "stablehlo.add"(%0, %1) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    %3 = "stablehlo.negate"(%2) : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%3) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

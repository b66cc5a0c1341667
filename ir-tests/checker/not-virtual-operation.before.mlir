// RUN: --check
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "stablehlo.tanh"(%x) : (tensor<16xf32>) -> tensor<16xf32>
    %b = "t.op"(%a) : (tensor<16xf32>) -> tensor<16xf32>
    %c = "stablehlo.add"(%a, %b) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%c) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

// RUN: inplace,schedule,place
// Without memopt.hints = "complete" the workspace of undescribed operations is unknown: the report says "at least".
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "t.op"(%a) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) : () -> ()

// RUN: inplace,schedule,place
// Without memopt.hints = "complete" the workspace of undescribed operations is unknown, and planned as none; they have
// unknown effects, so they keep their order. Arena: %a, 256.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "t.op"(%a) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) : () -> ()

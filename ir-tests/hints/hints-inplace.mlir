// RUN: inplace,schedule,place
// %d may overwrite its second operand, and no other. Arena: %a and %c, 512.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %c = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %d = "t.op"(%a, %c) {memopt.inplace = [[0 : i64, 1 : i64]]} : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %b = "t.op"(%d) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

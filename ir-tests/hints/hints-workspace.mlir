// RUN: inplace,schedule,place
// Scratch bytes: 256 (%a) + 512 in step 0.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) {memopt.workspace = 512 : i64} : (tensor<64xf32>) -> tensor<64xf32>
    %b = "t.op"(%a) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

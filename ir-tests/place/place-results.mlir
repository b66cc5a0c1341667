// RUN: schedule{algorithm=program},place
// Results are the caller's: %b has no bytes in the arena, and planned = arena (256, for %a) + results (256).
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "t.op"(%a) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

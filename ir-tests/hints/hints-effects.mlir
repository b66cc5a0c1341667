// RUN: inplace,schedule,place
// An operation that nobody described keeps its order among its like; the hint on the second says that it is pure, so it
// may move. It does not have to: every order has %a and %c in the arena, 512.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %c = "t.op"(%x) {memopt.effects = "none"} : (tensor<64xf32>) -> tensor<64xf32>
    %b = "t.op"(%a, %c) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) : () -> ()

// RUN: --check
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4x4xf32>, tensor<4xf32>) -> tensor<4x4xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<4x4xf32>, %y: tensor<4xf32>):
    %r = "stablehlo.tanh"(%y) : (tensor<4xf32>) -> tensor<4xf32>
    %s = "stablehlo.broadcast_in_dim"(%r) <{broadcast_dimensions = array<i64: 1>}> : (tensor<4xf32>) -> tensor<4x4xf32>
    %a = "stablehlo.add"(%x, %s) : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    %b = "t.b"(%s, %a) : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    "func.return"(%b) : (tensor<4x4xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

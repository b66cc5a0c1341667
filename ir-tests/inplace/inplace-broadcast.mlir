// RUN: inplace,schedule{algorithm=program},place --results=arena
// A broadcast is virtual: its reader computes it on the fly and reads its root. %c may overwrite %a, which is read at the same
// index, and must not overwrite %r, the root of the broadcast: element i of %r is read for many elements of %c.
// Arena: %a 256, then %c; %r 64: 320.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4x16xf32>, tensor<16xf32>) -> tensor<4x16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<4x16xf32>, %y: tensor<16xf32>):
    %a = "stablehlo.tanh"(%x) : (tensor<4x16xf32>) -> tensor<4x16xf32>
    %r = "stablehlo.tanh"(%y) : (tensor<16xf32>) -> tensor<16xf32>
    %s = "stablehlo.broadcast_in_dim"(%r) <{broadcast_dimensions = array<i64: 1>}> : (tensor<16xf32>) -> tensor<4x16xf32>
    %c = "stablehlo.add"(%a, %s) : (tensor<4x16xf32>, tensor<4x16xf32>) -> tensor<4x16xf32>
    "func.return"(%c) : (tensor<4x16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

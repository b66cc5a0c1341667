// RUN: inplace,schedule,place
// One branch runs: the workspace is the larger of the two arenas. The first needs two temporaries of 1024 bytes at once, the
// second one of 256. Values captured from outside (%x) are read by the operation. The result is the
// caller's, and each branch writes its yield there: 2048 in the arena, 2304 planned.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<i1>, tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%p: tensor<i1>, %x: tensor<64xf32>):
    %r = "stablehlo.if"(%p) ({
      %a = "t.grow"(%x) : (tensor<64xf32>) -> tensor<256xf32>
      %b = "t.op"(%a) : (tensor<256xf32>) -> tensor<256xf32>
      %c = "t.shrink"(%b) : (tensor<256xf32>) -> tensor<64xf32>
      "stablehlo.return"(%c) : (tensor<64xf32>) -> ()
    }, {
      %a = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
      %b = "stablehlo.negate"(%a) : (tensor<64xf32>) -> tensor<64xf32>
      "stablehlo.return"(%b) : (tensor<64xf32>) -> ()
    }) : (tensor<i1>) -> tensor<64xf32>
    "func.return"(%r) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

// RUN: inplace,schedule{algorithm=program},place --results=arena
// %a has two readers. The first must not overwrite it, the last may: %b has a buffer of its own, %c lies where %a lay,
// and %d where %b lay. Arena: 2 x 256 = 512 bytes.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "stablehlo.negate"(%a) : (tensor<64xf32>) -> tensor<64xf32>
    %c = "stablehlo.abs"(%a) : (tensor<64xf32>) -> tensor<64xf32>
    %d = "stablehlo.add"(%b, %c) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%d) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

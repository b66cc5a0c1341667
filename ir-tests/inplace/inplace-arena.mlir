// RUN: inplace,schedule{algorithm=program},place --results=arena
// The same chain with the result in the arena: everything in one buffer of 256 bytes.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "stablehlo.negate"(%a) : (tensor<64xf32>) -> tensor<64xf32>
    %c = "stablehlo.exponential"(%b) : (tensor<64xf32>) -> tensor<64xf32>
    %d = "stablehlo.abs"(%c) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%d) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

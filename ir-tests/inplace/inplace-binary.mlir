// RUN: inplace,schedule{algorithm=program},place --results=arena
// %c may overwrite %a or %b, both die there; with one operand given twice there is still only one buffer to take.
// Arena: %a and %b, 512; everything after lies where %a lay.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "stablehlo.negate"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %c = "stablehlo.add"(%a, %b) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %d = "stablehlo.multiply"(%c, %c) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%d) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

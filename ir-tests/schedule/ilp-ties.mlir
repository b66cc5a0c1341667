// RUN: inplace,schedule{algorithm=ilp},place --results=arena
// The operands of %c and %d are given newest first; each takes over the bytes of one that dies all the same.
// Arena: %a and %b, 512.
"builtin.module"() ({
  // expected-note@+1 {{peak 512 bytes, optimal: proven}}
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "stablehlo.negate"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %c = "stablehlo.add"(%b, %a) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %d = "stablehlo.multiply"(%c, %c) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%d) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) : () -> ()

// RUN: inplace,schedule,place
// A branch that yields a captured value writes it into the result: a copy, and no view, because the other branch computes.
// Arena: %a and %r, 512; the branches need nothing more. A splat that is yielded is no virtual value: it is written.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<i32>, tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%p: tensor<i32>, %x: tensor<64xf32>):
    %a = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %r = "stablehlo.case"(%p) ({
      "stablehlo.return"(%a) : (tensor<64xf32>) -> ()
    }, {
      %b = "stablehlo.negate"(%a) : (tensor<64xf32>) -> tensor<64xf32>
      "stablehlo.return"(%b) : (tensor<64xf32>) -> ()
    }, {
      %c = "stablehlo.constant"() <{value = dense<0.0> : tensor<64xf32>}> : () -> tensor<64xf32>
      "stablehlo.return"(%c) : (tensor<64xf32>) -> ()
    }) : (tensor<i32>) -> tensor<64xf32>
    %s = "stablehlo.add"(%r, %a) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%s) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) : () -> ()

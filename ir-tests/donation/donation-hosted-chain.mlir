// RUN: inplace,schedule,place
// %a takes the bytes of the donated argument over in place, since its operation reads them only where it writes; %b takes over
// %a's, and the result %b's. No byte of arena is needed.
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}], function_type = (tensor<256xf32>) -> tensor<256xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<256xf32>):
    %a = "stablehlo.negate"(%x) : (tensor<256xf32>) -> tensor<256xf32>
    %b = "stablehlo.exponential"(%a) : (tensor<256xf32>) -> tensor<256xf32>
    %c = "stablehlo.add"(%b, %b) : (tensor<256xf32>, tensor<256xf32>) -> tensor<256xf32>
    "func.return"(%c) : (tensor<256xf32>) -> ()
  }) : () -> ()
}) : () -> ()

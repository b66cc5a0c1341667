// RUN: inplace,schedule,place
// The argument's bytes hold the result: %b lies in %x, and the arena is empty but for %a.
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}, {}], function_type = (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>, %y: tensor<64xf32>):
    %a = "t.op"(%y) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "stablehlo.add"(%x, %a) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

// RUN: inplace,schedule,place
// One value is returned twice, into two donated arguments: one copy. %a overwrites %x in place, so the arena is
// empty.
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}, {tf.aliasing_output = 1 : i32}], function_type = (tensor<64xf32>, tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>, %y: tensor<64xf32>):
    %a = "stablehlo.add"(%x, %y) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%a, %a) : (tensor<64xf32>, tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

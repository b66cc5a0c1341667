// RUN: --check
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}], function_type = (tensor<16xf32>) -> (tensor<16xf32>, tensor<16xf32>), sym_name = "main"}> ({
  ^bb0(%arg0: tensor<16xf32>):
    %0 = "stablehlo.exponential"(%arg0) : (tensor<16xf32>) -> tensor<16xf32>
    %1 = "t.b"() : () -> tensor<16xf32>
    %2 = "stablehlo.negate"(%0) : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%1, %2) : (tensor<16xf32>, tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

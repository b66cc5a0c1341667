// RUN: --check
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}, {}], function_type = (tensor<16xf32>, tensor<16xf32>) -> (tensor<16xf32>, tensor<16xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>, %y: tensor<16xf32>):
    %a = "t.a"(%y) : (tensor<16xf32>) -> tensor<16xf32>
    %c = "t.c"(%x, %a) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    %d = "t.d"(%c) : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%d, %c) : (tensor<16xf32>, tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

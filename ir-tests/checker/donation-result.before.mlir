// RUN: --check
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}], function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.shrink"(%x) : (tensor<64xf32>) -> tensor<16xf32>
    %b = "t.b"(%a) : (tensor<16xf32>) -> tensor<16xf32>
    %c = "t.c"(%b) : (tensor<16xf32>) -> tensor<16xf32>
    %d = "t.grow"(%c) : (tensor<16xf32>) -> tensor<64xf32>
    "func.return"(%d) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

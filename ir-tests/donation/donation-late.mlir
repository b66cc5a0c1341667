// RUN: inplace,schedule,place
// The result may be written into %x only when nobody needs %x any more. %b is made first, so either a copy is made at the end
// or %b is ordered after %c: all readers of %x first.
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}], function_type = (tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %b = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %c = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b, %c) : (tensor<64xf32>, tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

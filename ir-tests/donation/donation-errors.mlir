// RUN: inplace,schedule,place
// There is no result 3.
"builtin.module"() ({
  // expected-error@+1 {{tf.aliasing_output}}
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 3 : i32}], function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%a) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// The result has another type.
"builtin.module"() ({
  // expected-error@+1 {{tf.aliasing_output}}
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}], function_type = (tensor<64xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<16xf32>
    "func.return"(%a) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

// RUN: inplace,schedule,place
// There is no result 3.
"builtin.module"() ({
  // expected-error@+1 {{%x is donated to result 3, but there are 1}}
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 3 : i32}], function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%a) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// The result is smaller: no error, but the donation is refused.
"builtin.module"() ({
  // expected-note@+1 {{the donation of %x is refused: result 0 has another size}}
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}], function_type = (tensor<64xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<16xf32>
    "func.return"(%a) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// Two arguments for one result: the first gives its bytes.
"builtin.module"() ({
  // expected-note@+1 {{the donation of %y is refused: result 0 has a donor}}
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}, {tf.aliasing_output = 0 : i32}], function_type = (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>, %y: tensor<64xf32>):
    %a = "stablehlo.add"(%x, %y) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%a) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

// RUN: inplace,schedule,place
// The result may be written into %x only when nobody needs %x any more: all other readers of %x come first. %b reads each
// element of %x where it writes it, so it is ordered after %c, and lies in %x. The arena is empty.
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}], function_type = (tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %b = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %c = "stablehlo.negate"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b, %c) : (tensor<64xf32>, tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// Nobody knows how t.op reads %x, so it cannot write there, in whatever order: %b is made in the arena (256 bytes) and copied.
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}], function_type = (tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %b = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %c = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b, %c) : (tensor<64xf32>, tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// The writer of the result comes before a reader of %x that needs it: no order does it, and %b is copied as well.
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}], function_type = (tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %b = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %c = "stablehlo.add"(%x, %b) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b, %c) : (tensor<64xf32>, tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

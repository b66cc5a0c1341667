// RUN: inplace,schedule,place{host=no}
// As donation-hosted, with guests forbidden: 64 bytes for %a beside %b, then %b beside %c: 512.
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}], function_type = (tensor<256xf32>) -> tensor<256xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<256xf32>):
    %a = "t.shrink"(%x) : (tensor<256xf32>) -> tensor<16xf32>
    %b = "t.grow"(%a) : (tensor<16xf32>) -> tensor<64xf32>
    %c = "t.op"(%b) : (tensor<64xf32>) -> tensor<64xf32>
    %d = "t.grow"(%c) : (tensor<64xf32>) -> tensor<256xf32>
    "func.return"(%d) : (tensor<256xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

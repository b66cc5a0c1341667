// RUN: inplace,schedule,place
// The bytes of a donated argument are free from its last reader (step 0) until its result is written (step 3): %b lies there
// meanwhile. %c is read by the writer of the result, which may not overwrite it, so it stays; %a is gone when it comes:
// max(64, 256) = 256 bytes of arena.
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

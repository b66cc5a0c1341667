// RUN: inplace,schedule,place
// A donor may be overwritten by anyone: here it gives its bytes to the one result of its type. Arena: %a, 256.
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{jax.buffer_donor = true}], function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "t.op"(%a) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

// RUN: inplace,schedule,place
// Two donated arguments are returned swapped: no order of two writes does it. One of them must be saved first:
// memopt.copy. Three copies of 256 bytes move 768; the saved one lies where the unused %a lay: 256 in the arena.
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 1 : i32}, {tf.aliasing_output = 0 : i32}], function_type = (tensor<64xf32>, tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>, %y: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%x, %y) : (tensor<64xf32>, tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

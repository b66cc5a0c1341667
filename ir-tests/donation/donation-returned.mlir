// RUN: inplace,schedule,place
// A returned argument: %x is its own result, in place and without a copy; %y is not donated and must be copied out for the
// caller. Arena: 256 in the step of %a, which nobody reads. Planned: 256 + 256 for the result that is not donated.
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}, {}], function_type = (tensor<64xf32>, tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>, %y: tensor<64xf32>):
    %a = "t.op"(%y) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%x, %y) : (tensor<64xf32>, tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

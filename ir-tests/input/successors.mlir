// RUN: schedule,place
// Unstructured control flow cannot be planned.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4xf32>) -> tensor<4xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<4xf32>):
    // expected-error@+1 {{this operation branches to other blocks}}
    "cf.br"(%x)[^bb1] : (tensor<4xf32>) -> ()
  ^bb1(%y: tensor<4xf32>):
    "func.return"(%y) : (tensor<4xf32>) -> ()
  }) : () -> ()
}) : () -> ()

// RUN: schedule,place
// Unstructured control flow cannot be planned.
"builtin.module"() ({
  // expected-error@+1 {{@main has 2 blocks}}
  "func.func"() <{function_type = (tensor<4xf32>) -> tensor<4xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<4xf32>):
    "cf.br"(%x)[^bb1] : (tensor<4xf32>) -> ()
  ^bb1(%y: tensor<4xf32>):
    "func.return"(%y) : (tensor<4xf32>) -> ()
  }) : () -> ()
}) : () -> ()

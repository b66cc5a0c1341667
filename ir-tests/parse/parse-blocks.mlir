// RUN: --verify-only
// A function of several blocks is no structured program.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<f32>) -> tensor<f32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<f32>):
    // expected-error@+1 {{this operation branches to other blocks}}
    "cf.br"(%arg0)[^bb1] : (tensor<f32>) -> ()
  ^bb1(%0: tensor<f32>):
    "func.return"(%0) : (tensor<f32>) -> ()
  }) : () -> ()
}) : () -> ()
// -----
"builtin.module"() ({
  // expected-error@+1 {{func.return}}
  "func.func"() <{function_type = (tensor<f32>) -> (), sym_name = "main"}> ({
  ^bb0(%arg0: tensor<f32>):
    "t.op"(%arg0) : (tensor<f32>) -> ()
  }) : () -> ()
}) : () -> ()
// -----
"builtin.module"() ({
  // expected-error@+1 {{is not that of its body}}
  "func.func"() <{function_type = (tensor<f32>) -> tensor<2xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<f32>):
    "func.return"(%arg0) : (tensor<f32>) -> ()
  }) : () -> ()
}) : () -> ()

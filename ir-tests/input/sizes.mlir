// RUN: schedule,place
// A shape known only at run time.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4xf32>) -> (), sym_name = "main"}> ({
  ^bb0(%x: tensor<4xf32>):
    // expected-error@+1 {{%a has a shape known only at run time}}
    %a = "t.op"(%x) : (tensor<4xf32>) -> tensor<?xf32>
    "func.return"() : () -> ()
  }) : () -> ()
}) : () -> ()
// -----
// No rank.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4xf32>) -> (), sym_name = "main"}> ({
  ^bb0(%x: tensor<4xf32>):
    // expected-error@+1 {{%a has a shape known only at run time}}
    %a = "t.op"(%x) : (tensor<4xf32>) -> tensor<*xf32>
    "func.return"() : () -> ()
  }) : () -> ()
}) : () -> ()
// -----
// A type whose bytes only its dialect knows.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4xf32>) -> (), sym_name = "main"}> ({
  ^bb0(%x: tensor<4xf32>):
    // expected-error@+1 {{%a has a type whose bytes nobody knows}}
    %a = "t.op"(%x) : (tensor<4xf32>) -> !t.handle
    "func.return"() : () -> ()
  }) : () -> ()
}) : () -> ()
// -----
// More than any machine holds.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4xf32>) -> (), sym_name = "main"}> ({
  ^bb0(%x: tensor<4xf32>):
    // expected-error@+1 {{%a is larger than 2^46 bytes}}
    %a = "t.op"(%x) : (tensor<4xf32>) -> tensor<9999999x9999999xf32>
    "func.return"() : () -> ()
  }) : () -> ()
}) : () -> ()

// RUN: inplace,schedule,place
// The value that an update overwrote is read after it.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "t.update"(%a) {memopt.update = [[0 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    // expected-error@+1 {{t.op reads %a, whose bytes %b has overwritten}}
    %c = "t.op"(%a, %b) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%c) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// The same through a view: it shows the value that was overwritten.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %v = "t.view"(%a) {memopt.alias = [[0 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    %b = "t.update"(%a) {memopt.update = [[0 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    // expected-error@+1 {{t.op reads %v, whose bytes %b has overwritten}}
    %c = "t.op"(%v, %b) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%c) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// An argument that is not donated belongs to the caller.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    // expected-error@+1 {{t.update updates %x, an argument that is not donated}}
    %b = "t.update"(%x) {memopt.update = [[0 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// Two updates of one value: each would be the next version.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "t.update"(%a) {memopt.update = [[0 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    // expected-error@+1 {{t.update reads %a, whose bytes %b has overwritten}}
    %c = "t.update"(%a) {memopt.update = [[0 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    // expected-error@+1 {{func.return reads %b, whose bytes %c has overwritten}}
    "func.return"(%b, %c) : (tensor<64xf32>, tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// The reader could run before the update, but the text has it behind: in its own order the program reads what is gone.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "t.update"(%a) {memopt.update = [[0 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    // expected-error@+1 {{t.op reads %a, whose bytes %b has overwritten}}
    %c = "t.op"(%a) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b, %c) : (tensor<64xf32>, tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

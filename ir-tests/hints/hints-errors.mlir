// RUN: inplace,schedule,place
// There is no result 1.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    // expected-error@+1 {{memopt.alias of t.op is malformed}}
    %b = "t.op"(%x) {memopt.alias = [[1 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// There is no operand 2.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    // expected-error@+1 {{memopt.update of t.op is malformed}}
    %b = "t.op"(%x) {memopt.update = [[0 : i64, 2 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// Negative bytes.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    // expected-error@+1 {{memopt.bytes of t.op is malformed}}
    %b = "t.op"(%x) {memopt.bytes = [[0 : i64, -5 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// No list of pairs.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    // expected-error@+1 {{memopt.inplace of t.op is malformed}}
    %b = "t.op"(%x) {memopt.inplace = 3 : i64} : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// No number.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    // expected-error@+1 {{memopt.workspace of t.op is malformed}}
    %b = "t.op"(%x) {memopt.workspace = "much"} : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// Not one of the words.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    // expected-error@+1 {{memopt.effects of t.op is malformed}}
    %b = "t.op"(%x) {memopt.effects = "pure"} : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// Not one of the words.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    // expected-error@+1 {{memopt.recompute of t.op is malformed}}
    %b = "t.op"(%x) {memopt.recompute = "maybe"} : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// Negative work.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    // expected-error@+1 {{memopt.flops of t.op is malformed}}
    %b = "t.op"(%x) {memopt.flops = -1 : i64} : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

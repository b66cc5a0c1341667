// RUN: inplace,schedule,place
// A type that nobody knows, with a hint that says its bytes: no diagnostic. 48 bytes, 64 in the arena.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) {memopt.bytes = [[0 : i64, 48 : i64]]} : (tensor<64xf32>) -> !t.handle
    %b = "t.op"(%a) : (!t.handle) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

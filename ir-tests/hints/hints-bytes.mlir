// RUN: inplace,schedule,place
// The storage of %a is 1000 bytes, whatever its type says: 1024 after rounding.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) {memopt.bytes = [[0 : i64, 1000 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    %b = "t.op"(%a) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

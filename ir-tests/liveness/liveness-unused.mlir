// RUN: liveness
// A result that nobody reads lives in its own step only: 256 bytes in step 0, and no more after it.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %unused = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

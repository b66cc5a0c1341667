// RUN: liveness --results=arena
// A result that nobody reads lives in its own step only: 256 bytes in step 0, and no more after it. Either
// operation may run first: both have the window of steps 0 and 1. At the end %b alone is live: the peak is 256.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %unused = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

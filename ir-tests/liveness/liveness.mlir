// RUN: liveness --results=arena
// A chain with a value that lives long. tensor<64xf32> has 256 bytes.
//
//   step  op    live during the step
//   0     a     a                 256
//   1     b     a b               512
//   2     c     a b c             768  (b dies here, a is still needed)
//   3     d     a c d             768
//
// Each has one step only in which it can run, so 768 is the peak of every order.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "t.op"(%a) : (tensor<64xf32>) -> tensor<64xf32>
    %c = "t.op"(%b) : (tensor<64xf32>) -> tensor<64xf32>
    %d = "t.op"(%a, %c) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%d) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

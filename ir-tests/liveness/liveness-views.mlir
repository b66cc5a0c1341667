// RUN: liveness
// A view has no bytes and keeps its root alive: %a lives to step 3 through %v, though its own last reader is step 1.
//
//   step 0  a        256
//   step 1  v        256   (a view of a)
//   step 2  b        512
//   step 3  c        768   a (through v), b, c
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %v = "t.view"(%a) {memopt.alias = [[0 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    %b = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %c = "t.op"(%v, %b) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%c) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

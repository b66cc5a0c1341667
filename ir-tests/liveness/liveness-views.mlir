// RUN: liveness --results=arena
// A view has no bytes, takes no step, and keeps its root alive: %a lives to step 2 through %v.
//
//   step 0  a        256
//   step 1  b        512
//   step 2  c        768   a (through v), b, c
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

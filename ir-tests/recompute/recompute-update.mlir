// RUN: inplace,recompute{budget=min},place --results=arena
// %b is %a, overwritten: it cannot be made again without another %a, and the clone of the update must not touch the first.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.grow"(%x) {memopt.cost_ns = 1 : i64} : (tensor<16xf32>) -> tensor<256xf32>
    %b = "t.relu_"(%a) {memopt.cost_ns = 1 : i64, memopt.update = [[0, 0]]} : (tensor<256xf32>) -> tensor<256xf32>
    %c = "t.op2"(%b) {memopt.cost_ns = 9 : i64} : (tensor<256xf32>) -> tensor<256xf32>
    %d = "t.op2"(%c) {memopt.cost_ns = 9 : i64} : (tensor<256xf32>) -> tensor<256xf32>
    %s = "t.shrink"(%d) {memopt.cost_ns = 9 : i64} : (tensor<256xf32>) -> tensor<16xf32>
    %t = "t.use"(%s, %b) {memopt.cost_ns = 9 : i64} : (tensor<16xf32>, tensor<256xf32>) -> tensor<16xf32>
    "func.return"(%t) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

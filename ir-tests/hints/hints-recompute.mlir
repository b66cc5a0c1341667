// RUN: inplace,schedule,place
// Neither a hint that forbids cloning nor costs change the order or the bytes. Arena: %a, 256.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) {memopt.recompute = "never", memopt.flops = 1000 : i64} : (tensor<64xf32>) -> tensor<64xf32>
    %b = "t.op"(%a) {memopt.recompute = "allow", memopt.cost_ns = 250 : i64} : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

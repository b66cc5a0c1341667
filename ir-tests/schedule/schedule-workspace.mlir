// RUN: schedule,place
// Scratch bytes count in their own step only. %h needs 4096 bytes while it runs: it should run while nothing big is live, so
// before %b is made. Then the peak is 64 + 4096 (the result of %h and its scratch); after %b it is 64 + 4096 + 1024.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %b = "t.grow"(%x) : (tensor<16xf32>) -> tensor<256xf32>
    %h = "t.heavy"(%x) {memopt.workspace = 4096 : i64} : (tensor<16xf32>) -> tensor<16xf32>
    %c = "t.shrink"(%b) : (tensor<256xf32>) -> tensor<16xf32>
    %s = "t.op"(%h, %c) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%s) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

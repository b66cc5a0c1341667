// RUN: schedule{algorithm=greedy},place
// Every reader of %a, and of the view %v of it, runs before the update: greedy would like to run the update first, because
// that frees %g (1024 bytes), and must not. At the update %a, %g and %r are live in every order: 256 + 1024 + 256 = 1536, and
// the result of the caller makes it 1792 planned.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>, tensor<256xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>, %y: tensor<256xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %v = "t.view"(%a) {memopt.alias = [[0 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    %g = "t.op"(%y) : (tensor<256xf32>) -> tensor<256xf32>
    %r = "t.op"(%v) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "t.update"(%a, %g) {memopt.update = [[0 : i64, 0 : i64]]} : (tensor<64xf32>, tensor<256xf32>) -> tensor<64xf32>
    %s = "t.op"(%r, %b) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%s) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

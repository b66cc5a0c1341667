// RUN: schedule{algorithm=program},place --results=arena
// Three big temporaries (1024 bytes each), each reduced to a small one (64 bytes).
//
// In program order all three are live at once, and the first small one joins them: 3 x 1024 + 64 = 3136.
// Reducing each before the next is made: one big, at most two small of the others, and its own small one:
// 2 x 64 + 1024 + 64 = 1216. No order does better than 1216 - 64 = 1152 at the third big one's reduction without a small one
// being dead, and adding %s1 and %s2 first gives 64 (their sum) + 1024 + 64 = 1152.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %b1 = "t.grow"(%x) : (tensor<16xf32>) -> tensor<256xf32>
    %b2 = "t.grow"(%x) : (tensor<16xf32>) -> tensor<256xf32>
    %b3 = "t.grow"(%x) : (tensor<16xf32>) -> tensor<256xf32>
    %s1 = "t.shrink"(%b1) : (tensor<256xf32>) -> tensor<16xf32>
    %s2 = "t.shrink"(%b2) : (tensor<256xf32>) -> tensor<16xf32>
    %s3 = "t.shrink"(%b3) : (tensor<256xf32>) -> tensor<16xf32>
    %t = "t.op"(%s1, %s2) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    %s = "t.op"(%t, %s3) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%s) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

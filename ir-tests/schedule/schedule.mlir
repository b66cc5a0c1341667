// RUN: schedule,place --results=arena
// Three big temporaries (1024 bytes each), each reduced to a small one (64 bytes); the small ones are added up.
//
// In program order all three big ones are live when the first is reduced: 3 x 1024 + 64 = 3136.
// Reducing each before the next is made, and adding at the end: two small ones wait while the third big one is reduced,
//   2 x 64 + 1024 + 64 = 1216.
// Adding %s1 and %s2 before the third big one is made: one sum waits, 64 + 1024 + 64 = 1152. The step that reduces %b2
// needs as much (%s1, %b2, %s2), in every order: 1152 is the least.
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

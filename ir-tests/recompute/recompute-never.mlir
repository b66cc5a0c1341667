// RUN: inplace,recompute{budget=min},place --results=arena
// Random numbers are drawn once, and what says so runs once: nothing is gained.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %mask = "t.draw"(%x) {memopt.effects = "random"} : (tensor<16xf32>) -> tensor<256xf32>
    %b = "t.op"(%x) {memopt.recompute = "never"} : (tensor<16xf32>) -> tensor<256xf32>
    %c = "t.op2"(%b, %mask) : (tensor<256xf32>, tensor<256xf32>) -> tensor<256xf32>
    %s = "t.shrink"(%c) : (tensor<256xf32>) -> tensor<16xf32>
    %t = "t.use"(%s, %b, %mask) : (tensor<16xf32>, tensor<256xf32>, tensor<256xf32>) -> tensor<16xf32>
    "func.return"(%t) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

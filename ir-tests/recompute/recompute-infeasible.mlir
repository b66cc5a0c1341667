// RUN: inplace,recompute{budget=2000},place --results=arena
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.grow"(%x) : (tensor<16xf32>) -> tensor<256xf32>
    %b = "t.op"(%a) : (tensor<256xf32>) -> tensor<256xf32>
    // expected-error@+1 {{the budget of 2000 B cannot be met: the least arena found has}}
    %t = "t.use"(%a, %b) : (tensor<256xf32>, tensor<256xf32>) -> tensor<16xf32>
    "func.return"(%t) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

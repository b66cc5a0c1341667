// RUN: inplace,schedule{algorithm=program},fuse,schedule{algorithm=program},place
// %b and %c share the root %a, 1024 bytes, which lives for both; %d reads it at its own index through them only, and so lies
// in its bytes: 1024 in the arena, where all of %a, %b, %c took 2048.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.grow"(%x) : (tensor<16xf32>) -> tensor<256xf32>
    %b = "stablehlo.tanh"(%a) : (tensor<256xf32>) -> tensor<256xf32>
    %c = "stablehlo.multiply"(%a, %b) : (tensor<256xf32>, tensor<256xf32>) -> tensor<256xf32>
    %d = "stablehlo.add"(%b, %c) : (tensor<256xf32>, tensor<256xf32>) -> tensor<256xf32>
    %s = "t.shrink"(%d) : (tensor<256xf32>) -> tensor<16xf32>
    "func.return"(%s) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

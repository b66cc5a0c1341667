// RUN: --check
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.a"(%x) : (tensor<16xf32>) -> tensor<16xf32>
    %b = "t.b"(%a) : (tensor<16xf32>) -> tensor<16xf32>
    %c = "t.c"(%a, %b) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    %d = "t.d"(%c) : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%d) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

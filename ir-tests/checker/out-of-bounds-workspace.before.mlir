// RUN: --check
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> (tensor<16xf32>, tensor<16xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.a"(%x) : (tensor<16xf32>) -> tensor<16xf32>
    %b:2 = "t.b"(%a) : (tensor<16xf32>) -> (tensor<16xf32>, tensor<16xf32>)
    %c = "t.c"(%b#0, %b#1) {memopt.workspace = 64 : i64} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%a, %c) : (tensor<16xf32>, tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

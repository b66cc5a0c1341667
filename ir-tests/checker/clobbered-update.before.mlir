// RUN: --check
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.a"(%x) : (tensor<16xf32>) -> tensor<16xf32>
    %b = "t.b"(%a) : (tensor<16xf32>) -> tensor<16xf32>
    %u = "t.update"(%a) {memopt.update = [[0 : i64, 0 : i64]]} : (tensor<16xf32>) -> tensor<16xf32>
    %c = "t.c"(%b, %u) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%c) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

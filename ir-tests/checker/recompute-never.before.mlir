// RUN: --check
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.a"(%x) {memopt.recompute = "never"} : (tensor<16xf32>) -> tensor<16xf32>
    %b = "t.b"(%a) : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%b) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

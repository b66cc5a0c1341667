// RUN: --check
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    "t.print"(%x) {memopt.effects = "side"} : (tensor<16xf32>) -> ()
    %r = "t.random"(%x) {memopt.effects = "random"} : (tensor<16xf32>) -> tensor<16xf32>
    "t.print"(%r) {memopt.effects = "side"} : (tensor<16xf32>) -> ()
    %a = "t.a"(%r) : (tensor<16xf32>) -> tensor<16xf32>
    %b = "t.b"(%a, %r) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%b) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

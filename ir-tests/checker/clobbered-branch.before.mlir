// RUN: --check
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<i1>, tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%p: tensor<i1>, %x: tensor<16xf32>):
    %r = "stablehlo.if"(%p) ({
      %a = "t.a"(%x) : (tensor<16xf32>) -> tensor<16xf32>
      %b = "t.b"(%a) : (tensor<16xf32>) -> tensor<16xf32>
      %unused = "t.b"(%a, %a) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
      "stablehlo.return"(%b) : (tensor<16xf32>) -> ()
    }, {
      %c = "t.c"(%x) : (tensor<16xf32>) -> tensor<16xf32>
      "stablehlo.return"(%c) : (tensor<16xf32>) -> ()
    }) : (tensor<i1>) -> tensor<16xf32>
    "func.return"(%r) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

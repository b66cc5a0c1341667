// RUN: --check
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %i0 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %k = "stablehlo.tanh"(%x) : (tensor<16xf32>) -> tensor<16xf32>
    %r:2 = "stablehlo.while"(%i0, %x) ({
    ^bb0(%i: tensor<i32>, %a: tensor<16xf32>):
      %n = "stablehlo.constant"() <{value = dense<8> : tensor<i32>}> : () -> tensor<i32>
      %p = "stablehlo.compare"(%i, %n) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%p) : (tensor<i1>) -> ()
    }, {
    ^bb0(%i: tensor<i32>, %a: tensor<16xf32>):
      %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
      %i1 = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      %t = "t.t"(%a) : (tensor<16xf32>) -> tensor<16xf32>
      %u = "t.u"(%t, %k) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
      %a1 = "stablehlo.add"(%a, %u) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
      "stablehlo.return"(%i1, %a1) : (tensor<i32>, tensor<16xf32>) -> ()
    }) : (tensor<i32>, tensor<16xf32>) -> (tensor<i32>, tensor<16xf32>)
    "func.return"(%r#1) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

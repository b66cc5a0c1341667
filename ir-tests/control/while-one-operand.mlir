// RUN: inplace,schedule,place
// One value initialises two slots, and is read after the loop: neither slot may take its bytes over. Both are copied.
// Arena: %a0 256, the counter 64, two slots of 256, the boolean of the condition 64: 896. %s overwrites a slot when the loop
// is over.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %i0 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %a0 = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %r:3 = "stablehlo.while"(%i0, %a0, %a0) ({
    ^bb0(%i: tensor<i32>, %a: tensor<64xf32>, %b: tensor<64xf32>):
      %n = "stablehlo.constant"() <{value = dense<8> : tensor<i32>}> : () -> tensor<i32>
      %c = "stablehlo.compare"(%i, %n) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%c) : (tensor<i1>) -> ()
    }, {
    ^bb0(%i: tensor<i32>, %a: tensor<64xf32>, %b: tensor<64xf32>):
      %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
      %i1 = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      %a1 = "stablehlo.add"(%a, %b) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
      %b1 = "stablehlo.negate"(%b) : (tensor<64xf32>) -> tensor<64xf32>
      "stablehlo.return"(%i1, %a1, %b1) : (tensor<i32>, tensor<64xf32>, tensor<64xf32>) -> ()
    }) : (tensor<i32>, tensor<64xf32>, tensor<64xf32>) -> (tensor<i32>, tensor<64xf32>, tensor<64xf32>)
    %s = "stablehlo.add"(%r#1, %r#2) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %t = "stablehlo.add"(%s, %a0) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%t) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) : () -> ()

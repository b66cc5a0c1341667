// RUN: inplace,schedule,place
// The slots are swapped in each iteration. Yields are a parallel copy: written one after the other, the second would read
// what the first has overwritten. One of the two must be saved: 256 bytes of scratch, three copies
// of 256 bytes in each round.
// Arena: %a0 and %b0 512 (the slots are the caller's result bytes, and are initialised from them), the counter 64, the saved
// one 256: 832. Planned: 832 + 512 for the results = 1344.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %i0 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %a0 = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %b0 = "stablehlo.negate"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %r:3 = "stablehlo.while"(%i0, %a0, %b0) ({
    ^bb0(%i: tensor<i32>, %a: tensor<64xf32>, %b: tensor<64xf32>):
      %n = "stablehlo.constant"() <{value = dense<8> : tensor<i32>}> : () -> tensor<i32>
      %c = "stablehlo.compare"(%i, %n) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%c) : (tensor<i1>) -> ()
    }, {
    ^bb0(%i: tensor<i32>, %a: tensor<64xf32>, %b: tensor<64xf32>):
      %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
      %i1 = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      "stablehlo.return"(%i1, %b, %a) : (tensor<i32>, tensor<64xf32>, tensor<64xf32>) -> ()
    }) : (tensor<i32>, tensor<64xf32>, tensor<64xf32>) -> (tensor<i32>, tensor<64xf32>, tensor<64xf32>)
    "func.return"(%r#1, %r#2) : (tensor<64xf32>, tensor<64xf32>) -> ()
  }) : () -> ()
}) : () -> ()

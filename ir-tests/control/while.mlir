// RUN: inplace,schedule,place --results=arena
// Three carried slots of 256 bytes and a counter.
//   %k is kept: it is a view of its operand, and nothing is written.
//   %u is updated by dynamic_update_slice: in place in its slot.
//   %s is summed: in place in its slot.
// The slots of %u and %s take over the bytes of %u0 and %s0, which die at the loop: no copies.
// Arena: %u 256, %s 256, the counter 64, and the boolean of the condition 64: 640.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %i0 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %u0 = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %s0 = "stablehlo.negate"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %r:4 = "stablehlo.while"(%i0, %x, %u0, %s0) ({
    ^bb0(%i: tensor<i32>, %k: tensor<64xf32>, %u: tensor<64xf32>, %s: tensor<64xf32>):
      %n = "stablehlo.constant"() <{value = dense<8> : tensor<i32>}> : () -> tensor<i32>
      %c = "stablehlo.compare"(%i, %n) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%c) : (tensor<i1>) -> ()
    }, {
    ^bb0(%i: tensor<i32>, %k: tensor<64xf32>, %u: tensor<64xf32>, %s: tensor<64xf32>):
      %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
      %part = "stablehlo.slice"(%k) <{limit_indices = array<i64: 4>, start_indices = array<i64: 0>, strides = array<i64: 1>}> : (tensor<64xf32>) -> tensor<4xf32>
      %u1 = "stablehlo.dynamic_update_slice"(%u, %part, %i) : (tensor<64xf32>, tensor<4xf32>, tensor<i32>) -> tensor<64xf32>
      %s1 = "stablehlo.add"(%s, %k) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
      %i1 = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      "stablehlo.return"(%i1, %k, %u1, %s1) : (tensor<i32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>) -> ()
    }) : (tensor<i32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>) -> (tensor<i32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>)
    "func.return"(%r#2, %r#3) : (tensor<64xf32>, tensor<64xf32>) -> ()
  }) : () -> ()
}) : () -> ()

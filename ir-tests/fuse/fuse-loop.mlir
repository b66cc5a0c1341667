// RUN: inplace,schedule,fuse,schedule,place
// In the body of a loop: %b and %w, 1024 bytes each, are computed by the sum that reads them, from the slot %a. So the body needs
// 64 for %s beside the slots, as the condition does for its boolean: 192 in all. What a loop starts from, and what it yields,
// has bytes.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %i0 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %a0 = "stablehlo.tanh"(%x) : (tensor<16xf32>) -> tensor<16xf32>
    %r:2 = "stablehlo.while"(%i0, %a0) ({
    ^bb0(%i: tensor<i32>, %a: tensor<16xf32>):
      %n = "stablehlo.constant"() <{value = dense<8> : tensor<i32>}> : () -> tensor<i32>
      %c = "stablehlo.compare"(%i, %n) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%c) : (tensor<i1>) -> ()
    }, {
    ^bb0(%i: tensor<i32>, %a: tensor<16xf32>):
      %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
      %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
      %i1 = "stablehlo.add"(%i, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      %b = "stablehlo.broadcast_in_dim"(%a) <{broadcast_dimensions = array<i64: 1>}> : (tensor<16xf32>) -> tensor<16x16xf32>
      %w = "stablehlo.tanh"(%b) : (tensor<16x16xf32>) -> tensor<16x16xf32>
      %s = "stablehlo.reduce"(%w, %zero) <{dimensions = array<i64: 0>}> ({
      ^bb0(%l: tensor<f32>, %r: tensor<f32>):
        %t = "stablehlo.add"(%l, %r) : (tensor<f32>, tensor<f32>) -> tensor<f32>
        "stablehlo.return"(%t) : (tensor<f32>) -> ()
      }) : (tensor<16x16xf32>, tensor<f32>) -> tensor<16xf32>
      %a1 = "stablehlo.add"(%s, %a) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
      "stablehlo.return"(%i1, %a1) : (tensor<i32>, tensor<16xf32>) -> ()
    }) : (tensor<i32>, tensor<16xf32>) -> (tensor<i32>, tensor<16xf32>)
    %s = "stablehlo.negate"(%r#1) : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%s) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) : () -> ()

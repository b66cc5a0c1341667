// RUN: cse,inplace,schedule{algorithm=program},place
// The branch reads %t, which is computed outside already; what both branches compute is visible in neither of the other's.
// Of two equal reductions with equal bodies one is left; the third sums with another body.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<8xf32>, tensor<i1>) -> (tensor<8xf32>, tensor<f32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<8xf32>, %p: tensor<i1>):
    %t = "stablehlo.tanh"(%x) : (tensor<8xf32>) -> tensor<8xf32>
    %y = "stablehlo.if"(%p) ({
      %t1 = "stablehlo.tanh"(%x) : (tensor<8xf32>) -> tensor<8xf32>
      %c1 = "stablehlo.cosine"(%t1) : (tensor<8xf32>) -> tensor<8xf32>
      %d1 = "stablehlo.add"(%c1, %t1) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
      "stablehlo.return"(%d1) : (tensor<8xf32>) -> ()
    }, {
      %c2 = "stablehlo.cosine"(%t) : (tensor<8xf32>) -> tensor<8xf32>
      "stablehlo.return"(%c2) : (tensor<8xf32>) -> ()
    }) : (tensor<i1>) -> tensor<8xf32>
    %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
    %r1 = "stablehlo.reduce"(%y, %zero) <{dimensions = array<i64: 0>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %c = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%c) : (tensor<f32>) -> ()
    }) : (tensor<8xf32>, tensor<f32>) -> tensor<f32>
    %r2 = "stablehlo.reduce"(%y, %zero) <{dimensions = array<i64: 0>}> ({
    ^bb0(%d: tensor<f32>, %e: tensor<f32>):
      %f = "stablehlo.add"(%d, %e) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%f) : (tensor<f32>) -> ()
    }) : (tensor<8xf32>, tensor<f32>) -> tensor<f32>
    %r3 = "stablehlo.reduce"(%y, %zero) <{dimensions = array<i64: 0>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %c = "stablehlo.add"(%b, %a) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%c) : (tensor<f32>) -> ()
    }) : (tensor<8xf32>, tensor<f32>) -> tensor<f32>
    %s = "stablehlo.add"(%r1, %r2) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    %z = "stablehlo.add"(%s, %r3) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "func.return"(%t, %z) : (tensor<8xf32>, tensor<f32>) -> ()
  }) : () -> ()
}) : () -> ()
// -----
// Of two equal loops one is left. Inside, the count is compared with a constant from outside, and %step, computed twice, once.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<8xf32>):
    %zero = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %three = "stablehlo.constant"() <{value = dense<3> : tensor<i32>}> : () -> tensor<i32>
    %n1, %w1 = "stablehlo.while"(%zero, %x) ({
    ^bb0(%n: tensor<i32>, %v: tensor<8xf32>):
      %limit = "stablehlo.constant"() <{value = dense<3> : tensor<i32>}> : () -> tensor<i32>
      %more = "stablehlo.compare"(%n, %limit) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%more) : (tensor<i1>) -> ()
    }, {
    ^bb0(%n: tensor<i32>, %v: tensor<8xf32>):
      %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
      %next = "stablehlo.add"(%n, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      %step = "stablehlo.tanh"(%v) : (tensor<8xf32>) -> tensor<8xf32>
      %again = "stablehlo.tanh"(%v) : (tensor<8xf32>) -> tensor<8xf32>
      %sum = "stablehlo.add"(%step, %again) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
      "stablehlo.return"(%next, %sum) : (tensor<i32>, tensor<8xf32>) -> ()
    }) : (tensor<i32>, tensor<8xf32>) -> (tensor<i32>, tensor<8xf32>)
    %n2, %w2 = "stablehlo.while"(%zero, %x) ({
    ^bb0(%n: tensor<i32>, %v: tensor<8xf32>):
      %more = "stablehlo.compare"(%n, %three) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%more) : (tensor<i1>) -> ()
    }, {
    ^bb0(%n: tensor<i32>, %v: tensor<8xf32>):
      %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
      %next = "stablehlo.add"(%n, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      %step = "stablehlo.tanh"(%v) : (tensor<8xf32>) -> tensor<8xf32>
      %sum = "stablehlo.add"(%step, %step) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
      "stablehlo.return"(%next, %sum) : (tensor<i32>, tensor<8xf32>) -> ()
    }) : (tensor<i32>, tensor<8xf32>) -> (tensor<i32>, tensor<8xf32>)
    "func.return"(%w1, %w2) : (tensor<8xf32>, tensor<8xf32>) -> ()
  }) : () -> ()
}) : () -> ()

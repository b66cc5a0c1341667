// RUN: cse,schedule{algorithm=program},place
// Random numbers, side effects, and what nobody described: each runs as often as it is written.
"builtin.module"() ({
  "func.func"() <{function_type = () -> (tensor<4xf32>, tensor<4xf32>), sym_name = "main"}> ({
    %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
    %one = "stablehlo.constant"() <{value = dense<1.0> : tensor<f32>}> : () -> tensor<f32>
    %shape = "stablehlo.constant"() <{value = dense<4> : tensor<1xi64>}> : () -> tensor<1xi64>
    %r1 = "stablehlo.rng"(%zero, %one, %shape) <{rng_distribution = #stablehlo<rng_distribution UNIFORM>}> : (tensor<f32>, tensor<f32>, tensor<1xi64>) -> tensor<4xf32>
    %r2 = "stablehlo.rng"(%zero, %one, %shape) <{rng_distribution = #stablehlo<rng_distribution UNIFORM>}> : (tensor<f32>, tensor<f32>, tensor<1xi64>) -> tensor<4xf32>
    %s1 = "test.unknown"(%r1) : (tensor<4xf32>) -> tensor<4xf32>
    %s2 = "test.unknown"(%r1) : (tensor<4xf32>) -> tensor<4xf32>
    %p1 = "test.pure"(%s1) {memopt.effects = "none"} : (tensor<4xf32>) -> tensor<4xf32>
    %p2 = "test.pure"(%s1) {memopt.effects = "none"} : (tensor<4xf32>) -> tensor<4xf32>
    %a = "stablehlo.add"(%p1, %p2) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %b = "stablehlo.add"(%s2, %r2) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    "func.return"(%a, %b) : (tensor<4xf32>, tensor<4xf32>) -> ()
  }) : () -> ()
}) : () -> ()
// -----
// Behind a barrier %x is computed with again, on purpose; and behind a second one a second time.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<4xf32>):
    %t0 = "stablehlo.tanh"(%x) : (tensor<4xf32>) -> tensor<4xf32>
    %x1 = "stablehlo.optimization_barrier"(%x) : (tensor<4xf32>) -> tensor<4xf32>
    %t1 = "stablehlo.tanh"(%x1) : (tensor<4xf32>) -> tensor<4xf32>
    %x2 = "stablehlo.optimization_barrier"(%x) : (tensor<4xf32>) -> tensor<4xf32>
    %t2 = "stablehlo.tanh"(%x2) : (tensor<4xf32>) -> tensor<4xf32>
    %a = "stablehlo.add"(%t0, %t1) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    "func.return"(%a, %t2) : (tensor<4xf32>, tensor<4xf32>) -> ()
  }) : () -> ()
}) : () -> ()
// -----
// %b is overwritten, so %a stands for itself; %c2 is another buffer, as its producer wanted; %never must not run twice, its
// twin may.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<4xf32>):
    %b = "stablehlo.tanh"(%x) : (tensor<4xf32>) -> tensor<4xf32>
    %a = "stablehlo.tanh"(%x) : (tensor<4xf32>) -> tensor<4xf32>
    %u = "stablehlo.negate"(%b) {memopt.update = [[0, 0]]} : (tensor<4xf32>) -> tensor<4xf32>
    %s = "stablehlo.add"(%a, %u) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %c1 = "memopt.copy"(%s) : (tensor<4xf32>) -> tensor<4xf32>
    %c2 = "memopt.copy"(%s) : (tensor<4xf32>) -> tensor<4xf32>
    %never = "stablehlo.cosine"(%s) {memopt.recompute = "never"} : (tensor<4xf32>) -> tensor<4xf32>
    %twin = "stablehlo.cosine"(%s) : (tensor<4xf32>) -> tensor<4xf32>
    %d = "stablehlo.add"(%never, %twin) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    "func.return"(%c1, %c2, %d) : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> ()
  }) : () -> ()
}) : () -> ()

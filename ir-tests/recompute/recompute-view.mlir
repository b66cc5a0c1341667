// RUN: inplace,recompute{budget=min},place --results=arena
// What is made again is read through a view and through a virtual value: both are cloned with it.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<256xf32>) -> tensor<16x16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<256xf32>):
    %a = "stablehlo.tanh"(%x) : (tensor<256xf32>) -> tensor<256xf32>
    %m = "stablehlo.reshape"(%a) : (tensor<256xf32>) -> tensor<16x16xf32>
    %big = "stablehlo.dot_general"(%m, %m) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
    %p = "stablehlo.dot_general"(%big, %big) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
    %q = "stablehlo.dot_general"(%p, %p) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
    %r = "stablehlo.add"(%q, %m) : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
    "func.return"(%r) : (tensor<16x16xf32>) -> ()
  }) : () -> ()
}) : () -> ()

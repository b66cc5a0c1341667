// RUN: inplace,schedule{algorithm=program},place --results=arena
// What reads an operand's elements more than once, or at other places, cannot overwrite it: a transpose, a product, a
// reduction, a comparison (whose elements are narrower). A transpose of a square has the operand's type, and still cannot.
// Arena: two buffers of 1024 bytes, since no tie is possible.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16x16xf32>) -> tensor<16x16xi1>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16x16xf32>):
    %a = "stablehlo.tanh"(%x) : (tensor<16x16xf32>) -> tensor<16x16xf32>
    %t = "stablehlo.transpose"(%a) <{permutation = array<i64: 1, 0>}> : (tensor<16x16xf32>) -> tensor<16x16xf32>
    %p = "stablehlo.dot_general"(%t, %t) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
    %c = "stablehlo.compare"(%p, %p) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xi1>
    "func.return"(%c) : (tensor<16x16xi1>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

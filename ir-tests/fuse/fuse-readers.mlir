// RUN: inplace,schedule,fuse,schedule,place
// Who may read what. %a has 1024 bytes.
// - The product reads a transpose, which is %a at other indices: no bytes. It does not read the arithmetic of %e: 1024.
// - The gather takes its operand as it is: the transpose that it reads has bytes. An operation nobody described reads no more.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16x16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.grow"(%x) : (tensor<16xf32>) -> tensor<16x16xf32>
    %b = "t.grow"(%x) : (tensor<16xf32>) -> tensor<16x16xf32>
    %moved = "stablehlo.transpose"(%a) <{permutation = array<i64: 1, 0>}> : (tensor<16x16xf32>) -> tensor<16x16xf32>
    %e = "stablehlo.tanh"(%b) : (tensor<16x16xf32>) -> tensor<16x16xf32>
    %p = "stablehlo.dot_general"(%moved, %e) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
    "func.return"(%p) : (tensor<16x16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>, tensor<2xi32>) -> tensor<2x16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>, %at: tensor<2xi32>):
    %a = "t.grow"(%x) : (tensor<16xf32>) -> tensor<16x16xf32>
    %moved = "stablehlo.transpose"(%a) <{permutation = array<i64: 1, 0>}> : (tensor<16x16xf32>) -> tensor<16x16xf32>
    %g = "stablehlo.torch_index_select"(%moved, %at) <{batch_dims = 0 : i64, dim = 0 : i64}> : (tensor<16x16xf32>, tensor<2xi32>) -> tensor<2x16xf32>
    "func.return"(%g) : (tensor<2x16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.op"(%x) : (tensor<16xf32>) -> tensor<16xf32>
    %e = "stablehlo.tanh"(%a) : (tensor<16xf32>) -> tensor<16xf32>
    %b = "t.op"(%e) : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%b) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

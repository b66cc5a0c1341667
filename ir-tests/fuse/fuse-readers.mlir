// RUN: inplace,schedule,fuse,schedule,place
// Who may read what. %a has 1024 bytes and is needed to the end.
// A product reads its transpose, which is %a at other indices: no bytes. Arena: 1024.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16x16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.grow"(%x) : (tensor<16xf32>) -> tensor<16x16xf32>
    %moved = "stablehlo.transpose"(%a) <{permutation = array<i64: 1, 0>}> : (tensor<16x16xf32>) -> tensor<16x16xf32>
    %p = "stablehlo.dot_general"(%moved, %a) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
    "func.return"(%p) : (tensor<16x16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// It would compute %e again for each of its columns, so %e has bytes: 2048.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16x16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.grow"(%x) : (tensor<16xf32>) -> tensor<16x16xf32>
    %e = "stablehlo.tanh"(%a) : (tensor<16x16xf32>) -> tensor<16x16xf32>
    %p = "stablehlo.dot_general"(%e, %a) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
    "func.return"(%p) : (tensor<16x16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// What selects rows takes its operand as it is: 2048, and 128 for %g.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>, tensor<2xi32>) -> tensor<2x16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>, %at: tensor<2xi32>):
    %a = "t.grow"(%x) : (tensor<16xf32>) -> tensor<16x16xf32>
    %moved = "stablehlo.transpose"(%a) <{permutation = array<i64: 1, 0>}> : (tensor<16x16xf32>) -> tensor<16x16xf32>
    %g = "stablehlo.torch_index_select"(%moved, %at) <{batch_dims = 0 : i64, dim = 0 : i64}> : (tensor<16x16xf32>, tensor<2xi32>) -> tensor<2x16xf32>
    %r = "t.use"(%g, %a) : (tensor<2x16xf32>, tensor<16x16xf32>) -> tensor<2x16xf32>
    "func.return"(%r) : (tensor<2x16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// So does an operation that nobody described: 2048.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.grow"(%x) : (tensor<16xf32>) -> tensor<16x16xf32>
    %e = "stablehlo.tanh"(%a) : (tensor<16x16xf32>) -> tensor<16x16xf32>
    %r = "t.use"(%e, %a) : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16xf32>
    "func.return"(%r) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

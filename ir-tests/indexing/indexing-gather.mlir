// RUN: indexing
// The logarithm of one probability for each of 4 tokens, of 100 classes: the subtraction runs on 4 elements and not on 400. What
// is broadcast along the classes needs no index; %shifted has another reader, and is gathered from as it is.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4x100xf32>, tensor<4xi32>, tensor<4xf32>) -> (tensor<4x1xf32>, tensor<4x100xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<4x100xf32>, %labels: tensor<4xi32>, %sum: tensor<4xf32>):
    %two = "stablehlo.constant"() <{value = dense<2.0> : tensor<4x100xf32>}> : () -> tensor<4x100xf32>
    %shifted = "stablehlo.multiply"(%x, %two) : (tensor<4x100xf32>, tensor<4x100xf32>) -> tensor<4x100xf32>
    %exp = "stablehlo.exponential"(%shifted) : (tensor<4x100xf32>) -> tensor<4x100xf32>
    %sums = "stablehlo.broadcast_in_dim"(%sum) <{broadcast_dimensions = array<i64: 0>}> : (tensor<4xf32>) -> tensor<4x100xf32>
    %difference = "stablehlo.subtract"(%shifted, %sums) : (tensor<4x100xf32>, tensor<4x100xf32>) -> tensor<4x100xf32>
    %logs = "stablehlo.multiply"(%difference, %two) : (tensor<4x100xf32>, tensor<4x100xf32>) -> tensor<4x100xf32>
    %at = "stablehlo.reshape"(%labels) : (tensor<4xi32>) -> tensor<4x1x1xi32>
    %y = "stablehlo.gather"(%logs, %at) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [1], operand_batching_dims = [0], start_indices_batching_dims = [0], start_index_map = [1], index_vector_dim = 2>, slice_sizes = array<i64: 1, 1>}> : (tensor<4x100xf32>, tensor<4x1x1xi32>) -> tensor<4x1xf32>
    "func.return"(%y, %exp) : (tensor<4x1xf32>, tensor<4x100xf32>) -> ()
  }) : () -> ()
}) : () -> ()
// -----
// Three gathers that stay: of the sum of two tensors, where two would have to be read; of what another operation reads, too; and
// of more elements than there are.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4x9xf32>, tensor<4x9xf32>, tensor<4x1x1xi32>, tensor<4x20x1xi32>) -> (tensor<4x1xf32>, tensor<4x1xf32>, tensor<4x9xf32>, tensor<4x20xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<4x9xf32>, %y: tensor<4x9xf32>, %at: tensor<4x1x1xi32>, %many: tensor<4x20x1xi32>):
    %a = "stablehlo.add"(%x, %y) : (tensor<4x9xf32>, tensor<4x9xf32>) -> tensor<4x9xf32>
    %g = "stablehlo.gather"(%a, %at) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [1], operand_batching_dims = [0], start_indices_batching_dims = [0], start_index_map = [1], index_vector_dim = 2>, slice_sizes = array<i64: 1, 1>}> : (tensor<4x9xf32>, tensor<4x1x1xi32>) -> tensor<4x1xf32>
    %n = "stablehlo.negate"(%x) : (tensor<4x9xf32>) -> tensor<4x9xf32>
    %h = "stablehlo.gather"(%n, %at) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [1], operand_batching_dims = [0], start_indices_batching_dims = [0], start_index_map = [1], index_vector_dim = 2>, slice_sizes = array<i64: 1, 1>}> : (tensor<4x9xf32>, tensor<4x1x1xi32>) -> tensor<4x1xf32>
    %c = "stablehlo.cosine"(%y) : (tensor<4x9xf32>) -> tensor<4x9xf32>
    %k = "stablehlo.gather"(%c, %many) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [1], operand_batching_dims = [0], start_indices_batching_dims = [0], start_index_map = [1], index_vector_dim = 2>, slice_sizes = array<i64: 1, 1>}> : (tensor<4x9xf32>, tensor<4x20x1xi32>) -> tensor<4x20xf32>
    "func.return"(%g, %h, %n, %k) : (tensor<4x1xf32>, tensor<4x1xf32>, tensor<4x9xf32>, tensor<4x20xf32>) -> ()
  }) : () -> ()
}) : () -> ()

// RUN: inplace,schedule{algorithm=program},place --results=arena
// Kernels that read where other values say: owned, never in place. Random bits follow from the state that they are given, so they are
// no effect. %order, as wide as the bits, overwrites them.
// Most bytes are live in the step of the sort and in that of the gather: three of 256 bytes, 768; the new state (16 bytes, which nobody
// reads) is there in the first step only.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<2xui64>, tensor<64xf32>) -> (tensor<16xf32>, tensor<16xi32>), sym_name = "main"}> ({
  ^bb0(%seed: tensor<2xui64>, %x: tensor<64xf32>):
    %bits:2 = "stablehlo.rng_bit_generator"(%seed) <{rng_algorithm = #stablehlo<rng_algorithm THREE_FRY>}> : (tensor<2xui64>) -> (tensor<2xui64>, tensor<64xui32>)
    %order = "stablehlo.convert"(%bits#1) : (tensor<64xui32>) -> tensor<64xi32>
    %sorted:2 = "stablehlo.sort"(%order, %x) <{dimension = 0 : i64, is_stable = true}> ({
    ^bb0(%l: tensor<i32>, %r: tensor<i32>, %p: tensor<f32>, %q: tensor<f32>):
      %lt = "stablehlo.compare"(%l, %r) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%lt) : (tensor<i1>) -> ()
    }) : (tensor<64xi32>, tensor<64xf32>) -> (tensor<64xi32>, tensor<64xf32>)
    %rows = "stablehlo.reshape"(%sorted#0) : (tensor<64xi32>) -> tensor<64x1xi32>
    %taken = "stablehlo.gather"(%sorted#1, %rows) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1>}> : (tensor<64xf32>, tensor<64x1xi32>) -> tensor<64xf32>
    %best:2 = "chlo.top_k"(%taken) <{k = 16 : i64}> : (tensor<64xf32>) -> (tensor<16xf32>, tensor<16xi32>)
    "func.return"(%best#0, %best#1) : (tensor<16xf32>, tensor<16xi32>) -> ()
  }) : () -> ()
}) : () -> ()

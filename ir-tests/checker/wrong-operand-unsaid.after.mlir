// RUN: --check
// The difference is taken the other way round.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<16xf32>):
    %0 = "aten.mul.Scalar"(%arg0) {memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    %1 = "aten.mul.Scalar"(%arg0) {memopt.id = 1 : i64, memopt.offsets = array<i64: 64>} : (tensor<16xf32>) -> tensor<16xf32>
    %2 = "aten.sub.Tensor"(%1, %0) {memopt.id = 2 : i64, memopt.offsets = array<i64: 128>} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    // expected-error@+1 {{result 0 is not the value that the original returns}}
    "func.return"(%2) {memopt.id = 3 : i64} : (tensor<16xf32>) -> ()
  }) {memopt.donations = [], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 192 : i64} : () -> ()
}) : () -> ()

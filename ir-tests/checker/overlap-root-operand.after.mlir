// RUN: --check
// %3 reads %0 through %1 at the index that it writes, and as it is through an operation that reads elsewhere.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<16xf32>):
    %0 = "t.a"(%arg0) {memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    %1 = "stablehlo.exponential"(%0) {memopt.id = 1 : i64, memopt.virtual, memopt.offsets = array<i64: -1>} : (tensor<16xf32>) -> tensor<16xf32>
    %2 = "stablehlo.slice"(%0) <{limit_indices = array<i64: 16>, start_indices = array<i64: 8>, strides = array<i64: 1>}> {memopt.id = 2 : i64, memopt.offsets = array<i64: 32>} : (tensor<16xf32>) -> tensor<8xf32>
    %3 = "stablehlo.concatenate"(%2, %2) <{dimension = 0 : i64}> {memopt.id = 3 : i64, memopt.virtual, memopt.offsets = array<i64: -1>} : (tensor<8xf32>, tensor<8xf32>) -> tensor<16xf32>
    // expected-error@+1 {{%4 is written to [0, 64), where %3 is still needed}}
    %4 = "stablehlo.add"(%1, %3) {memopt.id = 4 : i64, memopt.reuse = [[0 : i64, 2 : i64]], memopt.offsets = array<i64: 0>} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%4) {memopt.id = 5 : i64} : (tensor<16xf32>) -> ()
  }) {memopt.donations = [], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 64 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

// RUN: --check
// A region that nobody described reads %1.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<16xf32>):
    %0 = "t.a"(%arg0) {memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    %1 = "stablehlo.exponential"(%0) {memopt.id = 1 : i64, memopt.virtual, memopt.offsets = array<i64: -1>} : (tensor<16xf32>) -> tensor<16xf32>
    // expected-error@+1 {{%1 is declared virtual, but the kernel that reads it here cannot compute it}}
    %2 = "t.region"(%arg0) ({
      %inner = "t.inner"(%1) : (tensor<16xf32>) -> tensor<16xf32>
      "t.yield"(%inner) : (tensor<16xf32>) -> ()
    }) {memopt.id = 2 : i64, memopt.offsets = array<i64: 64>} : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%2) {memopt.id = 5 : i64} : (tensor<16xf32>) -> ()
  }) {memopt.donations = [], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 128 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

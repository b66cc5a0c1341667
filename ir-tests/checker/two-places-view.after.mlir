// RUN: --check
// The upper half of %0 is 64 bytes after its start, not 128.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<32xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<32xf32>):
    %0 = "stablehlo.tanh"(%arg0) {memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<32xf32>) -> tensor<32xf32>
    // expected-error@+1 {{%1 has two places: expected Arena at 0, found Arena at 64}}
    %1 = "stablehlo.slice"(%0) <{limit_indices = array<i64: 32>, start_indices = array<i64: 16>, strides = array<i64: 1>}> {memopt.id = 1 : i64, memopt.offsets = array<i64: 128>} : (tensor<32xf32>) -> tensor<16xf32>
    %2 = "t.b"(%1) {memopt.id = 2 : i64, memopt.offsets = array<i64: 128>} : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%2) {memopt.id = 3 : i64} : (tensor<16xf32>) -> ()
  }) {memopt.donations = [], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 192 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

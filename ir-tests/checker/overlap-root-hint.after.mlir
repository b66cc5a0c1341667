// RUN: --check
// %0 has as many bytes as %2, but only because a hint says so: where its elements lie is not known.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf16>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<16xf16>):
    %0 = "t.a"(%arg0) {memopt.bytes = [[0 : i64, 64 : i64]], memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf16>) -> tensor<16xf16>
    %1 = "stablehlo.convert"(%0) {memopt.id = 1 : i64, memopt.virtual, memopt.offsets = array<i64: -1>} : (tensor<16xf16>) -> tensor<16xf32>
    // expected-error@+1 {{%2 is written to [0, 64), where %1 is still needed}}
    %2 = "stablehlo.negate"(%1) {memopt.id = 2 : i64, memopt.reuse = [[0 : i64, 1 : i64]], memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%2) {memopt.id = 3 : i64} : (tensor<16xf32>) -> ()
  }) {memopt.donations = [], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 64 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

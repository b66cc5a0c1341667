// RUN: --check
// Nobody knows how readers could compute what t.op does.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<16xf32>):
    %0 = "stablehlo.tanh"(%arg0) {memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    // expected-error@+1 {{%1 is declared virtual, but its operation is none that a reader can compute element by element}}
    %1 = "t.op"(%0) {memopt.virtual, memopt.id = 1 : i64, memopt.offsets = array<i64: -1>} : (tensor<16xf32>) -> tensor<16xf32>
    %2 = "stablehlo.add"(%0, %1) {memopt.id = 2 : i64, memopt.may_reuse = [[0 : i64, 0 : i64], [0 : i64, 1 : i64]], memopt.offsets = array<i64: 64>} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%2) {memopt.id = 3 : i64} : (tensor<16xf32>) -> ()
  }) {memopt.donations = [], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 128 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

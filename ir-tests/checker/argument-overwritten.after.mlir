// RUN: --check
// The plan writes an argument that is not donated.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.a"(%x) {memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    // expected-error@+1 {{%x}}
    %d = "t.update"(%x) {memopt.id = 1 : i64, memopt.offsets = array<i64: -1>, memopt.update = [[0 : i64, 0 : i64]]} : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%d) : (tensor<16xf32>) -> ()
  }) {memopt.alignment = 64 : i64, memopt.arena_size = 64 : i64, memopt.results = "arena", memopt.target = "generic"} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

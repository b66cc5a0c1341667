// RUN: --check
// The reader of the old value was moved behind the update.
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{jax.buffer_donor = true}, {}], function_type = (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>, %y: tensor<16xf32>):
    %d = "t.update"(%x) {memopt.id = 1 : i64, memopt.offsets = array<i64: -1>, memopt.update = [[0 : i64, 0 : i64]]} : (tensor<16xf32>) -> tensor<16xf32>
    // expected-error@+1 {{%x}}
    %a = "t.a"(%x) {memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    %e = "t.add"(%a, %d) {memopt.id = 2 : i64, memopt.offsets = array<i64: 64>} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%e) : (tensor<16xf32>) -> ()
  }) {memopt.alignment = 64 : i64, memopt.arena_size = 128 : i64, memopt.results = "arena", memopt.target = "generic"} : () -> ()
}) {memopt.hints = "complete"} : () -> ()

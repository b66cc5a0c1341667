// RUN: --check
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{jax.buffer_donor = true}, {}], function_type = (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>, %y: tensor<16xf32>):
    %a = "t.a"(%x) : (tensor<16xf32>) -> tensor<16xf32>
    %d = "t.update"(%x) {memopt.update = [[0 : i64, 0 : i64]]} : (tensor<16xf32>) -> tensor<16xf32>
    %e = "t.add"(%a, %d) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%e) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

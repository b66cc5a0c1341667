// RUN: --check
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<32xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<32xf32>):
    %a = "stablehlo.tanh"(%x) : (tensor<32xf32>) -> tensor<32xf32>
    %h = "stablehlo.slice"(%a) <{limit_indices = array<i64: 32>, start_indices = array<i64: 16>, strides = array<i64: 1>}> : (tensor<32xf32>) -> tensor<16xf32>
    %b = "t.b"(%h) : (tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%b) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

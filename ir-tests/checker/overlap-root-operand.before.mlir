// RUN: --check
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<16xf32>):
    %0 = "t.a"(%arg0) : (tensor<16xf32>) -> tensor<16xf32>
    %1 = "stablehlo.exponential"(%0) : (tensor<16xf32>) -> tensor<16xf32>
    %2 = "stablehlo.slice"(%0) <{limit_indices = array<i64: 16>, start_indices = array<i64: 8>, strides = array<i64: 1>}> : (tensor<16xf32>) -> tensor<8xf32>
    %3 = "stablehlo.concatenate"(%2, %2) <{dimension = 0 : i64}> : (tensor<8xf32>, tensor<8xf32>) -> tensor<16xf32>
    %4 = "stablehlo.add"(%1, %3) : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%4) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

// RUN: --check
// The hints are complete, and none says that %arg3 and %arg4, the running statistics, are changed.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<2x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x8xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<2x8xf32>, %arg1: tensor<8xf32>, %arg2: tensor<8xf32>, %arg3: tensor<8xf32>, %arg4: tensor<8xf32>):
    %0, %1, %2 = "aten.native_batch_norm.default"(%arg0, %arg1, %arg2, %arg3, %arg4) : (tensor<2x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> (tensor<2x8xf32>, tensor<8xf32>, tensor<8xf32>)
    %3 = "aten.relu.default"(%0) : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %4 = "aten.add.Tensor"(%3, %0) : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    "func.return"(%4) : (tensor<2x8xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

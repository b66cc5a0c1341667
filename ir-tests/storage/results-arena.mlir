// RUN: inplace,schedule{algorithm=program},place --results=arena
// The same with results in the arena, alive to the end: %a 256, the copy of %low 128, %b 256. All three are live at the copy: 640.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> (tensor<32xf32>, tensor<64x1xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %low = "stablehlo.slice"(%a) <{limit_indices = array<i64: 32>, start_indices = array<i64: 0>, strides = array<i64: 1>}> : (tensor<64xf32>) -> tensor<32xf32>
    %b = "stablehlo.negate"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %all = "stablehlo.reshape"(%b) : (tensor<64xf32>) -> tensor<64x1xf32>
    "func.return"(%low, %all) : (tensor<32xf32>, tensor<64x1xf32>) -> ()
  }) : () -> ()
}) : () -> ()

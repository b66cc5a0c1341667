// RUN: schedule{algorithm=program},place --results=arena
// An exact view has the offset of its bytes inside its root: the upper half of %a starts 128 bytes after it. The strided slice
// is no view of one range: it has bytes of its own. Arena: %a 256,
// %s 128, %c 128: 512.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<32xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %h = "stablehlo.slice"(%a) <{limit_indices = array<i64: 64>, start_indices = array<i64: 32>, strides = array<i64: 1>}> : (tensor<64xf32>) -> tensor<32xf32>
    %s = "stablehlo.slice"(%a) <{limit_indices = array<i64: 64>, start_indices = array<i64: 0>, strides = array<i64: 2>}> : (tensor<64xf32>) -> tensor<32xf32>
    %c = "stablehlo.add"(%h, %s) : (tensor<32xf32>, tensor<32xf32>) -> tensor<32xf32>
    "func.return"(%c) : (tensor<32xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

// RUN: inplace,schedule{algorithm=program},place
// A returned view of a part is copied out of its root (128 bytes); one of the whole is made where the caller wants it.
// Arena: %a, 256. Planned: 256 + 128 + 256 = 640.
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
// -----
// A view of unknown extent with as many bytes as its root: %a is made in the caller's bytes, and nothing is copied. The arena is empty.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %v = "aten.t.default"(%a) {memopt.alias = [[0 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%v) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// A view of unknown extent with fewer bytes: copied, by the operation that knows where they lie. Arena: %a, 256.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<32xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %v = "aten.slice.Tensor"(%a) {memopt.alias = [[0 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<32xf32>
    "func.return"(%v) : (tensor<32xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

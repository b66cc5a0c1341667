// RUN: inplace,schedule{algorithm=program},place
// Elementwise operations overwrite an operand that dies with them: the whole chain lies in one buffer.
// Without ties two buffers of 256 bytes are live in each step; with them one: the arena has 256 bytes, but the result is the
// caller's, so the last operation writes there and cannot be in place.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "stablehlo.negate"(%a) : (tensor<64xf32>) -> tensor<64xf32>
    %c = "stablehlo.exponential"(%b) : (tensor<64xf32>) -> tensor<64xf32>
    %d = "stablehlo.abs"(%c) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%d) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()

// RUN: inplace,schedule{algorithm=program},place --results=arena
// One result element from the operand elements at its index: tied. Each overwrites its operand, which dies there: 256 bytes for the
// whole chain. The first cannot, since its operand is the caller's.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>, %y: tensor<64xf32>):
    %u0 = "stablehlo.abs"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %u1 = "stablehlo.exponential"(%u0) : (tensor<64xf32>) -> tensor<64xf32>
    %u2 = "stablehlo.floor"(%u1) : (tensor<64xf32>) -> tensor<64xf32>
    %u3 = "stablehlo.log"(%u2) : (tensor<64xf32>) -> tensor<64xf32>
    %u4 = "stablehlo.log_plus_one"(%u3) : (tensor<64xf32>) -> tensor<64xf32>
    %u5 = "stablehlo.negate"(%u4) : (tensor<64xf32>) -> tensor<64xf32>
    %u6 = "stablehlo.rsqrt"(%u5) : (tensor<64xf32>) -> tensor<64xf32>
    %u7 = "stablehlo.sign"(%u6) : (tensor<64xf32>) -> tensor<64xf32>
    %u8 = "stablehlo.sqrt"(%u7) : (tensor<64xf32>) -> tensor<64xf32>
    %u9 = "stablehlo.tanh"(%u8) : (tensor<64xf32>) -> tensor<64xf32>
    %v0 = "chlo.square"(%u9) : (tensor<64xf32>) -> tensor<64xf32>
    %v1 = "chlo.erfc"(%v0) : (tensor<64xf32>) -> tensor<64xf32>
    %b0 = "stablehlo.add"(%v1, %y) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %b1 = "stablehlo.subtract"(%b0, %y) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %b2 = "stablehlo.multiply"(%b1, %y) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %b3 = "stablehlo.divide"(%b2, %y) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %b4 = "stablehlo.maximum"(%b3, %y) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %b5 = "stablehlo.minimum"(%b4, %y) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %b6 = "stablehlo.power"(%b5, %y) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %b7 = "stablehlo.remainder"(%b6, %y) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b7) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) : () -> ()

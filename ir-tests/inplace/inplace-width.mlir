// RUN: inplace,schedule{algorithm=program},place --results=arena
// Conversions keep the bytes only where the element has the same width: f32 to i32 may be in place, f32 to bf16 may not.
// Arena: %a, then %b 256; %d 256; %c 128: 640.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> (tensor<64xbf16>, tensor<64xi32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %b = "stablehlo.convert"(%a) : (tensor<64xf32>) -> tensor<64xi32>
    %d = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %c = "stablehlo.convert"(%d) : (tensor<64xf32>) -> tensor<64xbf16>
    "func.return"(%c, %b) : (tensor<64xbf16>, tensor<64xi32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
